package main

import (
	"os/exec"
	"time"

	"boutique/catalog/photo"
)

type renderCommand struct{}

// Run renders the photographs that a running shop hands over.
func (renderCommand) Run(p *program) error { return photo.RenderFrom(p.stdin, p.out) }

// renderProcess is this same program, also when a newer one has taken its place on the disk. It is told
// no setting and no key.
func renderProcess() *photo.Process {
	return &photo.Process{Idle: time.Minute, Command: func() *exec.Cmd {
		command := exec.Command("/proc/self/exe", "render")
		command.Env = []string{}
		return command
	}}
}
