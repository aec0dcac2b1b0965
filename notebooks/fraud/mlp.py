"""One small network, many members at once: forward, gradient and Adam on stacked float32 weights, in numpy.

    z = relu(relu(x W1 + b1) W2 + b2) w3 + b3,   p = sigmoid(z)

The first axis of every weight is the member, so that an ensemble is trained by batched products, exactly as the ONNX
graph runs it. Losses: weighted cross-entropy, and the soft Dice loss 1 - (2 sum w p y + 1) / (sum w p^2 + sum w y + 1)
(Milletari et al. 2016; Li et al. 2020, equation 8). Adam: Kingma and Ba 2015; decay is L2, added to the gradient.
"""

from dataclasses import dataclass, field

import numpy as np

RATES = (0.9, 0.999)
TINY = np.float32(1e-8)


def initial(members: int, sizes: list[int], random: np.random.Generator) -> list[np.ndarray]:
    """He-uniform weights and zero biases: [W1, b1, W2, b2, ...], each with the member in front."""
    made = []
    for inside, outside in zip(sizes, sizes[1:]):
        bound = np.sqrt(6.0 / inside)
        made.append(random.uniform(-bound, bound, (members, inside, outside)).astype(np.float32))
        made.append(np.zeros((members, 1, outside), np.float32))
    return made


def forward(weights: list[np.ndarray], x: np.ndarray) -> list[np.ndarray]:
    """Every layer's input, then the logits [member, row, 1]; x is [row, k] or [member, row, k]."""
    layers = [x if x.ndim == 3 else x[None]]
    for number in range(0, len(weights), 2):
        z = layers[-1] @ weights[number] + weights[number + 1]
        layers.append(np.maximum(z, 0) if number + 2 < len(weights) else z)
    return layers


def sigmoid(z: np.ndarray) -> np.ndarray:
    """1 / (1 + exp(-z)) without overflow."""
    e = np.exp(-np.abs(z))
    return np.where(z >= 0, 1, e) / (1 + e)


def cross_entropy_slope(z: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """d loss / d z of the weighted mean cross-entropy."""
    return (sigmoid(z) - y) * w / z.shape[1]


def dice_slope(z: np.ndarray, y: np.ndarray, w: np.ndarray) -> np.ndarray:
    """d loss / d z of the soft Dice loss of the batch."""
    p = sigmoid(z)
    over = 2 * (w * p * y).sum(axis=1, keepdims=True) + 1
    under = (w * (p * p + y)).sum(axis=1, keepdims=True) + 1
    return -(2 * w * y * under - over * 2 * w * p) / (under * under) * p * (1 - p)


SLOPES = {"cross_entropy": cross_entropy_slope, "dice": dice_slope}


def gradient(weights: list[np.ndarray], layers: list[np.ndarray], slope: np.ndarray) -> tuple[list, np.ndarray]:
    """The gradient of every weight and of the input, from d loss / d z."""
    found = [None] * len(weights)
    for number in range(len(weights) - 2, -1, -2):
        inside = layers[number // 2]
        found[number] = np.swapaxes(inside, 1, 2) @ slope
        found[number + 1] = slope.sum(axis=1, keepdims=True)
        slope = slope @ np.swapaxes(weights[number], 1, 2)
        if number:
            slope = slope * (inside > 0)
    return found, slope


@dataclass
class Adam:
    """Steps down the gradient; decay is taken on matrices only, never on biases."""

    rate: float
    decay: float
    step: int = 0
    first: list = field(default_factory=list)
    second: list = field(default_factory=list)

    def update(self, weights: list[np.ndarray], slopes: list[np.ndarray]) -> None:
        if not self.first:
            self.first = [np.zeros_like(w) for w in weights]
            self.second = [np.zeros_like(w) for w in weights]
        self.step += 1
        b1, b2 = RATES
        size = np.float32(self.rate * np.sqrt(1 - b2**self.step) / (1 - b1**self.step))
        for number, (w, g) in enumerate(zip(weights, slopes)):
            if number % 2 == 0 and self.decay:
                g = g + np.float32(self.decay) * w
            m, v = self.first[number], self.second[number]
            m += np.float32(1 - b1) * (g - m)
            v += np.float32(1 - b2) * (g * g - v)
            w -= size * m / (np.sqrt(v) + TINY)
