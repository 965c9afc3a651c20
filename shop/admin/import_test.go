package admin

import (
	"encoding/json"
	"strings"
	"testing"

	"boutique/catalog"
	"boutique/internal/text"
)

// refusals are the codes with which use cases refuse what a file says, beside the import's own reasons.
var refusals = strings.Fields(`slug_invalid family_unknown vat_class_unknown too_long country_unknown analytic_code_invalid sku_invalid sku_twice gtin_invalid
	price_out_of_range dimensions_out_of_range stock_out_of_range customs_code_invalid category_unknown maker_unknown slug_taken sku_taken gtin_taken price_reduced
	withdrawal_unknown book_condition_unknown net_unit_unknown number_out_of_range stock_reserved
	photo_kind_refused photo_not_an_image photo_truncated photo_too_large photo_too_small photo_too_many_pixels
	zip_unreadable zip_no_table zip_many_tables zip_climbs_out zip_not_a_file zip_entry_large zip_name_twice zip_too_many zip_too_large import_too_large`)

func TestTheDeskHasWordsForEveryReasonOfAnImport(t *testing.T) {
	t.Parallel()
	french := words.In(text.FR)
	for _, code := range catalog.IssueCodes() {
		if !french.Has("issue_" + code) {
			t.Errorf("the reason %s has no words", code)
		}
	}
	for _, code := range refusals {
		if !french.Has("error_" + code) {
			t.Errorf("the refusal %s has no words", code)
		}
	}
}

func TestTheReasonOfAnIssueIsSaidInTheReadersLanguage(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		issue  catalog.Issue
		fr, en string
	}{
		"a reason with its parameters": {catalog.Issue{Code: "row_length", Params: map[string]any{"fields": 2, "columns": 29}, Reason: "x"}, "2 cellules, alors que l’en-tête en a 29", "2 cells, while the head has 29"},
		"what a cell holds":            {catalog.Issue{Code: "number", Params: map[string]any{"cell": "<b>lourd</b>"}}, "doit être un nombre, et non « <b>lourd</b> »", "must be a number, not “<b>lourd</b>”"},
		"a parameter in two languages": {catalog.Issue{Code: "stays_draft", Params: map[string]any{"todo": catalog.Labels{text.FR: "Pesez-le.", text.EN: "Weigh it."}}}, "reste en préparation. Pesez-le.", "stays a draft. Weigh it."},
		"one photograph of several":    {catalog.Issue{Code: "photo_truncated", Of: "a.jpg"}, "a.jpg : La photographie est abîmée : envoyez-la de nouveau.", "a.jpg: The photograph is damaged: send it again."},
		"a refusal of a use case":      {catalog.Issue{Code: "gtin_invalid", Reason: "is no GTIN"}, "la clé du GTIN est fausse", "the GTIN's check digit is wrong"},
		"what was noted without code":  {catalog.Issue{Reason: "is missing"}, "is missing", "is missing"},
		"a code without words":         {catalog.Issue{Code: "of_another_day", Reason: "is odd"}, "is odd", "is odd"},
	} {
		// It comes out of the database as it went in.
		data, err := json.Marshal(c.issue)
		var kept catalog.Issue
		if err == nil {
			err = json.Unmarshal(data, &kept)
		}
		if err != nil {
			t.Fatal(err)
		}
		for lang, want := range map[text.Lang]string{text.FR: c.fr, text.EN: c.en} {
			said, in := importReason(Page{P: words.In(lang)}, kept)
			if plain := strings.NewReplacer("\u00a0", " ", "\u202f", " ").Replace(said); plain != want {
				t.Errorf("%s, %s: %q", name, lang, said)
			}
			if english := c.issue.Code == "" || c.issue.Code == "of_another_day"; english && in != text.EN || !english && in != lang {
				t.Errorf("%s, %s: is said to be %s", name, lang, in)
			}
		}
	}
}
