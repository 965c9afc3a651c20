package api

import (
	"context"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"boutique/catalog"
	"boutique/internal/staff"
)

// family is a kind of article: what its articles say by law, and which views show them whole.
type family struct {
	Code     string         `json:"code"`
	Follows  string         `json:"follows" doc:"the family of the shop's own whose law it is under"`
	BuiltIn  bool           `json:"built_in" doc:"one of the shop's own, which stays"`
	Labels   catalog.Labels `json:"labels"`
	Facts    []string       `json:"facts" nullable:"false" doc:"the facts that its articles may say"`
	Required []string       `json:"required" nullable:"false" doc:"those that must be said before an article is put online"`
	Shots    []catalog.Shot `json:"shots" nullable:"false" doc:"the views that its articles' photographs should show"`
	Version  int            `json:"version"`
}

func familyOf(f catalog.Family) family {
	out := family{f.Code, f.Follows, f.BuiltIn, f.Labels, f.Facts, f.Required, f.Shots, f.Version}
	if out.Facts == nil {
		out.Facts = []string{}
	}
	if out.Required == nil {
		out.Required = []string{}
	}
	if out.Shots == nil {
		out.Shots = []catalog.Shot{}
	}
	return out
}

func (a *API) mountStaffFamilies() {
	register(a, a.staffCall(staff.ReadCatalog, huma.Operation{OperationID: "staff-list-families", Method: http.MethodGet, Path: "/api/v1/staff/families", Summary: "The families of articles: what each says by law, and its shot list"}),
		func(ctx context.Context, _ *struct{}) (*list[family], error) {
			found, err := catalog.ListFamilies(ctx, a.Catalog.Pool)
			if err != nil {
				return nil, err
			}
			items := make([]family, len(found))
			for i, f := range found {
				items[i] = familyOf(f)
			}
			return listOf(items, ""), nil
		})
	register(a, a.staffCall(staff.ReadCatalog, huma.Operation{OperationID: "staff-get-family", Method: http.MethodGet, Path: "/api/v1/staff/families/{code}", Summary: "One family of articles"}),
		func(ctx context.Context, in *struct {
			Code string `path:"code" maxLength:"40"`
		}) (*struct{ Body family }, error) {
			f, err := catalog.GetFamily(ctx, a.Catalog.Pool, in.Code)
			if err != nil {
				return nil, err
			}
			return &struct{ Body family }{familyOf(f)}, nil
		})
}
