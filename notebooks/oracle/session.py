"""The trading session of a New York date, as nanoseconds since 1970 UTC.

    session(d) = { t : 09:30:00 <= t < close(d) },   close = 16:00, or earlier by the exchange's calendar.

The calendar is `tests/golden/nyse_calendar.csv`, written by `calendar_golden.py`.
"""

import csv
from dataclasses import dataclass
from datetime import date, datetime, time
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

NEW_YORK = ZoneInfo("America/New_York")
CALENDAR = Path(__file__).resolve().parents[2] / "tests" / "golden" / "nyse_calendar.csv"
CALENDAR_YEARS = range(1993, 2028)
SECOND = 1_000_000_000
HALF_HOUR = 1800 * SECOND


@dataclass(frozen=True)
class Session:
    """Half-open [start, end), both in ns UTC."""

    start: int
    end: int

    def covers(self, ts):
        """Mask of the stamps that fall in the session."""
        return (self.start <= ts) & (ts < self.end)


def nanos(day: date, clock: time) -> int:
    """A New York wall-clock time as ns UTC."""
    return int(datetime.combine(day, clock, NEW_YORK).timestamp()) * SECOND


def session_of(day: date) -> Session:
    """The session of a date; raises when the exchange was closed or the calendar does not reach."""
    if day.year not in CALENDAR_YEARS:
        raise ValueError(f"{day}: the calendar covers {CALENDAR_YEARS[0]} to {CALENDAR_YEARS[-1]}")
    close = "" if day.weekday() >= 5 else _special_closes().get(day.isoformat(), "16:00")
    if not close:
        raise ValueError(f"{day}: the New York Stock Exchange was closed all day")
    return Session(nanos(day, time(9, 30)), nanos(day, time.fromisoformat(close)))


def date_of(ts: int) -> date:
    """The New York date of a ns UTC stamp."""
    return datetime.fromtimestamp(ts // SECOND, NEW_YORK).date()


@cache
def _special_closes() -> dict[str, str]:
    with CALENDAR.open(newline="") as file:
        return {row["date"]: row["close"] for row in csv.DictReader(file)}
