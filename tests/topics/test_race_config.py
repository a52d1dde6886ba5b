"""The settings of a race: what is refused, and how; and that two ways to say the same are one."""

import dataclasses
import math
import re

import numpy as np
import pytest

from dlcore.formula import FormulaError
from dlcore.topics.descent import RaceConfig, race


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"surface": "moon"}, "surface is 'moon': it must be one of quadratic, "),
        ({"condition": 0.5}, "condition is 0.5: it must be a number from 1 to 1000."),
        ({"x0": math.inf}, "x0 is inf: it must be a number from -1e+06 to 1e+06."),
        ({"y0": math.nan}, "y0 is nan: it must be a number from -1e+06 to 1e+06."),
        ({"optimizers": ()}, "optimizers is empty: choose at least one of sgd, "),
        ({"optimizers": ("sgd", "lion")}, "optimizers is 'lion': it must be one of sgd, "),
        ({"optimizers": ("sgd", "sgd")}, "optimizers is sgd, sgd: each may be chosen only once."),
        ({"rates": "mine"}, "rates is 'mine': it must be one of same, own, best."),
        ({"lr": 0}, "lr is 0: it must be a number from 1e-08 to 1000."),
        ({"lr": "0.1"}, "lr is '0.1': it must be a number from 1e-08 to 1000."),
        ({"num_steps": 0}, "num_steps is 0: it must be a whole number from 1 to 1000."),
        ({"num_steps": 10.0}, "num_steps is 10.0: it must be a whole number from 1 to 1000."),
        ({"batch_size": -1}, "batch_size is -1: it must be a whole number from 0 to 100000."),
        ({"seed": -1}, "seed is -1: it must be a whole number from 0 to 2147483647."),
        ({"weight_decay": -0.1}, "weight_decay is -0.1: it must be a number from 0 to 10."),
        ({"clip": -1}, "clip is -1: it must be a number from 0 to 1e+06."),
        ({"noise": -1}, "noise is -1: it must be a number from 0 to 1e+06."),
        ({"noise_decay": 11}, "noise_decay is 11: it must be a number from 0 to 10."),
        ({"schedule": "linear"}, "schedule is 'linear': it must be one of constant, step, "),
        ({"decay": 1.5}, "decay is 1.5: it must be a number from 0 to 1."),
        ({"period": 0}, "period is 0: it must be a whole number from 1 to 1000."),
        ({"hyper": (("adam.beta1", 1.5),)}, "adam.beta1 is 1.5: it must be a number from 0 to 0.999."),
        ({"hyper": (("sgd.lr", -1.0),)}, "sgd.lr is -1.0: it must be a number from 1e-08 to 1000."),
        ({"hyper": (("adam.mu", 0.5),)}, "hyper has 'adam.mu': it must be an optimizer's setting, such as "),
        ({"hyper": (("lion.lr", 0.5),)}, "hyper has 'lion.lr': it must be an optimizer's setting, such as "),
        ({"hyper": (("sgd.lr", 0.5), ("sgd.lr", 0.6))}, "hyper has 'sgd.lr' twice: a setting has one value."),
    ],
)
def test_a_bad_setting_gets_one_sentence(settings: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
        RaceConfig(**settings)


def test_a_bad_formula_is_refused_only_where_it_is_used() -> None:
    with pytest.raises(FormulaError):
        RaceConfig(surface="formula", formula="x +")
    RaceConfig(surface="quadratic", formula="x +")


def test_two_ways_to_say_the_same_settings_are_one() -> None:
    said = RaceConfig(hyper=(("sgd.lr", 0.3), ("adam.beta2", 0.999), ("adam.beta1", 0.8)))
    assert said.hyper == (("adam.beta1", 0.8), ("sgd.lr", 0.3))
    assert said == RaceConfig(hyper=(("adam.beta1", 0.8), ("sgd.lr", 0.3)))
    assert hash(said) == hash(dataclasses.replace(said))
    assert said.hyper_of("adam") == {"beta1": 0.8, "beta2": 0.999, "eps": 1e-8, "correct": 1}
    assert said.hyper_of("adamw") == {"beta1": 0.9, "beta2": 0.999, "eps": 1e-8}
    assert said.hyper_of("sgd") == {}


def test_own_rates_count_only_in_an_own_race() -> None:
    hyper = (("sgd.lr", 0.3),)
    assert RaceConfig(hyper=hyper).rate_of("sgd") == 0.05
    own = RaceConfig(hyper=hyper, rates="own")
    assert (own.rate_of("sgd"), own.rate_of("adam")) == (0.3, 0.05)
    np.testing.assert_array_equal(race(own).lr[0], [0.3, 0.05, 0.05, 0.05])
