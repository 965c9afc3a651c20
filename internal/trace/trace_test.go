package trace_test

import (
	"context"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/go-chi/chi/v5"
	"github.com/jackc/pgx/v5/pgxpool"
	collector "go.opentelemetry.io/proto/otlp/collector/trace/v1"
	"google.golang.org/protobuf/proto"

	"boutique/internal/pg/pgtest"
	"boutique/internal/trace"
)

// A request and its statement arrive as spans of one trace; neither tells whose order it was about.
func TestARequestIsTracedByItsRouteAndStatements(t *testing.T) {
	t.Parallel()
	var mu sync.Mutex
	var received []*collector.ExportTraceServiceRequest
	operator := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		request := &collector.ExportTraceServiceRequest{}
		if err != nil || r.URL.Path != "/v1/traces" || proto.Unmarshal(body, request) != nil {
			t.Errorf("%s is no export of spans: %v", r.URL.Path, err)
		}
		mu.Lock()
		defer mu.Unlock()
		received = append(received, request)
	}))
	t.Cleanup(operator.Close)
	tracer, err := trace.Start(t.Context(), operator.URL)
	if err != nil {
		t.Fatal(err)
	}
	config := pgtest.DB(t).Config().Copy()
	config.ConnConfig.Tracer = tracer.Queries()
	pool, err := pgxpool.NewWithConfig(t.Context(), config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(pool.Close)
	r := chi.NewMux()
	r.Use(tracer.Requests)
	r.Get("/orders/{number}", func(w http.ResponseWriter, r *http.Request) {
		if _, err := pool.Exec(r.Context(), "select $1::text", chi.URLParam(r, "number")); err != nil {
			t.Error(err)
		}
		w.WriteHeader(http.StatusTeapot)
	})
	shop := httptest.NewServer(r)
	t.Cleanup(shop.Close)
	if _, err := http.Get(shop.URL + "/orders/B26-SECRET?key=alsosecret"); err != nil {
		t.Fatal(err)
	}
	if err := tracer.Stop(context.WithoutCancel(t.Context())); err != nil {
		t.Fatal(err)
	}

	names := map[string]string{}
	for _, request := range received {
		if text := request.String(); strings.Contains(text, "SECRET") || strings.Contains(text, "alsosecret") {
			t.Errorf("a span tells whose order it was about: %s", text)
		}
		for _, of := range request.ResourceSpans {
			for _, scope := range of.ScopeSpans {
				for _, span := range scope.Spans {
					names[span.Name] = string(span.TraceId)
				}
			}
		}
	}
	if at := names["GET /orders/{number}"]; at == "" || names["SELECT"] != at {
		t.Errorf("the spans are %q", names)
	}
}

func TestWithoutAnEndpointNothingIsTraced(t *testing.T) {
	t.Parallel()
	var none *trace.Tracer
	if none.Queries() != nil || none.Stop(t.Context()) != nil {
		t.Error("the nil tracer traces")
	}
	reached := false
	none.Requests(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { reached = true })).ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
	if !reached {
		t.Error("the request does not get through")
	}
}
