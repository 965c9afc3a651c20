package admin

// shortcut is a key, or several that do the same, and the message key_<name> that says what it does.
type shortcut struct {
	name string
	keys []string
}

// shortcuts are what static/keys.js listens to, in the order of the sheet.
func shortcuts() []shortcut {
	return []shortcut{
		{"search", []string{"/"}}, {"palette", []string{"Ctrl", "K"}}, {"down", []string{"j"}}, {"up", []string{"k"}},
		{"open", []string{"↵"}}, {"select", []string{"x"}}, {"sheet", []string{"?"}},
	}
}
