"""The loop of image networks: equal to torch's own parts, to be stopped and gone on with, and never not finite."""

import copy
import itertools
import math
from pathlib import Path
from typing import Any

import pytest
import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcore import checkpoints
from dlcore.device import generator
from dlcore.nets import ConvNet, fresh
from dlcore.training.image_batches import Batches, Labelled
from dlcore.training.images import FitConfig, FitFrame, Fitting, fit, one_cycle, score
from dlcore.training.recipes import DIGITS, digits

CONFIG = FitConfig(num_epochs=2, batch_size=32, flip=False, shift=1, noise=0.1, seed=5)


@pytest.fixture
def data() -> Labelled:
    whole = digits(DIGITS, "train")
    return Labelled(whole.images[:200], whole.labels[:200])


@pytest.fixture
def net() -> ConvNet:
    return fresh("digits", generator(0))


def weights(net: nn.Module) -> dict[str, Tensor]:
    return {name: value.clone() for name, value in net.state_dict().items()}


def same(one: dict[str, Tensor], other: dict[str, Tensor]) -> bool:
    return one.keys() == other.keys() and all(torch.equal(value, other[name]) for name, value in one.items())


@pytest.mark.parametrize("num_steps", [10, 37, 1250])
def test_the_learning_rate_is_that_of_torch_s_one_cycle(num_steps: int):
    optimizer = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 1, total_steps=num_steps, cycle_momentum=False)
    wanted = []
    for step in range(num_steps):
        wanted.append(schedule.get_last_lr()[0])
        optimizer.step()
        if step < num_steps - 1:
            schedule.step()
    assert [one_cycle(step, num_steps) for step in range(num_steps)] == pytest.approx(wanted, abs=1e-12)


@pytest.mark.parametrize("num_steps", [1, 2, 3, 4])
def test_the_shortest_runs_have_learning_rates_too(num_steps: int):
    assert all(0 < one_cycle(step, num_steps) <= 1 for step in range(num_steps))


def test_the_run_is_that_of_a_loop_of_torch_s_own_parts(net: ConvNet, data: Labelled):
    net, data = net.double(), Labelled(data.images.double(), data.labels)
    reference = copy.deepcopy(net)
    frames = list(fit(net, data, CONFIG))
    batches = Batches(data, CONFIG.batch_size, CONFIG.seed, flip=CONFIG.flip, shift=CONFIG.shift, noise=CONFIG.noise)
    optimizer = torch.optim.AdamW(reference.parameters(), lr=CONFIG.lr, weight_decay=CONFIG.weight_decay)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, CONFIG.lr, total_steps=12, cycle_momentum=False)
    losses = []
    for step in range(12):
        images, labels = batches.at(step)
        loss = F.cross_entropy(reference(images), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        if step < 11:
            schedule.step()
        losses.append(loss.item())
    assert [frame.loss for frame in frames[1:]] == pytest.approx(losses, rel=1e-9)
    for name, value in weights(net).items():
        torch.testing.assert_close(value, reference.state_dict()[name], atol=1e-9, rtol=1e-6)


def test_frame_0_is_before_any_update(net: ConvNet, data: Labelled):
    before = weights(net)
    frame = next(fit(net, data, CONFIG))
    assert frame.step == 0
    assert frame.num_steps == 12
    assert frame.lr == 0
    assert frame.loss > 1
    assert same(weights(net), before)


def test_a_frame_after_every_update_with_the_network_ready_to_be_asked(net: ConvNet, data: Labelled):
    steps, seen = [], []
    for frame in fit(net, data, CONFIG):
        steps.append(frame.step)
        seen.append(weights(net))
        assert not net.training
        assert torch.is_grad_enabled()
    assert steps == list(range(13))
    assert not any(same(one, other) for one, other in itertools.pairwise(seen))


def test_asking_the_network_between_frames_changes_nothing(data: Labelled):
    asked, left = (fresh("digits", generator(0)) for _ in range(2))
    for _ in fit(asked, data, CONFIG):
        images = data.images[:4].clone().requires_grad_()
        asked(images).sum().backward()  # also leaves gradients at the weights
    list(fit(left, data, CONFIG))
    assert same(weights(asked), weights(left))


def test_equal_configs_give_equal_numbers_and_the_global_generator_is_left_alone(data: Labelled):
    nets = [fresh("digits", generator(0)) for _ in range(3)]
    chance = torch.get_rng_state()
    runs = [list(fit(net, data, FitConfig(num_epochs=1, seed=seed))) for net, seed in zip(nets, (5, 5, 6), strict=True)]
    assert torch.equal(torch.get_rng_state(), chance)
    assert runs[0] == runs[1]
    assert same(weights(nets[0]), weights(nets[1]))
    assert not same(weights(nets[0]), weights(nets[2]))


@pytest.mark.parametrize("stopped", [1, 6, 11])
def test_a_run_goes_on_from_a_file_as_if_never_stopped(net: ConvNet, data: Labelled, tmp_path: Path, stopped: int):
    other = copy.deepcopy(net)
    whole = list(fit(net, data, CONFIG))
    first = Fitting(other, data, CONFIG)
    begun = list(itertools.islice(first.frames(), stopped + 1))
    checkpoints.write(tmp_path / "run.part", first.state(), {})
    second = Fitting(fresh("digits", generator(9)), data, CONFIG)
    second.restore(checkpoints.read(tmp_path / "run.part")[1])
    rest = list(second.frames())
    assert begun + rest == whole
    assert same(weights(second.net), weights(net))


def test_what_is_made_of_a_batch_is_learnt_in_its_place(data: Labelled):
    """Negatives made of every batch are the same as a set of negatives."""
    config = FitConfig(num_epochs=2, batch_size=32, flip=False, seed=5)
    one, other = (fresh("digits", generator(0)) for _ in range(2))
    made = list(fit(one, data, config, lambda net, images, labels, step: 1 - images))
    given = list(fit(other, Labelled(1 - data.images, data.labels), config))
    assert made == given
    assert same(weights(one), weights(other))


def test_a_batch_is_changed_against_the_network_of_its_step_in_evaluation_mode(net: ConvNet, data: Labelled):
    seen: list[tuple[int, dict[str, Tensor]]] = []

    def noted(asked: nn.Module, images: Tensor, labels: Tensor, step: int) -> Tensor:
        assert asked is net
        assert not asked.training
        assert len(images) == len(labels) == 32
        seen.append((step, weights(asked)))
        return images

    after = [weights(net) for _ in fit(net, data, CONFIG, noted)]
    first, *others = seen  # the frame before any update needs the first batch, too
    assert [step for step, _ in seen] == [0, *range(12)]
    assert same(first[1], after[0])
    assert all(same(found, after[step]) for step, found in others)


def test_it_learns_digits(net: ConvNet):
    data = digits(DIGITS, "train")
    frames = list(fit(net, data, FitConfig(num_epochs=8, flip=False)))
    assert frames[-1].loss < 0.2 < frames[0].loss
    assert score(net, digits(DIGITS, "test")).accuracy > 0.93


def test_the_score_is_the_mean_over_all_pictures(net: ConvNet):
    data = digits(DIGITS, "train")
    net.eval()
    found = score(net, data)
    with torch.no_grad():
        logits = net(data.images)
    assert found.loss == pytest.approx(F.cross_entropy(logits, data.labels).item(), rel=1e-5)
    assert found.accuracy == pytest.approx((logits.argmax(1) == data.labels).float().mean().item())


# What is not finite


class Brittle(nn.Module):
    """Finite until `step` batches were seen in training; then the loss or the gradient is not."""

    count: Tensor

    def __init__(self, step: int, quantity: str) -> None:
        super().__init__()
        self.step, self.quantity = step, quantity
        self.linear = nn.Linear(64, 10)
        self.norm = nn.BatchNorm1d(10)
        self.register_buffer("count", torch.tensor(0.0))

    def forward(self, images: Tensor) -> Tensor:
        logits = self.linear(images.flatten(1))
        if self.training:
            self.count += 1
            if self.count == self.step:
                # The slope of the root is infinite at 0, and 0 · inf is not a number.
                logits = logits + ((logits * 0).sqrt() if self.quantity == "gradient" else math.inf * logits)
        return self.norm(logits)


@pytest.mark.parametrize("quantity", ["loss", "gradient"])
def test_a_run_ends_at_its_last_finite_state(data: Labelled, quantity: str):
    net = Brittle(4, quantity)
    frames: list[FitFrame] = []
    states: list[dict[str, Tensor]] = []
    for frame in fit(net, data, CONFIG):
        frames.append(frame)
        states.append(weights(net))
    assert [frame.step for frame in frames] == [0, 1, 2, 3, 3]
    assert frames[-1].diverged == (4, quantity)
    assert all(frame.diverged is None for frame in frames[:-1])
    assert same(states[-1], states[-2])
    assert all(value.isfinite().all() for value in states[-1].values())


def test_weights_beyond_all_bounds_end_the_run_although_batch_norm_hides_them(net: ConvNet, data: Labelled):
    frames = list(fit(net, data, FitConfig(num_epochs=20, lr=1000, weight_decay=10)))
    divergence = frames[-1].diverged
    assert divergence is not None
    assert divergence == (frames[-1].step + 1, "weights")
    assert all(math.isfinite(frame.loss) for frame in frames)
    assert all(value.abs().max() <= 1e8 for value in net.parameters())


# Settings


@pytest.mark.parametrize(
    "wrong",
    [
        {"num_epochs": 0},
        {"batch_size": 1},
        {"lr": 0.0},
        {"weight_decay": -1.0},
        {"shift": 9},
        {"noise": 1.5},
        {"seed": -1},
    ],
)
def test_a_setting_out_of_its_range_is_named(wrong: dict[str, Any]):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        FitConfig(**wrong)
