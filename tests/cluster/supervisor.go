package main

import (
	"crypto/rand"
	"encoding/json"
	"fmt"
	"net"
	"os"
	"strings"
	"time"
)

const (
	nodeName  = "lain-node"
	nodeIP    = "172.30.0.1" // inside the node's own network namespace, so the same for every cluster
	serviceIP = "10.96.0.1"  // the kubernetes Service's

	// patience is how long each part may take to come up: seconds, but on a machine with much else to do.
	patience = 5 * time.Minute
)

// cluster is what the supervisor runs: the asked-for options and the addresses found for them.
type cluster struct {
	options
	*children
	binary     string
	apiPort    int
	simAddress string // kwok and metrics-server listen here: a loopback address no other cluster uses
	registries []registry
}

// runSupervisor brings every process up, tells the tests where (DIR/cluster.json), obeys DIR/control.sock
// and stays until a process of the cluster ends or the guard kills it.
func runSupervisor(args []string) error {
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	c := &cluster{options: o, simAddress: randomLoopback()}
	if o.node {
		if err := enterNode(o); err != nil {
			return fmt.Errorf("set up the node's namespaces: %w", err)
		}
	}
	// After enterNode: only now does /proc show this process under its own number.
	if c.binary, err = os.Executable(); err != nil {
		return err
	}
	if c.apiPort, err = socketPort(apiSocket); err != nil {
		return err
	}
	for _, folder := range []string{"logs", "home"} {
		if err := os.MkdirAll(o.path(folder), 0o700); err != nil {
			return err
		}
	}
	if err := writePKI(o.path("pki"), c.identities()); err != nil {
		return err
	}
	if err := c.writeKubeconfigs(); err != nil {
		return err
	}
	c.children = newChildren(o.path("logs"), childEnvironment(o))
	if err := c.bringUp(); err != nil {
		return err
	}
	if err := serveControl(o.path("control.sock"), c.wishes()); err != nil {
		return err
	}
	if err := c.announce(); err != nil {
		return err
	}
	return <-c.failed
}

func childEnvironment(o options) []string {
	return []string{
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"HOME=" + o.path("home"),
		"TMPDIR=" + o.path("home"),
		"LANG=C.UTF-8",
	}
}

// randomLoopback picks one of the sixteen million addresses that reach this machine only.
func randomLoopback() string {
	var random [3]byte
	_, _ = rand.Read(random[:]) // never fails
	return net.IPv4(127, 16|random[0], random[1], 1|random[2]).String()
}

func (c *cluster) bringUp() error {
	if c.registry {
		if err := c.startRegistries(); err != nil {
			return err
		}
	}
	if c.node {
		if err := c.startContainerd(); err != nil {
			return err
		}
	}
	if err := c.startControlPlane(); err != nil {
		return err
	}
	client, err := newClient(c.path("kubeconfig"))
	if err != nil {
		return err
	}
	if err := client.registerMetricsServer(c.simAddress); err != nil {
		return err
	}
	if c.node {
		if err := c.startNode(); err != nil {
			return err
		}
	}
	if err := client.createSimulatedNodes(c.kwokNodes); err != nil {
		return err
	}
	nodes := c.kwokNodes
	if c.node {
		nodes++
	}
	return c.waitUntil("the cluster is ready", patience, func() error { return client.ready(nodes) })
}

func (c *cluster) wishes() map[string]func(string) error {
	return map[string]func(string) error{
		"stop": c.stop,
		"start": func(name string) error {
			if err := c.restart(name); err != nil {
				return err
			}
			if name != "kube-apiserver" {
				return nil
			}
			return c.waitUntil("kube-apiserver is ready", patience, c.apiReady)
		},
		"compact": func(string) error { return compactEtcd(c.etcdURL()) },
		"load":    c.loadImage,
	}
}

// announcement is what the tests are told, in DIR/cluster.json.
type announcement struct {
	Kubeconfig string     `json:"kubeconfig"`
	Server     string     `json:"server"`
	Version    string     `json:"version"`
	NodeName   string     `json:"node_name,omitempty"`
	KwokNodes  int        `json:"kwok_nodes"`
	Registries []registry `json:"registries,omitempty"`
	GuardPID   int        `json:"guard_pid"`
	Detached   bool       `json:"detached"`
	Cgroup     string     `json:"cgroup,omitempty"`
	Logs       string     `json:"logs"`
}

// announce writes DIR/cluster.json in one step: whoever sees it sees a cluster that is ready.
func (c *cluster) announce() error {
	told := announcement{
		Kubeconfig: c.path("kubeconfig"),
		Server:     c.serverURL(),
		Version:    kubernetesVersion(),
		KwokNodes:  c.kwokNodes,
		Registries: c.registries,
		GuardPID:   c.guardPID,
		Detached:   c.detached,
		Logs:       c.path("logs"),
	}
	if c.node {
		told.NodeName, told.Cgroup = nodeName, c.cgroup()
	}
	text, err := json.MarshalIndent(told, "", "  ")
	if err != nil {
		return err
	}
	if err := os.WriteFile(c.path("cluster.json.new"), append(text, '\n'), 0o600); err != nil {
		return err
	}
	return os.Rename(c.path("cluster.json.new"), c.path("cluster.json"))
}

func (c *cluster) serverURL() string {
	return fmt.Sprintf("https://127.0.0.1:%d", c.apiPort)
}

// flagList turns `name: value` pairs into --name=value arguments.
func flagList(pairs ...string) []string {
	args := make([]string, 0, len(pairs)/2)
	for i := 0; i+1 < len(pairs); i += 2 {
		args = append(args, "--"+strings.TrimPrefix(pairs[i], "--")+"="+pairs[i+1])
	}
	return args
}
