package main

import (
	"fmt"
	"os"
	"runtime"
	"strings"
)

// A machine is where the figures were taken.
type machine struct {
	cpu    string
	cores  int
	golang string
	kernel string
}

func (m machine) String() string {
	return fmt.Sprintf("%s with %d cores, %s, %s", m.cpu, m.cores, m.golang, m.kernel)
}

func thisMachine() machine {
	m := machine{cpu: runtime.GOARCH, cores: runtime.NumCPU(), golang: runtime.Version(), kernel: runtime.GOOS}
	if info, err := os.ReadFile("/proc/cpuinfo"); err == nil {
		if model := cpuModel(string(info)); model != "" {
			m.cpu = model
		}
	}
	if release, err := os.ReadFile("/proc/sys/kernel/osrelease"); err == nil {
		m.kernel = "Linux " + strings.TrimSpace(string(release))
	}
	return m
}

// cpuModel finds the processor's name in /proc/cpuinfo.
func cpuModel(info string) string {
	for line := range strings.Lines(info) {
		if key, value, _ := strings.Cut(line, ":"); strings.TrimSpace(key) == "model name" {
			return strings.TrimSpace(value)
		}
	}
	return ""
}
