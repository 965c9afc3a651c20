// Package trace says what each request spends its time on, to whoever the operator names by
// OTEL_EXPORTER_OTLP_ENDPOINT. Spans name routes and statements, never what stands in an address or
// a form: they hold no personal data.
package trace

import (
	"context"
	"fmt"
	"net/http"

	"github.com/exaring/otelpgx"
	"github.com/go-chi/chi/v5"
	"github.com/go-chi/chi/v5/middleware"
	"github.com/jackc/pgx/v5"
	"go.opentelemetry.io/otel/attribute"
	"go.opentelemetry.io/otel/codes"
	"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"
	"go.opentelemetry.io/otel/propagation"
	"go.opentelemetry.io/otel/sdk/resource"
	sdk "go.opentelemetry.io/otel/sdk/trace"
	otel "go.opentelemetry.io/otel/trace"
)

// Tracer makes the spans of one program. The nil Tracer makes none.
type Tracer struct {
	provider *sdk.TracerProvider
	tracer   otel.Tracer
}

// Start begins to send spans to an OTLP/HTTP endpoint, like http://127.0.0.1:4318. An endpoint that
// does not answer costs nothing but the spans.
func Start(ctx context.Context, endpoint string) (*Tracer, error) {
	exporter, err := otlptracehttp.New(ctx, otlptracehttp.WithEndpointURL(endpoint+"/v1/traces"))
	if err != nil {
		return nil, fmt.Errorf("OTEL_EXPORTER_OTLP_ENDPOINT must be an OTLP/HTTP address, like http://127.0.0.1:4318: %w", err)
	}
	provider := sdk.NewTracerProvider(sdk.WithBatcher(exporter), sdk.WithResource(resource.NewSchemaless(attribute.String("service.name", "boutique"))))
	return &Tracer{provider: provider, tracer: provider.Tracer("boutique")}, nil
}

// Stop sends what is still to be sent.
func (t *Tracer) Stop(ctx context.Context) error {
	if t == nil {
		return nil
	}
	return t.provider.Shutdown(ctx)
}

// Queries traces the statements of traced requests, without their arguments; nil for the nil Tracer.
func (t *Tracer) Queries() pgx.QueryTracer {
	if t == nil {
		return nil
	}
	return otelpgx.NewTracer(otelpgx.WithTracerProvider(t.provider), otelpgx.WithTrimSQLInSpanName(), otelpgx.WithDisableConnectionDetailsInAttributes())
}

// Requests traces requests under the names of their routes.
func (t *Tracer) Requests(next http.Handler) http.Handler {
	if t == nil {
		return next
	}
	from := propagation.TraceContext{}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		ctx, span := t.tracer.Start(from.Extract(r.Context(), propagation.HeaderCarrier(r.Header)), r.Method, otel.WithSpanKind(otel.SpanKindServer))
		defer span.End()
		answer := middleware.NewWrapResponseWriter(w, r.ProtoMajor)
		next.ServeHTTP(answer, r.WithContext(ctx))
		route := chi.RouteContext(r.Context()).RoutePattern()
		status := answer.Status()
		if status == 0 {
			status = http.StatusOK
		}
		span.SetName(r.Method + " " + route)
		span.SetAttributes(attribute.String("http.request.method", r.Method), attribute.String("http.route", route), attribute.Int("http.response.status_code", status))
		if status >= http.StatusInternalServerError {
			span.SetStatus(codes.Error, http.StatusText(status))
		}
	})
}
