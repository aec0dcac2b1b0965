"""python -m oracle summary QUOTES TRADES [--out FILE]
python -m oracle tables  QUOTES TRADES --out DIR [--bar 1,10,60,300]
python -m oracle study   FILE... [--out FILE] [--orders FILE] [--brief]

QUOTES and TRADES are a pair of Lean zips or of default-layout csv files, one symbol on one date; FILEs are
such pairs, or LOBSTER's, of one symbol on any number of dates. --orders also writes the market orders as csv;
--brief leaves out curves and trees.
"""

import argparse
import json
import sys
from pathlib import Path

from .summary import WIDTHS, summary
from .study_tape import brief, read_days, to_json, told, write_orders
from .tables import write
from .tapes import read_tape


def widths(text: str) -> list[int]:
    """`1,10s,60` -> [1, 10, 60]."""
    return [int(part.removesuffix("s")) for part in text.split(",")]


def main() -> None:
    parser = argparse.ArgumentParser("oracle", description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    commands = parser.add_subparsers(dest="command", required=True)
    for name in ("summary", "tables"):
        command = commands.add_parser(name)
        command.add_argument("quotes", type=Path)
        command.add_argument("trades", type=Path)
        command.add_argument("--out", type=Path, required=name == "tables")
    command.add_argument("--bar", type=widths, default=list(WIDTHS))
    command = commands.add_parser("study")
    command.add_argument("files", type=Path, nargs="+")
    command.add_argument("--out", type=Path)
    command.add_argument("--orders", type=Path)
    command.add_argument("--brief", action="store_true")
    args = parser.parse_args()

    if args.command == "study":
        symbol, rule, days, fills = read_days(args.files)
        found = told(symbol, rule, days, fills)
        emit(to_json(brief(found) if args.brief else found), args.out)
        if args.orders:
            write_orders(days, args.orders)
        return
    tape = read_tape(args.quotes, args.trades)
    if args.command == "tables":
        write(tape, args.bar, args.out)
        return
    emit(json.dumps(summary(tape), indent=1) + "\n", args.out)


def emit(text: str, out: Path | None) -> None:
    """To a file, or to stdout."""
    if out:
        out.write_text(text)
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    main()
