package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"golang.org/x/sys/unix"
)

const cgroupMount = "/sys/fs/cgroup"

// unifiedOnly tells whether the machine has cgroup v2 alone (and not v1, or both side by side).
func unifiedOnly() bool {
	var stat unix.Statfs_t
	return unix.Statfs(cgroupMount, &stat) == nil && stat.Type == unix.CGROUP2_SUPER_MAGIC
}

// hierarchies are the mounted cgroup trees: one for each v1 controller, one of v2, or both.
func hierarchies() ([]string, error) {
	if unifiedOnly() {
		return []string{cgroupMount}, nil
	}
	mounts, err := os.ReadFile("/proc/self/mounts")
	if err != nil {
		return nil, err
	}
	var roots []string
	for line := range strings.Lines(string(mounts)) {
		fields := strings.Fields(line)
		// A hybrid machine mounts v2 beside v1, without controllers; runc makes its folders there too.
		if len(fields) > 2 && strings.HasPrefix(fields[2], "cgroup") && strings.HasPrefix(fields[1], cgroupMount) {
			roots = append(roots, fields[1])
		}
	}
	if len(roots) == 0 {
		return nil, errors.New("no cgroups are mounted under " + cgroupMount)
	}
	return roots, nil
}

// createCgroups makes the folder under which the kubelet puts its pods, in every hierarchy.
func createCgroups(o options) error {
	roots, err := hierarchies()
	if err != nil {
		return err
	}
	for _, root := range roots {
		own := filepath.Join(root, o.cgroup())
		if err := os.MkdirAll(own, 0o755); err != nil {
			return fmt.Errorf("make the pods' cgroup: %w", err)
		}
		if unifiedOnly() {
			if err := delegateControllers(root, own); err != nil {
				return err
			}
		}
		// A new v1 cpuset has no cores and no memory until told, and takes no process till then.
		for _, file := range []string{"cpuset.cpus", "cpuset.mems"} {
			value, err := os.ReadFile(filepath.Join(root, file))
			if err != nil || unifiedOnly() {
				continue
			}
			if err := os.WriteFile(filepath.Join(own, file), value, 0o644); err != nil {
				return fmt.Errorf("give the pods' cgroup its cores: %w", err)
			}
		}
	}
	return nil
}

// delegateControllers lets a v2 cgroup and its children use every controller the machine has.
func delegateControllers(cgroups ...string) error {
	available, err := os.ReadFile(filepath.Join(cgroups[0], "cgroup.controllers"))
	if err != nil {
		return err
	}
	for _, cgroup := range cgroups {
		for _, controller := range strings.Fields(string(available)) {
			file := filepath.Join(cgroup, "cgroup.subtree_control")
			if err := os.WriteFile(file, []byte("+"+controller), 0o644); err != nil {
				return fmt.Errorf("hand the %s controller to %s: %w", controller, cgroup, err)
			}
		}
	}
	return nil
}

// removeCgroups takes the pods' cgroups away, deepest first. A cgroup stays busy for a moment after its
// last process has gone, hence the deadline.
func removeCgroups(o options) error {
	roots, err := hierarchies()
	if err != nil {
		return nil //nolint:nilerr // a machine without cgroups has none of ours
	}
	deadline := time.Now().Add(time.Minute)
	for _, root := range roots {
		for {
			err := removeTree(filepath.Join(root, o.cgroup()))
			if err == nil {
				break
			}
			if time.Now().After(deadline) {
				return fmt.Errorf("remove the pods' cgroups: %w", err)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
	return nil
}

func removeTree(top string) error {
	var folders []string
	err := filepath.WalkDir(top, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() {
			folders = append(folders, path)
		}
		return nil
	})
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	for i := len(folders) - 1; i >= 0; i-- {
		if err := os.Remove(folders[i]); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return err
		}
	}
	return nil
}
