"""What a hand does in the pictures of the lesson on dropout becomes controls; what can be taken away is complete."""

import csv
import io
from typing import Any, cast

import numpy as np
import pytest

from dlcore.topics import dropout_runs
from dlcore.topics.dropout_config import DropoutConfig, ScalingConfig
from dlcore.topics.dropout_scaling import trace
from dlcore.ui import dropout_hands
from dlcore.ui.controls import Controls
from dlcore.ui.dropout_rail import DEFAULTS, kept
from dlcore.ui.dropout_text import curves_csv, masks_csv


class Rail:
    """The controls, without a page."""

    def __init__(self, **values: Any) -> None:
        self.values = {**DEFAULTS, "step": 5, **values}

    def restart(self, **values: Any) -> None:
        assert set(values) <= set(DEFAULTS)
        self.values |= {**values, "step": 0}

    def present(self, name: str) -> Any:
        return self.values[name]


def clicked(mask: str, x: float, y: float = 2.0) -> Any:
    rail = Rail(mask=mask)
    dropout_hands.listeners(cast("Controls", rail), ScalingConfig(mask=mask))["on_pick"](x, y)
    return rail.values


@pytest.mark.parametrize(
    ("mask", "x", "after"),
    [("", 2.2, "110111"), ("110111", 1.8, ""), ("110111", 0.0, "010111"), ("000000", 5.4, "000001")],
)
def test_a_click_on_a_unit_turns_it_in_frame_0(mask: str, x: float, after: str) -> None:
    values = clicked(mask, x)
    assert values["mask"] == after
    assert values["step"] == 0


@pytest.mark.parametrize("x", [-1.5, 6.1])
def test_a_click_beside_the_units_does_nothing(x: float) -> None:
    assert clicked("110111", x) == {**Rail(mask="110111").values}


@pytest.mark.parametrize(
    ("act", "values"),
    [
        ("layer+", {"depth": 3}),
        ("layer-", {"depth": 1}),
        ("units+1", {"width": 64}),
        ("units-2", {"width": 16}),
        ("dance", {}),
    ],
)
def test_buttons_of_the_picture_change_both_networks(act: str, values: dict[str, int]) -> None:
    rail = Rail()
    dropout_hands.shaping(cast("Controls", rail))["on_act"](act)
    assert rail.values == {**DEFAULTS, **values, "step": 0 if values else 5}


@pytest.mark.parametrize(
    ("act", "values"),
    [("layer+", {"depth": 3}), ("layer-", {"depth": 1}), ("units+1", {"width": 64}), ("units-1", {"width": 4})],
)
def test_at_the_end_of_a_range_it_stays(act: str, values: dict[str, int]) -> None:
    rail = Rail(**values)
    dropout_hands.shaping(cast("Controls", rail))["on_act"](act)
    assert {name: rail.values[name] for name in values} == values


def test_the_rail_says_what_is_dropped_and_what_is_kept() -> None:
    assert kept(0.3) == "drop 0.3 = keep 0.7, the lecture's p"
    assert kept(0.0) == "drop 0 = keep 1, the lecture's p"


def read(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_curves_file_has_every_number_of_every_frame() -> None:
    run = list(dropout_runs.frames(DropoutConfig(num_steps=10, width=4)))
    rows = read(curves_csv(run))
    assert len(rows) == len(run)
    for row, snapshot in zip(rows, run, strict=True):
        for name in ("b.accuracy.test.mean", "a.loss.train.high", "b.correlation2.low"):
            assert float(row[name]) == float(snapshot.arrays[name])
    assert read(curves_csv(run[:3])) == rows[:3], "as far as a run has come"
    assert read(curves_csv([])) == []


def test_the_masks_file_has_every_mask_and_both_sums() -> None:
    found = trace(ScalingConfig(num_masks=20, mask="101010"))
    rows = read(masks_csv(found))
    assert len(rows) == 21
    assert [rows[0][f"unit {k}"] for k in range(1, 7)] == list("101010")
    assert np.array([float(row["z lecture"]) for row in rows]) == pytest.approx(found.ways["lecture"].z)
    assert float(rows[20]["mean inverted"]) == pytest.approx(found.ways["inverted"].mean_z[20])
