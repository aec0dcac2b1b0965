"""Line against tree, out of fold, by scikit-learn; the tree is chosen inside each training part."""

from functools import partial

import numpy as np
from sklearn.linear_model import LinearRegression
from sklearn.tree import DecisionTreeRegressor

from .folds import purged, shuffled
from .moments import hac_error

FOLDS, INNER_FOLDS = 10, 4
DEPTHS, LEAVES = (1, 2, 3, 4, 6), (100, 30, 10)


def contest(flow: np.ndarray, change: np.ndarray, places: np.ndarray, seed: int) -> dict:
    """Both kinds of folds on the same windows; MSE in cents squared."""
    return {
        "shuffled": bout(flow, change, places, shuffled(len(flow), FOLDS, seed)),
        "purged": bout(flow, change, places, purged(places, FOLDS)),
    }


def bout(flow, change, places, splits) -> dict:
    x = flow.astype(float)[:, None]
    ols, tree, trees = np.zeros(len(x)), np.zeros(len(x)), []
    for train, test in splits:
        depth, leaf = choose(x[train], change[train], places[train])
        trees.append({"depth": depth, "leaf": leaf})
        for model, squares in ((LinearRegression(), ols), (grown(depth, leaf), tree)):
            model.fit(x[train], change[train])
            squares[test] = (change[test] - model.predict(x[test])) ** 2
    variance, difference = change.var(), ols - tree
    error = hac_error(difference)
    return {
        "n": len(x),
        "mse_ols_cents2": ols.mean(), "mse_tree_cents2": tree.mean(),
        "r2_ols": 1 - ols.mean() / variance, "r2_tree": 1 - tree.mean() / variance,
        "mse_difference_cents2": difference.mean(), "mse_difference_se_hac_cents2": error,
        "better": "tree" if difference.mean() > 2 * error else "ols" if difference.mean() < -2 * error else "tie",
        "trees": trees,
    }  # fmt: skip


def grown(depth: int, leaf: int) -> DecisionTreeRegressor:
    return DecisionTreeRegressor(max_depth=depth, min_samples_leaf=leaf, min_samples_split=2 * leaf, random_state=0)


def choose(x, y, places) -> tuple[int, int]:
    """Least squared error over four purged folds of the training part; the simpler tree wins a tie."""
    splits = purged(places, INNER_FOLDS)
    return min(((d, leaf) for d in DEPTHS for leaf in LEAVES), key=partial(_squares, x, y, splits))


def _squares(x, y, splits, tree: tuple[int, int]) -> float:
    said = [(y[test], grown(*tree).fit(x[train], y[train]).predict(x[test])) for train, test in splits]
    return sum(float(np.sum((truth - guess) ** 2)) for truth, guess in said)
