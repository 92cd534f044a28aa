package main

import (
	"crypto/rand"
	"fmt"
	"net"
	"os"

	"golang.org/x/crypto/bcrypt"
)

// registry is one docker-registry, reached at the same address from the host and from the node.
type registry struct {
	Host     string `json:"host"` // 127.0.0.1:port
	User     string `json:"user,omitempty"`
	Password string `json:"password,omitempty"`
}

// startRegistries starts Debian's docker-registry twice: open, and with a password. Each listens on a unix
// socket, so that the port the guard took can never be lost to another.
func (c *cluster) startRegistries() error {
	open := registry{}
	locked := registry{User: "lain", Password: rand.Text()}
	for i, r := range []registry{open, locked} {
		fd := registrySocket + i
		port, err := socketPort(fd)
		if err != nil {
			return err
		}
		r.Host = fmt.Sprintf("127.0.0.1:%d", port)
		name := fmt.Sprintf("registry-%d", i)
		if err := c.startRegistry(name, r); err != nil {
			return err
		}
		listener, err := inheritedListener(uintptr(fd))
		if err != nil {
			return err
		}
		go forward(listener, "unix", c.path(name+".sock"))
		if c.node {
			inside, err := net.Listen("tcp4", r.Host)
			if err != nil {
				return err
			}
			go forward(inside, "unix", c.path(name+".sock"))
		}
		c.registries = append(c.registries, r)
	}
	return nil
}

func (c *cluster) startRegistry(name string, r registry) error {
	auth := ""
	if r.User != "" {
		hash, err := bcrypt.GenerateFromPassword([]byte(r.Password), bcrypt.MinCost)
		if err != nil {
			return err
		}
		passwords := c.path(name + ".htpasswd")
		if err := os.WriteFile(passwords, fmt.Appendf(nil, "%s:%s\n", r.User, hash), 0o600); err != nil {
			return err
		}
		auth = fmt.Sprintf("auth: {htpasswd: {realm: lain, path: %s}}\n", passwords)
	}
	config := fmt.Sprintf(`version: 0.1
log: {level: info}
storage:
  filesystem: {rootdirectory: %s}
  delete: {enabled: true}
http:
  net: unix
  addr: %s
  relativeurls: true
%s`, c.path(name), c.path(name+".sock"), auth)
	if err := os.WriteFile(c.path(name+".yaml"), []byte(config), 0o600); err != nil {
		return err
	}
	return c.start(name, "/usr/bin/docker-registry", "serve", c.path(name+".yaml"))
}
