"""A race: the order of an update, its randomness, and what happens when a path leaves the numbers."""

import dataclasses
import itertools

import numpy as np
import pytest
import torch

from dlcore.topics.descent import Frame, RaceConfig, frames, minibatches, race, stack
from dlcore.topics.landscape import gradient
from dlcore.topics.optimizers import OPTIMIZERS

EVERYONE = tuple(OPTIMIZERS)


BUSY = RaceConfig(
    surface="logistic",
    x0=-2.0,
    y0=4.0,
    optimizers=EVERYONE,
    num_steps=60,
    batch_size=32,
    seed=3,
    weight_decay=0.05,
    clip=0.3,
    noise=0.2,
    schedule="cosine",
)


@pytest.fixture(scope="module")
def busy_frames() -> list[Frame]:
    return list(frames(BUSY))


def test_frame_0_is_the_start_and_one_more_follows_each_update(busy_frames: list[Frame]) -> None:
    assert [frame.step for frame in busy_frames] == list(range(61))
    first = busy_frames[0]
    assert first.samples == 0
    assert first.w.shape == (len(EVERYONE), 1, 2)
    assert (first.w == torch.tensor([-2.0, 4.0])).all()


def test_every_step_is_the_difference_of_two_points(busy_frames: list[Frame]) -> None:
    for now, after in itertools.pairwise(busy_frames):
        assert torch.equal(after.w, now.w + now.delta)


def test_equal_settings_give_equal_numbers_even_side_by_side() -> None:
    runs = [frames(BUSY), frames(dataclasses.replace(BUSY, noise=0.5)), frames(BUSY)]
    for first, other, second in zip(*runs, strict=True):
        assert torch.equal(first.delta, second.delta)
        assert torch.isfinite(other.w).all()


def test_another_seed_is_another_path() -> None:
    assert not np.array_equal(race(BUSY).w[1:], race(dataclasses.replace(BUSY, seed=4)).w[1:])


def test_nothing_is_yielded_inside_a_mode_without_gradients() -> None:
    for _ in frames(RaceConfig(num_steps=3)):
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()
    with torch.no_grad():
        assert len(list(frames(RaceConfig(num_steps=3)))) == 4


@pytest.mark.parametrize("name", EVERYONE)
def test_an_optimizer_alone_runs_as_in_the_crowd(name: str, busy_frames: list[Frame]) -> None:
    alone = race(dataclasses.replace(BUSY, optimizers=(name,)))
    crowd = stack(BUSY, busy_frames)
    np.testing.assert_allclose(alone.w[:, 0], crowd.w[:, EVERYONE.index(name)], rtol=0, atol=1e-12)


def test_a_start_alone_runs_as_in_the_crowd() -> None:
    config = RaceConfig(surface="himmelblau", optimizers=EVERYONE, lr=0.003, num_steps=50)
    starts = torch.tensor([[0.5, -1.0], [3.0, 3.0], [-2.0, 1.0]], dtype=torch.float64)
    *_, last = frames(config, starts)
    alone = race(dataclasses.replace(config, x0=3.0, y0=3.0))
    np.testing.assert_allclose(last.w[:, 1].numpy(), alone.w[-1], rtol=0, atol=1e-12)


def test_rates_may_differ_from_start_to_start() -> None:
    config = RaceConfig(num_steps=20)
    starts = torch.tensor([[config.x0, config.y0]], dtype=torch.float64).expand(2, 2)
    rates = torch.tensor([0.01, 0.05], dtype=torch.float64).expand(4, 2)
    *_, last = frames(config, starts, rates)
    assert last.lr.shape == (4, 2)
    for row, lr in enumerate((0.01, 0.05)):
        expected = race(dataclasses.replace(config, lr=lr)).w[-1]
        np.testing.assert_allclose(last.w[:, row].numpy(), expected, rtol=0, atol=1e-12)


def test_a_loss_is_over_all_samples_and_a_gradient_over_the_batch(busy_frames: list[Frame]) -> None:
    plain = dataclasses.replace(BUSY, clip=0.0, noise=0.0)
    surface = plain.make_surface()
    batches = minibatches(surface.num_samples, 32, torch.Generator().manual_seed(plain.seed))
    for frame, batch in zip(frames(plain), batches, strict=False):
        torch.testing.assert_close(frame.loss[:, 0], gradient(surface, frame.w[:, 0])[0])
        torch.testing.assert_close(frame.g[:, 0], gradient(surface, frame.w[:, 0], batch)[1])


def test_an_epoch_shows_every_sample_once_in_a_new_order() -> None:
    batches = minibatches(10, 4, torch.Generator().manual_seed(0))
    epochs = [[next(batches) for _ in range(3)] for _ in range(2)]
    orders = [torch.cat([batch for batch in epoch if batch is not None]).tolist() for epoch in epochs]
    assert [len(batch) for batch in epochs[0] if batch is not None] == [4, 4, 2]
    assert sorted(orders[0]) == sorted(orders[1]) == list(range(10))
    assert orders[0] != orders[1]


@pytest.mark.parametrize(
    ("surface", "batch_size", "samples"),
    [
        ("quadratic", 0, [0, 1, 2]),
        ("quadratic", 8, [0, 1, 2]),  # nothing to take a batch of
        ("least-squares", 0, [0, 442, 884]),
        ("least-squares", 1, [0, 1, 2]),
        ("least-squares", 32, [0, 32, 64]),
        ("least-squares", 400, [0, 400, 442]),  # the epoch's last batch is what is left
        ("least-squares", 1000, [0, 442, 884]),
    ],
)
def test_the_cost_is_counted_in_samples(surface: str, batch_size: int, samples: list[int]) -> None:
    trace = race(RaceConfig(surface=surface, x0=1, y0=1, batch_size=batch_size, num_steps=2))
    assert trace.samples.tolist() == samples


def test_noise_is_one_vector_for_all_and_fades_as_a_power_of_time() -> None:
    config = RaceConfig(surface="plateau", x0=3, y0=3, lr=1e-6, num_steps=1000, noise=0.7, noise_decay=0.55, seed=1)
    surface, noise = config.make_surface(), []
    for frame in frames(config):
        both = frame.g[:, 0] - gradient(surface, frame.w[:, 0])[1]
        torch.testing.assert_close(both, both[:1].expand(4, 2), rtol=0, atol=1e-12)
        noise.append(both[0] * (1 + frame.step) ** 0.55 / 0.7)
    standard = torch.stack(noise)
    assert abs(standard.mean()) < 0.05
    assert standard.std() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize("clip", [0.1, 3.0, 1e6])
def test_clipping_is_clip_grad_norm(clip: float) -> None:
    config = RaceConfig(surface="beale", x0=-2, y0=2, optimizers=("sgd", "adam"), lr=1e-3, clip=clip, num_steps=20)
    surface = config.make_surface()
    for frame in frames(config):
        for k in range(2):
            w = frame.w[k, 0].clone().requires_grad_()
            surface.loss(w[:1], w[1:]).sum().backward()
            norm = torch.nn.utils.clip_grad_norm_([w], clip)
            assert w.grad is not None
            assert frame.norm is not None
            torch.testing.assert_close(frame.g[k, 0], w.grad, rtol=1e-12, atol=0)
            torch.testing.assert_close(frame.norm[k, 0], norm, rtol=1e-12, atol=0)


def test_weight_decay_is_added_to_the_gradient_but_shrinks_adamws_weights_themselves() -> None:
    config = RaceConfig(
        surface="plateau", x0=50, y0=80, optimizers=("sgd", "adamw"), lr=0.1, weight_decay=0.2, num_steps=9
    )
    trace = race(config)  # so far out that the loss itself has no slope left
    shrunk = np.array([50.0, 80.0]) * (1 - 0.1 * 0.2) ** np.arange(10)[:, None]
    np.testing.assert_allclose(trace.w[:, 0], shrunk, rtol=1e-12)
    np.testing.assert_allclose(trace.w[:, 1], shrunk, rtol=1e-12)
    np.testing.assert_array_equal(trace.g, 0)  # the gradient that is shown is the loss's own


def test_the_schedule_multiplies_the_rate() -> None:
    trace = race(RaceConfig(schedule="step", decay=0.5, period=10, num_steps=30, lr=0.08))
    np.testing.assert_allclose(trace.lr[:, 0], 0.08 * 0.5 ** (np.arange(31) // 10), rtol=1e-15)


def test_the_two_forms_of_momentum_part_when_the_rate_changes() -> None:
    config = RaceConfig(optimizers=("momentum", "momentum-lecture"), lr=0.02)
    same, parted = race(config), race(dataclasses.replace(config, schedule="step", decay=0.1, period=20))
    np.testing.assert_allclose(same.w[:, 0], same.w[:, 1], rtol=0, atol=1e-9)
    np.testing.assert_allclose(parted.w[:21, 0], parted.w[:21, 1], rtol=0, atol=1e-9)
    # torch's form slows at once; the lecture's coasts on the steps that it made at the old rate.
    assert np.abs(parted.w[21, 0] - parted.w[21, 1]).max() > 0.1


def test_a_trace_holds_what_the_frames_held(busy_frames: list[Frame]) -> None:
    trace = stack(BUSY, busy_frames)
    t = 17
    for field in ("w", "g", "delta", "loss", "norm"):
        np.testing.assert_array_equal(getattr(trace, field)[t], getattr(busy_frames[t], field)[:, 0].numpy())
    assert set(trace.buffers) == {f"{name}.{buffer}" for name in EVERYONE for buffer in OPTIMIZERS[name].state}
    np.testing.assert_array_equal(trace.buffers["adam.v"][t], busy_frames[t].state["adam"]["v"][0].numpy())
    minimum = np.array(BUSY.make_surface().minima[0])
    np.testing.assert_allclose(trace.distance, np.linalg.norm(trace.w - minimum, axis=-1))
    assert trace.diverged == {}
    assert all(array.dtype == np.float64 for array in (trace.w, trace.loss, trace.g, trace.delta, trace.lr))


def test_the_norm_is_known_without_clipping_too() -> None:
    trace = race(RaceConfig(num_steps=5))
    np.testing.assert_allclose(trace.norm, np.linalg.norm(trace.g, axis=-1))


def test_a_run_that_was_stopped_early_can_be_stacked() -> None:
    config = RaceConfig()
    part = stack(config, itertools.islice(frames(config), 7))
    np.testing.assert_array_equal(part.w, race(config).w[:7])


@pytest.mark.parametrize("condition", [5.0, 20.0, 100.0])
@pytest.mark.parametrize(("times", "converges"), [(0.9, True), (0.99, True), (1.01, False), (1.5, False)])
def test_gradient_descent_converges_below_two_over_lambda(condition: float, times: float, converges: bool) -> None:
    lr = times * 2 / condition
    trace = race(RaceConfig(condition=condition, optimizers=("sgd",), lr=lr, num_steps=1000, x0=1.0, y0=0.1))
    steep = trace.w[:, 0, 1]
    np.testing.assert_allclose(steep[1:20] / steep[:19], 1 - lr * condition, rtol=1e-9)
    assert bool(np.abs(steep[-1]) < 1e-4) is converges  # false for NaN, and for all that grows


@pytest.mark.parametrize("mu", [0.5, 0.9])
def test_the_heavy_ball_bears_one_plus_mu_times_as_much(mu: float) -> None:
    boundary = 2 * (1 + mu) / 20
    config = RaceConfig(optimizers=("momentum",), hyper=(("momentum.mu", mu),), num_steps=1000)
    below = race(dataclasses.replace(config, lr=0.99 * boundary))
    above = race(dataclasses.replace(config, lr=1.01 * boundary))
    assert below.distance[-1, 0] < 1e-6
    assert "momentum" in above.diverged


def test_a_path_that_leaves_the_numbers_is_frozen_and_the_others_do_not_notice() -> None:
    config = RaceConfig(optimizers=("sgd", "adam"), lr=0.2, num_steps=100)  # twice of what plain descent bears
    trace = race(config)
    step, quantity = trace.diverged["sgd"]
    assert set(trace.diverged) == {"sgd"}
    assert quantity == "w"
    assert np.isfinite(trace.w[:step]).all()
    assert np.abs(trace.w[:step]).max() <= 1e8
    assert np.isnan(trace.w[step:, 0]).all()  # both coordinates, though only one was too steep
    assert np.isnan(trace.loss[step:, 0]).all()
    assert np.isnan(trace.distance[step:, 0]).all()
    alone = race(dataclasses.replace(config, optimizers=("adam",)))
    np.testing.assert_allclose(trace.w[:, 1], alone.w[:, 0], rtol=0, atol=1e-12)


@pytest.mark.parametrize(
    ("formula", "start", "quantity"),
    [
        ("log(x) + y**2", (-1.0, 0.0), "loss"),  # there is no logarithm there
        ("sqrt(x) + y**2", (0.0, 1.0), "gradient"),  # a value, and an infinite slope
        ("1e6*x**60 + y**2", (1e3, 1.0), "v"),  # g is 6e184, and g² is beyond all numbers
        ("-(x**2) + y**2", (1.0, 1.0), "w"),
    ],
)
def test_the_quantity_that_left_first_is_named(formula: str, start: tuple[float, float], quantity: str) -> None:
    config = RaceConfig(
        surface="formula",
        formula=formula,
        x0=start[0],
        y0=start[1],
        optimizers=("adagrad", "sgd"),
        lr=0.5,
        num_steps=300,
    )
    trace = race(config)
    name = "sgd" if quantity == "w" else "adagrad"
    assert trace.diverged[name][1] == quantity
    if quantity != "w":
        assert trace.diverged[name][0] == 0


def test_best_rates_are_those_of_the_sweep() -> None:
    config = RaceConfig(rates="best", num_steps=40)
    trace = race(config)
    same = race(dataclasses.replace(config, rates="same"))
    assert len(set(trace.lr[0])) > 1
    assert (trace.loss[-1] <= same.loss[-1]).all()
