"""Laws of symbols -> drawn days with episodes -> features by bin, by `impactd simulate` and `impactd fraud features`.

Five symbols of clearly different microstructure. Every day bends its symbol's law: volatility, rate, depth and lambda
are multiplied by log-normal numbers of the day's own. Half of the days mark the close and hold two other episodes, the
other half hold three others, so that the hour alone tells nothing for certain. All is drawn from seed, symbol and date:
no two days share a tape, an episode or a parameter, and the same call gives the same bytes.
"""

import os
import shutil
import subprocess
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pandas as pd

ROOT = Path(__file__).resolve().parents[3]
OTHERS = ("quote_stuffing", "layering", "pump_and_dump", "wash_trades")
CLOSE = "marking_the_close"
PATTERNS = (*OTHERS, CLOSE)
FIRST_DAY = "2018-01-02"


@dataclass(frozen=True)
class Symbol:
    """A law, as flags of `impactd simulate`."""

    name: str
    told: str
    law: dict[str, float]


SYMBOLS = (
    Symbol("ELM", "$20, one tick wide, deep", {
        "start-price": 20, "spread-ticks": 1, "trades": 8, "lots": 4, "lambda": 1.5e-6, "noise": 0.003,
        "noise-per-share": 4e-7, "quote-noise": 0.0005, "depth": 20_000, "flickers": 5, "autocorrelation": 0.7}),
    Symbol("OAK", "$100, two ticks wide", {
        "start-price": 100, "spread-ticks": 2, "trades": 6, "lots": 2, "lambda": 1e-5, "noise": 0.006,
        "noise-per-share": 4e-6, "quote-noise": 0.003, "depth": 2_000, "flickers": 3, "autocorrelation": 0.8}),
    Symbol("FIR", "$45, six ticks wide, a trade in ten seconds", {
        "start-price": 45, "spread-ticks": 6, "trades": 1, "lots": 1.5, "lambda": 6e-5, "noise": 0.01,
        "noise-per-share": 2e-5, "quote-noise": 0.006, "depth": 600, "flickers": 1, "autocorrelation": 0.6}),
    Symbol("ASH", "$250, three ticks wide, two trades and five quotes a second", {
        "start-price": 250, "spread-ticks": 3, "trades": 18, "lots": 1.2, "lambda": 8e-6, "noise": 0.03,
        "noise-per-share": 2e-6, "quote-noise": 0.01, "depth": 600, "flickers": 14, "autocorrelation": 0.85}),
    Symbol("YEW", "$900, 25 ticks wide, volatile", {
        "start-price": 900, "spread-ticks": 25, "trades": 3, "lots": 1.1, "lambda": 3e-4, "noise": 0.12,
        "noise-per-share": 5e-5, "quote-noise": 0.05, "depth": 400, "flickers": 4, "autocorrelation": 0.7}),
)  # fmt: skip
# How far a day's law strays from its symbol's: deviations of the logarithm.
STRAYS = {"trades": 0.25, "lambda": 0.2, "noise": 0.3, "quote-noise": 0.3, "depth": 0.3, "flickers": 0.3}


@dataclass(frozen=True)
class Plan:
    """What to draw."""

    seed: int = 2025
    days: int = 96
    symbols: tuple[Symbol, ...] = SYMBOLS
    everyday: bool = True
    strength: tuple[float, float] = (0.1, 10.0)
    per_day: int = 3
    first_day: str = FIRST_DAY
    only: tuple[str, ...] = ()
    more: tuple[str, ...] = field(default=())


def binary() -> str:
    """The program: IMPACTD_BINARY, else the optimised build, else the development build."""
    named = os.environ.get("IMPACTD_BINARY")
    found = [named] if named else [ROOT / "target" / kind / "impactd" for kind in ("release", "debug")]
    for path in found:
        if Path(path).is_file():
            return str(path)
    raise FileNotFoundError(f"no impactd at {', '.join(map(str, found))}; run `make build`")


def impactd(*words) -> None:
    done = subprocess.run([binary(), *map(str, words)], capture_output=True, text=True)
    if done.returncode:
        raise RuntimeError(f"impactd {' '.join(map(str, words))}: {done.stderr.strip()[-2000:]}")


def sessions(first: str, count: int) -> list[str]:
    """The NYSE's full days from one on."""
    import exchange_calendars

    calendar = exchange_calendars.get_calendar("XNYS", start="2017-01-01", end="2022-12-31")
    full = [day for day in calendar.sessions if calendar.session_close(day) - calendar.session_open(day)
            == pd.Timedelta(hours=6.5) and str(day.date()) >= first]  # fmt: skip
    return [str(day.date()) for day in full[:count]]


def chance(plan: Plan, symbol: str, date: str) -> np.random.Generator:
    return np.random.default_rng([plan.seed, zlib.crc32(symbol.encode()), int(date.replace("-", ""))])


def flags(plan: Plan, symbol: Symbol, date: str) -> list[str]:
    """The day's law and what is injected into it."""
    random = chance(plan, symbol.name, date)
    law = dict(symbol.law)
    for name, deviation in STRAYS.items():
        bent = law[name] * np.exp(random.normal(0, deviation))
        whole = {"trades": 1, "flickers": 1, "depth": 100}.get(name)
        law[name] = max(1, round(bent / whole)) * whole if whole else bent
    law["depth"] = max(law["depth"], 400)
    words = [word for name, value in law.items() for word in (f"--{name}", f"{value:.10g}")]
    low, high = plan.strength
    words += ["--episodes", str(plan.per_day), "--strength", f"{low}:{high}", *plan.more]
    words += ["--patterns", ",".join(plan.only or turn(plan, random))]
    return words + (["--everyday"] if plan.everyday else [])


def turn(plan: Plan, random: np.random.Generator) -> list[str]:
    marks = bool(random.integers(2))
    others = list(random.permutation(OTHERS))[: plan.per_day - marks]
    return [CLOSE] * marks + others


def drawn(plan: Plan, symbol: Symbol, date: str, out: Path) -> Path:
    """One symbol-day: OUT/SYMBOL/DATE/features and episodes.json; the tape is not kept."""
    place = Path(out) / symbol.name / date
    if (place / "done").is_file():
        return place
    shutil.rmtree(place, ignore_errors=True)
    seed = int(chance(plan, symbol.name, date).integers(1 << 40))
    impactd("simulate", "--out", place, "--seed", seed, "--date", date, "--symbols", symbol.name,
            "--format", "parquet", *flags(plan, symbol, date))  # fmt: skip
    told = place / "episodes.json"
    tape = sorted(place.glob("parquet/*.parquet"))
    impactd("fraud", "features", *tape, "--out", place, "--episodes", told, "--jobs", 1)
    shutil.rmtree(place / "parquet")
    (place / "done").touch()
    return place


def draw(plan: Plan, out: Path, jobs: int = 2) -> list[Path]:
    """All symbols' days; those that are there already are not drawn again."""
    wanted = [(symbol, date) for date in sessions(plan.first_day, plan.days) for symbol in plan.symbols]
    with ThreadPoolExecutor(jobs) as pool:
        return list(pool.map(lambda one: drawn(plan, *one, out), wanted))
