"""A fitted model -> one float32 ONNX graph of operators that have CUDA kernels; nothing of `ai.onnx.ml` is used.

    features [N, k] -> Sub, Mul, Clip -> (MatMul, Add, Relu) x layers over all members -> ReduceMean -> Mul, Add,
    Sigmoid -> probability [N];   the clipped rows -> Gemm, Mul, ReduceMean -> unusual [N]
"""

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

from .train import Fitted

OPSET, IR = 17, 8
ALLOWED = {"Sub", "Mul", "Clip", "MatMul", "Gemm", "Add", "Relu", "ReduceMean", "Sigmoid"}


class Draft:
    """Nodes and constants in the making."""

    def __init__(self) -> None:
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value) -> str:
        self.constants.append(numpy_helper.from_array(np.asarray(value, np.float32), name))
        return name

    def add(self, kind: str, inputs: list[str], output: str, **attributes) -> str:
        self.nodes.append(helper.make_node(kind, inputs, [output], name=f"{output}_{kind.lower()}", **attributes))
        return output


def graph(fitted: Fitted, names: tuple[str, ...], metadata: dict[str, str]) -> onnx.ModelProto:
    """The model, checked; the same fitted model gives the same bytes."""
    draft = Draft()
    row = standardised(draft, fitted)
    logit = members(draft, row, fitted.ensemble.weights)
    calibrated(draft, logit, fitted)
    guard(draft, row, fitted)
    outputs = [helper.make_tensor_value_info(n, TensorProto.FLOAT, ["N"]) for n in ("probability", "unusual")]
    return model(draft, names, outputs, metadata)


def standardised(draft: Draft, fitted: Fitted) -> str:
    standard = fitted.ensemble.standard
    centred = draft.add("Sub", ["features", draft.constant("mean", standard.mean)], "centred")
    scaled = draft.add("Mul", [centred, draft.constant("inverse_spread", standard.inverse)], "scaled")
    bounds = [draft.constant("clip_low", -standard.clip), draft.constant("clip_high", standard.clip)]
    return draft.add("Clip", [scaled, *bounds], "row")


def members(draft: Draft, row: str, weights: list[np.ndarray]) -> str:
    """All members at once: the first axis of weights is the member."""
    value, layers = row, len(weights) // 2
    for layer in range(layers):
        w, b = (draft.constant(f"{kind}{layer + 1}", weights[2 * layer + at]) for at, kind in enumerate("wb"))
        value = draft.add("MatMul", [value, w], f"product{layer + 1}")
        value = draft.add("Add", [value, b], f"layer{layer + 1}")
        if layer + 1 < layers:
            value = draft.add("Relu", [value], f"hidden{layer + 1}")
    return draft.add("ReduceMean", [value], "logit", axes=[0, 2], keepdims=0)


def calibrated(draft: Draft, logit: str, fitted: Fitted) -> None:
    calibration = fitted.calibration
    assert calibration.a == calibration.b, "the graph holds Platt's map"
    slope, shift = draft.constant("platt_slope", calibration.a), draft.constant("platt_shift", calibration.c)
    z = draft.add("Add", [draft.add("Mul", [logit, slope], "sloped"), shift], "calibrated")
    draft.add("Sigmoid", [z], "probability")


def guard(draft: Draft, row: str, fitted: Fitted) -> None:
    turn, shift = draft.constant("turn", fitted.guard.turn), draft.constant("shift", fitted.guard.shift)
    white = draft.add("Gemm", [row, turn, shift], "white")
    square = draft.add("Mul", [white, white], "square")
    draft.add("ReduceMean", [square], "unusual", axes=[1], keepdims=0)


def model(draft: Draft, names: tuple[str, ...], outputs: list, metadata: dict[str, str],
          more_opsets: tuple = ()) -> onnx.ModelProto:  # fmt: skip
    """The draft as a model that says what it takes and where it comes from."""
    inputs = [helper.make_tensor_value_info("features", TensorProto.FLOAT, ["N", len(names)])]
    made = helper.make_graph(draft.nodes, "score", inputs, outputs, draft.constants)
    opsets = [helper.make_opsetid("", OPSET), *more_opsets]
    whole = helper.make_model(made, producer_name="impactd notebooks/fraud", opset_imports=opsets, ir_version=IR)
    for key, value in sorted((metadata | {"features": ",".join(names)}).items()):
        whole.metadata_props.add(key=key, value=value)
    onnx.checker.check_model(whole, full_check=True)
    return whole


def checked(whole: onnx.ModelProto, allowed: set[str] = ALLOWED) -> None:
    """Refuses another operator or another number type than promised."""
    strange = {node.op_type for node in whole.graph.node} - allowed
    if strange:
        raise ValueError(f"operators outside the promised set: {', '.join(sorted(strange))}")
    wide = [t.name for t in whole.graph.initializer if t.data_type != TensorProto.FLOAT]
    if wide:
        raise ValueError(f"constants that are not float32: {', '.join(wide)}")
