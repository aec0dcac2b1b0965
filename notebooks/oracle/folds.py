"""Who teaches and who examines, as `impactd` draws it: a shuffle by xoshiro256++, and purged blocks in time."""

import numpy as np

MASK = (1 << 64) - 1


class Xoshiro:
    """xoshiro256++ (Blackman and Vigna 2019), its state filled from a seed by SplitMix64."""

    def __init__(self, seed: int):
        self.s = []
        for _ in range(4):
            seed = (seed + 0x9E3779B97F4A7C15) & MASK
            z = ((seed ^ (seed >> 30)) * 0xBF58476D1CE4E5B9) & MASK
            z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
            self.s.append(z ^ (z >> 31))

    def next(self) -> int:
        a, b, c, d = self.s
        result = (_rotl((a + d) & MASK, 23) + a) & MASK
        c, d = c ^ a, d ^ b
        b_new, a = b ^ c, a ^ d
        self.s = [a, b_new, c ^ ((b << 17) & MASK), _rotl(d, 45)]
        return result


def _rotl(x: int, k: int) -> int:
    return ((x << k) | (x >> (64 - k))) & MASK


def blocks(n: int, folds: int) -> list[tuple[int, int]]:
    folds = min(max(folds, 1), max(n, 1))
    return [(i * n // folds, (i + 1) * n // folds) for i in range(folds)]


def shuffled(n: int, folds: int, seed: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """(train, test) of each fold after Fisher and Yates' shuffle."""
    order, dice = np.arange(n), Xoshiro(seed)
    for last in range(n - 1, 0, -1):
        other = dice.next() % (last + 1)
        order[last], order[other] = order[other], order[last]
    cuts = [np.sort(order[start:end]) for start, end in blocks(n, folds) if start < end]
    return [(np.setdiff1d(np.arange(n), test), test) for test in cuts]


def purged(places: np.ndarray, folds: int, embargo: int = 1) -> list[tuple[np.ndarray, np.ndarray]]:
    """Blocks of consecutive windows examine; windows whose place is at least `embargo` off both ends teach."""
    made = []
    for start, end in blocks(len(places), folds):
        if start == end:
            continue
        first, last = places[start] - embargo, places[end - 1] + 1 + embargo
        rows = np.arange(len(places))
        clear = (places + 1 <= first) | (places >= last)
        made.append((rows[clear & ((rows < start) | (rows >= end))], rows[start:end]))
    return made
