"""python -m fraud train | compare: a labelled table -> model folders, or the table of imbalance treatments."""

import argparse
import sys
from dataclasses import replace
from pathlib import Path

from . import data, pipeline, split, treatments
from .card import markdown
from .train import RECIPE


def arguments(words: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m fraud", description=__doc__)
    commands = parser.add_subparsers(dest="command", required=True)
    for name, told in (("train", "train, judge and write model folders"), ("compare", "treatments of imbalance")):
        command = commands.add_parser(name, help=told)
        command.add_argument("--data", type=Path, required=True, help="CSV or Parquet with a header")
        command.add_argument("--label", help="column of 0 and 1; the full ULB file needs none")
        command.add_argument("--time", help="column that orders rows; without it the split is random")
        command.add_argument("--weight", help="column: how many rows of the population a row stands for")
        command.add_argument("--drop", nargs="*", default=[], help="columns that are no features")
        command.add_argument("--cuts", nargs=2, type=float, metavar=("T1", "T2"),
                             help="train before T1, validation before T2; else 70/15/15 of the weight")  # fmt: skip
        command.add_argument("--seed", type=int, default=RECIPE.seed)
        command.add_argument("--members", type=int, default=RECIPE.members, help="networks in the ensemble")
    train = commands.choices["train"]
    train.add_argument("--out", type=Path, required=True, help="folder of models; NAME/VERSION is made in it")
    train.add_argument("--name", default="fraud", help="of the model")
    train.add_argument("--version", type=int, default=1)
    train.add_argument("--licence", default="not stated", help="of the data")
    train.add_argument("--about", type=Path, help="Markdown on the data, for the card")
    train.add_argument("--features-version", default="1")
    train.add_argument("--no-studies", action="store_true", help="leave treatments, noise and robustness out")
    return parser.parse_args(words)


def main(words: list[str]) -> int:
    given = arguments(words)
    try:
        rows = data.read(given.data, given.label, given.time, given.weight, tuple(given.drop))
        for note in rows.notes:
            print(f"note: {note}", file=sys.stderr)
        parts = split.split(rows, tuple(given.cuts) if given.cuts else None, given.seed)
        config = replace(RECIPE, seed=given.seed, members=given.members)
        if given.command == "compare":
            print(markdown(treatments.table(rows, parts, config)))
            return 0
        for place, results in pipeline.made(rows, parts, config, given):
            test = ", ".join(f"{k} {results.test[k]:.3f}" for k in ("f1", "g_mean", "average_precision"))
            print(f"{place}: on test {test}; threshold {results.at:.6g}")
    except data.Refused as refused:
        print(f"error: {refused}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
