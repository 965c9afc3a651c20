package shop

import (
	"time"

	"github.com/rickar/cal/v2"
	"github.com/rickar/cal/v2/fr"

	"boutique/internal/text"
)

// workingDays counts Monday to Friday but the eleven French holidays (Code du travail art. L3133-1).
func workingDays() *cal.BusinessCalendar {
	c := cal.NewBusinessCalendar()
	c.AddHoliday(fr.Holidays...)
	return c
}

// promise computes the days of arrival for an order placed at the given moment: cut-off hour, days
// of preparation, the office's days off, then the carrier's working days. All in Europe/Paris.
func (h Handling) promise(at time.Time, minDays, maxDays int) Promise {
	calendar := workingDays()
	closed := map[string]bool{}
	for _, d := range h.Closed {
		closed[d] = true
	}
	local := at.In(text.Paris())
	day := time.Date(local.Year(), local.Month(), local.Day(), 12, 0, 0, 0, text.Paris())
	open := func(t time.Time) bool { return calendar.IsWorkday(t) && !closed[t.Format(time.DateOnly)] }
	if local.Hour() >= h.CutOffHour || !open(day) {
		day = next(day, open)
	}
	for range h.PreparationDays {
		day = next(day, open)
	}
	return Promise{From: advance(day, minDays, calendar.IsWorkday), To: advance(day, maxDays, calendar.IsWorkday)}
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
