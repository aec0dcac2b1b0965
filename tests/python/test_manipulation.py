"""The manipulation model's protocol: a small drawn world end to end, and its parts on cases made by hand."""

import hashlib
import json
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "notebooks"))

import fraud  # noqa: E402, F401
from fraud.data import Refused  # noqa: E402
from fraud.manipulation import baselines, events, fits, protocol, report, resembling, ship, table, worlds  # noqa: E402
from fraud.runtime import run  # noqa: E402

S = table.NANOS


def by_hand(days: int = 2, bins: int = 60, episodes: tuple = ((0, 100, 160), (1, 300, 310))) -> table.Table:
    """Symbol-days of ten-second bins from 0 s on, and episodes (day, start s, end s)."""
    day = np.repeat(np.arange(days), bins)
    start = np.tile(np.arange(bins) * 10 * S, days) + day * 86_400 * S
    listed = pd.DataFrame([{
        "id": str(at), "symbol": "A", "date": f"2018-01-{d + 1:02}", "day": d, "pattern": "layering", "strength": 1.0,
        "start": (d * 86_400 + a) * S, "end": (d * 86_400 + b) * S}
        for at, (d, a, b) in enumerate(episodes)])  # fmt: skip
    episode = np.full(len(day), -1)
    for at, one in enumerate(listed.itertuples()):
        episode[(day == one.day) & (start <= one.end) & (start + 10 * S > one.start)] = at
    date = np.array([f"2018-01-{d + 1:02}" for d in day])
    return table.Table(("a",), np.zeros((len(day), 1), np.float32), episode >= 0, np.full(len(day), "A"), date, day,
                       start, start + 10 * S, episode, listed)  # fmt: skip


def scored(one: table.Table, *alarms: tuple[int, int]) -> np.ndarray:
    """1 at (day, second), else 0."""
    score = np.zeros(len(one.y))
    for day, second in alarms:
        score[(one.day == day) & (one.start == (day * 86_400 + second) * S)] = 1
    return score


def test_an_episode_is_found_from_its_start_to_a_minute_after_its_end():
    one = by_hand()
    for second, delay in ((90, None), (100, 10), (160, 70), (220, 130), (230, None)):
        found = events.found(one, scored(one, (0, second)), 0.5)
        assert (found.delay[0] == delay) if delay else np.isnan(found.delay[0]), second
        assert found.false.tolist() == [0 if delay else 1, 0], second
    early = events.found(one, scored(one, (0, 120), (0, 110), (1, 310)), 0.5)
    assert early.delay.tolist() == [20, 20] and early.recall(15) == 0 and early.recall(30) == 1


def test_alarms_within_a_minute_are_one_alert_and_days_do_not_join():
    one = by_hand(episodes=((0, 100, 160),))
    # 300, 370: the second begins 60 s after the first one's end, and joins; 450 begins 70 s after.
    assert events.found(one, scored(one, (0, 300), (0, 370)), 0.5).false.tolist() == [1, 0]
    assert events.found(one, scored(one, (0, 300), (0, 380)), 0.5).false.tolist() == [2, 0]
    assert events.found(one, scored(one, (0, 590), (1, 0)), 0.5).false.tolist() == [1, 1]
    # An alert that reaches into an episode is not false.
    assert events.found(one, scored(one, (0, 60), (0, 110)), 0.5).false.tolist() == [0, 0]


def test_the_threshold_keeps_to_the_budget_and_lies_on_no_score():
    one = by_hand(days=4, bins=200, episodes=((0, 100, 160), (2, 500, 520)))
    random = np.random.default_rng(1)
    for budget in (0.5, 1.0, 3.0):
        score = random.random(len(one.y)) + one.y
        at = events.at_budget(one, score, budget)
        assert not np.isin(at, score) and events.found(one, score, at).false_a_day <= budget
        below = np.sort(score[score < at])[-12:]
        assert max(events.found(one, score, b).false_a_day for b in below) > budget


def test_intervals_draw_whole_days():
    one = by_hand()
    found = events.found(one, scored(one, (0, 100)), 0.5)
    told = events.summary(found)
    assert told["recall"] == 0.5 and told["intervals"]["recall"] == [0, 1] and told["found"] == 1
    assert events.summary(found) == told
    # Against scipy's law: the number of times that day 0 is drawn of 2 is binomial.
    share = (events.day_draws(2, 20_000, 3)[:, 0] == 1).mean()
    assert abs(share - 0.5) < 0.01
    same = events.difference(found, found)
    assert same == [0, 0, 0]


def test_parts_are_whole_days_in_order_with_a_purge_between():
    episodes = tuple((d, 100 + 40 * k, 110 + 40 * k) for d in range(9) for k in range(6))
    one = by_hand(days=9, bins=60, episodes=episodes)
    cuts = protocol.Cuts("2018-01-04", "2018-01-07")
    made = protocol.by_day(one, cuts)
    assert [len(np.unique(one.day[p])) for p in made.parts().values()] == [3, 3, 3]
    for before, after in ((made.train, made.validation), (made.validation, made.test)):
        assert one.start[after].min() - one.end[before].max() >= protocol.PURGE_SECONDS * S
    # A purge as long as two nights takes the first day of each later part.
    wide = protocol.by_day(one, cuts, 2 * 86_400 - 600)
    assert [len(np.unique(one.day[p])) for p in wide.parts().values()] == [3, 2, 2]
    with pytest.raises(Refused, match="draw more days"):
        protocol.cuts(by_hand(days=2))


def test_what_is_left_out_is_in_no_earlier_part():
    episodes = tuple((d, 100 + 40 * k, 110 + 40 * k) for d in range(9) for k in range(6))
    one = by_hand(days=9, bins=60, episodes=episodes)
    one = replace(one, symbol=np.where(one.day % 3 == 0, "B", "A"))
    pattern = np.where(np.arange(len(one.episodes)) % 3 == 0, "wash_trades", "layering")
    one = replace(one, episodes=one.episodes.assign(pattern=pattern))
    made = protocol.by_day(one, protocol.Cuts("2018-01-04", "2018-01-07"))
    left = protocol.without_symbol(one, made, "B")
    assert set(one.symbol[np.concatenate([left.train, left.validation])]) == {"A"}
    assert set(one.symbol[left.test]) == {"B"} and not set(left.test) & set(left.train)
    left = protocol.without_pattern(one, made, "wash_trades", after_seconds=20)
    for part in (left.train, left.validation):
        seen = one.episodes["pattern"].to_numpy()[one.episode[part][one.episode[part] >= 0]]
        assert set(seen) == {"layering"}
    assert (left.test == made.test).all() and len(left.train) < len(made.train)


def test_thinned_rows_keep_every_positive_and_the_prior():
    one = by_hand(days=9, bins=200, episodes=tuple((d, 100, 160) for d in range(9)))
    rows, w = protocol.thinned(one, np.arange(len(one.y)), 0.2, 1)
    assert one.y[rows].sum() == one.y.sum()
    assert abs((w * ~one.y[rows]).sum() / (~one.y).sum() - 1) < 0.1
    assert (protocol.thinned(one, np.arange(len(one.y)), 0.2, 1)[0] == rows).all()


def test_moving_features_of_the_forest_look_back_only_and_stay_in_their_day():
    names = ("rush_trades", "trades", "volume", "return")
    random = np.random.default_rng(2)
    one = by_hand(days=2, bins=80, episodes=((0, 100, 110),))
    one = replace(one, names=names, x=random.normal(size=(160, 4)).astype(np.float32))
    whole = baselines.la_morgia(one)
    assert whole.shape == (160, 12)
    later = one.x.copy()
    later[100:] += 5
    assert (baselines.la_morgia(replace(one, x=later))[:100] == whole[:100]).all()
    other_day = one.x.copy()
    other_day[:80] += 5
    assert (baselines.la_morgia(replace(one, x=other_day))[80:] == whole[80:]).all()
    expected = one.x[51:81, 1].astype(float)[:29].mean()
    assert abs(whole[79, 2] - one.x[50:80, 1].std(ddof=1)) < 1e-5 and np.isfinite(expected)


def test_the_pattern_named_is_that_of_the_largest_additions():
    names = tuple(dict.fromkeys(name for shown in resembling.SHOWING.values() for name in shown))
    added = np.zeros((3, len(names)))
    added[0, names.index("flicker_share")] = 2
    added[1, names.index("return_60s")] = added[2, names.index("return_60s")] = 1
    told = resembling.named(names, added, np.array([3_600.0, 300.0, 301.0]))
    assert told == ["quote_stuffing", "marking_the_close", "pump_and_dump"]


PLAN = worlds.Plan(days=6, symbols=worlds.SYMBOLS[1:3], per_day=4, seed=5)


@pytest.fixture(scope="module")
def world(tmp_path_factory):
    place = tmp_path_factory.mktemp("world")
    return table.read(worlds.draw(PLAN, place))


def test_a_world_is_labelled_finite_and_of_the_prevalence_it_should_be(world):
    assert world.days == 12 and len(world.episodes) == 48 and np.isfinite(world.x).all()
    assert 0.001 < world.y.mean() < 0.012
    assert (np.diff(world.start)[np.diff(world.day) == 0] > 0).all()
    assert world.episodes["strength"].between(0.1, 10).all()
    # No two days share what was drawn.
    assert world.episodes["strength"].nunique() > 40
    closes = world.episodes[world.episodes["pattern"] == worlds.CLOSE]
    assert 0 < len(closes) < 12


def test_everyday_acts_leave_nothing_that_only_episodes_do(world):
    """Each feature's extreme values are met outside episodes too: none gives them away alone."""
    for name in ("rush_trades", "quotes_max_10ms", "flicker_share", "inside_spread_share", "size_vanished"):
        value = world.column(name)
        outside = value[~world.y]
        assert (outside >= 3).mean() > 0.002, (name, (outside >= 3).mean())


def test_from_rows_to_a_folder_that_repeats_itself(world, tmp_path):
    split = protocol.by_day(world, protocol.cuts(world, (0.5, 0.7)))
    config = replace(fits.SMALL, members=2, epochs=2, least_steps=600)
    made = [fits.fit(world, split, config) for _ in range(2)]
    content = [ship.onnx_bytes(model, world) for model in made]
    assert content[0] == content[1] and made[0].threshold == made[1].threshold
    model, test = made[0], world.rows(split.test)
    p = ship.scored(content[0], test)
    assert np.abs(p - model.fitted.probability(test.x)).max() < 1e-5
    # The hour has no effect.
    moved = test.x.copy()
    moved[:, world.names.index("hours_to_close")] += 1
    assert (run(content[0], moved)["probability"] == p.astype(np.float32)).all()
    found = events.found(test, p, model.threshold)
    rule = baselines.rule(test)
    assert events.found(test, rule, np.quantile(rule, 0.99)).recall() >= 0
    results = {"seed": 5, "beside": {"ensemble": {"rows": {k: 0.5 for k in ("precision", "recall", "f1", "g_mean")}}}}
    place = ship.write(tmp_path, model, content[0], world, split, results, "card\n")
    told = json.loads((place / "manifest.json").read_text())
    assert told["features"]["version"] == "tape-1" and tuple(told["features"]["names"]) == world.names
    assert told["model"]["sha256"] == hashlib.sha256((place / "model.onnx").read_bytes()).hexdigest()
    assert told["golden"]["sha256"] == hashlib.sha256((place / "golden.csv").read_bytes()).hexdigest()
    golden = pd.read_csv(place / "golden.csv")
    again = run(content[0], golden[list(world.names)].to_numpy(np.float32))["probability"]
    assert np.abs(again - golden["probability"]).max() <= 1e-6
    assert len(found.delay) == len(test.episodes)


def test_the_shipped_results_are_those_of_the_shipped_model():
    place = ROOT / "data" / "models" / "manipulation" / "1"
    results = json.loads((place / "results.json").read_text())
    told = json.loads((place / "manifest.json").read_text())
    assert told["threshold"]["value"] == pytest.approx(results["threshold"], rel=1e-5)
    page = (ROOT / "docs" / "manipulation.md").read_text()
    assert report.page(page, results) == page and report.card(results) == (place / "card.md").read_text()
    ensemble = results["beside"]["ensemble"]["events"]
    for name, one in results["beside"].items():
        if name.startswith(("rule", "logistic", "forest")):
            assert ensemble["recall"] > one["events"]["recall"] and one["ensemble_gains"][1] > 0, name
    assert sum(results["parts"][p]["episodes"] for p in ("train", "validation", "test")) >= 1_000
    for pattern in worlds.PATTERNS:
        assert sum(part[pattern] for part in results["parts"].values()) >= 200, pattern
