// Package api is the shop for programs: the store API and the staff API, whose OpenAPI document is
// made from this very code.
package api

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humachi"
	"github.com/go-chi/chi/v5"

	"boutique/catalog"
	"boutique/internal/fault"
	"boutique/internal/money"
	"boutique/internal/staff"
	"boutique/internal/text"
	"boutique/internal/web"
	"boutique/shop"
)

// API answers the JSON calls of the public interface.
type API struct {
	Shop     *shop.Service
	Catalog  *catalog.Service
	Shelf    *catalog.Shelf
	Staff    *staff.Service
	Errors   web.Errors
	Papers   Papers
	Exporter Exporter
	// Renderer names the renditions of photographs.
	Renderer catalog.Renderer
	// PublicURL begins the addresses in answers.
	PublicURL string

	huma huma.API
}

// The bodies of requests: JSON is small, a photo is not.
const (
	maxJSON  = 256 << 10
	maxPhoto = 31 << 20
)

// Mount puts the API on the router, under /api/v1.
func (a *API) Mount(r chi.Router) {
	config := huma.DefaultConfig("Boutique", "1.0.0")
	config.Info.Description = "The shop of a tourist office. Money is in minor units with its currency, VAT included unless a field says otherwise."
	config.OpenAPIPath = "/api/v1/openapi"
	config.DocsPath = ""
	config.SchemasPath = ""
	config.CreateHooks = nil
	config.AllowAdditionalPropertiesByDefault = true
	config.FieldsOptionalByDefault = true
	config.Transformers = append(config.Transformers, describeErrors)
	config.Components.Schemas.RegisterTypeAlias(reflect.TypeFor[money.Amount](), reflect.TypeFor[Money]())
	config.Components.SecuritySchemes = map[string]*huma.SecurityScheme{"staff": {Type: "http", Scheme: "bearer"}}
	r.Group(func(r chi.Router) {
		r.Use(web.Text(a.Errors, maxPhoto))
		a.huma = humachi.New(r, config)
		a.mountCatalog()
		a.mountCarts()
		a.mountOrders()
		a.mountStaffCatalog()
		a.mountStaffOrders()
		a.mountExports(r)
	})
}

// Money describes an amount as money.Amount writes and reads it.
type Money struct {
	Amount   int64  `json:"amount" required:"true" doc:"in minor units: 1250 is 12.50 euros"`
	Currency string `json:"currency" required:"true" enum:"EUR"`
}

// problem is a fault as huma sends it.
type problem struct{ web.Problem }

// GetStatus is the HTTP status.
func (p *problem) GetStatus() int { return p.Status }

// Error is the sentence of the problem.
func (p *problem) Error() string { return p.Detail }

// ContentType is the media type of RFC 9457.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// describeErrors gives the errors that huma finds in a request the form of all others: a stable
// code, and the place of each wrong field without the name of the part that it came in.
func describeErrors(_ huma.Context, _ string, v any) (any, error) {
	e, ok := v.(*huma.ErrorModel)
	if !ok {
		return v, nil
	}
	p := web.Problem{Type: "about:blank", Title: http.StatusText(e.Status), Status: e.Status, Detail: e.Detail, Code: "invalid_fields"}
	switch e.Status {
	case http.StatusBadRequest:
		p.Code = "malformed_request"
	case http.StatusRequestEntityTooLarge:
		p.Code = "body_too_large"
	case http.StatusUnsupportedMediaType:
		p.Code = "media_type_not_supported"
	case http.StatusInternalServerError:
		p.Code, p.Detail = "internal_error", "something on our side went wrong"
	}
	for _, d := range e.Errors {
		place := d.Location
		for _, part := range []string{"body.", "query.", "path.", "header."} {
			place = strings.TrimPrefix(place, part)
		}
		p.Errors = append(p.Errors, fault.Field{Place: place, Code: "invalid", Message: d.Message})
	}
	return p, nil
}

// bodyTimeout is how long a body may take to come in, as everywhere in the shop. What is left of it runs on
// while the call is worked on, and its end takes the caller for gone: five seconds, which huma would take,
// are less than a payment provider may need.
const bodyTimeout = 2 * time.Minute

// register adds an operation whose handler returns the shop's own errors.
func register[I, O any](a *API, op huma.Operation, handler func(context.Context, *I) (*O, error)) {
	if op.MaxBodyBytes == 0 {
		op.MaxBodyBytes = maxJSON
	}
	if op.BodyReadTimeout == 0 {
		op.BodyReadTimeout = bodyTimeout
	}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := handler(ctx, in)
		if err == nil {
			return out, nil
		}
		return nil, a.fail(ctx, op, err)
	})
}

func (a *API) fail(ctx context.Context, op huma.Operation, err error) error {
	f, incident := a.Errors.Judge(ctx, op.Method+" "+op.Path, err)
	if f == nil {
		return context.Canceled
	}
	p := &problem{web.ProblemOf(f, incident)}
	if f.Kind == fault.Unavailable || f.Kind == fault.TooMany {
		return huma.ErrorWithHeaders(p, http.Header{"Retry-After": {"30"}})
	}
	return p
}

type actorKey struct{}

// authenticate finds who a staff call's bearer token acts for, and refuses those who may not.
func (a *API) authenticate(permission staff.Permission) func(huma.Context, func(huma.Context)) {
	return func(ctx huma.Context, next func(huma.Context)) {
		scheme, token, _ := strings.Cut(ctx.Header("Authorization"), " ")
		ok := strings.EqualFold(scheme, "Bearer") && token != ""
		var actor staff.Actor
		err := error(fault.New(fault.Unknown, "token_missing", "send a token: Authorization: Bearer …"))
		if ok {
			actor, err = a.Staff.Authenticate(ctx.Context(), strings.TrimSpace(token))
		}
		if err == nil {
			err = actor.Must(permission)
		}
		if err != nil {
			var p *problem
			if !errors.As(a.fail(ctx.Context(), *ctx.Operation(), err), &p) {
				return
			}
			ctx.SetHeader("Content-Type", "application/problem+json")
			if p.Status == http.StatusUnauthorized {
				ctx.SetHeader("WWW-Authenticate", "Bearer")
			}
			ctx.SetStatus(p.Status)
			body, err := p.MarshalJSON()
			if err == nil {
				_, _ = ctx.BodyWriter().Write(body)
			}
			return
		}
		next(huma.WithValue(ctx, actorKey{}, actor))
	}
}

// staffCall is an operation that needs a token with a permission.
func (a *API) staffCall(permission staff.Permission, op huma.Operation) huma.Operation {
	op.Security = []map[string][]string{{"staff": {}}}
	op.Middlewares = huma.Middlewares{a.authenticate(permission)}
	op.Tags = []string{"staff"}
	return op
}

func actorOf(ctx context.Context) staff.Actor {
	actor, _ := ctx.Value(actorKey{}).(staff.Actor)
	return actor
}

// langOf reads the language of a call; French when none is named. An unknown one is Invalid.
func langOf(s string) (text.Lang, error) {
	if s == "" {
		return text.FR, nil
	}
	lang, ok := text.ParseLang(s)
	if !ok {
		var fields fault.Fields
		fields.Add("lang", "lang_unknown", "is not a language of the shop")
		return "", fields.Err()
	}
	return lang, nil
}

// list is the answer of every call that lists.
type list[T any] struct {
	Body struct {
		Items      []T     `json:"items" nullable:"false"`
		NextCursor *string `json:"next_cursor"`
	}
}

func listOf[T any](items []T, next string) *list[T] {
	out := &list[T]{}
	out.Body.Items = items
	if items == nil {
		out.Body.Items = []T{}
	}
	if next != "" {
		out.Body.NextCursor = &next
	}
	return out
}
