"""Results and studies -> card.md: what the model is, on what it was judged, how far to trust it."""

import pandas as pd

from .data import Rows
from .folder import About
from .judge import Results
from .split import Split

ROWS = (
    ("f1", "F1"), ("g_mean", "G-mean"), ("precision", "precision"), ("recall", "recall"), ("mcc", "MCC"),
    ("average_precision", "average precision"), ("auprc_davis", "PR area (Davis-Goadrich)"), ("auroc", "AUROC"),
)  # fmt: skip


def shown(value: float | None, digits: int = 3) -> str:
    return "undefined" if value is None or value != value else f"{value:.{digits}f}"


def markdown(table: pd.DataFrame, digits: int = 3) -> str:
    """A frame as a Markdown table, its index first."""
    flat = table.reset_index()
    for name in table.index.names:
        flat[name] = [f"{v:g}" if isinstance(v, float) else v for v in flat[name]]
    lines = ["| " + " | ".join(str(c).replace("_", " ") for c in flat.columns) + " |", "|" + " --- |" * flat.shape[1]]
    for row in flat.itertuples(index=False):
        cells = [shown(v, digits) if isinstance(v, float) else str(v) for v in row]
        lines.append("| " + " | ".join(cells) + " |")
    return "\n".join(lines)


def results_table(results: Results) -> str:
    lines = ["| | test | 95 % interval | validation |", "| --- | --- | --- | --- |"]
    for key, name in ROWS:
        low_high = results.bounds.get(key)
        interval = f"{low_high[0]:.3f} to {low_high[1]:.3f}" if low_high else ""
        lines.append(f"| {name} | {shown(results.test[key])} | {interval} | {shown(results.validation[key])} |")
    return "\n".join(lines)


def parts_table(rows: Rows, split: Split) -> str:
    lines = ["| part | rows | positives | weight |", "| --- | --- | --- | --- |"]
    for name, part in split.parts().items():
        lines.append(f"| {name} | {len(part):,} | {int(rows.y[part].sum())} | {rows.w[part].sum():,.0f} |")
    return "\n".join(lines)


def card(about: About, rows: Rows, split: Split, results: Results, model_text: str, data_text: str,
         studies: list[tuple[str, str]]) -> str:  # fmt: skip
    """The text; `studies` are (title, body) pairs put before the limits."""
    g, c = results.g_best, results.calibration
    notes = "".join(f"\n- {note}" for note in rows.notes)
    sections = [
        f"# {about.name}, version {about.version}\n\n{about.description}",
        f"## Model\n\n{model_text}",
        f"## Data and protocol\n\n{data_text}\n\nSplit {split.how}.{notes}\n\n{parts_table(rows, split)}",
        "## Results\n\nWeighted; the threshold was chosen on validation by F1, then G-mean, then the higher score, and"
        " the test part was opened once. Intervals: stratified bootstrap of the test rows, 2,000 draws, threshold "
        "fixed."
        f"\n\nThreshold {results.at:.6g}.\n\n{results_table(results)}\n\n"
        f"The threshold of the highest validation G-mean ({g['threshold']:.3g}) gives F1 {shown(g['f1'])} and G-mean "
        f"{shown(g['g_mean'])} on test. Probabilities on test: Brier "
        f"score {c['brier']:.2e} (the prevalence as only forecast: {c['brier_of_prevalence']:.2e}), log loss "
        f"{c['log_loss']:.2e}, ECE {c['ece']:.1e}.",
        *(f"## {title}\n\n{body}" for title, body in studies),
        f"## Intended use and limits\n\n{LIMITS}\n\nLicence of the training data: {about.licence}.",
    ]
    return "\n\n".join(sections) + "\n"


LIMITS = """\
- To rank and flag events for a person to look at. A score is a probability under the training data's law, no proof and
  no accusation.
- One data set, one split. The number of test positives bounds every statement above: read the intervals.
- Never quote these figures as field performance: where they were measured the class is easier than in the field, and
  data drift. Judge it anew on your own labelled rows (`impactd fraud evaluate`) before use.
- Labels miss frauds. Measured F1 then errs more than G-mean does; see the label-noise table where there is one.
- `unusual`, where there is such an output, knows no labels: the squared Mahalanobis distance of the clipped
  standardised row over the number of features, about 1 on training rows. It is a guard against rows unlike the
  training data, never a part of the score."""
