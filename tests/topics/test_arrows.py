"""The arrows that are drawn are the displacements that the rules make."""

import dataclasses

import numpy as np
import pytest
import torch

from dlcore.topics.arrows import LAYERS, displacements
from dlcore.topics.descent import RaceConfig, race
from dlcore.topics.landscape import gradient
from dlcore.topics.optimizers import OPTIMIZERS

EVERYONE = RaceConfig(
    optimizers=tuple(OPTIMIZERS), lr=0.02, num_steps=30, schedule="time-based", decay=0.1, condition=30
)
TRACE = race(EVERYONE)
NAMES = EVERYONE.optimizers
LR = 0.02 / (1 + 0.1 * np.arange(31))[:, None]


def arrow(layer: str, name: str) -> np.ndarray:
    return displacements(EVERYONE, TRACE, layer)[:, NAMES.index(name)]


@pytest.mark.parametrize("layer", LAYERS)
def test_every_layer_has_a_pair_for_every_frame_and_optimizer(layer: str) -> None:
    drawn = displacements(EVERYONE, TRACE, layer)
    assert drawn.shape == (31, len(NAMES), 2)
    assert np.isfinite(drawn).any()


def test_the_gradient_arrow_is_the_step_of_plain_descent() -> None:
    for k, name in enumerate(NAMES):
        _, g = gradient(EVERYONE.make_surface(), torch.from_numpy(TRACE.w[:, k]))
        np.testing.assert_allclose(arrow("gradient", name), -LR * g.numpy(), rtol=1e-12)
    np.testing.assert_array_equal(arrow("gradient", "sgd"), arrow("step", "sgd"))


def test_the_step_arrow_leads_to_the_next_point() -> None:
    np.testing.assert_allclose(TRACE.w[:-1] + displacements(EVERYONE, TRACE, "step")[:-1], TRACE.w[1:], atol=1e-12)


def test_momentums_arrow_is_its_whole_step() -> None:
    np.testing.assert_allclose(arrow("momentum", "momentum"), arrow("step", "momentum"), rtol=1e-12)
    np.testing.assert_allclose(arrow("momentum", "momentum-lecture"), arrow("step", "momentum-lecture"), rtol=1e-12)


def test_nesterovs_step_is_its_gradient_and_what_it_keeps_of_its_momentum() -> None:
    made = arrow("gradient", "nesterov") + 0.9 * arrow("momentum", "nesterov")
    np.testing.assert_allclose(arrow("step", "nesterov"), made, rtol=1e-9, atol=1e-15)


@pytest.mark.parametrize("name", ["adam", "adamw", "radam"])
def test_adams_momentum_is_its_average_gradient(name: str) -> None:
    k = NAMES.index(name)
    average = np.zeros(2)
    for t, g in enumerate(TRACE.g[:, k]):
        average = 0.9 * average + 0.1 * g
        np.testing.assert_allclose(arrow("momentum", name)[t], -LR[t] * average, rtol=1e-9)


@pytest.mark.parametrize("name", ["sgd", "adagrad", "rmsprop"])
def test_a_rule_without_memory_of_gradients_has_no_momentum(name: str) -> None:
    assert np.isnan(arrow("momentum", name)).all()


def test_only_nesterov_looks_ahead_from_the_textbooks_point() -> None:
    for name in NAMES:
        if name != "nesterov":
            assert np.isnan(arrow("look-ahead", name)).all()
    k = NAMES.index("nesterov")
    textbook = TRACE.w[:, k] - arrow("look-ahead", "nesterov")
    np.testing.assert_array_equal(textbook[0], TRACE.w[0, k])
    # u ← μu − η ∇f(ahead) and w ← w + u, where ahead = w + μu: together w ← ahead − η ∇f(ahead).
    np.testing.assert_allclose(textbook[1:], TRACE.w[:-1, k] - (LR * TRACE.g[:, k])[:-1], atol=1e-12)
    assert np.linalg.norm(arrow("look-ahead", "nesterov")[5]) > 0.1


def test_the_ellipse_is_the_rate_of_each_coordinate() -> None:
    for name in ("sgd", "momentum", "momentum-lecture", "nesterov"):
        np.testing.assert_allclose(arrow("ellipse", name), np.repeat(LR, 2, axis=1))
    v = np.cumsum(TRACE.g[:, NAMES.index("adagrad")] ** 2, axis=0)
    np.testing.assert_allclose(arrow("ellipse", "adagrad"), LR / (np.sqrt(v) + 1e-10), rtol=1e-9)
    flat, steep = arrow("ellipse", "rmsprop")[0]
    assert flat > 4 * steep  # the slope at the start is (−8, 45)


def test_an_unknown_layer_is_refused() -> None:
    with pytest.raises(ValueError, match="layer is 'wind': it must be one of gradient, momentum, step"):
        displacements(EVERYONE, TRACE, "wind")


def test_after_a_path_left_the_numbers_nothing_is_drawn() -> None:
    config = dataclasses.replace(EVERYONE, optimizers=("sgd",), lr=1.0, schedule="constant", num_steps=40)
    trace = race(config)
    step = trace.diverged["sgd"][0]
    for layer in ("gradient", "step"):
        drawn = displacements(config, trace, layer)
        assert np.isfinite(drawn[: step - 1]).all()
        assert np.isnan(drawn[step:]).all()
