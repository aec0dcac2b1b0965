"""Rows -> the ensemble's folder and the challenger's, each with its card: everything `make models` does."""

import argparse
from dataclasses import replace
from pathlib import Path

import pandas as pd

from . import calibrate, card, folder, graph, intervals, metrics, noise, robust, train, treatments, trees
from .data import Rows
from .ensemble import Config
from .folder import About
from .judge import Results, judged
from .runtime import run
from .split import Split, straddling_copies


ENSEMBLE = (
    "Probability that an event is a fraud, by an averaged ensemble of small networks, and how unusual its features are."
)
CHALLENGER = "Probability that an event is a fraud, by boosted trees; the challenger."


def made(rows: Rows, split: Split, config: Config, given: argparse.Namespace) -> list[tuple[Path, Results]]:
    """Trains both, judges both, writes both."""
    about = About(given.name, given.version, ENSEMBLE, given.features_version, given.licence, config.seed)
    fitted = train.fit(rows.x, rows.y, rows.w, split, config)
    whole = graph.graph(fitted, rows.names, metadata(about))
    graph.checked(whole)
    net, net_results = scored(whole, fitted.choice.midpoint, rows, split)

    other = replace(about, name=f"{about.name}-trees", provider="cpu", description=CHALLENGER)
    grown = trees.fit(rows.x, rows.y, rows.w, split, config.seed)
    forest, forest_results = scored(trees.graph(grown, rows.names, metadata(other)), grown.choice.midpoint, rows, split)

    data_text = f"Trained on `{rows.source}`, sha256 `{rows.sha256}`."
    data_text += f"\n\n{given.about.read_text().strip()}" if given.about else ""
    copies = straddling_copies(split, rows.x, rows.y)
    data_text += f"\n\nRows whose features repeat those of an earlier part: {copies['rows']}, of them " \
                 f"{copies['positives']} positive; they stay."  # fmt: skip
    versus = [("Beside the other model", difference(rows, split, net_results, forest_results))]
    studies = versus + ([] if given.no_studies else all_studies(rows, split, fitted, grown))
    pages = (
        card.card(about, rows, split, net_results, net_text(fitted, rows, split), data_text, studies),
        card.card(other, rows, split, forest_results, TREES_TEXT, data_text, versus),
    )
    return [
        (folder.write(given.out, about, net, rows, split, fitted.choice, net_results, pages[0]), net_results),
        (folder.write(given.out, other, forest, rows, split, grown.choice, forest_results, pages[1]), forest_results),
    ]


def metadata(about: About) -> dict[str, str]:
    return {"name": about.name, "version": str(about.version), "features_version": about.features_version,
            "seed": str(about.seed), "licence_of_training_data": about.licence}  # fmt: skip


def scored(whole, at: float, rows: Rows, split: Split) -> tuple[bytes, Results]:
    """The model's bytes, and its results by ONNX Runtime."""
    content = whole.SerializeToString(deterministic=True)
    return content, judged(run(content, rows.x)["probability"], at, rows, split)


def net_text(fitted: train.Fitted, rows: Rows, split: Split) -> str:
    c = fitted.config
    layers = ", ".join(map(str, c.hidden))
    return (
        f"Each feature is standardised by the training rows and clipped at {c.clip:g} spreads; {c.members} networks "
        f"({layers}, ReLU), trained on weighted cross-entropy at the true prevalence (Adam, rate {c.rate:g} falling as "
        f"a cosine, L2 {c.decay:g}, batch {c.batch}, {c.epochs} epochs but at least {c.least_steps} steps, seed "
        f"{c.seed}), whose logits are averaged and mapped to a probability by Platt's method on validation rows. One "
        "float32 ONNX graph of operators with CUDA kernels (opset 17)." + calibrations(fitted, rows, split)
    )


def calibrations(fitted: train.Fitted, rows: Rows, split: Split) -> str:
    """The three maps, each fitted on validation and measured there: the comparison flatters isotonic."""
    held = split.validation
    z, y, w = fitted.logit(rows.x[held]), rows.y[held], rows.w[held]
    maps = {
        "none": calibrate.Calibration(1, 1, 0).apply(z), "Platt": fitted.calibration.apply(z),
        "beta": calibrate.beta(z, y, w).apply(z), "isotonic": calibrate.isotonic(z, y, w).predict(z),
    }  # fmt: skip
    found = pd.DataFrame({
        name: {"brier_1e4": 1e4 * metrics.brier(y, p, w), "log_loss_1e4": 1e4 * metrics.log_loss(y, p, w),
               "ece_1e4": 1e4 * metrics.ece(y, p, w)} for name, p in maps.items()}).T  # fmt: skip
    return "\n\nCalibration maps, fitted and measured on validation (which flatters the freer ones):\n\n" + \
        card.markdown(found.rename_axis("map"), 2)  # fmt: skip


TREES_TEXT = (
    f"LightGBM, {trees.ROUNDS} trees of {trees.SETTINGS['num_leaves']} leaves, rate {trees.SETTINGS['learning_rate']}, "
    "mapped to a probability by Platt's method on validation rows. Written as ONNX with thresholds rounded down to "
    "float32, so that both send every float32 row the same way. Tree operators have no CUDA kernels: it runs on the "
    "CPU."
)


def difference(rows: Rows, split: Split, net: Results, forest: Results) -> str:
    test = split.test
    found = intervals.paired(rows.y[test], rows.w[test], (net.scores[test], net.at), (forest.scores[test], forest.at))
    lines = "\n".join(f"- {name.replace('_', ' ')}: {d:+.3f} [{low:+.3f}, {high:+.3f}]"
                      for name, (d, low, high) in found.items())  # fmt: skip
    return f"Ensemble less boosted trees on test, paired bootstrap, 95 %:\n\n{lines}"


def all_studies(rows: Rows, split: Split, fitted: train.Fitted, grown: trees.Trees) -> list[tuple[str, str]]:
    """Treatments, label noise (both on forward folds with smaller ensembles), and robustness on the test rows."""
    small = replace(fitted.config, members=max(1, fitted.config.members // 2))
    treated = treatments.table(rows, split, small)
    noisy = noise.sweep(rows, split, small)
    test = split.test
    moved = robust.table(fitted, rows.x[test], rows.y[test], rows.w[test],
                         {"trees": (grown.probability, grown.choice.midpoint)})  # fmt: skip
    return [
        ("Treatments of imbalance", f"{TREATED}\n\n{card.markdown(treated)}"),
        ("Label noise", f"{NOISY}\n\n{card.markdown(noisy)}"),
        ("Bounded perturbation", f"{MOVED}\n\n{card.markdown(moved)}"),
    ]


TREATED = (
    "Means over two forward folds inside training and validation (test is not read), ensembles of half the size, the "
    "same number of steps for each. Upsampling and upweighting by the same factor are the same loss in expectation: "
    "what differs between them is chance. The last columns tell what a treatment does to probabilities, and how much "
    "of it the prior's correction takes back. SMOTE stands here for the record."
)
NOISY = (
    "Frauds hidden at rate alpha and genuine rows accused at rate beta, in the rows trained on and in those the "
    "threshold is chosen on; same folds. Clean: against the true labels; measured: against equally noisy labels; "
    "corrected: from measured, alpha and beta."
)
MOVED = (
    "Test frauds moved by at most the bound in each feature, in training spreads, to lower the ensemble's logit "
    "(projected gradient, 20 steps); `random`: random signs of that size; `trees`: boosted trees on the same rows."
)
