package main

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// options are what a cluster is asked to be. The guard reads them from its flags and hands the very same
// flags on to the supervisor.
type options struct {
	data      string // everything the cluster writes lives here; the folder goes away with the cluster
	node      bool   // a real node (containerd, kubelet, kube-proxy) in namespaces of its own; needs root
	registry  bool   // two registries: one open, one with a password
	images    string // an image archive to load into the node, the pause image in it
	kwokNodes int    // simulated nodes
	lifeline  bool   // end when standard input closes, unless "stay" came before: its holder is gone
	keep      bool   // leave the folder behind, to read the logs of a cluster that would not start
	detached  bool   // started for a person; only noted down, so that `down` knows which clusters are whose
	guardPID  int    // the guard, as the host numbers it; set by the guard
}

func parseOptions(args []string) (options, error) {
	var o options
	flags := flag.NewFlagSet("lain-cluster", flag.ContinueOnError)
	flags.StringVar(&o.data, "data", "", "folder for everything the cluster writes; removed at the end")
	flags.BoolVar(&o.node, "node", false, "start a real node as well (needs root, containerd, runc)")
	flags.BoolVar(&o.registry, "registry", false, "start an open registry and one with a password")
	flags.StringVar(&o.images, "images", "", "image archive for the node, with the pause image in it")
	flags.IntVar(&o.kwokNodes, "kwok-nodes", 0, "how many simulated nodes to create")
	flags.BoolVar(&o.lifeline, "lifeline", false, "end when standard input closes, unless it said stay")
	flags.BoolVar(&o.keep, "keep", false, "leave the folder behind at the end")
	flags.BoolVar(&o.detached, "detached", false, "note down that a person started it")
	flags.IntVar(&o.guardPID, "guard-pid", 0, "process id of the guard (set by it)")
	if err := flags.Parse(args); err != nil {
		return o, err
	}
	if o.data == "" {
		return o, errors.New("--data is needed")
	}
	data, err := filepath.Abs(o.data)
	if err != nil {
		return o, err
	}
	o.data = data
	for _, hidden := range []string{"/run/", "/var/run/", "/var/lib/", "/var/log/"} {
		if o.node && strings.HasPrefix(data, hidden) {
			return o, fmt.Errorf("--data %s: the node sees folders of its own in place of %s", data, hidden)
		}
	}
	// A unix socket's path holds at most 107 bytes.
	if longest := o.path("control.sock"); len(longest) > 100 {
		return o, fmt.Errorf("--data %s: too long a path for the sockets in it", data)
	}
	return o, os.MkdirAll(data, 0o700)
}

func (o options) path(parts ...string) string {
	return filepath.Join(append([]string{o.data}, parts...)...)
}

// cgroup is the name of the folder that holds the node's pods in each cgroup hierarchy. It stands for the
// whole path of the cluster's folder, for the last part of it may be another's too; launch.py knows how.
func (o options) cgroup() string {
	sum := sha256.Sum256([]byte(o.data))
	return "lain-cluster-" + hex.EncodeToString(sum[:8])
}
