"""Live training: when frames come, what they say, and that it gets somewhere; on drawn scenes and on RSVQA's files."""

from collections.abc import Generator
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import numpy as np
import pytest

from dlcore.datasets import rsvqa
from dlcore.datasets.aerial_questions import TYPES
from dlcore.datasets.files import VARIABLE
from dlcore.topics.vqa import heads, learning, material
from dlcore.topics.vqa.learning import EVERY, LearningConfig, frames
from dlcore.topics.vqa.material import BLOCK, drawn
from dlcore.training import Snapshot
from tests.datasets.written_rsvqa import write

SMALL = LearningConfig(num_scenes=100, num_steps=75)


@pytest.fixture(scope="module", autouse=True)
def few_tests() -> Generator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(material, "NUM_TEST", 20)
        yield


@pytest.fixture(scope="module")
def run() -> list[Snapshot]:
    return list(frames(SMALL))


def of(frame: Snapshot, name: str) -> float:
    return float(frame.arrays[name])


def test_there_is_a_frame_at_every_step_that_is_announced(run: list[Snapshot]) -> None:
    assert [int(of(frame, "step")) for frame in run] == list(SMALL.steps) == [0, EVERY, 2 * EVERY, 3 * EVERY]
    assert SMALL.num_frames == len(run)
    names = {"step", "loss", "train", "overall", "overall.other", "scenes"}
    names |= {f"{part}.{kind}" for part in ("accuracy", "other") for kind in TYPES}
    assert all(frame.arrays.keys() == names for frame in run)
    assert not any(frame.said for frame in run)


def test_scenes_come_in_during_the_first_half(run: list[Snapshot]) -> None:
    assert [of(frame, "scenes") for frame in run] == [BLOCK, 2 * BLOCK, 2 * BLOCK, 2 * BLOCK]


def test_before_any_update_it_knows_nothing_and_then_it_learns(run: list[Snapshot]) -> None:
    first, *_, last = run
    assert of(first, "overall") < 35
    assert of(last, "loss") < of(first, "loss") - 0.5
    assert of(last, "overall") > of(first, "overall") + 10


def test_the_overall_accuracy_is_that_of_all_questions(run: list[Snapshot]) -> None:
    tests = drawn(100).tests()
    for part, every, test in zip(("accuracy", "other"), ("overall", "overall.other"), tests, strict=True):
        assert test is not None
        counts = test.type.bincount(minlength=len(TYPES)).numpy()
        shares = np.array([of(run[-1], f"{part}.{kind}") for kind in TYPES])
        assert of(run[-1], every) == pytest.approx(shares @ counts / counts.sum(), abs=1e-3)


def test_the_same_settings_give_the_same_run_and_it_can_be_stopped(run: list[Snapshot]) -> None:
    going = frames(SMALL)
    assert isinstance(going, Generator)
    for again, frame in zip(islice(going, 2), run, strict=False):
        assert all(np.array_equal(value, frame.arrays[name]) for name, value in again.arrays.items())
    going.close()
    assert list(going) == []


def test_a_run_that_diverges_says_what_left_and_keeps_the_last_finite_state(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(heads, "LARGEST", 5.0)
    *before, last = frames(replace(SMALL, lr=10.0))
    assert last.said.startswith("The network: the weights grew")
    assert not any(frame.said for frame in before)
    assert all(np.isfinite(value).all() for value in last.arrays.values())


# RSVQA


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    material._seen.cache_clear()
    return write(tmp_path)


@pytest.mark.usefixtures("folder")
def test_it_learns_from_the_published_files_where_they_are() -> None:
    config = replace(SMALL, data="rsvqa")
    first, *_, last = frames(config)
    assert config.types == rsvqa.TYPES
    assert of(last, "scenes") == 2
    assert of(last, "train") > 90  # ten questions by heart
    assert of(last, "loss") < of(first, "loss")
    for kind in rsvqa.TYPES:
        assert 0 <= of(last, f"accuracy.{kind}") <= 100
        assert np.isnan(of(last, f"other.{kind}"))
    assert np.isnan(of(last, "overall.other"))


def test_without_the_files_one_sentence_says_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VARIABLE, str(tmp_path))
    with pytest.raises(ValueError, match="has no rsvqa/"):
        next(frames(replace(SMALL, data="rsvqa")))


@pytest.mark.parametrize(
    ("field", "value"),
    [("fusion", "glue"), ("num_scenes", 10), ("num_steps", 3), ("lr", 0.0), ("dropout", 1.0), ("data", "photos")],
)
def test_bad_settings_are_refused(field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        replace(SMALL, **{field: value})


def test_blocks_are_all_known_from_the_middle_on() -> None:
    many = drawn(1000)
    known = [learning._num_blocks(step, 600, many) for step in range(600)]
    assert known[0] == 1
    assert known[300:] == [20] * 300
    assert all(0 <= after - before <= 1 for before, after in pairwise(known))
