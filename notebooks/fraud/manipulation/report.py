"""Results -> Markdown tables: the card of the model, and what docs/manipulation.md shows."""

import numpy as np

from ..split import Split
from .table import Table
from .worlds import PATTERNS

SHORT = {"quote_stuffing": "stuffing", "layering": "layering", "pump_and_dump": "pump and dump",
         "wash_trades": "wash trades", "marking_the_close": "marking the close"}  # fmt: skip


def parts(table: Table, split: Split) -> dict:
    """Rows, symbol-days and episodes of each part."""
    told = {}
    for name, part in split.parts().items():
        some = table.rows(part)
        counted = some.episodes["pattern"].value_counts()
        told[name] = {"symbol_days": some.days, "rows": len(part), "positives": int(some.y.sum()),
                      "episodes": len(some.episodes)} | {p: int(counted.get(p, 0)) for p in PATTERNS}  # fmt: skip
    return told


def usual(table: Table, split: Split) -> np.ndarray:
    return np.median(table.x[split.train], axis=0).astype(np.float32)


def number(value, digits: int = 2) -> str:
    if value is None:
        return "-"
    return f"{value:,}" if isinstance(value, int) else f"{value:.{digits}f}"


def between(interval) -> str:
    return "" if interval is None else f" [{interval[0]:.2f}, {interval[1]:.2f}]"


def markdown(header: list[str], lines: list[list[str]]) -> str:
    rows = [header, ["---"] * len(header), *lines]
    return "\n".join("| " + " | ".join(row) + " |" for row in rows)


def parts_table(told: dict) -> str:
    keys = ["symbol_days", "rows", "positives", "episodes", *PATTERNS]
    lines = [[name, *(number(part[key]) for key in keys)] for name, part in told.items()]
    return markdown(["part", "symbol-days", "bins", "in an episode", "episodes", *SHORT.values()], lines)


def beside_table(told: dict) -> str:
    lines = []
    for name, one in told.items():
        e, gain = one["events"], one.get("ensemble_gains")
        lines.append([name, number(e["recall"]) + between(e["intervals"]["recall"]),
                      *(number(e[f"recall_{s}s"]) for s in (30, 60, 120)), number(e["delay_median_s"], 0),
                      number(e["false_a_day"]) + between(e["intervals"]["false_a_day"]),
                      "" if gain is None else f"{gain[0]:+.2f} [{gain[1]:+.2f}, {gain[2]:+.2f}]"])  # fmt: skip
    return markdown(["", "episodes found", "within 30 s", "60 s", "120 s", "median delay, s",
                     "false alerts a symbol-day", "ensemble finds more by"], lines)  # fmt: skip


def rows_table(told: dict) -> str:
    keys = ("precision", "recall", "f1", "g_mean", "mcc", "average_precision", "auroc")
    lines = [[name, *(number(one["rows"][key], 3) for key in keys)] for name, one in told.items()]
    return markdown(["", "precision", "recall", "F1", "G-mean", "MCC", "average precision", "AUROC"], lines)


def patterns_table(told: dict) -> str:
    lines = []
    for name, one in told.items():
        cells = []
        for pattern in PATTERNS:
            part = one["patterns"].get(pattern)
            cells.append("-" if part is None else number(part["recall"]) + between(part["intervals"].get("recall")))
        lines.append([name, *cells])
    return markdown(["", *SHORT.values()], lines)


def strengths_table(told: list[dict]) -> str:
    lines = [[f"{row['from']:g} to {row['to']:g}", number(row["episodes"]),
              number(row["recall"]) + between(row["interval"]), *(number(row[p]) for p in PATTERNS)]
             for row in told if row["episodes"]]  # fmt: skip
    return markdown(["strength", "episodes", "found", *SHORT.values()], lines)


def left_out_table(told: list[dict], what: str, more: dict[str, str]) -> str:
    lines = [[row[what].replace("_", " "), number(row["recall"]) + between(row["intervals"].get("recall")),
              *(number(row[key]) for key in more)] for row in told]  # fmt: skip
    return markdown([f"{what} left out", "episodes found", *more.values()], lines)


def hiding_table(told: list[dict]) -> str:
    lines = [[row["how"], number(row["episodes"]), number(row["recall"]) + between(row["intervals"]["recall"]),
              *(number(row["patterns"].get(p)) for p in PATTERNS)] for row in told]  # fmt: skip
    return markdown(["how", "episodes", "found", *SHORT.values()], lines)


def perturbed_table(told: list[dict]) -> str:
    lines = [[number(row["bound_sd"], 1), number(row["recall"]) + between(row["interval"])] for row in told]
    return markdown(["bound, training spreads", "episodes found"], lines)


def recorded_table(told: list[dict]) -> str:
    lines = [[row["told"], number(row["alerts_a_day_untouched"], 1), number(row["episodes"]),
              number(row["recall"]) + between(row["interval"]), number(row["recall_by_chance"]),
              number(row["recall_own"]) + between(row["interval_own"]),
              ", ".join(f"{SHORT[p]} {number(v)}" for p, v in row["patterns_own"].items())]
             for row in told]  # fmt: skip
    return markdown(["recorded", "alerts a day, untouched", "injected episodes", "found at the stored threshold",
                     "by the untouched day (chance)", "found at the symbol's own threshold", "of these"], lines)  # fmt: skip


def resembling_table(told: dict) -> str:
    lines = [[SHORT[p], *(number(told["table"][p][q]) for q in PATTERNS)] for p in PATTERNS]
    return markdown(["found, and resembles", *SHORT.values()], lines)


def treatments_table(told: list[dict]) -> str:
    keys = ("f1_at_half", "g_mean_at_half", "f1", "g_mean", "average_precision", "auroc", "brier_1e4",
            "brier_prior_corrected_1e4")  # fmt: skip
    lines = [[row["treatment"], *(number(row[key], 3) for key in keys)] for row in told]
    return markdown(["treatment", "F1 at 0.5", "G-mean at 0.5", "F1", "G-mean", "average precision", "AUROC",
                     "Brier, 1e-4", "prior-corrected"], lines)  # fmt: skip


def sections(r: dict) -> list[tuple[str, str]]:
    """(title, table and words) of everything that was measured."""
    c, symbols = r["calibration"], ", ".join(f"{k} ({v})" for k, v in r["symbols"].items())
    by_symbol = markdown(["symbol", "episodes found", "false alerts a day"], [
        [k, number(v["recall"]), number(v["false_a_day"])] for k, v in r["by_symbol"].items()])  # fmt: skip
    told = [
        ("Days and episodes", f"{symbols}. Strengths even in the logarithm from {r['strength'][0]:g} to "
         f"{r['strength'][1]:g}. Split {r['split']}.\n\n{parts_table(r['parts'])}"),
        ("Episodes found at one false alert a symbol-day", f"{beside_table(r['beside'])}\n\n"
         f"By pattern:\n\n{patterns_table(r['beside'])}\n\nBy symbol, the ensemble:\n\n{by_symbol}"),
        ("Against strength", strengths_table(r["strengths"])),
        ("Bins of ten seconds", f"{rows_table(r['beside'])}\n\nProbabilities on test: Brier score {c['brier']:.2e} "
         f"(the prevalence as only forecast: {c['brier_of_prevalence']:.2e}), log loss {c['log_loss']:.2e}, ECE "
         f"{c['ece']:.1e}."),
        ("What an alert resembles", f"{resembling_table(r['resembling'])}\n\nRight: "
         f"{number(r['resembling']['right'])} of {r['resembling']['found']}."),
    ]  # fmt: skip
    return told + (studied(r) if "plain" in r else [])


def studied(r: dict) -> list[tuple[str, str]]:
    own, moved, hour = r["plain"]["on_plain"], r["plain"]["on_everyday"], r["with_hour"]
    lines = [["days without everyday acts", "the same kind", own],
             ["days without everyday acts", "everyday days", moved],
             ["everyday days", "the same kind", r["small"]], ["everyday days, with the hour", "the same kind", hour]]
    ablation = markdown(["learned and thresholds from", "looked at", "found", "false alerts a symbol-day"], [
        [a, b, number(e["recall"]) + between(e["intervals"]["recall"]), number(e["false_a_day"])]
        for a, b, e in lines])  # fmt: skip
    told = [
        ("What the tape gives away", f"Smaller ensembles.\n\n{ablation}\n\nWithout everyday acts, against strength:\n\n"
         + strengths_table(own["strengths"])),
        ("One symbol left out", left_out_table(r["symbols_left_out"], "symbol", {
            "seen_recall": "when seen", "false_a_day": "false alerts a day", "recall_60s": "within 60 s"})),
        ("One pattern left out", left_out_table(r["patterns_left_out"], "pattern", {
            "seen_recall": "when seen", "unusual_recall": "by `unusual`", "recall_60s": "within 60 s"})),
        ("Hidden by going slower or in smaller parts", hiding_table(r["hiding"])),
        ("Features moved at will", perturbed_table(r["perturbed"])),
        ("Treatments of imbalance", treatments_table(r["treatments"])),
    ]  # fmt: skip
    if r["recorded"]:
        told.insert(5, ("Recorded days", recorded_table(r["recorded"])))
    return told


BEGIN, END = "<!-- results: written by make manipulation -->\n", "<!-- end of results -->\n"


def page(text: str, r: dict) -> str:
    """A page of documentation with the results between its two marks renewed."""
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    body = "\n\n".join(f"## {title}\n\n{words}" for title, words in sections(r))
    return f"{before}{BEGIN}\n{body}\n\n{END}{after}"


def card(r: dict) -> str:
    body = "\n\n".join(f"## {title}\n\n{text}" for title, text in sections(r))
    return f"# manipulation, version 1\n\n{INTRODUCTION}\n\nThreshold {r['threshold']:.6g}.\n\n{body}\n\n{LIMITS}\n"


INTRODUCTION = """\
Probability that ten seconds of a symbol's tape lie in an episode that resembles quote stuffing, layering, pump and
dump, wash trades or marking the close. Features `tape-1` of `impactd fraud features`; each standardised by training
rows and clipped at 10 spreads; eight networks (64, 32, ReLU) whose logits are averaged and mapped to a probability by
Platt's method on validation days; one float32 ONNX graph. All positives and three tenths of the negatives are
trained on, weighted back to the tape's prior. The hour of the day is held still: where episodes stand is the
experimenter's choice."""

LIMITS = """\
## Intended use and limits

- To point a person at stretches of a tape. A tape has no accounts and no orders: an alert resembles a pattern, is proof
  of nothing and accuses nobody.
- Trained and judged on drawn days with injected episodes. The figures say how well such episodes are found among
  everyday acts that a program drew too. Real days hold news, auctions, halts and a hundred other things that these do
  not: see the recorded days, where alerts are many more and recall at an equal number of alerts is lower.
- Strengths go down to what cannot be found: recall over all strengths is a property of their range. Read it by
  strength.
- Symbols unlike the drawn ones need a threshold of their own, from their own untouched days.
- An adversary who knows the features can hide; see the two tables on it."""
