"""Rows -> training, validation and test: by time at cumulative weight 70/15/15, or at given cuts.

Equal times stay on one side. Without times the split is stratified at random with a seed. A part without enough
positives is refused: a threshold chosen on a handful of frauds is noise.
"""

from dataclasses import dataclass

import numpy as np

from .data import Refused, Rows

SHARES = (0.70, 0.85)
FEWEST_POSITIVES = 10


@dataclass(frozen=True)
class Split:
    """Indices of the three parts, and how they were made."""

    train: np.ndarray
    validation: np.ndarray
    test: np.ndarray
    how: str
    cuts: tuple[float, float] | None = None

    def parts(self) -> dict[str, np.ndarray]:
        return {"train": self.train, "validation": self.validation, "test": self.test}


def split(rows: Rows, cuts: tuple[float, float] | None = None, seed: int = 0) -> Split:
    """Three parts in the order of time, or stratified where the data have none."""
    if rows.time is None:
        if cuts:
            raise Refused("cuts need a time column; name it with --time")
        made = stratified(rows, seed)
    else:
        made = by_time(rows, cuts)
    return checked(made, rows.y)


def by_time(rows: Rows, cuts: tuple[float, float] | None) -> Split:
    if cuts is None:
        order = np.argsort(rows.time, kind="stable")
        share = np.cumsum(rows.w[order]) / rows.w.sum()
        cuts = tuple(float(rows.time[order][np.searchsorted(share, s)]) for s in SHARES)
    first, second = cuts
    if not first < second:
        raise Refused(f"cuts must rise: {first:g} and {second:g}")
    train, test = rows.time < first, rows.time >= second
    how = f"by time: train before {first:g}, validation before {second:g}, then test"
    return Split(np.flatnonzero(train), np.flatnonzero(~train & ~test), np.flatnonzero(test), how, (first, second))


def stratified(rows: Rows, seed: int) -> Split:
    """Copies of a row (same features) go to one side together; each class is cut at the same shares."""
    random = np.random.default_rng(seed)
    _, group = np.unique(rows.x, axis=0, return_inverse=True)
    part = np.zeros(len(rows.y), int)
    for label in (False, True):
        groups = np.unique(group[rows.y == label]) if not label else np.setdiff1d(group[rows.y], group[~rows.y])
        shuffled = random.permutation(groups)
        for number, share in enumerate(SHARES, 1):
            part[np.isin(group, shuffled[int(share * len(shuffled)):])] = number
    return Split(*(np.flatnonzero(part == k) for k in range(3)), f"stratified at random, seed {seed}")


def checked(made: Split, y: np.ndarray) -> Split:
    """The split, or a refusal: parts overlap, lack a class, or hold too few positives."""
    everything = np.concatenate(list(made.parts().values()))
    if len(np.unique(everything)) != len(everything):
        raise Refused("a row stands in two parts of the split; parts must not overlap")
    for name, part in made.parts().items():
        positives = int(y[part].sum())
        if positives < FEWEST_POSITIVES or positives == len(part):
            raise Refused(f"the {name} part holds {positives} positives among {len(part)} rows ({made.how}); it needs "
                          f"at least {FEWEST_POSITIVES}, and negatives: move the cuts or bring more rows")  # fmt: skip
    return made


def refuse_straddling(made: Split, groups: np.ndarray) -> None:
    """An event, episode, card or day must not stand on both sides; a group of None or NaN is no group."""
    seen: dict = {}
    for name, part in made.parts().items():
        for group in dict.fromkeys(groups[part]):
            if group is None or group != group:
                continue
            if group in seen:
                raise Refused(f"group {group!r} stands in {seen[group]} and in {name}; move the cuts between groups")
            seen[group] = name


def straddling_copies(made: Split, x: np.ndarray, y: np.ndarray) -> dict[str, int]:
    """Rows of a later part whose features and label stand in an earlier one: rows, and positives among them."""
    keys = np.unique(np.column_stack([x, y]), axis=0, return_inverse=True)[1]
    early = set(keys[made.train])
    found = {"rows": 0, "positives": 0}
    for part in (made.validation, made.test):
        copies = np.array([key in early for key in keys[part]])
        found["rows"] += int(copies.sum())
        found["positives"] += int((copies & y[part]).sum())
        early |= set(keys[part])
    return found
