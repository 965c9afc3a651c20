package photo

import (
	"bytes"
	"context"
	"encoding/gob"
	"errors"
	"fmt"
	"io"
	"os"
	"os/exec"
	"strconv"
	"sync"
	"syscall"
	"time"
)

// Process is a process of its own that renders: the kernel gives it the time that pages leave over, the
// memory that a large photograph takes goes back when it ends, and a file that its decoder chokes on
// takes nothing else down. It is handed a file and hands files back: it knows no key, no database and no
// store.
//
// It is started for the first photograph, and ends when none came for a while or when this program
// ends, however that is.
type Process struct {
	// Command is the program that calls RenderFrom with its standard input and output.
	Command func() *exec.Cmd
	// Idle is how long the process waits for another photograph.
	Idle time.Duration

	one     sync.Mutex
	running *renderer
	ending  *time.Timer
}

// wanted is an original to be rendered.
type wanted struct {
	SHA256   string
	Original []byte
}

// answer is what became of it, or why nothing did.
type answer struct {
	Made    rendered
	Problem string
}

// render renders one photograph after the other. A context that ends takes the process with it; the next
// photograph starts another.
func (p *Process) render(ctx context.Context, w wanted) (rendered, error) {
	p.one.Lock()
	defer p.one.Unlock()
	if p.ending != nil {
		p.ending.Stop()
	}
	if p.running == nil {
		started, err := startRenderer(p.Command())
		if err != nil {
			return rendered{}, err
		}
		p.running = started
	}
	r := p.running
	release := context.AfterFunc(ctx, r.kill)
	a, err := r.ask(w)
	if !release() || err != nil {
		p.running = nil
		return rendered{}, errors.Join(ctx.Err(), err, r.end())
	}
	p.ending = time.AfterFunc(p.Idle, func() { p.rest(r) })
	if a.Problem != "" {
		return rendered{}, errors.New(a.Problem)
	}
	return a.Made, nil
}

// rest ends a process that has had nothing to do.
func (p *Process) rest(idle *renderer) {
	p.one.Lock()
	defer p.one.Unlock()
	if p.running == idle {
		p.running = nil
		_ = idle.end()
	}
}

// renderer is the process while it runs.
type renderer struct {
	command *exec.Cmd
	input   io.WriteCloser
	said    bytes.Buffer
	wants   *gob.Encoder
	answers *gob.Decoder
}

func startRenderer(command *exec.Cmd) (*renderer, error) {
	r := &renderer{command: command}
	command.Stderr = &r.said
	output, err := command.StdoutPipe()
	if err != nil {
		return nil, err
	}
	if r.input, err = command.StdinPipe(); err != nil {
		return nil, err
	}
	r.wants, r.answers = gob.NewEncoder(r.input), gob.NewDecoder(output)
	return r, command.Start()
}

func (r *renderer) ask(w wanted) (a answer, err error) {
	if err := r.wants.Encode(w); err != nil {
		return answer{}, err
	}
	return a, r.answers.Decode(&a)
}

func (r *renderer) kill() { _ = r.command.Process.Kill() }

// end lets the process end and tells what it died of, if it did.
func (r *renderer) end() error {
	r.input.Close()
	err := r.command.Wait()
	if err != nil && r.said.Len() > 0 {
		err = fmt.Errorf("%w: %.2000s", err, r.said.String())
	}
	return err
}

// RenderFrom is the process's own side: it steps back behind every other process of the machine, and
// renders what comes in until no more comes.
func RenderFrom(in io.Reader, out io.Writer) error {
	if err := stepBack(); err != nil {
		return err
	}
	wants, answers := gob.NewDecoder(in), gob.NewEncoder(out)
	for {
		var w wanted
		if err := wants.Decode(&w); errors.Is(err, io.EOF) {
			return nil
		} else if err != nil {
			return err
		}
		var a answer
		picture, err := decoded(w.Original)
		if err == nil {
			a.Made, err = render(w.SHA256, w.Original, picture)
		}
		if err != nil {
			a.Problem = err.Error()
		}
		if err := answers.Encode(a); err != nil {
			return err
		}
	}
}

// behind is how far a renderer stands back, as nice(1) counts: a page that wakes goes first, and in a
// crowd that leaves no time over, photographs still have about a tenth of a page's share.
const behind = 10

// stepBack puts every thread of this process behind those of others. A thread that comes later has the
// priority of the one that started it, so a second look finds no more than the first has changed, or the
// looking goes on.
func stepBack() error {
	changed := map[string]bool{}
	for {
		threads, err := os.ReadDir("/proc/self/task")
		if err != nil {
			return err
		}
		before := len(changed)
		for _, thread := range threads {
			id, err := strconv.Atoi(thread.Name())
			if err != nil || changed[thread.Name()] {
				continue
			}
			if err := syscall.Setpriority(syscall.PRIO_PROCESS, id, behind); err != nil && !errors.Is(err, syscall.ESRCH) {
				return fmt.Errorf("lower the priority: %w", err)
			}
			changed[thread.Name()] = true
		}
		if len(changed) == before {
			return nil
		}
	}
}
