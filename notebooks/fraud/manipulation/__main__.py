"""python -m fraud.manipulation: draws days, trains, judges, writes data/models/manipulation/1. It needs no data.

--quick draws a small world and leaves the costly studies out: for continuous integration and a first look.
"""

import argparse
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

from . import fits, protocol, recorded, report, resembling, ship, studies, worlds
from .events import found, intervals, summary
from .table import Table, read
from .worlds import Plan

PLAN = Plan()
QUICK = Plan(days=12, symbols=worlds.SYMBOLS[:3])
PLAIN = Plan(days=16, everyday=False)
# Later days, of another seed; strengths that are usually found when nobody hides.
HIDING = Plan(seed=31, days=6, per_day=5, strength=(0.5, 10.0), first_day="2019-01-02", only=worlds.PATTERNS)
DISGUISES = {
    "as drawn": (), "in 2 parts": ("--split", "2"), "in 4 parts": ("--split", "4"),
    "2 times slower": ("--stretch", "2"), "4 times slower": ("--stretch", "4"),
}  # fmt: skip


def main(words: list[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m fraud.manipulation", description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of models")
    parser.add_argument("--work", type=Path, required=True, help="folder for drawn days; kept, and used again")
    parser.add_argument("--jobs", type=int, default=2)
    parser.add_argument("--page", type=Path, help="page of documentation whose results are renewed")
    parser.add_argument("--quick", action="store_true")
    given = parser.parse_args(words)
    plan = QUICK if given.quick else PLAN
    table = read(worlds.draw(plan, given.work / "world", given.jobs))
    split = protocol.by_day(table, protocol.cuts(table))
    model = fits.fit(table, split, fits.SMALL if given.quick else fits.MODEL)
    content = ship.onnx_bytes(model, table)
    results = judged(plan, table, split, model)
    if not given.quick:
        results |= costly(table, split, model, given)
    place = ship.write(given.out, model, content, table, split, results, report.card(ship.rounded(results)))
    if given.page:
        given.page.write_text(report.page(given.page.read_text(), ship.rounded(results)))
    one = results["beside"]["ensemble"]["events"]
    print(f"{place}: {one['found']} of {one['episodes']} test episodes found at {one['false_a_day']:.2f} false "
          f"alerts a symbol-day; threshold {model.threshold:.6g}")  # fmt: skip
    return 0


def say(what: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {what}", file=sys.stderr, flush=True)


def judged(plan: Plan, table: Table, split, model: fits.Model) -> dict:
    say("beside the baselines")
    test = table.rows(split.test)
    p = model.fitted.calibration.apply(model.score(test))
    one = found(test, p, model.threshold)
    beside, _ = studies.beside(table, split, model)
    return {
        "seed": plan.seed, "symbols": {s.name: s.told for s in plan.symbols}, "split": split.how,
        "strength": list(plan.strength), "threshold": model.threshold, "parts": report.parts(table, split),
        "beside": beside, "strengths": studies.by_strength(test, one), "by_symbol": studies.by_symbol(test, one),
        "calibration": studies.calibrated(test, p),
        "resembling": resembling.told(model, test, p, report.usual(table, split)),
    }  # fmt: skip


def costly(table: Table, split, model: fits.Model, given: argparse.Namespace) -> dict:
    say("ablations")
    seen, test = studies.measured(table, split)
    with_hour = studies.measured(table, split, ())[0]
    told = {"small": summary(seen), "with_hour": summary(with_hour) | {"patterns": studies.by_pattern(test, with_hour)}}
    told["plain"] = plain(table, split, model, given)
    say("one symbol left out")
    told["symbols_left_out"] = studies.symbols_left_out(table, split, seen, test)
    say("one pattern left out")
    told["patterns_left_out"] = studies.patterns_left_out(table, split, model, seen)
    say("hiding")
    told["hiding"] = hiding(model, given)
    told["perturbed"] = studies.perturbed(table, split, model)
    say("recorded days")
    told["recorded"] = on_recorded(model, given)
    say("treatments")
    told["treatments"] = studies.treated(table, split).reset_index().to_dict("records")
    return told


def plain(table: Table, split, model: fits.Model, given: argparse.Namespace) -> dict:
    """Days without everyday acts: what a model learns there, and what it is worth on days that have them."""
    bare = read(worlds.draw(PLAIN, given.work / "plain", given.jobs))
    cut = protocol.by_day(bare, protocol.cuts(bare))
    ensemble = studies.small(bare, cut)
    score = lambda t: fits.logits(ensemble, t.x)  # noqa: E731
    held, test = bare.rows(cut.validation), bare.rows(cut.test)
    own, at = studies.judged(score(test), score(held), test, held)
    full = table.rows(split.test)
    return {"on_plain": summary(own) | {"strengths": studies.by_strength(test, own)},
            "on_everyday": summary(found(full, score(full), at))}  # fmt: skip


def hiding(model: fits.Model, given: argparse.Namespace) -> list[dict]:
    told = []
    for name, more in DISGUISES.items():
        place = given.work / "hiding" / name.replace(" ", "-").replace(",", "")
        table = read(worlds.draw(replace(HIDING, more=more), place, given.jobs))
        one = found(table, model.fitted.calibration.apply(model.score(table)), model.threshold)
        told.append({"how": name, "patterns": {k: v["recall"] for k, v in studies.by_pattern(table, one).items()}}
                    | summary(one))  # fmt: skip
    return told


def on_recorded(model: fits.Model, given: argparse.Namespace) -> list[dict]:
    """At the stored threshold, and at the one that the budget gives on the same days untouched.

    Where alerts are many, some meet an episode by chance: so many as those of the untouched day do, whose bins hold
    nothing of it.
    """
    told = []
    for which in recorded.RECORDED:
        if not recorded.files(which):
            say(f"{which.name}: no recorded days in {recorded.folder()}; left out")
            continue
        clean = recorded.untouched(which, given.work / "recorded")
        table = recorded.injected(which, given.work / "recorded")
        score = lambda t: model.fitted.calibration.apply(model.score(t))  # noqa: E731
        untouched = found(clean, score(clean), model.threshold)
        own = studies.at_budget(clean, score(clean))
        as_is, retuned = found(table, score(table), model.threshold), found(table, score(table), own)
        by_chance = found(table, np.tile(score(clean), len(recorded.SEEDS)), model.threshold)
        told.append({
            "symbol": which.name, "told": which.told, "days": clean.days,
            "alerts_a_day_untouched": untouched.false_a_day,
            "recall": as_is.recall(), "interval": intervals(as_is)["recall"], "episodes": len(as_is.delay),
            "recall_by_chance": by_chance.recall(),
            "own_threshold": own, "recall_own": retuned.recall(), "interval_own": intervals(retuned)["recall"],
            "patterns_own": {k: v["recall"] for k, v in studies.by_pattern(table, retuned).items()},
            "strengths_own": studies.by_strength(table, retuned)})  # fmt: skip
    return told


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
