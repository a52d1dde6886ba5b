"""The programs that are shown are run, and give the runs' own numbers."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from dlcore.datasets.aerial_questions import ANSWERS, TYPES
from dlcore.topics.vqa import census, comparing, learning, shift, table
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.census import CensusConfig
from dlcore.topics.vqa.changes import ChangesConfig, trace
from dlcore.topics.vqa.comparing import USUAL, ComparingConfig
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.grading import ROWS
from dlcore.topics.vqa.learning import LearningConfig
from dlcore.topics.vqa.run_programs import PROGRAMS
from dlcore.topics.vqa.shift import ShiftConfig
from dlcore.topics.vqa.shipped import SEEDS
from dlcore.topics.vqa.sight import Sight, own
from dlcore.topics.vqa.table import TableConfig
from tests.datasets.written_rsvqa import write
from tests.topics.vqa.given import first, noise, village

MANY = 'move house 1 40 52; remove house 2; ask Are there, "any" boats?; add boat 20 30; grey; colour; ask why'


def left(config: Any) -> dict[str, Any]:
    """What the config's program leaves."""
    scope: dict[str, Any] = {}
    exec(compile(PROGRAMS[type(config)](config), "program", "exec"), scope)
    return scope


@pytest.mark.parametrize(
    ("sight", "changes"),
    [
        (first(village), MANY),
        (first(village), ""),
        (Sight(seed=2, domain=0.5, edits="add boat 30 30", grey=True), "colour; remove boat 1"),
    ],
)
def test_changes(sight: Sight, changes: str) -> None:
    config = ChangesConfig(asked=Asked(sight=sight, model="attention", seed=2), changes=changes)
    scope, found = left(config), trace(config)
    assert scope["chances"].numpy() == pytest.approx(found["chances"], abs=1e-5)
    places = [-1 if truth is None else ANSWERS.index(truth) for truth in scope["truths"]]
    assert places == found["truth"].tolist()


def test_changes_of_an_own_picture(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    Image.fromarray(noise(100, 130)).save(tmp_path / "picture.png")
    monkeypatch.chdir(tmp_path)
    config = ChangesConfig(asked=Asked(sight=own(noise(100, 130))), changes="ask is there a lake; grey; colour")
    assert left(config)["chances"].numpy() == pytest.approx(trace(config)["chances"], abs=1e-5)


@pytest.mark.parametrize("config", [CensusConfig(num_scenes=60), CensusConfig(num_scenes=25, domain=0.75, seed=4)])
def test_census(config: CensusConfig) -> None:
    scope, last = left(config), list(census.frames(config))[-1].arrays
    assert scope["count"] == last["count"]
    for kind in TYPES:
        assert np.array(scope["shares"][kind]) == pytest.approx(last[f"shares.{kind}"], abs=1e-3)
    for name in ("majority", "by_question"):
        assert np.array(scope[name]) == pytest.approx(last[name], abs=1e-3)


def test_table() -> None:
    config = TableConfig(fusion="mutan", num_scenes=20, domain=0.5, seed=3)
    scope, last = left(config), list(table.frames(config))[-1].arrays
    for name in ("accuracy", "spread", "blind", "majority"):
        for test in ("1", "2"):
            assert scope[name][test].numpy() == pytest.approx(last[f"{name}.{test}"], abs=1e-3)


def test_shift() -> None:
    config = ShiftConfig(fusion="attention", num_scenes=20, domains=(0.0, 0.8), seed=1)
    scope, last = left(config), list(shift.frames(config))[-1].arrays
    for name in ("accuracy", "blind"):
        rows = np.stack([last[f"{name}.{row}"] for row in ROWS], axis=1)
        assert scope[name].numpy() == pytest.approx(rows, abs=1e-3)


def test_comparing() -> None:
    config = ComparingConfig(num_scenes=20, domain=0.25, seed=2)
    scope, last = left(config), list(comparing.frames(config))[-1].arrays
    assert scope["accuracy"].numpy() == pytest.approx(np.stack([last[f"accuracy.{seed}"] for seed in SEEDS]), abs=1e-3)
    for name in ("mean", "difference"):
        assert scope[name].numpy() == pytest.approx(last[name], abs=1e-3)
    for place, key in enumerate(FUSIONS):
        if key != USUAL:
            low, high = np.asarray(last[f"difference.interval.{key}"])
            assert float(scope["reach"][place]) == pytest.approx((high - low) / 2, abs=1e-3)


def assert_learnt(config: LearningConfig) -> None:
    scope, last = left(config), list(learning.frames(config))[-1].arrays
    assert scope["loss"] == pytest.approx(float(last["loss"]), rel=1e-3)
    names = [*(f"accuracy.{kind}" for kind in config.types), "overall"]
    # the order of sums is another one, so that a close call may fall otherwise
    assert scope["here"].numpy() == pytest.approx([last[name] for name in names], abs=1.5, nan_ok=True)
    if config.data == "drawn":
        names = [*(f"other.{kind}" for kind in config.types), "overall.other"]
        assert scope["other"].numpy() == pytest.approx([last[name] for name in names], abs=1.5)


@pytest.mark.parametrize("fusion", ["product", "attention", "deaf"])
def test_learning(fusion: str) -> None:
    assert_learnt(LearningConfig(fusion=fusion, num_scenes=120, num_steps=30, lr=1e-3, dropout=0.2, seed=1))


def test_learning_from_published_pictures(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write(tmp_path)
    monkeypatch.setenv("DESCENT_DATA", str(tmp_path))
    assert_learnt(LearningConfig(data="rsvqa", num_steps=25))


@pytest.mark.parametrize(
    "config",
    [
        LearningConfig(),
        LearningConfig(data="rsvqa"),
        TableConfig(),
        ShiftConfig(),
        ComparingConfig(),
        ChangesConfig(asked=Asked(sight=first(village)), changes=MANY),
        ChangesConfig(),
        CensusConfig(),
    ],
)
def test_a_program_is_short_and_its_lines_too(config: Any) -> None:
    lines = PROGRAMS[type(config)](config).splitlines()
    assert 10 <= len(lines) <= 75
    assert max(map(len, lines)) <= 120
