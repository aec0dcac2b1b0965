"""Folders of features and episodes -> one table: rows in order of symbol, day and time, and their episodes."""

import json
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pandas as pd

KEYS = ["date", "symbol", "ts_start", "ts_end", "label", "episode", "pattern", "strength"]
NANOS = 1_000_000_000


@dataclass(frozen=True)
class Table:
    """Rows (a symbol and ten seconds each) and episodes.

    `day` numbers symbol-days; `episode` is the row of `episodes` that reaches into the bin, or -1.
    """

    names: tuple[str, ...]
    x: np.ndarray
    y: np.ndarray
    symbol: np.ndarray
    date: np.ndarray
    day: np.ndarray
    start: np.ndarray
    end: np.ndarray
    episode: np.ndarray
    episodes: pd.DataFrame

    def column(self, name: str) -> np.ndarray:
        return self.x[:, self.names.index(name)]

    def rows(self, which: np.ndarray) -> "Table":
        """Some of the rows, with the episodes of the symbol-days that are left."""
        days = np.unique(self.day[which])
        kept = self.episodes["day"].isin(days).to_numpy()
        place = np.cumsum(kept) - 1
        episode = self.episode[which]
        moved = np.where(episode >= 0, place[np.maximum(episode, 0)], -1) if len(kept) else episode
        cut = {name: getattr(self, name)[which] for name in ("x", "y", "symbol", "date", "day", "start", "end")}
        return replace(self, **cut, episode=moved, episodes=self.episodes[kept].reset_index(drop=True))

    @property
    def days(self) -> int:
        return len(np.unique(self.day))


def ns(column: pd.Series) -> np.ndarray:
    if pd.api.types.is_integer_dtype(column):
        return column.to_numpy("int64")
    if column.dt.tz is not None:
        column = column.dt.tz_convert("UTC").dt.tz_localize(None)
    return column.to_numpy("datetime64[ns]").astype("int64")


def read(places: list[Path], prefix: str = "") -> Table:
    """Reads what `worlds.draw` left; a place without an episodes.json is read as without episodes."""
    frames, episodes = [], []
    for place in places:
        parts = sorted((place / "features").glob("date=*/*.parquet"))
        frame = pd.concat([pd.read_parquet(part).assign(date=part.parent.name[5:]) for part in parts])
        frames.append(frame.assign(place=str(place)))
        told = place / "episodes.json"
        if told.is_file():
            listed = pd.DataFrame(json.loads(told.read_text())["episodes"])
            episodes.append(listed.assign(place=str(place)))
    whole = pd.concat(frames).assign(start=lambda f: ns(f["ts_start"]), end=lambda f: ns(f["ts_end"]))
    whole["key"] = whole["place"] + "|" + whole["symbol"].astype(str) + "|" + whole["date"]
    whole = whole.sort_values(["key", "start"], kind="stable")
    keys, day = np.unique(whole["key"], return_inverse=True)
    names = tuple(c for c in whole.columns if c not in (*KEYS, "place", "key", "start", "end"))
    listed = pd.concat(episodes, ignore_index=True) if episodes else pd.DataFrame(columns=["id", "pattern"])
    return assembled(whole, names, day, dict(zip(keys, range(len(keys)))), listed, prefix)


def assembled(whole: pd.DataFrame, names: tuple[str, ...], day: np.ndarray, number: dict[str, int],
              listed: pd.DataFrame, prefix: str) -> Table:  # fmt: skip
    if len(listed):
        key = listed["place"] + "|" + listed["symbol"] + "|" + listed["date"]
        listed = listed.assign(day=key.map(number), start=listed["start_ns"], end=listed["end_ns"])
        listed = listed[["id", "symbol", "date", "day", "pattern", "strength", "start", "end"]]
    else:
        listed = pd.DataFrame({c: [] for c in ("id", "symbol", "date", "day", "pattern", "strength", "start", "end")})
    start, end = whole["start"].to_numpy(), whole["end"].to_numpy()
    episode = np.full(len(whole), -1)
    for at, one in enumerate(listed.itertuples()):
        low, high = np.searchsorted(day, [one.day, one.day + 1])
        inside = (start[low:high] <= one.end) & (end[low:high] > one.start)
        episode[low:high][inside] = at
    y = whole["label"].to_numpy() == 1 if "label" in whole else np.zeros(len(whole), bool)
    if not (y == (episode >= 0)).all():
        raise ValueError("labels of the features differ from episodes.json: they are of different runs")
    x = whole[list(names)].to_numpy(np.float32)
    symbol = (prefix + whole["symbol"].astype(str)).to_numpy(str)
    return Table(names, x, y, symbol, whole["date"].to_numpy(str), day, start, end, episode, listed)


def joined(tables: list[Table]) -> Table:
    """Tables one after another; days and episodes are numbered anew."""
    days, rows, day, episode, episodes = 0, 0, [], [], []
    for table in tables:
        day.append(table.day + days)
        episode.append(np.where(table.episode >= 0, table.episode + rows, -1))
        episodes.append(table.episodes.assign(day=table.episodes["day"] + days))
        days, rows = days + int(table.day.max()) + 1, rows + len(table.episodes)
    cut = {name: np.concatenate([getattr(t, name) for t in tables])
           for name in ("x", "y", "symbol", "date", "start", "end")}  # fmt: skip
    return Table(tables[0].names, **cut, day=np.concatenate(day), episode=np.concatenate(episode),
                 episodes=pd.concat(episodes, ignore_index=True))  # fmt: skip
