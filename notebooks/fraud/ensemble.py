"""Standardised rows -> an averaged ensemble of small networks; the mean is taken over logits.

Members differ by initial weights and by the order of their mini-batches; all are trained on the same rows. A row is
standardised by the weighted mean and spread of the training rows, and clipped, so that no row lies farther out than
`clip` spreads. The rate of learning falls as a cosine from `rate` to nothing.
"""

from dataclasses import dataclass

import numpy as np

from .mlp import SLOPES, Adam, forward, gradient, initial


@dataclass(frozen=True)
class Config:
    """How an ensemble is trained; the seed decides everything left to chance.

    Small data sets are gone through more often than `epochs`, until `least_steps` are taken.
    """

    hidden: tuple[int, ...] = (64, 32)
    members: int = 8
    epochs: int = 40
    least_steps: int = 2700
    batch: int = 256
    rate: float = 1e-3
    decay: float = 1e-3
    clip: float = 10.0
    loss: str = "cross_entropy"
    seed: int = 7


@dataclass(frozen=True)
class Standard:
    """(x - mean) / spread, clipped; a constant feature stands still at 0."""

    mean: np.ndarray
    inverse: np.ndarray
    clip: float

    @classmethod
    def of(cls, x: np.ndarray, w: np.ndarray, clip: float) -> "Standard":
        mean = np.average(x, axis=0, weights=w)
        spread = np.sqrt(np.average((x - mean) ** 2, axis=0, weights=w))
        flat = spread <= 1e-9 * np.maximum(1.0, np.abs(mean))
        inverse = np.where(flat, 0.0, 1.0 / np.where(flat, 1.0, spread))
        return cls(mean.astype(np.float32), inverse.astype(np.float32), clip)

    def apply(self, x: np.ndarray) -> np.ndarray:
        z = (x.astype(np.float32) - self.mean) * self.inverse
        return np.clip(z, np.float32(-self.clip), np.float32(self.clip))


@dataclass(frozen=True)
class Ensemble:
    """The standardiser and the stacked weights."""

    standard: Standard
    weights: list[np.ndarray]

    def member_logits(self, x: np.ndarray) -> np.ndarray:
        """[member, row] in float32."""
        return forward(self.weights, self.standard.apply(x))[-1][..., 0]

    def logit(self, x: np.ndarray) -> np.ndarray:
        """The mean over members, [row] in float32."""
        return self.member_logits(x).mean(axis=0)


def train(x: np.ndarray, y: np.ndarray, w: np.ndarray, config: Config, standard: Standard | None = None) -> Ensemble:
    """Trains every member at once; w scales each row's part of the loss (its mean is made 1)."""
    standard = standard or Standard.of(x, w, config.clip)
    z, target = standard.apply(x), y.astype(np.float32)[:, None]
    scale = (w / w.mean()).astype(np.float32)[:, None]
    random = np.random.default_rng(config.seed)
    weights = initial(config.members, [x.shape[1], *config.hidden, 1], random)
    adam, slope_of = Adam(config.rate, config.decay), SLOPES[config.loss]
    # The last weights start small: untrained members say nothing loud.
    weights[-2] *= np.float32(0.1)
    batches = max(1, len(z) // config.batch)
    epochs = max(config.epochs, -(-config.least_steps // batches))
    total = epochs * batches
    for _ in range(epochs):
        order = np.stack([random.permutation(len(z)) for _ in range(config.members)])
        for rows in np.array_split(order, batches, axis=1):
            layers = forward(weights, z[rows])
            slopes, _ = gradient(weights, layers, slope_of(layers[-1], target[rows], scale[rows]))
            adam.rate = config.rate * 0.5 * (1 + np.cos(np.pi * adam.step / total))
            adam.update(weights, slopes)
    return Ensemble(standard, weights)
