package main

import (
	"io"
	"net"
	"os"
)

// forward carries every connection to the listener on to the address, until the process ends. A socket
// belongs to the network namespace it was made in: a listener the guard made on the host, accepted from by
// the supervisor inside the node's namespace, is a door from one to the other.
func forward(listener net.Listener, network, address string) {
	for {
		client, err := listener.Accept()
		if err != nil {
			return
		}
		go carry(client, network, address)
	}
}

func carry(client net.Conn, network, address string) {
	defer client.Close()
	server, err := net.Dial(network, address)
	if err != nil {
		// Nobody is there: say so with a reset, the nearest a listener has to a refusal.
		if tcp, ok := client.(*net.TCPConn); ok {
			_ = tcp.SetLinger(0)
		}
		return
	}
	defer server.Close()
	go func() {
		_, _ = io.Copy(server, client)
		closeWrite(server)
	}()
	_, _ = io.Copy(client, server)
	closeWrite(client)
}

func closeWrite(conn net.Conn) {
	if half, ok := conn.(interface{ CloseWrite() error }); ok {
		_ = half.CloseWrite()
	}
}

// inheritedListener is a listener the guard handed down.
func inheritedListener(fd uintptr) (net.Listener, error) {
	file := os.NewFile(fd, "inherited")
	defer file.Close()
	return net.FileListener(file)
}
