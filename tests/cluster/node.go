package main

import (
	"fmt"
	"net"
	"os"
	"path/filepath"

	"github.com/vishvananda/netlink"
	"golang.org/x/sys/unix"
)

const (
	containerdSocket = "/run/containerd/containerd.sock" // the node has a /run of its own
	pauseImage       = "lain.test/pause:1"
	podSubnet        = "10.244.0.0/24"
)

// enterNode turns the namespaces the supervisor was born into into a machine of its own: own mounts that
// the host never sees, own /run, /var/lib and /var/log, own loopback with the node's address on it.
func enterNode(o options) error {
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_PRIVATE, ""); err != nil {
		return fmt.Errorf("part the mounts from the host's: %w", err)
	}
	if err := unix.Mount("proc", "/proc", "proc", unix.MS_NOSUID|unix.MS_NODEV|unix.MS_NOEXEC, ""); err != nil {
		return fmt.Errorf("mount /proc: %w", err)
	}
	if err := unix.Mount("tmpfs", "/run", "tmpfs", unix.MS_NOSUID|unix.MS_NODEV, "mode=755"); err != nil {
		return fmt.Errorf("mount /run: %w", err)
	}
	for _, folder := range []string{"lib", "log"} {
		own := o.path("node", folder)
		if err := os.MkdirAll(own, 0o755); err != nil {
			return err
		}
		if err := unix.Mount(own, "/var/"+folder, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("mount /var/%s: %w", folder, err)
		}
	}
	if err := shieldKernelSettings(o); err != nil {
		return err
	}
	// Pods may ask for mounts that spread (mountPropagation): from here on they spread within the node.
	if err := unix.Mount("", "/", "", unix.MS_REC|unix.MS_SHARED, ""); err != nil {
		return err
	}
	if err := unix.Sethostname([]byte(nodeName)); err != nil {
		return err
	}
	loopback, err := netlink.LinkByName("lo")
	if err != nil {
		return err
	}
	address := &netlink.Addr{IPNet: &net.IPNet{IP: net.ParseIP(nodeIP), Mask: net.CIDRMask(32, 32)}}
	if err := netlink.AddrAdd(loopback, address); err != nil {
		return err
	}
	return netlink.LinkSetUp(loopback)
}

// shieldKernelSettings shows the kubelet the kernel settings it insists on in place of the machine's, which
// no namespace keeps apart: without this it would write its own into the host and leave them there.
func shieldKernelSettings(o options) error {
	for setting, value := range map[string]string{
		"vm/overcommit_memory":      "1",
		"vm/panic_on_oom":           "0",
		"kernel/panic":              "10",
		"kernel/panic_on_oops":      "1",
		"kernel/keys/root_maxkeys":  "1000000",
		"kernel/keys/root_maxbytes": "25000000",
	} {
		shown := o.path("node", "sysctl", setting)
		if err := os.MkdirAll(filepath.Dir(shown), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(shown, []byte(value+"\n"), 0o644); err != nil {
			return err
		}
		if err := unix.Mount(shown, "/proc/sys/"+setting, "", unix.MS_BIND, ""); err != nil {
			return fmt.Errorf("cover %s: %w", setting, err)
		}
	}
	return nil
}

func (c *cluster) startContainerd() error {
	files := map[string]string{
		"node/containerd.toml":      fmt.Sprintf(containerdConfig, pauseImage, c.path("node/cni"), c.path("node/hosts")),
		"node/cni/10-lain.conflist": fmt.Sprintf(cniConfig, podSubnet),
	}
	for _, r := range c.registries {
		files["node/hosts/"+r.Host+"/hosts.toml"] = fmt.Sprintf("server = \"http://%s\"\n", r.Host)
	}
	for name, text := range files {
		if err := os.MkdirAll(filepath.Dir(c.path(name)), 0o755); err != nil {
			return err
		}
		if err := os.WriteFile(c.path(name), []byte(text), 0o644); err != nil {
			return err
		}
	}
	return c.start("containerd", "/usr/bin/containerd", "--config", c.path("node/containerd.toml"))
}

// startNode imports the images (the pause image is one), then starts kubelet and kube-proxy.
func (c *cluster) startNode() error {
	if err := c.waitUntil("containerd listens", patience, func() error {
		conn, err := net.Dial("unix", containerdSocket)
		if err == nil {
			err = conn.Close()
		}
		return err
	}); err != nil {
		return err
	}
	if err := c.loadImage(c.images); err != nil {
		return err
	}
	kubelet := fmt.Sprintf(kubeletConfig, c.path("pki/ca.crt"), c.path("pki/kubelet-server.crt"),
		c.path("pki/kubelet-server.key"), nodeIP, c.cgroup(), containerdSocket, c.path("node/volume-plugins"),
		c.path("node/resolv.conf"))
	proxy := fmt.Sprintf(kubeProxyConfig, c.path("pki/kube-proxy.kubeconfig"), nodeName)
	for name, text := range map[string]string{
		"node/kubelet.yaml": kubelet, "node/kube-proxy.yaml": proxy, "node/resolv.conf": "",
	} {
		if err := os.WriteFile(c.path(name), []byte(text), 0o600); err != nil {
			return err
		}
	}
	if err := c.start("kubelet", c.component("kubelet",
		"config", c.path("node/kubelet.yaml"),
		"kubeconfig", c.path("pki/kubelet.kubeconfig"),
		"hostname-override", nodeName,
		"node-ip", nodeIP,
	)...); err != nil {
		return err
	}
	return c.start("kube-proxy", c.component("kube-proxy", "config", c.path("node/kube-proxy.yaml"))...)
}

// loadImage imports an image archive (docker's or OCI's) into the node's containerd.
func (c *cluster) loadImage(archive string) error {
	if !c.node {
		return fmt.Errorf("this cluster has no node to load %s into", archive)
	}
	return c.run("ctr", "/usr/bin/ctr", "--address", containerdSocket, "--namespace", "k8s.io",
		"images", "import", archive)
}

const containerdConfig = `version = 2
disabled_plugins = ["io.containerd.snapshotter.v1.aufs", "io.containerd.snapshotter.v1.btrfs",
  "io.containerd.snapshotter.v1.devmapper", "io.containerd.snapshotter.v1.zfs"]
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = %q
  tolerate_missing_hugetlb_controller = true
  # A machine's root may lack CAP_SYS_RESOURCE, and then cannot shield a container from the OOM killer.
  restrict_oom_score_adj = true
  [plugins."io.containerd.grpc.v1.cri".cni]
    bin_dir = "/usr/lib/cni"
    conf_dir = %q
  [plugins."io.containerd.grpc.v1.cri".registry]
    config_path = %q
`

const cniConfig = `{
  "cniVersion": "0.4.0",
  "name": "lain",
  "plugins": [
    {
      "type": "bridge",
      "bridge": "cni0",
      "isGateway": true,
      "hairpinMode": true,
      "ipam": {"type": "host-local", "ranges": [[{"subnet": %q}]], "routes": [{"dst": "0.0.0.0/0"}]}
    },
    {"type": "portmap", "capabilities": {"portMappings": true}}
  ]
}
`

const kubeletConfig = `apiVersion: kubelet.config.k8s.io/v1beta1
kind: KubeletConfiguration
authentication: {anonymous: {enabled: false}, x509: {clientCAFile: %s}}
authorization: {mode: Webhook}
tlsCertFile: %s
tlsPrivateKeyFile: %s
address: %s
cgroupDriver: cgroupfs
cgroupRoot: /%s
containerRuntimeEndpoint: unix://%s
volumePluginDir: %s
resolvConf: %s
clusterDomain: cluster.local
clusterDNS: [10.96.0.10] # no one answers; without it every pod would get a warning event
failCgroupV1: false
failSwapOn: false
enforceNodeAllocatable: [pods]
# A test machine's disk may be nearly full; that is not what the tests are about.
evictionHard: {memory.available: 100Mi, nodefs.available: 0%%, nodefs.inodesFree: 0%%, imagefs.available: 0%%}
imageGCHighThresholdPercent: 100
imageGCLowThresholdPercent: 99
serializeImagePulls: false
# The images are brought by hand: one failed pull of a name must not make the kubelet distrust the copy that is there.
imagePullCredentialsVerificationPolicy: NeverVerify
kubeAPIQPS: 200
kubeAPIBurst: 400
`

const kubeProxyConfig = `apiVersion: kubeproxy.config.k8s.io/v1alpha1
kind: KubeProxyConfiguration
clientConnection: {kubeconfig: %s}
hostnameOverride: %s
mode: iptables
# Counts and time-outs of the machine's connection tracking are the host's: leave them alone.
conntrack: {maxPerCore: 0, min: 0, tcpEstablishedTimeout: 0s, tcpCloseWaitTimeout: 0s}
`
