"""The table, the shift and the comparison of fusions: every number is that of the answers one by one."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dlcore.datasets.aerial import ScenesConfig
from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa import comparing, shift, shipped, table
from dlcore.topics.vqa.comparing import ComparingConfig
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.grading import ROWS
from dlcore.topics.vqa.heads import Pairs, joined
from dlcore.topics.vqa.sets import BATCH, HELD, OTHER_AREA, SEEN, TESTS, TRAIN, batches
from dlcore.topics.vqa.shift import ShiftConfig
from dlcore.topics.vqa.shipped import SEEDS, answerer
from dlcore.topics.vqa.table import TableConfig
from dlcore.training import Snapshot

TABLE = TableConfig(num_scenes=40, seed=3)
SHIFT = ShiftConfig(num_scenes=40, domains=(0.0, 0.75), seed=3)
COMPARING = ComparingConfig(num_scenes=40, seed=3)


def of(frame: Snapshot, name: str) -> np.ndarray:
    return np.asarray(frame.arrays[name], float)


def asked(domain: float, seed: int = 3) -> Pairs:
    return joined(list(batches(ScenesConfig(num=40, seed=TESTS + seed, domain=domain), shipped.backbone())))


def one_by_one(key: str, seed: int, pairs: Pairs) -> np.ndarray:
    """Asks each question alone, all words and the whole map at once."""
    logits = answerer(key, seed)(pairs.features[pairs.scene], pairs.ids[pairs.query])
    return (logits.argmax(dim=1) == pairs.answer).numpy()


@pytest.fixture(scope="module")
def areas() -> dict[str, Pairs]:
    return {"1": asked(0.0), "2": asked(OTHER_AREA)}


@pytest.fixture(scope="module")
def counted() -> list[Snapshot]:
    return list(table.frames(TABLE))


@pytest.fixture(scope="module")
def shifted() -> list[Snapshot]:
    return list(shift.frames(SHIFT))


@pytest.fixture(scope="module")
def compared() -> list[Snapshot]:
    return list(comparing.frames(COMPARING))


def test_no_test_has_a_scene_that_was_learnt_from() -> None:
    assert len({TRAIN, HELD, SEEN}) == 3
    assert max(TRAIN, HELD, SEEN) < TESTS
    assert TABLE.scenes("1").seed == SHIFT.scenes(0.0).seed == COMPARING.scenes.seed == TESTS + 3


@pytest.mark.parametrize("run", ["counted", "shifted", "compared"])
def test_frames_add_scenes_from_none(run: str, request: pytest.FixtureRequest) -> None:
    found: list[Snapshot] = request.getfixturevalue(run)
    config = {"counted": TABLE, "shifted": SHIFT, "compared": COMPARING}[run]
    assert config.counts == (0, 20, 40)
    assert len(found) == config.num_frames
    counts = [int(frame.arrays["count"]) for frame in found]
    assert counts[0] == 0 < counts[1] < counts[2]
    shapes = [{name: (np.shape(value), value.dtype) for name, value in frame.arrays.items()} for frame in found]
    assert all(shape == shapes[0] for shape in shapes)
    assert all(np.isnan(value).all() for name, value in found[0].arrays.items() if name != "count")


@pytest.mark.parametrize("test", ["1", "2"])
def test_the_table_counts_right_answers(test: str, counted: list[Snapshot], areas: dict[str, Pairs]) -> None:
    pairs = areas[test]
    types = pairs.type.numpy()
    for name, key in (("accuracy", "product"), ("blind", "blind")):
        rows = []
        for seed in SEEDS:
            hit = one_by_one(key, seed, pairs)
            shares = [100 * hit[types == kind].mean() for kind in range(5)]
            rows.append([*shares, np.mean(shares), 100 * hit.mean()])
        assert of(counted[-1], f"{name}.{test}") == pytest.approx(np.mean(rows, axis=0), abs=1e-3)
        if name == "accuracy":
            assert of(counted[-1], f"spread.{test}") == pytest.approx(np.std(rows, axis=0, ddof=1), abs=1e-3)
            assert of(counted[-1], f"average4.{test}") == pytest.approx(np.mean(rows, axis=0)[:4].mean(), abs=1e-3)


def test_the_majority_is_what_training_taught(counted: list[Snapshot], areas: dict[str, Pairs]) -> None:
    pairs, commonest = areas["1"], shipped.facts("blind")["majority"]
    hit = np.array([ANSWERS[a] == commonest[t] for a, t in zip(pairs.answer, pairs.type, strict=True)])
    assert of(counted[-1], "majority.1")[-1] == pytest.approx(100 * hit.mean(), abs=1e-3)


def test_the_loss_is_what_the_other_area_costs(counted: list[Snapshot]) -> None:
    last = counted[-1]
    assert of(last, "loss") == pytest.approx(of(last, "accuracy.1") - of(last, "accuracy.2"), abs=1e-3)
    for place, row in enumerate(ROWS):
        wanted = [of(last, f"accuracy.{test}")[place] for test in "12"]
        assert of(last, f"pair.{row}") == pytest.approx(wanted, abs=1e-4)


def test_the_shift_has_the_tables_numbers_at_the_tables_domains(
    counted: list[Snapshot], shifted: list[Snapshot]
) -> None:
    for name in ("accuracy", "blind"):
        for place, row in enumerate(ROWS):
            wanted = [of(counted[-1], f"{name}.{test}")[place] for test in "12"]
            assert of(shifted[-1], f"{name}.{row}") == pytest.approx(wanted, abs=1e-3)


def test_intervals_hold_the_accuracy_and_shrink(shifted: list[Snapshot]) -> None:
    widths = []
    for frame in shifted[1:]:
        for row in ROWS:
            low, mean, high = (of(frame, f"{name}.{row}") for name in ("low", "accuracy", "high"))
            assert ((low <= mean) & (mean <= high)).all()
        widths.append((of(frame, "high.OA") - of(frame, "low.OA")).mean())
    assert widths[1] < widths[0]


def test_fusions_are_compared_seed_by_seed(compared: list[Snapshot], areas: dict[str, Pairs]) -> None:
    last, keys = compared[-1], tuple(FUSIONS)
    accuracy = np.array([[100 * one_by_one(key, seed, areas["1"]).mean() for key in keys] for seed in SEEDS])
    for seed in SEEDS:
        assert of(last, f"accuracy.{seed}") == pytest.approx(accuracy[seed], abs=1e-3)
    assert of(last, "mean") == pytest.approx(accuracy.mean(axis=0), abs=1e-3)
    differences = accuracy - accuracy[:, [keys.index("product")]]
    assert of(last, "difference") == pytest.approx(differences.mean(axis=0), abs=1e-3)
    half = 4.302653 * differences.std(axis=0, ddof=1) / 3**0.5  # Student's t for two degrees of freedom
    for place, key in enumerate(keys):
        low, high = of(last, f"difference.interval.{key}")
        if key == "product":
            assert np.isnan([low, high]).all()
        else:
            assert (high - low) / 2 == pytest.approx(half[place], rel=1e-3, abs=1e-3)
            assert (high + low) / 2 == pytest.approx(differences.mean(axis=0)[place], abs=1e-3)


WRONG: list[tuple[Any, str, object]] = [
    (TABLE, "fusion", "glue"),
    (TABLE, "num_scenes", BATCH - 1),
    (TABLE, "domain", 2),
    (TABLE, "seed", -1),
    (SHIFT, "domains", ()),
    (SHIFT, "domains", (0.0, 1.5)),
    (SHIFT, "num_scenes", 5000),
    (COMPARING, "domain", -0.5),
    (COMPARING, "num_scenes", 0),
]


@pytest.mark.parametrize(("config", "field", "value"), WRONG)
def test_bad_settings_are_refused(config: Any, field: str, value: object) -> None:
    with pytest.raises(ValueError, match=field):
        replace(config, **{field: value})
