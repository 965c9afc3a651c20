package shop

import (
	"slices"
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/fr"

	"boutique/internal/text"
)

// Handling is how long the office needs: orders after the cut-off hour (Europe/Paris) count from
// the next working day; PreparationDays are working days; Closed are days off (2006-01-02).
// Workdays are the office's, Monday 1 to Sunday 7; none is Monday to Friday. AlsaceMoselle adds the
// two holidays of Moselle, Bas-Rhin and Haut-Rhin (Code du travail art. L3134-13).
type Handling struct {
	CutOffHour      int      `json:"cut_off_hour"`
	PreparationDays int      `json:"preparation_days"`
	Closed          []string `json:"closed,omitempty"`
	Workdays        []int    `json:"workdays,omitempty"`
	AlsaceMoselle   bool     `json:"alsace_moselle,omitempty"`
}

// workingDays counts Monday to Friday but the eleven French holidays (Code du travail art. L3133-1).
func workingDays() *cal.BusinessCalendar {
	c := cal.NewBusinessCalendar()
	c.AddHoliday(fr.Holidays...)
	return c
}

// Holiday tells whether a day is a public holiday in France (Code du travail art. L3133-1), and in
// Alsace-Moselle when asked.
func Holiday(day time.Time, alsaceMoselle bool) bool {
	noon := time.Date(day.Year(), day.Month(), day.Day(), 12, 0, 0, 0, day.Location())
	for _, h := range fr.Holidays {
		if actual, _ := h.Calc(noon.Year()); sameDay(actual, noon) {
			return true
		}
	}
	if !alsaceMoselle {
		return false
	}
	if noon.Month() == time.December && noon.Day() == 26 {
		return true
	}
	friday := &cal.Holiday{Offset: -2, Func: cal.CalcEasterOffset}
	actual, _ := friday.Calc(noon.Year())
	return sameDay(actual, noon)
}

func sameDay(a, b time.Time) bool {
	return a.Year() == b.Year() && a.Month() == b.Month() && a.Day() == b.Day()
}

// days is the calendar of one quote: it remembers which days are holidays, and the promises that
// several methods share.
type days struct {
	handling Handling
	today    string
	at       time.Time
	sent     time.Time
	holidays map[string]bool
	promises map[[2]int]Promise
}

// days opens the calendar at a moment: today and the day on which the parcel leaves the office.
func (h Handling) days(at time.Time) *days {
	local := at.In(text.Paris())
	d := &days{handling: h, at: local, today: local.Format(time.DateOnly), holidays: map[string]bool{}, promises: map[[2]int]Promise{}}
	day := time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, text.Paris())
	if local.Hour() >= h.CutOffHour || !d.open(day) {
		day = next(day, d.open)
	}
	for range h.PreparationDays {
		day = next(day, d.open)
	}
	d.sent = day
	return d
}

func (d *days) holiday(day time.Time) bool {
	key := day.Format(time.DateOnly)
	is, known := d.holidays[key]
	if !known {
		is = Holiday(day, d.handling.AlsaceMoselle)
		d.holidays[key] = is
	}
	return is
}

// open tells whether the office works on a day.
func (d *days) open(day time.Time) bool {
	weekday := (int(day.Weekday())+6)%7 + 1
	works := weekday <= 5
	if len(d.handling.Workdays) > 0 {
		works = slices.Contains(d.handling.Workdays, weekday)
	}
	return works && !slices.Contains(d.handling.Closed, day.Format(time.DateOnly)) && !d.holiday(day)
}

// carries tells whether carriers count a day: Monday to Friday but holidays.
func (d *days) carries(day time.Time) bool {
	return day.Weekday() != time.Saturday && day.Weekday() != time.Sunday && !d.holiday(day)
}

// promise computes the days of arrival: the day of dispatch and then the carrier's working days.
func (d *days) promise(minDays, maxDays int) Promise {
	key := [2]int{minDays, maxDays}
	if p, known := d.promises[key]; known {
		return p
	}
	p := Promise{From: advance(d.sent, minDays, d.carries), To: advance(d.sent, maxDays, d.carries)}
	d.promises[key] = p
	return p
}

// now is the promise of what is sent by mail.
func (d *days) now() Promise {
	day := time.Date(d.at.Year(), d.at.Month(), d.at.Day(), 12, 0, 0, 0, text.Paris())
	return Promise{day, day}
}

func next(day time.Time, good func(time.Time) bool) time.Time {
	for range 60 {
		day = day.AddDate(0, 0, 1)
		if good(day) {
			return day
		}
	}
	return day
}

func advance(day time.Time, days int, good func(time.Time) bool) time.Time {
	for range days {
		day = next(day, good)
	}
	return day
}

// untilOpen is the first day from the given one on which a desk is open; none is on a public holiday.
func (d *days) untilOpen(desk Desk, day time.Time) time.Time {
	open := func(day time.Time) bool { return desk.open(day) && !d.holiday(day) }
	if open(day) {
		return day
	}
	return next(day, open)
}
