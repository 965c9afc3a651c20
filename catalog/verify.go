package catalog

import "boutique/internal/invariant"

// Invariants are what must always be true of the catalogue and its stock.
func Invariants() []invariant.Invariant {
	return []invariant.Invariant{
		{Name: "stock equals its movements", Sentence: "what is on hand is the sum of its movements", Figure: sqlCountMovements, Broken: sqlStockNotMoved},
		{Name: "reserved equals live holds", Sentence: "what is reserved is what orders hold", Figure: sqlCountHolds, Broken: sqlReservedNotHeld},
		{Name: "stock within bounds", Sentence: "stock is never negative, and never more reserved than on hand", Figure: sqlCountStock, Broken: sqlStockOutOfBounds},
		{Name: "published products have prices", Sentence: "every article on sale has a price", Figure: sqlCountPublished, Broken: sqlPublishedWithoutPrice},
		{Name: "reductions begin and end", Sentence: "an article's price is its reduction's while it is reduced, else the ordinary one", Figure: sqlCountPrices, Broken: sqlPriceNotOfReduction},
		{Name: "books keep their price", Sentence: "no new book is reduced", Figure: sqlCountReductions, Broken: sqlReducedBook},
		{Name: "reductions one at a time", Sentence: "no article is reduced twice at once", Figure: sqlCountReductions, Broken: sqlReducedTwice},
		{Name: "photos in order", Sentence: "a product's photographs count from 0 without a gap", Figure: sqlCountPhotos, Broken: sqlPhotosOutOfOrder},
		{Name: "criteria have their history", Sentence: "each criterion stands in its history as it is in force", Figure: sqlCountRules, Broken: sqlRulesWithoutHistory},
		{Name: "plans have their answer", Sentence: "a planned publication that was refused says why, and one that was done was signed", Figure: sqlCountPlans, Broken: sqlPlansWithoutAnswer},

		{Name: "variants' photos", Sentence: "a variant's own photograph is one of its product", Figure: sqlCountOwnPhotos, Broken: sqlOwnPhotoOfNone},
		{Name: "renditions shown", Sentence: "every rendition that pages show has its row", Figure: sqlCountMade, Broken: sqlMadeWithoutRow},
		{Name: "uploads", Sentence: "an upload has received what its pieces hold", Figure: sqlCountUploads, Broken: sqlUploadsTorn},
		{Name: "candidates have their history", Sentence: "each card of the selection board stands where its last move ended, and one that is online became a product", Figure: sqlCountCandidates, Broken: sqlCandidatesAstray},
	}
}
