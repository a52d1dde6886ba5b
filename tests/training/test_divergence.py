"""A run that leaves the finite numbers stays where it was last, says so, and the others do not notice."""

import dataclasses
import pickle

import numpy as np
import pytest
import torch

from dlcore.datasets.planes import PlaneConfig
from dlcore.training import Divergence, TrainConfig, TrainFrame, sentence, train
from dlcore.training.network import cross_entropy
from dlcore.training.stack import Stack

CONFIG = TrainConfig(
    data=PlaneConfig(num_train=40),
    hidden=(8, 8),
    activation="relu",
    optimizer="momentum",
    lr=0.05,
    l2=0.1,
    num_steps=60,
)
WILD = dataclasses.replace(CONFIG, lr=300.0)  # with λ = 0.1 each step multiplies the weights by 1 − ηλ = −29
NORMED = dataclasses.replace(CONFIG, batch_norm=True)
NOISY = dataclasses.replace(CONFIG, dropout=0.3, input_noise=0.1, batch_size=10, l1=0.01)


def runs(configs: list[TrainConfig]) -> list[TrainFrame]:
    return list(train(configs, dtype=torch.float64))


@pytest.mark.parametrize("config", [CONFIG, NORMED, NOISY], ids=["plain", "batch norm", "noisy batches"])
def test_it_stays_at_its_last_finite_state_and_the_others_go_on(config: TrainConfig) -> None:
    wild = dataclasses.replace(config, lr=300.0, seed=1)
    other = dataclasses.replace(config, seed=2, lr=0.02, l2=0.03, dropout=0.1, input_noise=0.3)
    frames = runs([config, wild, other])
    assert set(frames[-1].diverged) == {1}
    assert len(frames) == config.num_steps + 1
    step = frames[-1].diverged[1].step
    assert 0 < step < config.num_steps
    assert all(np.isfinite(frame.params).all() and np.isfinite(frame.running).all() for frame in frames)
    for frame in frames[step:]:
        np.testing.assert_array_equal(frame.params[1], frames[step - 1].params[1])
        np.testing.assert_array_equal(frame.running[1], frames[step - 1].running[1])
    for row, one in ((0, config), (2, other)):
        alone = runs([one])[-1]
        np.testing.assert_allclose(frames[-1].params[row], alone.params[0], rtol=0, atol=1e-9)
        np.testing.assert_allclose(frames[-1].running[row], alone.running[0], rtol=0, atol=1e-9)


def test_it_diverges_among_others_as_it_does_alone() -> None:
    alone, together = runs([WILD]), runs([CONFIG, WILD])
    assert together[-1].diverged[1] == alone[-1].diverged[0]
    np.testing.assert_allclose(together[-1].params[1], alone[-1].params[0], rtol=1e-9)


def test_frames_before_it_know_nothing_of_it() -> None:
    frames = runs([WILD, CONFIG])
    step = frames[-1].diverged[0].step
    assert not any(frame.diverged for frame in frames[: step - 1])


def test_training_ends_when_no_run_is_left() -> None:
    frames = list(train([WILD, dataclasses.replace(WILD, seed=1)], every=1000))
    assert set(frames[-1].diverged) == {0, 1}
    assert len(frames) == 2
    assert frames[-1].step < WILD.num_steps


def test_weights_far_away_have_left_though_they_are_finite() -> None:
    last = runs([dataclasses.replace(CONFIG, optimizer="sgd", l2=10.0, lr=1000.0)])[-1]
    assert last.diverged[0].quantity == "weights"
    assert np.abs(last.params).max() <= 1e8


@pytest.mark.parametrize("quantity", ["loss", "gradient"])
def test_the_quantity_that_left_first_is_named(quantity: str) -> None:
    stack = Stack([CONFIG, dataclasses.replace(CONFIG, seed=1)])
    for _ in range(3):
        losses = cross_entropy(stack.predict(batch := stack.next_batch()), batch.targets)
        losses.sum().backward()
        stack.step(losses.detach())
        stack.zero_grad()
    losses = cross_entropy(stack.predict(batch := stack.next_batch()), batch.targets)
    losses.sum().backward()
    if quantity == "loss":
        losses = losses.detach().clone()
        losses[1] = torch.inf
    else:
        assert stack.leaves[0].grad is not None
        stack.leaves[0].grad[1, 0] = torch.nan
    stack.step(losses.detach())
    frame = stack.frame()
    assert frame.step == 4
    assert dict(frame.diverged) == {1: (3, quantity)}


def test_a_frame_can_be_sent_to_another_process() -> None:
    last = runs([WILD, CONFIG])[-1]
    copy = pickle.loads(pickle.dumps(last))  # noqa: S301
    assert copy.step == last.step
    assert copy.diverged == last.diverged
    np.testing.assert_array_equal(copy.params, last.params)


def test_what_is_said_of_it_is_one_sentence() -> None:
    assert sentence(Divergence(37, "loss"), "B") == "B: the loss left the finite numbers at step 37."
    assert sentence(Divergence(2, "gradient"), "A") == "A: the gradient left the finite numbers at step 2."
    assert sentence(Divergence(5, "weights"), "A") == "A: the weights grew beyond 10⁸ at step 5."
