package main

import (
	"bufio"
	"fmt"
	"net"
	"strings"
)

// serveControl answers the tests' wishes on DIR/control.sock: one line in ("stop kube-apiserver"), one line
// out ("ok", or "error: …"), as often as the other side likes.
func serveControl(path string, commands map[string]func(argument string) error) error {
	listener, err := net.Listen("unix", path)
	if err != nil {
		return err
	}
	go func() {
		for {
			conn, err := listener.Accept()
			if err != nil {
				return
			}
			go answer(conn, commands)
		}
	}()
	return nil
}

func answer(conn net.Conn, commands map[string]func(string) error) {
	defer conn.Close()
	lines := bufio.NewScanner(conn)
	for lines.Scan() {
		name, argument, _ := strings.Cut(lines.Text(), " ")
		command, ok := commands[name]
		if !ok {
			fmt.Fprintf(conn, "error: no such wish: %q\n", name)
			continue
		}
		if err := command(argument); err != nil {
			fmt.Fprintf(conn, "error: %s\n", strings.ReplaceAll(err.Error(), "\n", " | "))
			continue
		}
		fmt.Fprintln(conn, "ok")
	}
}
