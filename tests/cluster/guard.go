package main

import (
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"os/exec"
	"os/signal"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"syscall"

	"golang.org/x/sys/unix"
)

// The order in which the guard hands its sockets to the supervisor, from file descriptor 3 on.
const (
	apiSocket = iota + 3
	registrySocket
	authRegistrySocket
)

// runGuard starts the supervisor and outlives it, so that there is always one left to clear up.
//
// With a node, the supervisor is the first process of new pid, mount, network, ipc and uts namespaces: when
// it goes, the kernel itself ends every process, mount, interface and packet-filter rule in them, however
// it went. Without one, every component asks the kernel to be killed with its parent. Either way nothing
// but cgroups and files is left for the guard to remove. The guard holds a lock on DIR/lock while it lives;
// a folder whose lock is free belongs to a cluster whose guard was killed too, and anyone may remove it.
func runGuard(args []string) error {
	runtime.LockOSThread() // the parent-death signal is sent when the thread that started the child ends
	o, err := parseOptions(args)
	if err != nil {
		return err
	}
	lock, err := lockFolder(o)
	if err != nil {
		return err
	}
	defer lock.Close()
	sockets, err := openSockets(o)
	if err != nil {
		return err
	}
	if o.node {
		if err := createCgroups(o); err != nil {
			return errors.Join(err, cleanUp(o))
		}
	}
	supervisor := exec.Command("/proc/self/exe", append([]string{"supervise",
		"--guard-pid", strconv.Itoa(os.Getpid())}, args...)...)
	supervisor.Args[0] = os.Args[0]
	supervisor.Stdout, supervisor.Stderr = os.Stdout, os.Stderr
	supervisor.ExtraFiles = sockets
	supervisor.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL, Setpgid: true}
	if o.node {
		supervisor.SysProcAttr.Cloneflags = unix.CLONE_NEWPID | unix.CLONE_NEWNS | unix.CLONE_NEWNET |
			unix.CLONE_NEWIPC | unix.CLONE_NEWUTS
	}
	if err := supervisor.Start(); err != nil {
		return errors.Join(fmt.Errorf("start the supervisor: %w", err), cleanUp(o))
	}
	for _, socket := range sockets {
		socket.Close()
	}

	asked := make(chan os.Signal, 1)
	signal.Notify(asked, syscall.SIGTERM, syscall.SIGINT, syscall.SIGHUP)
	gone := make(chan error, 1)
	go func() { gone <- supervisor.Wait() }()
	if o.lifeline {
		go func() {
			if !staysAfter(os.Stdin) {
				asked <- syscall.SIGTERM
			}
		}()
	}
	select {
	case <-asked:
		// Nothing in the folder is worth an orderly end, and a kill cannot hang.
		_ = supervisor.Process.Kill()
		<-gone
		err = nil
	case err = <-gone:
		err = fmt.Errorf("the cluster ended by itself: %w", err)
	}
	return errors.Join(err, cleanUp(o))
}

// staysAfter reads the lifeline to its end. Whoever holds the other end may let go of the cluster with "stay";
// an end without it is the end of the holder.
func staysAfter(lifeline io.Reader) bool {
	said, _ := io.ReadAll(io.LimitReader(lifeline, 64))
	return strings.TrimSpace(string(said)) == "stay"
}

func lockFolder(o options) (*os.File, error) {
	lock, err := os.OpenFile(o.path("lock"), os.O_CREATE|os.O_RDWR, 0o600)
	if err != nil {
		return nil, err
	}
	if err := unix.Flock(int(lock.Fd()), unix.LOCK_EX|unix.LOCK_NB); err != nil {
		return nil, fmt.Errorf("%s: another cluster lives here", o.data)
	}
	if others, err := os.ReadDir(o.data); err != nil || len(others) > 1 {
		return nil, errors.Join(err, fmt.Errorf("%s: not an empty folder", o.data))
	}
	return lock, nil
}

// openSockets takes the cluster's ports on the host, so that no one else can.
func openSockets(o options) ([]*os.File, error) {
	var sockets []*os.File
	names := []string{"api"}
	if o.registry {
		names = append(names, "registry", "registry with a password")
	}
	for _, name := range names {
		socket, err := openSocket(name == "api" && !o.node)
		if err != nil {
			return nil, fmt.Errorf("take a port for the %s: %w", name, err)
		}
		sockets = append(sockets, socket)
	}
	return sockets, nil
}

// openSocket binds a free port on 127.0.0.1. A reserved one does not listen: kube-apiserver binds it again
// (SO_REUSEPORT), and while it is down a client is refused, as with any server that is down.
func openSocket(reserved bool) (*os.File, error) {
	if !reserved {
		listener, err := net.Listen("tcp4", "127.0.0.1:0")
		if err != nil {
			return nil, err
		}
		defer listener.Close()
		return listener.(*net.TCPListener).File()
	}
	fd, err := unix.Socket(unix.AF_INET, unix.SOCK_STREAM|unix.SOCK_CLOEXEC, 0)
	if err != nil {
		return nil, err
	}
	socket := os.NewFile(uintptr(fd), "reserved")
	if err := unix.SetsockoptInt(fd, unix.SOL_SOCKET, unix.SO_REUSEPORT, 1); err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	if err := unix.Bind(fd, &unix.SockaddrInet4{Addr: [4]byte{127, 0, 0, 1}}); err != nil {
		return nil, errors.Join(err, socket.Close())
	}
	return socket, nil
}

func socketPort(fd int) (int, error) {
	address, err := unix.Getsockname(fd)
	if err != nil {
		return 0, err
	}
	inet, ok := address.(*unix.SockaddrInet4)
	if !ok {
		return 0, fmt.Errorf("file descriptor %d is no IPv4 socket", fd)
	}
	return inet.Port, nil
}

// cleanUp removes what the kernel does not: the pods' cgroups and the folder, its lock last.
func cleanUp(o options) error {
	err := removeCgroups(o)
	if o.keep {
		return err
	}
	entries, readErr := os.ReadDir(o.data)
	err = errors.Join(err, readErr)
	entries = slices.DeleteFunc(entries, func(e os.DirEntry) bool { return e.Name() == "lock" })
	for _, entry := range entries {
		err = errors.Join(err, os.RemoveAll(o.path(entry.Name())))
	}
	return errors.Join(err, os.RemoveAll(o.data))
}
