"""The Python side's models: trained on generated rows, written, read back, and held against other hands."""

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
import pandas as pd  # noqa: E402
import pytest  # noqa: E402
import sklearn.metrics as sk  # noqa: E402
from fraud import annotation, calibrate, data, generate, graph, intervals, metrics, mlp, noise, pipeline  # noqa: E402
from fraud import robust, runtime, threshold, train, trees  # noqa: E402
from fraud import split as splitting  # noqa: E402
from fraud.__main__ import main  # noqa: E402

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


def samples():
    random = np.random.default_rng(4)
    for n, ties in ((200, 8), (500, 1000), (60, 3)):
        y = random.random(n) < 0.2
        s = np.round(random.normal(y.astype(float)) * ties) / ties
        yield y, s, random.uniform(0.1, 5, n)


def test_metrics_are_those_of_scikit_learn():
    for y, s, w in samples():
        curve, flag = metrics.Curve.of(y, s, w), s >= 0.5
        found = metrics.all_measures(y, s, w, 0.5)
        expected = {
            "auroc": sk.roc_auc_score(y, s, sample_weight=w),
            "average_precision": sk.average_precision_score(y, s, sample_weight=w),
            "f1": sk.f1_score(y, flag, sample_weight=w), "precision": sk.precision_score(y, flag, sample_weight=w),
            "recall": sk.recall_score(y, flag, sample_weight=w), "mcc": sk.matthews_corrcoef(y, flag, sample_weight=w),
            "kappa": sk.cohen_kappa_score(y, flag, sample_weight=w),
            "balanced_accuracy": sk.balanced_accuracy_score(y, flag, sample_weight=w),
        }  # fmt: skip
        for name, value in expected.items():
            assert abs(found[name] - value) < 1e-12, name
        p = mlp.sigmoid(s)
        assert abs(metrics.brier(y, p, w) - sk.brier_score_loss(y, p, sample_weight=w)) < 1e-12
        assert abs(metrics.log_loss(y, p, w) - sk.log_loss(y, p, sample_weight=w)) < 1e-12
        assert len(curve.score) == len(np.unique(s))
        intervals.check(y, s, w, 0.5)


def test_metrics_that_do_not_exist_are_none():
    y, s, w = np.array([False, False]), np.array([0.1, 0.2]), np.ones(2)
    found = metrics.all_measures(y, s, w, 0.5)
    assert [found[k] for k in ("precision", "recall", "g_mean", "mcc", "auroc", "average_precision")] == [None] * 6


def test_threshold_is_the_best_and_lies_on_no_score():
    for y, s, w in samples():
        choice = threshold.f1_then_g(y, s, w)
        every = [(metrics.counts_at(y, s, w, t).measures()["f1"], t) for t in np.unique(s)]
        assert choice.f1 == pytest.approx(max(every)[0], abs=1e-12)
        assert choice.midpoint not in s and choice.midpoint < choice.score
        assert ((s >= choice.midpoint) == (s >= choice.score)).all()
    tie = threshold.f1_then_g(np.array([True, False, False, True]), np.array([4.0, 3.0, 2.0, 1.0]), np.ones(4))
    assert tie.score == 4.0, "equal F1 at 4 and 1; G-mean decides for 4"


def test_calibration_recovers_a_known_map():
    random = np.random.default_rng(2)
    z = random.normal(-2, 2, 200_000)
    y = random.random(len(z)) < mlp.sigmoid(0.7 * z - 0.5)
    for fit in (calibrate.platt, calibrate.beta):
        found = fit(z, y, np.ones(len(z)))
        assert np.allclose((found.a, found.b, found.c), (0.7, 0.7, -0.5), atol=0.05)
    p = np.array([0.2, 0.5])
    assert np.allclose(calibrate.prior_corrected(p, 0.1), p * 0.1 / (p * 0.1 + 1 - p))


def test_annotation_errors_are_undone():
    for t, f, alpha, beta in ((0.8, 5e-4, 0.3, 0.0), (0.6, 0.01, 0.1, 1e-3)):
        shown = annotation.seen(t, f, alpha, beta, 0.002, 1e5)
        truth = annotation.seen(t, f, 0, 0, 0.002, 1e5)
        found = annotation.corrected(shown, alpha, beta)
        assert np.allclose([found.tp, found.fp, found.fn, found.tn], [truth.tp, truth.fp, truth.fn, truth.tn])
    assert annotation.corrected(shown, 0.6, 0.4) is None


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


@pytest.fixture()
def table():
    return generate.table(3000, 0.05)[0]


@pytest.mark.parametrize("spoil, told", [
    (lambda t: t.assign(v3=t["v3"].where(t.index != 17)), "'v3', row 17 of 3000"),
    (lambda t: t.assign(fraud=t["fraud"] * 2), "holds 2; a label is 0 or 1"),
    (lambda t: t.assign(shop="corner"), "'shop' holds 'corner', not numbers"),
    (lambda t: t.assign(fraud=0), "holds 0 positives"),
    (lambda t: t.assign(time_s=range(3000), fraud=[1] * 100 + [0] * 2900), "validation part holds 0 positives"),
    (lambda t: t.drop(columns="time_s"), "no column 'time_s'"),
])  # fmt: skip
def test_refusals_say_where_and_what(table, spoil, told):
    with pytest.raises(data.Refused, match=told):
        spoiled = data.from_table(spoil(table), "fraud", "time_s", None)
        splitting.split(spoiled)


def test_overlap_and_straddling_groups_are_refused(rows, parts):
    leaky = replace(parts, test=parts.train)
    with pytest.raises(data.Refused, match="two parts"):
        train.fit(rows.x, rows.y, rows.w, leaky, SMALL)
    groups = np.full(len(rows.y), None)
    groups[[parts.train[0], parts.test[0]]] = "episode 7"
    with pytest.raises(data.Refused, match="episode 7"):
        splitting.refuse_straddling(parts, groups)


def test_another_data_set_without_time_is_split_by_class_and_copies_stay_together(table):
    other = table.drop(columns="time_s").rename(columns={"fraud": "is_bad", "v1": "income"}).assign(still=1.0)
    twice = data.from_table(pd.concat([other, other.head(50)]), "is_bad", None, None)
    assert len(twice.y) == 3000 and "constant" in " ".join(twice.notes) and "random" in " ".join(twice.notes)
    parts = splitting.split(twice)
    assert parts.how.startswith("stratified")
    shares = [twice.y[part].mean() for part in parts.parts().values()]
    assert max(shares) < 1.2 * min(shares)
    fitted = train.fit(twice.x, twice.y, twice.w, parts, SMALL)
    moved = twice.x.copy()
    moved[:, twice.names.index("still")] = 99.0
    assert (fitted.probability(moved) == fitted.probability(twice.x)).all()


def test_time_split_keeps_equal_times_together_and_weighs(table):
    table = table.assign(time_s=table["time_s"] // 20_000, weight=np.where(table["fraud"] == 1, 1.0, 10.0))
    rows = data.from_table(table, "fraud", "time_s", "weight")
    parts = splitting.split(rows)
    ends = [(rows.time[part].min(), rows.time[part].max()) for part in parts.parts().values()]
    assert ends[0][1] < ends[1][0] <= ends[1][1] < ends[2][0]
    assert rows.names == tuple(f"v{k}" for k in range(1, 11)) + ("amount",)


def test_the_full_card_file_needs_no_column_names(tmp_path):
    random = np.random.default_rng(1)
    full = pd.DataFrame(random.normal(size=(400, 28)), columns=[f"V{k}" for k in range(1, 29)])
    full.insert(0, "Time", np.arange(400.0))
    full["Amount"], full["Class"] = random.random(400), np.arange(400) % 8 == 0
    full["Class"] = full["Class"].astype(int)
    path = tmp_path / "creditcard.csv"
    pd.concat([full, full.tail(3)]).to_csv(path, index=False)
    rows = data.read(path)
    assert rows.names == tuple(f"v{k}" for k in range(1, 29)) + ("amount",)
    assert len(rows.y) == 400 and rows.time is not None and "3 exact repeats" in rows.notes[0]


def test_command_line_refuses_with_one_line(tmp_path, capsys):
    path = tmp_path / "rows.csv"
    pd.DataFrame({"a": [1.0, 2.0], "label": [0, 1]}).to_csv(path, index=False)
    assert main(["compare", "--data", str(path), "--label", "label"]) == 2
    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("error")]
    assert len(told) == 1 and "needs at least 10" in told[0]


@pytest.mark.parametrize("name", ["fraud_card", "fraud_metrics"])
def test_notebooks_run(name, tmp_path):
    words = [sys.executable, f"build_{name}.py", "--execute", "--out", str(tmp_path)]
    done = subprocess.run(words, cwd=NOTEBOOKS, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    book = json.loads((tmp_path / f"{name}.ipynb").read_text())
    assert any("image/png" in out.get("data", {}) for cell in book["cells"] for out in cell.get("outputs", []))
