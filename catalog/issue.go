package catalog

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

	"boutique/internal/fault"
)

// Issue is something wrong with an imported file: where, and why. Code is the reason for who shows it in
// a reader's language, Params what it speaks of; Reason is the sentence in English. Of is which thing of
// a cell is meant that names several, like a photograph.
type Issue struct {
	Line   int
	Column string
	Of     string         `json:",omitempty"`
	Code   string         `json:",omitempty"`
	Params map[string]any `json:",omitempty"`
	Reason string
}

func (i Issue) String() string {
	place := fmt.Sprintf("line %d", i.Line)
	if i.Column != "" {
		place += ", " + i.Column
	}
	if i.Of != "" {
		place += ": " + i.Of
	}
	return place + ": " + i.Reason
}

// reasons are the reasons of an import's own, in English; what stands in braces is a parameter.
var reasons = map[string]string{
	"file_empty":          "the file is empty",
	"file_not_utf8":       "is not UTF-8: save the file as CSV UTF-8",
	"file_quote_open":     "is not CSV: a quotation mark is not closed, or is not doubled within a cell",
	"file_quote_bare":     "is not CSV: a quotation mark stands within a cell that does not begin with one",
	"file_not_csv":        "is not CSV: {cause}",
	"head_unknown":        "is not a column of this format",
	"head_twice":          "stands twice in the head",
	"head_missing":        "is missing from the head",
	"head_of_another":     "is not the head of a {format} export",
	"row_length":          "has {fields} fields, the head has {columns}",
	"cell_too_long":       "is longer than 64 KB",
	"cell_nul":            "holds a NUL character",
	"cell_missing":        "is missing",
	"slug_form":           "must have small letters, digits and hyphens",
	"slug_apart":          "stands further up already: keep a product's rows together",
	"sku_of_line":         "is the one of line {line}",
	"whole_number":        "must be a whole number, not “{cell}”",
	"number":              "must be a number, not “{cell}”",
	"amount":              "must be an amount like {like}, not “{cell}”",
	"alcohol":             "must be percent with at most one decimal, like 6,5, not “{cell}”",
	"nutrition":           "must be kJ, kcal, fat, saturates, carbohydrate, sugars, protein and salt of 100 g, like 1850|442|22,0|9,1|55,3|30,2|5,6|0,25, not “{cell}”",
	"net_unit":            "must be g, kg, ml, l, m or piece",
	"yes_or_no":           "must be yes or no",
	"option_missing":      "is missing: the product has this option",
	"alts_many":           "has {texts} texts for {photos} photographs",
	"photo_of_none":       "is none of the product's photographs: name it in photos, on the product's first row",
	"photo_no_folder":     "no folder of photographs was given",
	"photo_name":          "is no file name",
	"photo_not_there":     "is not in the folder of photographs",
	"photos_stay":         "stay behind: no folder or zip of photographs was given",
	"place_unknown":       "“{slug}” is none of the shop's: the product comes in without",
	"stays_draft":         "stays a draft: {todo}",
	"no_variant":          "is missing: the product has no variant",
	"parent_unknown":      "names no product of this file",
	"type_unknown":        "must be simple, variable or variation, not “{cell}”",
	"variable_alone":      "is variable, and no variation follows",
	"values_of_attribute": "has {values} values for {attributes} attributes",
}

// IssueCodes are the codes of the reasons that an import has of its own.
func IssueCodes() []string { return slices.Sorted(maps.Keys(reasons)) }

// issue makes an issue out of one of the reasons; pairs are its parameters by name.
func issue(line int, column, code string, pairs ...any) Issue {
	i := Issue{Line: line, Column: column, Code: code, Reason: reasons[code]}
	for n := 0; n+1 < len(pairs); n += 2 {
		name, _ := pairs[n].(string)
		if i.Params == nil {
			i.Params = map[string]any{}
		}
		i.Params[name] = pairs[n+1]
		i.Reason = strings.ReplaceAll(i.Reason, "{"+name+"}", fmt.Sprint(pairs[n+1]))
	}
	return i
}

// issueOf is what a use case refused, as an issue.
func issueOf(line int, column string, f *fault.Error) Issue {
	return Issue{Line: line, Column: column, Code: f.Code, Params: f.Params, Reason: f.Detail}
}

// issuesOf are the fields that a use case refused, as issues of a row.
func issuesOf(line int, f *fault.Error) []Issue {
	if len(f.Fields) == 0 {
		return []Issue{issueOf(line, "", f)}
	}
	var list []Issue
	for _, field := range f.Fields {
		list = append(list, Issue{Line: line, Column: field.Place, Code: field.Code, Params: field.Params, Reason: field.Message})
	}
	return list
}

// mostIssues is how many problems, and how many warnings, a report names: more help nobody.
const mostIssues = 500

func (r *Report) note(issues ...Issue) {
	for _, i := range issues {
		if len(r.Issues) < mostIssues {
			r.Issues = append(r.Issues, i)
		} else {
			r.More++
		}
	}
}

func (r *Report) warn(i Issue) {
	if len(r.Warnings) < mostIssues {
		r.Warnings = append(r.Warnings, i)
	} else {
		r.MoreWarnings++
	}
}

// issue notes what is wrong with a cell, by the file's own name of its column.
func (r *Report) issue(row row, column, code string, pairs ...any) {
	r.note(issue(row.line, row.column(column), code, pairs...))
}

// inOrder puts what was noted into the order of the file's lines.
func (r *Report) inOrder() {
	for _, list := range [][]Issue{r.Issues, r.Warnings} {
		slices.SortStableFunc(list, func(a, b Issue) int { return cmp.Compare(a.Line, b.Line) })
	}
}
