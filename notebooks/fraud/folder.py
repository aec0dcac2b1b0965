"""A model, its results and its card -> the folder that impactd serves: manifest.json, model.onnx, golden.csv, card.md.

Golden rows are no real rows: normal numbers around the training medians with 1, 2, 4 and 8 times the training spreads,
from a seed; their expected outputs are ONNX Runtime's. None lies within 1e-4 of the threshold. A folder appears whole:
it is written beside its place and renamed.
"""

import hashlib
import json
import shutil
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from .data import Refused, Rows
from .judge import Results
from .runtime import run
from .split import Split
from .threshold import Choice

GOLDEN_ROWS = 64
STRETCH = (1.0, 2.0, 4.0, 8.0)
CLEARANCE = 1e-4
TOLD = ("precision", "recall", "f1", "g_mean")


@dataclass(frozen=True)
class About:
    """What a folder says of its model beside numbers."""

    name: str
    version: int
    description: str
    features_version: str
    licence: str
    seed: int
    provider: str = "auto"


def sha256(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()


def golden_rows(rows: Rows, split: Split, seed: int) -> np.ndarray:
    """Float32 rows around the training medians."""
    part = rows.x[split.train]
    middle, spread = np.median(part, axis=0), part.std(axis=0)
    stretch = np.resize(STRETCH, GOLDEN_ROWS)[:, None]
    drawn = np.random.default_rng(seed).normal(size=(GOLDEN_ROWS, part.shape[1]))
    return (middle + drawn * stretch * spread).astype(np.float32)


def golden(model: bytes, rows: Rows, split: Split, at: float, first_seed: int) -> tuple[str, int]:
    """The csv's text and its rows; the first seed whose scores keep clear of the threshold is taken."""
    for seed in range(first_seed, first_seed + 100):
        x = golden_rows(rows, split, seed)
        outputs = run(model, x)
        if np.abs(outputs["probability"] - at).min() > CLEARANCE:
            lines = [",".join([*rows.names, *outputs])]
            table = np.column_stack([x, *outputs.values()])
            lines += [",".join(f"{value:.9g}" for value in row) for row in table]
            return "\n".join(lines) + "\n", len(x)
    raise Refused("no golden rows keep clear of the threshold; the model's scores are all alike")


def moments(rows: Rows, split: Split) -> tuple[str, str]:
    if rows.time is None:
        return "not timed", "not timed"
    times = rows.time[split.train]
    return f"{times.min():.15g}", f"{times.max():.15g}"


def manifest(about: About, model: bytes, outputs: list[str], rows: Rows, split: Split, choice: Choice, results: Results,
             golden_text: str, golden_count: int) -> dict:  # fmt: skip
    part, held = split.train, split.validation
    began, ended = moments(rows, split)
    usual = np.median(rows.x[part], axis=0).astype(np.float32)
    return {
        "format": 1, "name": about.name, "version": about.version, "description": about.description,
        "model": {"file": "model.onnx", "sha256": sha256(model)},
        "inputs": [{"name": "features", "datatype": "FP32", "shape": [-1, len(rows.names)]}],
        "outputs": [{"name": name, "datatype": "FP32", "shape": [-1]} for name in outputs],
        "score_output": "probability",
        "features": {"version": about.features_version, "names": list(rows.names),
                     "usual": [float(f"{value:.9g}") for value in usual]},
        "threshold": {
            "value": choice.midpoint,
            "chosen_by": "F1, then G-mean, then the higher threshold; midpoint to the next lower score",
            "chosen_on": f"validation rows: {len(held)}, of which {int(rows.y[held].sum())} positive; {split.how}",
            "at_threshold": {name: results.test[name] for name in TOLD} | {
                "sample": f"test rows: {len(split.test)}, of which {int(rows.y[split.test].sum())} positive",
                "intervals": {name: results.bounds[name] for name in TOLD if name in results.bounds}},
        },
        "training": {"data": rows.source, "sha256": rows.sha256, "rows": len(part),
                     "positives": int(rows.y[part].sum()), "from": began, "to": ended, "seed": about.seed,
                     "licence": about.licence, "code": "notebooks/fraud"},
        "prevalence": float(np.average(rows.y, weights=rows.w)),
        "execution": {"provider": about.provider},
        "golden": {"file": "golden.csv", "sha256": sha256(golden_text.encode()), "rows": golden_count,
                   "tolerance_cpu": 1e-5, "tolerance_cuda": 1e-4},
    }  # fmt: skip


def write(out: Path, about: About, model: bytes, rows: Rows, split: Split, choice: Choice, results: Results,
          card: str) -> Path:  # fmt: skip
    """OUT/NAME/VERSION, whole or not at all."""
    if np.isin(np.float32(choice.midpoint), results.scores):
        raise Refused("the threshold lies on a score: too many validation scores are equal")
    outputs = list(run(model, rows.x[split.test[:1]]))
    golden_text, count = golden(model, rows, split, choice.midpoint, about.seed)
    told = manifest(about, model, outputs, rows, split, choice, results, golden_text, count)
    return land(out, about, model, {"golden.csv": golden_text, "card.md": card, "manifest.json": text(told)})


def text(told: dict) -> str:
    return json.dumps(told, indent=1) + "\n"


def land(out: Path, about: About, model: bytes, texts: dict[str, str]) -> Path:
    """The graph and the texts by name, into OUT/NAME/VERSION at once."""
    place = Path(out) / about.name / str(about.version)
    fresh = place.with_name(f".{about.version}.fresh")
    shutil.rmtree(fresh, ignore_errors=True)
    fresh.mkdir(parents=True)
    (fresh / "model.onnx").write_bytes(model)
    for name, content in texts.items():
        (fresh / name).write_text(content)
    shutil.rmtree(place, ignore_errors=True)
    return fresh.rename(place)
