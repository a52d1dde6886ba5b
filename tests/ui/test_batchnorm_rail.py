"""What the controls of the lesson on batch norm describe, and what a hand in its picture does to them."""

from typing import Any, cast

import pytest

from dlcore.topics.batchnorm_config import TransformConfig
from dlcore.topics.batchnorm_runs import DeepConfig, RatesConfig, SizesConfig
from dlcore.ui import batchnorm_hands
from dlcore.ui.batchnorm_rail import DEFAULTS, run_config_of, transform_config_of
from dlcore.ui.controls import Controls


class Rail:
    """The controls, without a page."""

    def __init__(self, **values: Any) -> None:
        self.values = {**DEFAULTS, "step": 3, **values}

    def set(self, **values: Any) -> None:
        assert set(values) <= set(DEFAULTS)
        self.values |= values

    def present(self, name: str) -> Any:
        return self.values[name]


def test_the_defaults_are_the_opening_scene() -> None:
    assert transform_config_of(DEFAULTS) == TransformConfig()
    assert run_config_of({**DEFAULTS, "view": "deep"}) == DeepConfig()
    assert run_config_of({**DEFAULTS, "view": "rates"}) == RatesConfig()


def test_batch_sizes_have_rates_and_weights_of_their_own() -> None:
    values = {**DEFAULTS, "view": "sizes", "lr": 9.0, "weights": "torch", "batch_size": 2}
    assert run_config_of(values) == SizesConfig(weights="he", lr=0.05)
    assert run_config_of({**values, "sizes_lr": 0.1}) == SizesConfig(weights="he", lr=0.1)


def test_what_a_view_does_not_use_does_not_start_another_run() -> None:
    rates = {**DEFAULTS, "view": "rates"}
    assert run_config_of({**rates, "lr": 2.0, "sizes_lr": 1.0, "eps": 0.1}) == run_config_of(rates)


@pytest.mark.parametrize(
    ("before", "name", "value", "after"),
    [
        ("", "x0.2", 5.0, "x0.2=5"),
        ("x0.2=5", "x0.2", -0.25, "x0.2=-0.25"),
        ("x0.2=5", "gamma1", 1.0, "x0.2=5, gamma1=1"),
    ],
)
def test_a_number_typed_into_a_cell_is_one_more_change(before: str, name: str, value: float, after: str) -> None:
    rail = Rail(edits=before)
    batchnorm_hands.listeners(cast("Controls", rail))["on_edit"](name, value, 3)
    assert rail.values == {**Rail().values, "edits": after}


def test_a_cell_that_is_kept_stays_in_the_address() -> None:
    rail = Rail()
    batchnorm_hands.listeners(cast("Controls", rail))["on_select"]("normal2.1.0")
    assert rail.values["selected"] == "normal2.1.0"
