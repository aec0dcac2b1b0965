"""The Python side's models: trained on generated rows, written, read back; their notebooks run."""

import argparse
import csv
import hashlib
import json
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
sys.path.insert(0, str(NOTEBOOKS))

import fraud  # noqa: E402, F401  first: it sets the number of threads
import numpy as np  # noqa: E402
import onnx  # noqa: E402
import pytest  # noqa: E402
from fraud import data, generate, graph, mlp, noise, pipeline, robust, runtime, train, trees  # noqa: E402
from fraud import split as splitting  # noqa: E402

SMALL = replace(train.RECIPE, members=2, least_steps=600, epochs=1)
MODELS = NOTEBOOKS.parent / "data" / "models"


@pytest.fixture(scope="module")
def rows():
    table, _ = generate.table(6000, 0.03)
    return data.from_table(table, "fraud", "time_s", None, source="generated")


@pytest.fixture(scope="module")
def parts(rows):
    return splitting.split(rows)


@pytest.fixture(scope="module")
def fitted(rows, parts):
    return train.fit(rows.x, rows.y, rows.w, parts, SMALL)


def given(out: Path, name: str = "fraud") -> argparse.Namespace:
    return argparse.Namespace(out=out, name=name, version=1, licence="none", about=None, features_version="1",
                              no_studies=True)  # fmt: skip


@pytest.fixture(scope="module")
def folders(rows, parts, tmp_path_factory):
    out = tmp_path_factory.mktemp("models")
    return [place for place, _ in pipeline.made(rows, parts, SMALL, given(out))]


def content(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def shipped() -> list[Path]:
    return sorted(path.parent for path in MODELS.glob("card-fraud*/*/manifest.json"))


def test_same_seed_same_bytes(rows, parts, folders, tmp_path):
    again = [place for place, _ in pipeline.made(rows, parts, SMALL, given(tmp_path))]
    assert [content(one) for one in again] == [content(one) for one in folders]
    other, _ = pipeline.made(rows, parts, replace(SMALL, seed=8), given(tmp_path, "other"))[0]
    assert (other / "model.onnx").read_bytes() != (folders[0] / "model.onnx").read_bytes()


def check_folder(folder: Path) -> None:
    told = json.loads((folder / "manifest.json").read_text())
    for key in ("model", "golden"):
        assert hashlib.sha256((folder / told[key]["file"]).read_bytes()).hexdigest() == told[key]["sha256"]
    assert (folder.parent.name, folder.name) == (told["name"], str(told["version"]))
    with (folder / "golden.csv").open() as lines:
        header, *body = csv.reader(lines)
    names = told["features"]["names"]
    assert header == names + [output["name"] for output in told["outputs"]]
    assert len(body) == told["golden"]["rows"] and len(names) == len(told["features"]["usual"])
    table = np.array(body, np.float32)
    outputs = runtime.run((folder / "model.onnx").read_bytes(), table[:, : len(names)])
    for number, name in enumerate(outputs):
        expected = table[:, len(names) + number]
        assert np.abs(outputs[name] - expected).max() <= 1e-6 * max(1, np.abs(expected).max()), name
    assert np.abs(outputs["probability"] - told["threshold"]["value"]).min() > 1e-4
    assert told["threshold"]["at_threshold"]["intervals"].keys() == {"precision", "recall", "f1", "g_mean"}


def test_folders_hold_what_they_say(folders):
    for folder in folders:
        check_folder(folder)


@pytest.mark.parametrize("folder", shipped(), ids=lambda path: path.parent.name)
def test_shipped_models_hold_what_they_say(folder):
    check_folder(folder)
    assert sum(path.stat().st_size for path in folder.iterdir()) < 1 << 20
    if not folder.parent.name.endswith("trees"):
        graph.checked(onnx.load(folder / "model.onnx"))


def test_graph_is_the_numpy_forward(rows, fitted):
    whole = graph.graph(fitted, rows.names, {})
    graph.checked(whole)
    outputs = runtime.run(whole.SerializeToString(), rows.x)
    assert np.abs(outputs["probability"] - fitted.probability(rows.x)).max() < 1e-5
    assert np.abs(outputs["unusual"] / fitted.unusual(rows.x) - 1).max() < 1e-4
    far = rows.x[:5] * 1e6
    assert np.isfinite(runtime.run(whole.SerializeToString(), far)["probability"]).all()


def test_graph_has_only_float32_and_operators_with_cuda_kernels(rows, fitted):
    whole = graph.graph(fitted, rows.names, {})
    assert {node.domain for node in whole.graph.node} == {""}
    assert {value.type.tensor_type.elem_type for value in [*whole.graph.input, *whole.graph.output]} == {1}
    assert (whole.ir_version, whole.opset_import[0].version) == (8, 17)
    whole.graph.node[0].op_type = "Scaler"
    with pytest.raises(ValueError, match="Scaler"):
        graph.checked(whole)


def test_trees_decide_in_onnx_as_natively(rows, parts):
    grown = trees.fit(rows.x, rows.y, rows.w, parts)
    model = trees.graph(grown, rows.names, {}).SerializeToString()
    assert np.abs(runtime.run(model, rows.x)["probability"] - grown.probability(rows.x)).max() < 1e-6
    # Rows that lie exactly on thresholds, and one float32 above.
    nodes = onnx.load_model_from_string(model).graph.node[0]
    told = {a.name: onnx.helper.get_attribute_value(a) for a in nodes.attribute}
    on = np.repeat(rows.x[:1], len(told["nodes_values"]), axis=0).astype(np.float32)
    on[np.arange(len(on)), told["nodes_featureids"]] = told["nodes_values"]
    for x in (on, np.nextafter(on, np.float32(np.inf))):
        assert np.abs(runtime.run(model, x)["probability"] - grown.probability(x)).max() < 1e-6


def test_gradient_is_the_slope_of_the_loss():
    random = np.random.default_rng(0)
    weights = [w.astype(np.float64) for w in mlp.initial(2, [4, 5, 3, 1], random)]
    x, w = random.normal(size=(2, 9, 4)), random.uniform(0.5, 2, (2, 9, 1))
    y = (random.random((2, 9, 1)) < 0.4).astype(float)

    def cross_entropy(z):
        return (w * (np.logaddexp(0, z) - y * z)).mean(axis=1).sum()

    def dice(z):
        p = mlp.sigmoid(z)
        return (1 - (2 * (w * p * y).sum(axis=1) + 1) / ((w * (p * p + y)).sum(axis=1) + 1)).sum()

    for name, loss in (("cross_entropy", cross_entropy), ("dice", dice)):
        layers = mlp.forward(weights, x)
        slopes, _ = mlp.gradient(weights, layers, mlp.SLOPES[name](layers[-1], y, w))
        for part, slope in zip(weights, slopes):
            at = tuple(random.integers(0, n) for n in part.shape)
            kept, step = part[at], 1e-6
            part[at] = kept + step
            above = loss(mlp.forward(weights, x)[-1])
            part[at] = kept - step
            below = loss(mlp.forward(weights, x)[-1])
            part[at] = kept
            assert abs((above - below) / (2 * step) - slope[at]) < 1e-7, name


def test_perturbation_keeps_its_bound_and_lowers_the_score(rows, fitted):
    frauds = rows.x[rows.y]
    for bound in (0.1, 0.5):
        moved = robust.attacked(fitted, frauds, bound)
        assert np.abs((moved - frauds) * fitted.ensemble.standard.inverse).max() <= bound * 1.001
        assert fitted.logit(moved).mean() < fitted.logit(robust.shaken(fitted, frauds, bound)).mean()


def test_label_noise_is_nested():
    y = np.arange(1000) % 3 == 0
    few, many = (noise.noisy(y, alpha, 0, np.random.default_rng(1)) for alpha in (0.1, 0.3))
    assert (many <= few).all() and (few <= y).all() and 0.2 < 1 - many.sum() / y.sum() < 0.4


@pytest.mark.parametrize("name", ["fraud_card", "fraud_metrics"])
def test_notebooks_run(name, tmp_path):
    words = [sys.executable, f"build_{name}.py", "--execute", "--out", str(tmp_path)]
    done = subprocess.run(words, cwd=NOTEBOOKS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    book = json.loads((tmp_path / f"{name}.ipynb").read_text())
    assert any("image/png" in out.get("data", {}) for cell in book["cells"] for out in cell.get("outputs", []))
