package main

import (
	"context"
	"fmt"
	"net"
	"os"
	"strconv"
	"strings"
	"time"

	clientv3 "go.etcd.io/etcd/client/v3"
	"k8s.io/client-go/tools/clientcmd"
	clientcmdapi "k8s.io/client-go/tools/clientcmd/api"
	"k8s.io/component-base/version"
	heartbeat "sigs.k8s.io/kwok/kustomize/stage/node/heartbeat-with-lease"

	metricsresource "sigs.k8s.io/kwok/kustomize/metrics/resource"
	metricsusage "sigs.k8s.io/kwok/kustomize/metrics/usage"
	nodefast "sigs.k8s.io/kwok/kustomize/stage/node/fast"
	podfast "sigs.k8s.io/kwok/kustomize/stage/pod/fast"
)

const (
	kwokPort          = 10247
	metricsServerPort = 10443
)

// kubernetesVersion is what the API server says it is; the build sets it (see build.py).
func kubernetesVersion() string {
	return version.Get().GitVersion
}

func (c *cluster) identities() []identity {
	return []identity{
		{file: "apiserver", user: "kube-apiserver", serverNames: []string{"localhost", "127.0.0.1", nodeIP,
			serviceIP, "kubernetes", "kubernetes.default", "kubernetes.default.svc",
			"kubernetes.default.svc.cluster.local"}},
		{file: "kubelet-server", user: nodeName, serverNames: []string{nodeName, nodeIP}},
		{file: "kwok-server", user: "kwok", serverNames: []string{c.simAddress}},
		{file: "metrics-server", user: "metrics-server", serverNames: []string{c.simAddress,
			"metrics-server.kube-system.svc"}},
		{file: "front-proxy", user: "front-proxy", frontProxied: true},
		{file: "admin", user: "kubernetes-admin", groups: []string{"system:masters"}},
		{file: "kube-controller-manager", user: "system:kube-controller-manager"},
		{file: "kube-scheduler", user: "system:kube-scheduler"},
		{file: "kube-proxy", user: "system:kube-proxy"},
		{file: "kubelet", user: "system:node:" + nodeName, groups: []string{"system:nodes"}},
	}
}

// writeKubeconfigs writes DIR/kubeconfig for the tests, everything they need inside it, and one for each
// component under DIR/pki.
func (c *cluster) writeKubeconfigs() error {
	for _, id := range c.identities() {
		if len(id.serverNames) > 0 || id.frontProxied {
			continue
		}
		config := clientcmdapi.NewConfig()
		read := func(file string) []byte {
			data, err := os.ReadFile(c.path("pki", file))
			if err != nil {
				panic(err) // written a moment ago
			}
			return data
		}
		config.Clusters["lain-cluster"] = &clientcmdapi.Cluster{
			Server: c.serverURL(), CertificateAuthorityData: read("ca.crt"),
		}
		config.AuthInfos[id.file] = &clientcmdapi.AuthInfo{
			ClientCertificateData: read(id.file + ".crt"), ClientKeyData: read(id.file + ".key"),
		}
		config.Contexts["lain-cluster"] = &clientcmdapi.Context{
			Cluster: "lain-cluster", AuthInfo: id.file, Namespace: "default",
		}
		config.CurrentContext = "lain-cluster"
		path := c.path("pki", id.file+".kubeconfig")
		if id.file == "admin" {
			path = c.path("kubeconfig")
		}
		if err := clientcmd.WriteToFile(*config, path); err != nil {
			return err
		}
	}
	return nil
}

func (c *cluster) startControlPlane() error {
	if err := c.start("etcd", c.component("etcd",
		"name", "default",
		"data-dir", c.path("etcd"),
		"listen-client-urls", c.etcdURL(),
		"listen-peer-urls", "unix://"+c.path("etcd-peer.sock"),
		// Told to peers only, of which it has none; they have to look like addresses.
		"advertise-client-urls", "http://localhost:2379",
		"initial-advertise-peer-urls", "http://localhost:2380",
		"initial-cluster", "default=http://localhost:2380",
		"unsafe-no-fsync", "true", // the data need not outlive the machine
		"quota-backend-bytes", strconv.Itoa(4<<30),
	)...); err != nil {
		return err
	}
	if err := c.waitUntil("etcd listens", patience, func() error {
		conn, err := net.Dial("unix", c.path("etcd.sock"))
		if err == nil {
			err = conn.Close()
		}
		return err
	}); err != nil {
		return err
	}
	if err := c.startAPIServer(); err != nil {
		return err
	}
	if err := c.waitUntil("kube-apiserver is ready", patience, c.apiReady); err != nil {
		return err
	}
	for _, start := range []func() error{
		c.startControllerManager, c.startScheduler, c.startKwok, c.startMetricsServer,
	} {
		if err := start(); err != nil {
			return err
		}
	}
	return nil
}

func (c *cluster) startAPIServer() error {
	bind, advertise := "127.0.0.1", "127.0.0.1"
	if c.node {
		bind, advertise = "0.0.0.0", nodeIP // the pods' side of the door as well
		listener, err := inheritedListener(apiSocket)
		if err != nil {
			return err
		}
		go forward(listener, "tcp", fmt.Sprintf("127.0.0.1:%d", c.apiPort))
	}
	return c.start("kube-apiserver", c.component("kube-apiserver",
		"etcd-servers", c.etcdURL(),
		"bind-address", bind,
		"advertise-address", advertise,
		"secure-port", strconv.Itoa(c.apiPort),
		"permit-port-sharing", "true", // the guard holds the port while the server is down
		"tls-cert-file", c.path("pki/apiserver.crt"),
		"tls-private-key-file", c.path("pki/apiserver.key"),
		"client-ca-file", c.path("pki/ca.crt"),
		"service-account-issuer", "https://kubernetes.default.svc.cluster.local",
		"service-account-key-file", c.path("pki/sa.key"),
		"service-account-signing-key-file", c.path("pki/sa.key"),
		"service-cluster-ip-range", "10.96.0.0/16",
		"authorization-mode", "Node,RBAC",
		"enable-admission-plugins", "NodeRestriction",
		"allow-privileged", "true",
		"kubelet-certificate-authority", c.path("pki/ca.crt"),
		"kubelet-client-certificate", c.path("pki/admin.crt"),
		"kubelet-client-key", c.path("pki/admin.key"),
		"kubelet-preferred-address-types", "InternalIP",
		"requestheader-client-ca-file", c.path("pki/front-proxy-ca.crt"),
		"requestheader-allowed-names", "front-proxy",
		"requestheader-username-headers", "X-Remote-User",
		"requestheader-group-headers", "X-Remote-Group",
		"requestheader-extra-headers-prefix", "X-Remote-Extra-",
		"proxy-client-cert-file", c.path("pki/front-proxy.crt"),
		"proxy-client-key-file", c.path("pki/front-proxy.key"),
		// Its snapshots outlive etcd's compaction by up to 15 s: without them `compact` is true at once.
		"feature-gates", "ListFromCacheSnapshot=false",
		"max-requests-inflight", "2000",
		"max-mutating-requests-inflight", "1000",
	)...)
}

func (c *cluster) startControllerManager() error {
	kubeconfig := c.path("pki/kube-controller-manager.kubeconfig")
	return c.start("kube-controller-manager", c.component("kube-controller-manager",
		"kubeconfig", kubeconfig,
		"authentication-kubeconfig", kubeconfig,
		"authorization-kubeconfig", kubeconfig,
		"service-account-private-key-file", c.path("pki/sa.key"),
		"root-ca-file", c.path("pki/ca.crt"),
		"cluster-signing-cert-file", c.path("pki/ca.crt"),
		"cluster-signing-key-file", c.path("pki/ca.key"),
		"use-service-account-credentials", "true",
		"leader-elect", "false",
		"secure-port", "0",
		// Thousands of simulated pods come and go faster than a cluster's usual limits allow.
		"kube-api-qps", "500",
		"kube-api-burst", "1000",
		"concurrent-replicaset-syncs", "20",
		"concurrent-deployment-syncs", "20",
		"concurrent-gc-syncs", "40",
	)...)
}

func (c *cluster) startScheduler() error {
	kubeconfig := c.path("pki/kube-scheduler.kubeconfig")
	config := fmt.Sprintf(`apiVersion: kubescheduler.config.k8s.io/v1
kind: KubeSchedulerConfiguration
leaderElection: {leaderElect: false}
clientConnection: {kubeconfig: %s, qps: 500, burst: 1000}
`, kubeconfig)
	if err := os.WriteFile(c.path("kube-scheduler.yaml"), []byte(config), 0o600); err != nil {
		return err
	}
	return c.start("kube-scheduler", c.component("kube-scheduler",
		"config", c.path("kube-scheduler.yaml"),
		"authentication-kubeconfig", kubeconfig,
		"authorization-kubeconfig", kubeconfig,
		"secure-port", "0",
	)...)
}

// startKwok runs the simulated nodes, with the stages and usage kwok itself ships: a pod is ready at once,
// a Job's pod completes at once, usage comes from the pod's kwok.x-k8s.io/usage-cpu and -memory.
func (c *cluster) startKwok() error {
	config := strings.Join([]string{
		nodefast.DefaultNodeInit, heartbeat.DefaultNodeHeartbeatWithLease,
		podfast.DefaultPodReady, podfast.DefaultPodComplete, podfast.DefaultPodDelete,
		metricsresource.DefaultMetricsResource, metricsusage.DefaultUsageFromAnnotation,
	}, "\n---\n")
	if err := os.WriteFile(c.path("kwok.yaml"), []byte(config), 0o600); err != nil {
		return err
	}
	return c.start("kwok", c.component("kwok",
		"config", c.path("kwok.yaml"),
		"kubeconfig", c.path("kubeconfig"),
		"manage-all-nodes", "false",
		"manage-nodes-with-label-selector", simulatedLabel+"="+simulatedValue,
		"cidr", "10.245.0.1/16",
		"node-ip", c.simAddress,
		"node-port", strconv.Itoa(kwokPort),
		"server-address", net.JoinHostPort(c.simAddress, strconv.Itoa(kwokPort)),
		"tls-cert-file", c.path("pki/kwok-server.crt"),
		"tls-private-key-file", c.path("pki/kwok-server.key"),
		"node-lease-duration-seconds", "40",
	)...)
}

func (c *cluster) startMetricsServer() error {
	kubeconfig := c.path("kubeconfig")
	return c.start("metrics-server", c.component("metrics-server",
		"kubeconfig", kubeconfig,
		"authentication-kubeconfig", kubeconfig,
		"authorization-kubeconfig", kubeconfig,
		"bind-address", c.simAddress,
		"secure-port", strconv.Itoa(metricsServerPort),
		"tls-cert-file", c.path("pki/metrics-server.crt"),
		"tls-private-key-file", c.path("pki/metrics-server.key"),
		"kubelet-certificate-authority", c.path("pki/ca.crt"),
		"kubelet-preferred-address-types", "InternalIP",
		"kubelet-use-node-status-port", "true",
		"metric-resolution", "10s", // the shortest it takes, and longer than:
		"kubelet-request-timeout", "5s",
	)...)
}

// component is the command line of one of the binary's components.
func (c *cluster) component(name string, pairs ...string) []string {
	return append([]string{c.binary, name}, flagList(pairs...)...)
}

func (c *cluster) etcdURL() string {
	return "unix://" + c.path("etcd.sock")
}

func (c *cluster) apiReady() error {
	client, err := newClient(c.path("kubeconfig"))
	if err != nil {
		return err
	}
	return client.get("/readyz")
}

// compactEtcd forgets every revision but the last, so that older resourceVersions are gone (410).
func compactEtcd(url string) error {
	client, err := clientv3.New(clientv3.Config{Endpoints: []string{url}, DialTimeout: time.Minute})
	if err != nil {
		return err
	}
	defer client.Close()
	ctx, cancel := context.WithTimeout(context.Background(), time.Minute)
	defer cancel()
	latest, err := client.Get(ctx, "revision")
	if err != nil {
		return err
	}
	_, err = client.Compact(ctx, latest.Header.Revision)
	return err
}
