"""What the Python side reads and splits, and what it refuses to learn from."""

import sys
from dataclasses import replace
from pathlib import Path

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
sys.path.insert(0, str(NOTEBOOKS))

import fraud  # noqa: E402, F401  first: it sets the number of threads
import numpy as np  # noqa: E402
import pandas as pd  # noqa: E402
import pytest  # noqa: E402
from fraud import data, generate, train  # noqa: E402
from fraud import split as splitting  # noqa: E402
from fraud.__main__ import main  # noqa: E402

SMALL = replace(train.RECIPE, members=1, least_steps=300, epochs=1)


@pytest.fixture()
def table():
    return generate.table(3000, 0.05)[0]


@pytest.mark.parametrize("spoil, told", [
    (lambda t: t.assign(v3=t["v3"].where(t.index != 17)), "'v3', row 17 of 3000"),
    (lambda t: t.assign(fraud=t["fraud"] * 2), "holds 2; a label is 0 or 1"),
    (lambda t: t.assign(shop="corner"), "'shop' holds 'corner', not numbers"),
    (lambda t: t.assign(chargeback=t["fraud"]), "'chargeback' is the label itself"),
    (lambda t: t.assign(fraud=0), "holds 0 positives"),
    (lambda t: t.assign(time_s=range(3000), fraud=[1] * 100 + [0] * 2900), "validation part holds 0 positives"),
    (lambda t: t.drop(columns="time_s"), "no column 'time_s'"),
])  # fmt: skip
def test_refusals_say_where_and_what(table, spoil, told):
    with pytest.raises(data.Refused, match=told):
        spoiled = data.from_table(spoil(table), "fraud", "time_s", None)
        splitting.split(spoiled)


def test_overlap_and_straddling_groups_are_refused(table):
    rows = data.from_table(table, "fraud", "time_s", None)
    parts = splitting.split(rows)
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
