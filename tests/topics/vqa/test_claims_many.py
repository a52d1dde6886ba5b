"""What the scenes on many questions say: how far one gets blind, what is hardest, another area, and fusions."""

import numpy as np
import pytest

from dlcore.datasets.aerial_questions import ANSWERS, TYPES
from dlcore.figures.vqa_looks import PUBLISHED
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.grading import FOUR, ROWS
from dlcore.topics.vqa.sets import OTHER_AREA
from dlcore.topics.vqa.shipped import SEEDS
from dlcore.ui.vqa_text import WHY
from tests.topics.vqa.claims import (
    POSSIBLE,
    SETS,
    answers,
    chosen,
    claim,
    config,
    fresh,
    last,
    near,
    percent,
    rows,
    says,
)

COUNT, RELATION, OVERALL = (ROWS.index(name) for name in ("count", "relation", "OA"))
MANY = 300  # scenes of a set of a slow test
OTHERS = ("presence", "comparison", "area", "relation")

# Without looking


@claim("bias")
def test_who_knows_the_commonest_answers_is_right_on_nearly_forty_percent() -> None:
    says("bias", "38 to 39 %, and half of all yes-or-no questions, though the questions are balanced")
    assert chosen("bias") == "Nearly 40 %"
    right, shares = last("bias", "by_question"), _shares()
    assert near(right @ shares, 38.5, within=0.8)
    for kind in ("presence", "comparison"):
        assert near(right[TYPES.index(kind)], 50, within=1.5)
        assert near(last("bias", f"shares.{kind}")[0], 50, within=1.5)


@claim("bias")
@pytest.mark.parametrize("number", SETS)
def test_the_blind_network_reaches_the_same(number: int) -> None:
    says("bias", "The blind network reaches the same, and no more")
    for seed in SEEDS:
        assert near(rows("blind", number)[seed, OVERALL], 38.6, within=0.5)


@pytest.mark.parametrize("number", SETS)
def test_a_deaf_network_answers_yes_or_no_and_is_worse_still(number: int) -> None:
    """It cannot know what is asked: so it says what is right most often."""
    yes_or_no = [ANSWERS.index("yes"), ANSWERS.index("no")]
    for seed in SEEDS:
        assert np.isin(answers("deaf", seed, number), yes_or_no).mean() > 0.95
        assert rows("deaf", number)[seed, OVERALL] < 33


def _shares() -> np.ndarray:
    """How many of the questions are of each type."""
    kinds = np.bincount(fresh(0).types, minlength=len(TYPES))
    return kinds / kinds.sum()


# What is hardest


@claim("count")
def test_counts_are_worst_and_all_else_is_at_90_percent_and_more() -> None:
    says("count", "About 82 % of the counts are right, and 90 to 96 % of the others")
    assert chosen("count") == "Counts again"
    found = dict(zip(ROWS, last("count", "accuracy.1"), strict=True))
    assert near(found["count"], 82, within=1.5)
    for kind in OTHERS:
        assert near(found[kind], 93, within=3.3)
    blind = last("count", "blind.1")
    assert found["OA"] - blind[OVERALL] > 50


@claim("count")
@pytest.mark.parametrize("number", SETS)
def test_so_it_is_on_other_scenes(number: int) -> None:
    found = dict(zip(ROWS, rows("product", number).mean(axis=0), strict=True))
    assert near(found["count"], 82, within=2.5)
    assert min(found[kind] for kind in OTHERS) > found["count"] + 6
    assert found["OA"] > 89
    assert rows("product", number)[:, OVERALL].min() > percent("blind", "OA", number) + 50


@claim("count")
@pytest.mark.parametrize("number", SETS)
def test_the_more_there_is_to_count_the_fewer_counts_are_right(number: int) -> None:
    says("count", "a count is right only if every single thing was seen")
    none, few, some = (_counts_right(number, 0.0, *numbers) for numbers in ((0, 0), (1, 4), (5, 7)))
    assert none > few + 5
    assert few > some + 5


@claim("count")
def test_in_the_published_results_counts_are_worst_too() -> None:
    says("count", "So it was in the published results, too")
    for test in (0, 1):
        assert min(FOUR, key=lambda kind: PUBLISHED[kind][test]) == "count"


def _counts_right(number: int, domain: float, low: int, high: int) -> float:
    """Percent of the product's counts that are right, where there are low to high things."""
    data = fresh(number, domain)
    true = data.true - ANSWERS.index("0")
    asks = (data.types == TYPES.index("count")) & (low <= true) & (true <= high)
    return 100 * float(np.mean([answers("product", seed, number, domain)[asks] == data.true[asks] for seed in SEEDS]))


# Another area


@claim("area")
def test_counts_lose_most_and_every_type_loses() -> None:
    says("area", "At 0.75 counts have lost over 30 points", "presence about 9. Every type loses")
    assert chosen("area") == "Count"
    far = config("area").domains.index(OTHER_AREA)
    lost = {kind: np.subtract(*last("area", f"accuracy.{kind}")[[0, far]]) for kind in TYPES}
    assert lost["count"] > 30
    assert near(lost["presence"], 9, within=1.5)
    assert min(lost.values()) > 3


@claim("area")
@pytest.mark.parametrize("number", SETS)
def test_so_it_is_on_other_plans(number: int) -> None:
    lost = rows("product", number).mean(axis=0) - rows("product", number, OTHER_AREA).mean(axis=0)
    assert lost.min() > 1.5
    assert lost[COUNT] > 30
    assert lost[COUNT] > 2 * np.delete(lost, COUNT).max()


@pytest.mark.slow
@claim("area")
@pytest.mark.parametrize("number", SETS)
def test_on_many_scenes_presence_loses_nine_points_and_counts_thirty(number: int) -> None:
    here, there = (rows("product", number, domain, MANY).mean(axis=0) for domain in (0.0, OTHER_AREA))
    lost = dict(zip(ROWS, here - there, strict=True))
    assert near(lost["presence"], 9, within=1.6)
    assert near(lost["count"], 32.5, within=2.5)
    assert min(lost.values()) > 3


@claim("area")
@pytest.mark.parametrize("number", SETS)
@pytest.mark.parametrize(("low", "high"), [(0, 0), (1, 2), (3, 4), (5, 7)])
def test_at_equal_true_numbers_fewer_counts_are_right(number: int, low: int, high: int) -> None:
    says("area", "at equal true numbers, too")
    assert _counts_right(number, 0.0, low, high) > _counts_right(number, OTHER_AREA, low, high) + 8


@claim("area")
def test_counts_fall_at_once_and_the_others_later() -> None:
    says("area", "counts at once, the others later")
    assert config("area").domains[:3] == (0, 0.25, 0.5)
    near_by = {kind: np.subtract(*last("area", f"accuracy.{kind}")[:2]) for kind in TYPES}
    assert near_by.pop("count") > 8
    assert max(near_by.values()) < 2


@claim("area")
def test_the_plan_stays_and_there_are_a_few_more_things() -> None:
    says("area", "The same plans, but other colours, smaller houses, a few more things")
    assert "there are more and smaller houses" in WHY["table"]
    assert "The plan stays, and only a few things are added" in WHY["shift"]
    for number in SETS:
        here, there = (fresh(number, domain).graphs for domain in (0.0, OTHER_AREA))
        more = [len(b.things) - len(a.things) for a, b in zip(here, there, strict=True)]
        assert near(np.mean(more), 2, within=0.5)
        size = [np.mean([house.size for graph in area for house in graph.of("house")]) for area in (here, there)]
        assert size[1] < 0.95 * size[0]
        for kind in ("river", "road", "lake"):
            assert [graph.count(kind) for graph in here] == [graph.count(kind) for graph in there]


@pytest.mark.slow
@claim("area")
@pytest.mark.parametrize("number", SETS)
def test_step_by_step_fewer_answers_are_right(number: int) -> None:
    domains = (0.0, 0.25, 0.5, OTHER_AREA, 1.0)
    found = np.array([rows("product", number, domain).mean(axis=0) for domain in domains])
    assert (np.diff(found[:, OVERALL]) < -2).all()
    assert (np.diff(found[:, COUNT]) < -3).all()
    assert np.diff(found[:2], axis=0)[0, 1:5].mean() > -2  # the other types, at a quarter of the way


# Fusions


@claim("fusion")
def test_the_product_beats_the_sum_by_four_to_five_points_each_of_three_times() -> None:
    says("fusion", "By 4 to 5 points, each of three times", "Same pictures, same questions, same budget")
    assert chosen("fusion") == "By a few points"
    ahead = [_accuracy("product", seed) - _accuracy("add", seed) for seed in SEEDS]
    assert near(np.mean(ahead), 4.5, within=0.5)
    assert min(ahead) > 3.5
    assert last("fusion", "difference.interval.add")[1] < -3


@claim("fusion")
def test_attention_is_ahead_and_mutan_as_good_as_the_product() -> None:
    says("fusion", "Attention is 2 to 3 above the product, MUTAN within one point of it")
    low, high = last("fusion", "difference.interval.attention")
    assert low > 0
    assert near((low + high) / 2, 2.5, within=0.5)
    for seed in SEEDS:
        assert abs(_accuracy("mutan", seed) - _accuracy("product", seed)) < 1
    for key in ("mcb", "concatenate"):  # what else the intervals tell from the product
        assert last("fusion", f"difference.interval.{key}")[1] < 0


@claim("fusion")
@pytest.mark.parametrize("number", SETS)
@pytest.mark.parametrize("domain", [0.0, OTHER_AREA])
def test_so_it_is_on_other_scenes_of_both_areas(number: int, domain: float) -> None:
    product, add, attention, mutan = (
        rows(key, number, domain)[:, OVERALL] for key in ("product", "add", "attention", "mutan")
    )
    assert (product - add).min() > 2.5
    assert near((product - add).mean(), 4.4, within=1.5)
    assert near((attention - product).mean(), 2.2, within=1.2)
    assert abs((mutan - product).mean()) < 1


@claim("fusion")
@pytest.mark.parametrize("number", SETS)
def test_most_of_it_is_in_relations(number: int) -> None:
    says("fusion", "most of it in relations, where the question has to choose what is compared")
    data = fresh(number)
    relations = data.types == TYPES.index("relation")
    gained = np.mean([_right("product", seed, number) - _right("add", seed, number) for seed in SEEDS], axis=0)
    assert gained[relations].sum() > 0.5 * gained.sum()
    ahead = rows("product", number)[:, RELATION] - rows("add", number)[:, RELATION]
    assert ahead.min() > 10


def _right(key: str, seed: int, number: int) -> np.ndarray:
    """1 where an answer is right, else 0."""
    return (answers(key, seed, number) == fresh(number).true).astype(float)


def test_there_is_always_an_answer_and_nearly_always_a_possible_one() -> None:
    assert "the network is never at a loss for one, whatever it is asked" in WHY["read"]
    data = fresh(1, OTHER_AREA)
    for key in FUSIONS:
        if key != "deaf":
            found = POSSIBLE[data.pairs.query.numpy(), answers(key, 0, 1, OTHER_AREA)]
            assert found.mean() > 0.99


def _accuracy(key: str, seed: int) -> float:
    return float(last("fusion", f"accuracy.{seed}")[list(FUSIONS).index(key)])
