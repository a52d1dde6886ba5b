"""The census: its frames count the questions of the scenes so far, and nothing is learnt by heart."""

import numpy as np
import pytest

from dlcore.datasets.aerial import SceneConfig, ScenesConfig, layout, picture
from dlcore.datasets.aerial_questions import ANSWERS_OF, TYPES, QuestionsConfig, statistics
from dlcore.topics.vqa.census import CensusConfig, frames

CONFIG = CensusConfig(num_scenes=50, seed=2)


@pytest.fixture(scope="module")
def rows() -> list[dict[str, np.ndarray]]:
    return [{name: np.asarray(array) for name, array in frame.arrays.items()} for frame in frames(CONFIG)]


def test_each_frame_adds_scenes_and_the_first_knows_nothing(rows: list[dict[str, np.ndarray]]) -> None:
    assert CONFIG.counts == (0, 20, 40, 50)
    assert len(rows) == CONFIG.num_frames == 4
    assert rows[0]["count"] == 0
    for name, array in rows[0].items():
        if name not in ("count", "picture"):
            assert np.isnan(array).all()
    counts = [float(row["count"]) for row in rows]
    assert counts == pytest.approx([0, 320, 640, 800], rel=0.1)
    shapes = [{name: (array.shape, array.dtype) for name, array in row.items()} for row in rows]
    assert all(shape == shapes[0] for shape in shapes)


def test_the_last_frame_counts_the_whole_set(rows: list[dict[str, np.ndarray]]) -> None:
    scenes = ScenesConfig(num=50, seed=2)
    found = statistics(QuestionsConfig(scenes=scenes, seed=2).make())
    assert rows[-1]["count"] == sum(found.num.values())
    for name in TYPES:
        assert rows[-1][f"shares.{name}"].shape == (len(ANSWERS_OF[name]),)
        np.testing.assert_allclose(rows[-1][f"shares.{name}"], 100 * found.shares[name], rtol=1e-6)
        assert rows[-1][f"shares.{name}"].sum() == pytest.approx(100, abs=1e-3)


def test_without_looking_one_is_right_about_as_often_as_chance(rows: list[dict[str, np.ndarray]]) -> None:
    presence, comparison = (TYPES.index(name) for name in ("presence", "comparison"))
    for name in ("majority", "by_question"):
        assert rows[-1][name].shape == (len(TYPES),)
        assert rows[-1][name][[presence, comparison]] == pytest.approx(50, abs=13)
        assert rows[-1][name].max() < 65


def test_the_picture_is_the_newest_scene(rows: list[dict[str, np.ndarray]]) -> None:
    seeds = [ScenesConfig(num=50, seed=2).scene(number).seed for number in (0, 19, 39, 49)]
    for row, seed in zip(rows, seeds, strict=True):
        np.testing.assert_array_equal(row["picture"], picture(layout(SceneConfig(seed=seed)), fine=True))


@pytest.mark.parametrize(("field", "value"), [("num_scenes", 19), ("num_scenes", 1001), ("domain", 1.5), ("seed", -1)])
def test_what_cannot_be_counted_is_refused(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{field} is {value}"):
        CensusConfig(**{field: value})  # pyright: ignore[reportArgumentType]
