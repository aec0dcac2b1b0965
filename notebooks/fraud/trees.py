"""Boosted trees (LightGBM) as the challenger, and their ONNX graph, written here node by node.

A tree sends a row left iff x <= t. LightGBM compares float64, ONNX float32; each t is therefore rounded down to the
nearest float32, and both send every float32 row the same way. Converters that round to nearest have shipped models
that decide otherwise. Trees have no CUDA kernels in ONNX Runtime: this model runs on the CPU.
"""

from dataclasses import dataclass

import lightgbm
import numpy as np
import onnx
from onnx import TensorProto, helper

from . import calibrate, threshold
from .calibrate import Calibration
from .graph import Draft, model
from .split import Split, checked
from .threshold import Choice

ROUNDS = 200
SETTINGS = {
    "objective": "binary", "num_leaves": 15, "learning_rate": 0.05, "min_child_samples": 20, "lambda_l2": 1.0,
    "verbosity": -1, "num_threads": 1, "deterministic": True, "force_row_wise": True, "seed": 7,
}  # fmt: skip
ML = "ai.onnx.ml"


@dataclass(frozen=True)
class Trees:
    """A booster with the calibration and the threshold chosen on validation rows."""

    booster: lightgbm.Booster
    calibration: Calibration
    choice: Choice

    def logit(self, x: np.ndarray) -> np.ndarray:
        return self.booster.predict(x.astype(np.float32), raw_score=True, num_threads=1)

    def probability(self, x: np.ndarray) -> np.ndarray:
        return self.calibration.apply(self.logit(x)).astype(np.float32)


def fit(x: np.ndarray, y: np.ndarray, w: np.ndarray, split: Split, seed: int = 7) -> Trees:
    """Grows on the training part, chooses on the validation part."""
    checked(split, y)
    part, held = split.train, split.validation
    rows = lightgbm.Dataset(x[part].astype(np.float32), label=y[part].astype(int), weight=w[part] / w[part].mean())
    booster = lightgbm.train(SETTINGS | {"seed": seed}, rows, num_boost_round=ROUNDS)
    z = booster.predict(x[held].astype(np.float32), raw_score=True, num_threads=1)
    calibration = calibrate.platt(z, y[held], w[held])
    p = calibration.apply(z).astype(np.float32)
    return Trees(booster, calibration, threshold.f1_then_g(y[held], p, w[held]))


def rounded_down(value: float) -> float:
    """The largest float32 that is not above a float64."""
    near = np.float32(value)
    return float(near if float(near) <= value else np.nextafter(near, np.float32(-np.inf)))


def nodes_of(tree: dict, number: int, made: dict[str, list]) -> None:
    """One tree, depth first; a node's id is its place in that order."""
    count = 0

    def put(node: dict) -> int:
        nonlocal count
        here, leaf = count, "leaf_value" in node
        count += 1
        row = len(made["nodes_nodeids"])
        for key, value in {
            "nodes_treeids": number, "nodes_nodeids": here,
            "nodes_featureids": 0 if leaf else node["split_feature"],
            "nodes_modes": "LEAF" if leaf else "BRANCH_LEQ",
            "nodes_values": 0.0 if leaf else rounded_down(node["threshold"]),
            "nodes_truenodeids": 0, "nodes_falsenodeids": 0,
            "nodes_missing_value_tracks_true": 0,
        }.items():  # fmt: skip
            made[key].append(value)
        if leaf:
            for key, value in (("treeids", number), ("nodeids", here), ("ids", 0), ("weights", node["leaf_value"])):
                made[f"target_{key}"].append(value)
        else:
            assert node["decision_type"] == "<=", node["decision_type"]
            made["nodes_truenodeids"][row] = put(node["left_child"])
            made["nodes_falsenodeids"][row] = put(node["right_child"])
        return here

    put(tree)


def graph(trees: Trees, names: tuple[str, ...], metadata: dict[str, str]) -> onnx.ModelProto:
    """features [N, k] -> TreeEnsembleRegressor -> ReduceMean over its one column -> Platt -> probability [N]."""
    keys = ["treeids", "nodeids", "featureids", "modes", "values", "truenodeids", "falsenodeids",
            "missing_value_tracks_true"]  # fmt: skip
    made = {f"nodes_{k}": [] for k in keys} | {f"target_{k}": [] for k in ("treeids", "nodeids", "ids", "weights")}
    for number, tree in enumerate(trees.booster.dump_model()["tree_info"]):
        nodes_of(tree["tree_structure"], number, made)
    draft = Draft()
    draft.add("TreeEnsembleRegressor", ["features"], "raw", domain=ML, n_targets=1, aggregate_function="SUM",
              post_transform="NONE", **made)  # fmt: skip
    logit = draft.add("ReduceMean", ["raw"], "logit", axes=[1], keepdims=0)
    slope = draft.constant("platt_slope", trees.calibration.a)
    shift = draft.constant("platt_shift", trees.calibration.c)
    z = draft.add("Add", [draft.add("Mul", [logit, slope], "sloped"), shift], "calibrated")
    draft.add("Sigmoid", [z], "probability")
    outputs = [helper.make_tensor_value_info("probability", TensorProto.FLOAT, ["N"])]
    return model(draft, names, outputs, metadata, (helper.make_opsetid(ML, 3),))
