"""Write `tests/golden/nyse_calendar.csv`: every weekday of 1993-2027 that is no plain 09:30-16:00 NYSE day.

    python -m oracle.calendar_golden            (from notebooks/)

Columns: date; close, HH:MM New York, empty when the exchange was closed all day; open, HH:MM, only when it
opened late. Halts inside a day (moments of silence, circuit breakers that reopened) are not in it.

Two public calendars are asked and the shorter day is kept, because each misses a few:
  - exchange_calendars lacks the unscheduled early closes (1994-02-11 snow 14:30, 1996-01-08 blizzard 14:00,
    1997-10-27 circuit breaker 15:30, 2005-06-01 system trouble 15:56) and all late opens;
  - pandas_market_calendars leaves out 1999-12-31 13:00 as "disputed"; the exchange's board approved that
    close on 1999-06-03/04 and the press of the day reports it.
"""

import csv
import sys

import exchange_calendars
import pandas as pd
import pandas_market_calendars

from .session import CALENDAR, CALENDAR_YEARS

FIRST, LAST = f"{CALENDAR_YEARS[0]}-01-01", f"{CALENDAR_YEARS[-1]}-12-31"
PLAIN = ("09:30", "16:00")


def by_exchange_calendars() -> dict[str, tuple[str, str]]:
    """date -> (open, close) of the days traded, after exchange_calendars."""
    schedule = exchange_calendars.get_calendar("XNYS", start=FIRST, end=LAST).schedule
    return _clocks(schedule["open"], schedule["close"])


def by_pandas_market_calendars() -> dict[str, tuple[str, str]]:
    """date -> (open, close) of the days traded, after pandas_market_calendars."""
    schedule = pandas_market_calendars.get_calendar("NYSE").schedule(FIRST, LAST)
    return _clocks(schedule["market_open"], schedule["market_close"])


def _clocks(opens: pd.Series, closes: pd.Series) -> dict[str, tuple[str, str]]:
    clock = lambda s: s.dt.tz_convert("America/New_York").dt.strftime("%H:%M")
    days = opens.index.strftime("%Y-%m-%d")
    return dict(zip(days, zip(clock(opens), clock(closes))))


def special_days() -> list[dict[str, str]]:
    """One row a weekday that is not plain: the later open and the earlier close of the two calendars."""
    ours, theirs = by_exchange_calendars(), by_pandas_market_calendars()
    rows = []
    for day in pd.bdate_range(FIRST, LAST).strftime("%Y-%m-%d"):
        if (day in ours) != (day in theirs):
            raise SystemExit(f"{day}: the two calendars disagree on whether the exchange opened at all")
        if day not in ours:
            rows.append({"date": day, "close": "", "open": ""})
            continue
        opened, closed = max(ours[day][0], theirs[day][0]), min(ours[day][1], theirs[day][1])
        if (opened, closed) != PLAIN:
            rows.append({"date": day, "close": closed, "open": opened if opened != PLAIN[0] else ""})
    return rows


def main() -> None:
    rows = special_days()
    with CALENDAR.open("w", newline="") as file:
        writer = csv.DictWriter(file, ["date", "close", "open"], lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    closed = sum(not row["close"] for row in rows)
    early = sum(row["close"] not in ("", PLAIN[1]) for row in rows)
    late = sum(bool(row["open"]) for row in rows)
    print(f"{len(rows)} days: {closed} closed all day, {early} closed early, {late} opened late", file=sys.stderr)


if __name__ == "__main__":
    main()
