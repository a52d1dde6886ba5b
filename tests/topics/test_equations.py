"""Every equation that is shown holds for the numbers that are put into it, at every frame."""

import re

import numpy as np
import pytest
import torch

from dlcore.topics.descent import RaceConfig, race
from dlcore.topics.equations import equations, substitutions
from dlcore.topics.landscape import gradient
from dlcore.topics.optimizers import OPTIMIZERS

SPELLING = [
    (r"<sup>(.*?)</sup>", r"**(\1)"),
    (r"²", "**2"),
    (r"√", "sqrt"),
    (r"sqrt\{(\w+)\}", r"sqrt(\1)"),
    (r"\{(\w+)\}", r"\1"),
    (r"−", "-"),
    (r"·", "*"),
    (r"&gt;", ">"),
    (r"min\(", "minimum("),
    (r"^(.*) if (.*?),? else (.*)$", r"where(\2, \1, \3)"),
]


def sides(line: str) -> tuple[str, str]:
    """An equation's expression as Python, and the name of its result."""
    match = re.fullmatch(r"\S+ ← (.*) = <b>\{(\w+)\}</b>", line)
    assert match, line
    expression = match[1]
    for pattern, replacement in SPELLING:
        expression = re.sub(pattern, replacement, expression)
    return expression, match[2]


def evaluate(expression: str, values: dict[str, np.ndarray]) -> np.ndarray:
    names = {"sqrt": np.sqrt, "where": np.where, "minimum": np.minimum}
    columns = {name: value if value.ndim == 2 else value[:, None] for name, value in values.items()}
    scope = {"__builtins__": {}, **names, **columns}
    with np.errstate(invalid="ignore"):  # RAdam's root is asked for only where it exists
        exec(f"result = {expression}", scope)
    return scope["result"]


CONFIGS = {
    "plain": RaceConfig(optimizers=tuple(OPTIMIZERS)),
    "everything on": RaceConfig(
        surface="logistic",
        x0=-2,
        y0=4,
        optimizers=tuple(OPTIMIZERS),
        batch_size=16,
        weight_decay=0.1,
        clip=0.2,
        noise=0.3,
        schedule="time-based",
        decay=0.05,
    ),
    "other settings": RaceConfig(
        optimizers=tuple(OPTIMIZERS),
        lr=0.01,
        schedule="warm-restarts",
        hyper=(
            ("adam.beta1", 0.5),
            ("adam.correct", 0.0),
            ("adamw.beta2", 0.9),
            ("momentum.mu", 0.0),
            ("nesterov.mu", 0.7),
            ("radam.beta2", 0.98),
            ("rmsprop.gamma", 0.5),
        ),
    ),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_every_equation_holds_at_every_frame(config: RaceConfig, name: str) -> None:
    trace = race(config)
    values = substitutions(config, trace, name)
    assert all(value.dtype == np.float64 for value in values.values())
    assert all(value.shape in ((151,), (151, 2)) for value in values.values())
    for line in equations(config, name):
        expression, result = sides(line)
        expected = values[result] if values[result].ndim == 2 else values[result][:, None]
        np.testing.assert_allclose(evaluate(expression, values), expected, rtol=1e-9, atol=1e-13, err_msg=line)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_the_last_equation_makes_the_step_and_the_move(name: str) -> None:
    *_, step, move = equations(RaceConfig(), name)
    assert step.startswith("Δ ← ")
    assert step.endswith("<b>{delta}</b>")
    assert move.startswith("w ← ")


def test_what_is_off_has_no_line() -> None:
    assert len(equations(RaceConfig(), "sgd")) == 2
    assert len(equations(RaceConfig(clip=1.0), "sgd")) == 3
    assert len(equations(RaceConfig(clip=1.0, weight_decay=0.1), "sgd")) == 4
    assert len(equations(RaceConfig(clip=1.0, weight_decay=0.1), "adamw")) == 7  # it decays in its own last line
    uncorrected = equations(RaceConfig(hyper=(("adam.correct", 0.0),)), "adam")
    assert not any("hat" in line for line in uncorrected)
    assert any("hat" in line for line in equations(RaceConfig(), "adam"))


def test_before_clipping_is_the_gradient_itself() -> None:
    config = RaceConfig(surface="beale", x0=-2, y0=2, optimizers=("sgd",), lr=1e-3, clip=1.0)
    trace = race(config)
    values = substitutions(config, trace, "sgd")
    _, raw = gradient(config.make_surface(), torch.from_numpy(trace.w[:, 0]))
    np.testing.assert_allclose(values["raw"], raw.numpy(), rtol=1e-9)


@pytest.mark.parametrize("name", OPTIMIZERS)
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_step_size_times_direction_is_the_step(config: RaceConfig, name: str) -> None:
    values = substitutions(config, race(config), name)
    direction = {
        "sgd": "g",
        "momentum": "v",
        "momentum-lecture": "",
        "nesterov": "g + mu*v",
        "adagrad": "g",
        "rmsprop": "g",
        "adam": "m_hat",
        "adamw": "m_hat",
        "radam": "m_hat",
    }[name]
    if not direction:
        np.testing.assert_array_equal(values["step_size"], np.repeat(values["lr"][:, None], 2, axis=1))
        return
    step = -values["step_size"] * evaluate(direction, values)
    if name == "adamw":
        step = step - evaluate("lr*weight_decay*w", values)
    np.testing.assert_allclose(step, values["delta"], rtol=1e-9, atol=1e-13)


def test_nesterovs_textbook_point_looks_ahead_to_w() -> None:
    config = RaceConfig(optimizers=("nesterov",), lr=0.02)
    values = substitutions(config, race(config), "nesterov")
    classical, w = values["classical"], values["w"]
    np.testing.assert_array_equal(classical[0], w[0])  # at rest there is nothing to look ahead with
    u = np.diff(classical, axis=0)  # the textbook's velocity is the textbook's step
    np.testing.assert_allclose(w[1:], classical[1:] + 0.9 * u, atol=1e-12)
    np.testing.assert_allclose(u[1:], 0.9 * u[:-1] - 0.02 * values["g"][1:-1], atol=1e-12)


def test_after_a_path_left_the_numbers_its_equations_show_none() -> None:
    config = RaceConfig(optimizers=("sgd", "adam"), lr=0.2, num_steps=100)
    trace = race(config)
    values = substitutions(config, trace, "sgd")
    step = trace.diverged["sgd"][0]
    assert np.isfinite(values["delta"][: step - 1]).all()
    assert np.isnan(values["delta"][step:]).all()
