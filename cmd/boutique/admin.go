package main

import "github.com/go-chi/chi/v5"

// mountAdmin puts the staff's pages on the router.
func (a *app) mountAdmin(p *program, r chi.Router) {}
