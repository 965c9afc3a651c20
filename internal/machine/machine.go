// Package machine is the form of every life story in the shop: a table of legal steps. The table
// decides what may happen, what staff are offered, and what a history may contain.
package machine

import (
	"boutique/internal/fault"
)

// Step is one legal step: in state From, Event leads to To.
type Step struct {
	From, Event, To string
}

// Machine is the table of a life story.
type Machine struct {
	Name  string
	Steps []Step
}

// CodeIllegal is the fault code of a step that the table does not have.
const CodeIllegal = "illegal_step"

// Next gives the state that the event leads to. A step that is not in the table is a Conflict
// with code illegal_step.
func (m Machine) Next(from, event string) (string, error) {
	for _, s := range m.Steps {
		if s.From == from && s.Event == event {
			return s.To, nil
		}
	}
	return "", fault.Newf(fault.Conflict, CodeIllegal, "%s cannot %s while it is %s", m.Name, event, from).
		With("machine", m.Name).With("state", from).With("event", event)
}

// Can tells whether the event is legal in the state.
func (m Machine) Can(from, event string) bool {
	_, err := m.Next(from, event)
	return err == nil
}

// Open lists the events that are legal in the state, in the table's order.
func (m Machine) Open(from string) []string {
	var events []string
	for _, s := range m.Steps {
		if s.From == from {
			events = append(events, s.Event)
		}
	}
	return events
}

// Legal tells whether the table holds exactly this step.
func (m Machine) Legal(from, event, to string) bool {
	next, err := m.Next(from, event)
	return err == nil && next == to
}
