"""Scores of rows -> what counts: episodes found, how soon, and false alerts a symbol-day.

Alarms (score >= threshold) that begin at most a minute after the last one's end are one alert, as in
src/fraud/watching/alarms.rs. An alarm is known at the end of its bin. An episode is found when a bin that ends after
its start, and begins at most AFTER_SECONDS past its end, raises an alarm; its delay runs from its first message to the
end of that bin. An alert that finds no episode is false. Intervals: symbol-days are drawn with replacement, each with
all its episodes and alerts; the threshold stands still.
"""

from dataclasses import dataclass

import numpy as np

from .table import NANOS, Table

COOLDOWN_SECONDS = 60
AFTER_SECONDS = 60
WITHIN = (30, 60, 120)
DRAWS = 2000
BUDGET = 1.0


@dataclass(frozen=True)
class Found:
    """For each episode its delay in seconds (NaN: not found); for each symbol-day its false alerts."""

    delay: np.ndarray
    episode_day: np.ndarray
    false: np.ndarray

    def recall(self, within: float = np.inf) -> float:
        return float(np.mean(self.delay <= within)) if len(self.delay) else float("nan")

    @property
    def false_a_day(self) -> float:
        return float(self.false.mean())


def spans(table: Table) -> tuple[np.ndarray, np.ndarray]:
    """For every row, whether an alarm there finds an episode, and which."""
    finds = np.full(len(table.y), -1)
    begins = np.searchsorted(table.day, table.episodes["day"].to_numpy(int))
    ends = np.searchsorted(table.day, table.episodes["day"].to_numpy(int), side="right")
    starts, stops = (table.episodes[name].to_numpy("int64") for name in ("start", "end"))
    for at, (low, high, start, end) in enumerate(zip(begins, ends, starts, stops)):
        inside = (table.end[low:high] > start) & (table.start[low:high] <= end + AFTER_SECONDS * NANOS)
        finds[low:high][inside] = at
    return finds, np.unique(table.day)


def alerts(table: Table, alarms: np.ndarray) -> np.ndarray:
    """The number of the alert that each alarm row belongs to, in order; `alarms` are row numbers."""
    day, start, end = table.day[alarms], table.start[alarms], table.end[alarms]
    new = np.ones(len(alarms), bool)
    new[1:] = (day[1:] != day[:-1]) | (start[1:] > end[:-1] + COOLDOWN_SECONDS * NANOS)
    return np.cumsum(new) - 1


def found(table: Table, score: np.ndarray, threshold: float) -> Found:
    finds, days = spans(table)
    alarms = np.flatnonzero(score >= threshold)
    delay = np.full(len(table.episodes), np.nan)
    starts = table.episodes["start"].to_numpy("int64")
    # The last assignment stands: the first alarm of each episode.
    hit = alarms[finds[alarms] >= 0][::-1]
    delay[finds[hit]] = (table.end[hit] - starts[finds[hit]]) / NANOS
    false = np.zeros(len(days))
    if len(alarms):
        alert = alerts(table, alarms)
        true = np.zeros(alert[-1] + 1, bool)
        true[alert[finds[alarms] >= 0]] = True
        first = np.searchsorted(alert, np.flatnonzero(~true))
        np.add.at(false, np.searchsorted(days, table.day[alarms[first]]), 1)
    return Found(delay, np.searchsorted(days, table.episodes["day"].to_numpy(int)), false)


def at_budget(table: Table, score: np.ndarray, budget: float = BUDGET) -> float:
    """The lowest threshold at which, and above which, false alerts a symbol-day stay within the budget.

    Candidates are the scores of rows; what is stored is the midpoint to the next lower one.
    """
    days = len(np.unique(table.day))
    distinct = np.unique(score)[::-1][: 40 * days + int(table.y.sum())]
    low, high = 0, len(distinct) - 1
    while high - low > 1:
        middle = (low + high) // 2
        within = found(table, score, float(distinct[middle])).false_a_day <= budget
        low, high = (middle, high) if within else (low, middle)
    return midpoint(float(distinct[min(low + 1, len(distinct) - 1)]), float(distinct[low]))


def midpoint(lower: float, upper: float) -> float:
    middle = float(np.float32((lower + upper) / 2))
    return middle if lower < middle < upper else (lower + upper) / 2


def intervals(one: Found, draws: int = DRAWS, seed: int = 1) -> dict[str, list[float]]:
    """95 % of recall, of recall within 30, 60 and 120 s, and of false alerts a symbol-day, by drawing symbol-days."""
    times = day_draws(len(one.false), draws, seed)
    weight = times[:, one.episode_day]
    total = weight.sum(axis=1)
    told = {"recall": np.isfinite(one.delay)} | {f"recall_{s}s": one.delay <= s for s in WITHIN}
    some = total > 0
    shares = {name: (weight @ hit)[some] / total[some] for name, hit in told.items()} if len(one.delay) else {}
    shares["false_a_day"] = times @ one.false / len(one.false)
    return {name: np.quantile(v, [0.025, 0.975]).tolist() for name, v in shares.items() if len(v)}


def difference(one: Found, other: Found, draws: int = DRAWS, seed: int = 1) -> list[float]:
    """Recall of one less the other's, with 95 % by the same draws of symbol-days."""
    times = day_draws(len(one.false), draws, seed)[:, one.episode_day]
    gain = np.isfinite(one.delay).astype(float) - np.isfinite(other.delay)
    drawn = times @ gain / np.maximum(times.sum(axis=1), 1)
    return [float(gain.mean()), *np.quantile(drawn, [0.025, 0.975]).tolist()]


def day_draws(days: int, draws: int, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).multinomial(days, np.full(days, 1 / days), size=draws).astype(float)


def summary(one: Found, draws: int = DRAWS) -> dict:
    """What a table shows of a model at a threshold."""
    hit = np.isfinite(one.delay)
    return {
        "episodes": len(one.delay), "found": int(hit.sum()), "symbol_days": len(one.false),
        "recall": one.recall(), **{f"recall_{s}s": one.recall(s) for s in WITHIN},
        "delay_median_s": float(np.median(one.delay[hit])) if hit.any() else None,
        "false_a_day": one.false_a_day, "intervals": intervals(one, draws),
    }  # fmt: skip


def some(one: Found, which: np.ndarray) -> Found:
    """The same with some of the episodes only."""
    return Found(one.delay[which], one.episode_day[which], one.false)


def row_intervals(table: Table, alarm: np.ndarray, draws: int = DRAWS, seed: int = 1) -> dict[str, list[float]]:
    """95 % of row-level measures by the same draws of symbol-days, the threshold standing still."""
    _, day = np.unique(table.day, return_inverse=True)
    times = day_draws(int(day.max()) + 1, draws, seed)
    tp, fp, fn, tn = (times @ np.bincount(day, weights=m) for m in
                      (alarm & table.y, alarm & ~table.y, ~alarm & table.y, ~alarm & ~table.y))  # fmt: skip
    with np.errstate(invalid="ignore", divide="ignore"):
        told = {"precision": tp / (tp + fp), "recall": tp / (tp + fn), "f1": 2 * tp / (2 * tp + fp + fn),
                "g_mean": np.sqrt(tp / (tp + fn) * tn / (tn + fp))}  # fmt: skip
    return {name: np.nanquantile(v, [0.025, 0.975]).tolist() for name, v in told.items() if np.isfinite(v).any()}
