"""Card-like rows whose structure is known: what continuous integration trains on.

Genuine rows are normal in ten features with a common factor; a fraud is of kind A (features 0-2 shifted by 3) or kind B
(features 3-4 shifted by 4 and -4). `amount` is log-normal and a little larger for frauds. The law does not drift, so
the best possible score, the log-likelihood ratio, is known and returned beside the rows.
"""

import numpy as np
import pandas as pd

FEATURES = 10
COMMON = 0.5


def likelihood_ratio(v: np.ndarray, amount: np.ndarray) -> np.ndarray:
    """ln P(row | fraud) - ln P(row | genuine)."""
    spread = COMMON**2 * np.ones((FEATURES, FEATURES)) + np.eye(FEATURES)
    precise = np.linalg.inv(spread)
    kinds = []
    for shift in shifts():
        kinds.append(v @ precise @ shift - shift @ precise @ shift / 2)
    log_amount = np.log(amount)
    of_amount = ((log_amount - 3.0) ** 2 - (log_amount - 3.5) ** 2) / 2
    return np.logaddexp(*kinds) - np.log(2) + of_amount


def shifts() -> np.ndarray:
    made = np.zeros((2, FEATURES))
    made[0, :3] = 3.0
    made[1, 3:5] = 4.0, -4.0
    return made


def table(rows: int = 12_000, prevalence: float = 0.02, seed: int = 2022) -> tuple[pd.DataFrame, np.ndarray]:
    """Columns time_s, v1 .. v10, amount, fraud; and the best score of each row."""
    random = np.random.default_rng(seed)
    fraud = random.random(rows) < prevalence
    v = random.normal(size=(rows, FEATURES)) + COMMON * random.normal(size=(rows, 1))
    v += shifts()[random.integers(0, 2, rows)] * fraud[:, None]
    amount = np.exp(random.normal(3.0 + 0.5 * fraud, 1.0))
    names = [f"v{k}" for k in range(1, FEATURES + 1)]
    made = pd.DataFrame(v.astype(np.float32), columns=names)
    made.insert(0, "time_s", np.sort(random.integers(0, 172_800, rows)))
    made["amount"] = amount.astype(np.float32)
    made["fraud"] = fraud.astype(np.int8)
    return made, likelihood_ratio(v, amount)
