package main

import (
	"bytes"
	"fmt"
	"os"
	"os/signal"
	"sync"
	"syscall"
	"time"
)

// children are the supervisor's processes. With a node the supervisor is process 1 of its namespace and
// reaps what is left to it (containerd's shims); so it waits for any child, and knows its own by their pid.
type children struct {
	env    []string
	logs   string // folder of <name>.log
	failed chan error

	mu    sync.Mutex
	byPID map[int]*child
	named map[string]*child
}

type child struct {
	name        string
	argv        []string
	process     *os.Process
	endExpected bool               // a command, or a component that was told to stop
	gone        chan struct{}      // closed once it has ended
	status      syscall.WaitStatus // how it ended, from then on
}

func newChildren(logs string, env []string) *children {
	c := &children{env: env, logs: logs, failed: make(chan error, 1),
		byPID: map[int]*child{}, named: map[string]*child{}}
	ended := make(chan os.Signal, 1)
	signal.Notify(ended, syscall.SIGCHLD)
	go func() {
		for range ended {
			c.reap()
		}
	}()
	return c
}

// start runs argv, to stay, with its output in the log of that name.
func (c *children) start(name string, argv ...string) error {
	_, err := c.launch(name, false, argv)
	return err
}

func (c *children) launch(name string, endExpected bool, argv []string) (*child, error) {
	log, err := os.OpenFile(c.logPath(name), os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		return nil, err
	}
	defer log.Close()
	null, err := os.Open(os.DevNull)
	if err != nil {
		return nil, err
	}
	defer null.Close()

	c.mu.Lock()
	defer c.mu.Unlock()
	if running, ok := c.named[name]; ok && !endExpected && !running.hasEnded() {
		return nil, fmt.Errorf("%s is running already", name)
	}
	// The lock is held until the process is known, so that its end is never taken for a stranger's.
	process, err := os.StartProcess(argv[0], argv, &os.ProcAttr{
		Env:   c.env,
		Files: []*os.File{null, log, log},
		Sys:   &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL},
	})
	if err != nil {
		return nil, fmt.Errorf("start %s: %w", name, err)
	}
	started := &child{name: name, argv: argv, process: process, endExpected: endExpected,
		gone: make(chan struct{})}
	c.byPID[process.Pid] = started
	if !endExpected {
		c.named[name] = started
	}
	return started, nil
}

// stop kills the child of that name and waits until it is gone.
func (c *children) stop(name string) error {
	c.mu.Lock()
	running, ok := c.named[name]
	if !ok || running.hasEnded() {
		c.mu.Unlock()
		return fmt.Errorf("%s is not running", name)
	}
	running.endExpected = true
	err := running.process.Signal(syscall.SIGKILL)
	c.mu.Unlock()
	if err != nil {
		return err
	}
	<-running.gone
	return nil
}

// run starts a command, waits for its end and tells what it said if it failed.
func (c *children) run(name string, argv ...string) error {
	command, err := c.launch(name, true, argv)
	if err != nil {
		return err
	}
	<-command.gone
	if command.status.ExitStatus() != 0 {
		return fmt.Errorf("%s: %s: %s", name, describe(command.status), c.logTail(name))
	}
	return nil
}

// restart starts a child again that was stopped, as it was first started.
func (c *children) restart(name string) error {
	c.mu.Lock()
	last, ok := c.named[name]
	c.mu.Unlock()
	if !ok {
		return fmt.Errorf("there is no %s", name)
	}
	return c.start(name, last.argv...)
}

func (c *child) hasEnded() bool {
	select {
	case <-c.gone:
		return true
	default:
		return false
	}
}

func (c *children) reap() {
	for {
		var status syscall.WaitStatus
		pid, err := syscall.Wait4(-1, &status, syscall.WNOHANG, nil)
		if err == syscall.EINTR {
			continue
		}
		if err != nil || pid <= 0 {
			return
		}
		c.mu.Lock()
		ended := c.byPID[pid]
		delete(c.byPID, pid)
		if ended != nil {
			ended.status = status
			close(ended.gone)
			if !ended.endExpected {
				c.report(fmt.Errorf("%s ended (%s); its log closes with:\n%s",
					ended.name, describe(status), c.logTail(ended.name)))
			}
		}
		c.mu.Unlock()
	}
}

func (c *children) report(err error) {
	select {
	case c.failed <- err:
	default: // the first failure is the one to tell
	}
}

func describe(status syscall.WaitStatus) string {
	if status.Signaled() {
		return status.Signal().String()
	}
	return fmt.Sprintf("exit code %d", status.ExitStatus())
}

func (c *children) logPath(name string) string {
	return c.logs + "/" + name + ".log"
}

func (c *children) logTail(name string) []byte {
	log, err := os.ReadFile(c.logPath(name))
	if err != nil {
		return []byte(err.Error())
	}
	lines := bytes.Split(bytes.TrimSpace(log), []byte("\n"))
	return bytes.Join(lines[max(0, len(lines)-15):], []byte("\n"))
}

// waitUntil asks again and again until check succeeds, a child fails or time is up.
func (c *children) waitUntil(what string, limit time.Duration, check func() error) error {
	deadline := time.Now().Add(limit)
	for {
		err := check()
		if err == nil {
			return nil
		}
		if time.Now().After(deadline) {
			return fmt.Errorf("%s: not within %s: %w", what, limit, err)
		}
		select {
		case failure := <-c.failed:
			return failure
		case <-time.After(50 * time.Millisecond):
		}
	}
}
