// Command lain-cluster is a whole Kubernetes in one binary: the referee the tests hold the app to.
//
// `lain-cluster run --data DIR` starts a cluster in DIR and stays until it is told to stop; every other
// first argument names a component (kube-apiserver, kubelet, …) that `run` starts as a process of its own.
package main

import (
	"fmt"
	"os"
	"slices"
	"strings"
)

func main() {
	if len(os.Args) > 1 {
		name, args := os.Args[1], os.Args[2:]
		switch name {
		case "run":
			exit(runGuard(args))
		case "supervise":
			exit(runSupervisor(args))
		}
		if component, ok := components[name]; ok {
			os.Args = os.Args[1:]
			component(args)
			return
		}
	}
	fmt.Fprintln(os.Stderr, "usage: lain-cluster run --data DIR [--node] [--kwok-nodes N] [--registry] [--lifeline]")
	fmt.Fprintln(os.Stderr, "   or: lain-cluster COMPONENT [its own flags], one of", strings.Join(componentNames(), ", "))
	os.Exit(2)
}

func exit(err error) {
	if err != nil {
		fmt.Fprintln(os.Stderr, "lain-cluster:", err)
		os.Exit(1)
	}
	os.Exit(0)
}

func componentNames() []string {
	names := make([]string, 0, len(components))
	for name := range components {
		names = append(names, name)
	}
	slices.Sort(names)
	return names
}
