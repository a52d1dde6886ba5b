"""What the shipped networks reach on fresh scenes: the lecture's pattern, over three sets of scenes."""

import numpy as np
import pytest

from dlcore.topics.vqa import comparing, table
from dlcore.topics.vqa.comparing import ComparingConfig
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.grading import ROWS
from dlcore.topics.vqa.table import TableConfig

SEEDS = (21, 22, 23)
Rows = dict[str, dict[str, float]]


@pytest.fixture(scope="module")
def tables() -> list[Rows]:
    found = []
    for seed in SEEDS:
        *_, last = table.frames(TableConfig(num_scenes=200, seed=seed))
        names = ("accuracy.1", "accuracy.2", "loss", "blind.1")
        found.append({name: dict(zip(ROWS, np.asarray(last.arrays[name]).tolist(), strict=True)) for name in names})
    return found


@pytest.mark.slow
def test_nine_of_ten_answers_are_right_in_the_training_area(tables: list[Rows]) -> None:
    assert min(rows["accuracy.1"]["OA"] for rows in tables) >= 88


@pytest.mark.slow
def test_most_of_it_cannot_be_had_from_the_question(tables: list[Rows]) -> None:
    assert min(rows["accuracy.1"]["OA"] - rows["blind.1"]["OA"] for rows in tables) >= 40
    assert max(rows["blind.1"]["presence"] for rows in tables) <= 55
    assert max(rows["blind.1"]["comparison"] for rows in tables) <= 55


@pytest.mark.slow
def test_counting_is_hardest_and_presence_easy(tables: list[Rows]) -> None:
    for rows in tables:
        accuracy = rows["accuracy.1"]
        others = [accuracy[kind] for kind in ("presence", "comparison", "area", "relation")]
        assert accuracy["count"] < min(others) - 3
        assert min(accuracy["presence"], accuracy["comparison"]) >= 92


@pytest.mark.slow
def test_another_area_costs_every_type_and_counting_most(tables: list[Rows]) -> None:
    for rows in tables:
        assert all(rows["loss"][row] > 0 for row in ROWS)
        assert rows["loss"]["count"] > 20
        assert rows["loss"]["count"] == max(rows["loss"].values())


@pytest.mark.slow
@pytest.mark.parametrize("seed", SEEDS)
def test_a_product_beats_a_sum_and_attention_the_product(seed: int) -> None:
    *_, last = comparing.frames(ComparingConfig(num_scenes=200, seed=seed))
    difference = dict(zip(FUSIONS, np.asarray(last.arrays["difference"]).tolist(), strict=True))
    for key in ("add", "concatenate"):
        assert difference[key] < -2
        assert np.asarray(last.arrays[f"difference.interval.{key}"])[1] < 0  # significant with three seeds
    assert difference["attention"] > 1
    assert abs(difference["mutan"]) < 2
