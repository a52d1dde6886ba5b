"""The training loop of image networks, written once: the command that makes checkpoints and live runs are both its.

Knows batches, learning rate, update rule and what is told of each step; does not know which pictures, which network,
what may be done to a batch before it is learnt, or who watches. Every step is a function of the seed and the state
before it, so a run can go on from a file.
"""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from dlcore import require
from dlcore.training.frames import Divergence
from dlcore.training.image_batches import Batches, Pictures

WARM_UP = 0.3  # the share of the steps in which the learning rate grows
START, END = 1 / 25, 1 / 250_000  # of the learning rate, in the first and the last step
LARGEST = 1e8  # weight that still counts as finite
ASKED_AT_ONCE = 250  # images
#: Makes of a batch what is learnt in its place: (net in evaluation mode, images, labels, step) -> images. Its chances
#: come from `step` alone, which counts the updates before, so that a run can go on from a file.
Perturb = Callable[[nn.Module, Tensor, Tensor, int], Tensor]


@dataclass(frozen=True, kw_only=True)
class FitConfig:
    """Every setting of the training of an image network; equal configs give equal numbers.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    num_epochs: int = 10
    batch_size: int = 64
    lr: float = 3e-3  # the highest: it follows one cycle
    weight_decay: float = 1e-3
    flip: bool = True  # each image is mirrored in every second epoch or so
    noise: float = 0.0  # Gaussian; its standard deviation is drawn for each image, from 0 to this
    shift: int = 0  # pixels: each image is moved by up to so many, along and down, anew in every epoch
    seed: int = 0  # of the batches' order, of flips and shifts

    def __post_init__(self) -> None:
        require.whole("num_epochs", self.num_epochs, 1, 1000)
        require.whole("batch_size", self.batch_size, 2, 10_000)
        require.number("lr", self.lr, 1e-8, 1000)
        require.number("weight_decay", self.weight_decay, 0, 10)
        require.whole("shift", self.shift, 0, 8)
        require.number("noise", self.noise, 0, 1)
        require.whole("seed", self.seed, 0, 2**31 - 1)


class FitFrame(NamedTuple):
    """A moment of training: `step` updates are done, and the network is in evaluation mode, to be asked as it is."""

    step: int  # 0 = before any update
    num_steps: int  # of the whole run
    loss: float  # of the last update's batch before that update, in nats; at step 0 of the first batch
    accuracy: float  # on the same batch, 0 to 1
    lr: float  # of the last update; 0 at step 0
    diverged: Divergence | None = None  # by the next update, which was taken back: this is the last frame


class Score(NamedTuple):
    """How well a network does on pictures."""

    loss: float  # mean cross-entropy, in nats
    accuracy: float  # 0 to 1


def fit(net: nn.Module, data: Pictures, config: FitConfig, perturb: Perturb | None = None) -> Iterator[FitFrame]:
    """Trains a network in place, where its parameters are; a frame before the first update and after each.

    perturb: makes of every batch what is learnt in its place, against the network as it is at that step. Ends early
    when the loss, the gradient or the weights leave the finite numbers: the network stays where it was.
    """
    return Fitting(net, data, config, perturb).frames()


class Fitting:
    """A run that can be kept in a file between two frames, and go on from there."""

    def __init__(self, net: nn.Module, data: Pictures, config: FitConfig, perturb: Perturb | None = None) -> None:
        # A fifth faster; torch's types leave this argument out.
        self.net = net.to(memory_format=torch.channels_last)  # pyright: ignore[reportCallIssue]
        self.config, self.perturb = config, perturb
        self.batches = Batches(
            data, config.batch_size, config.seed, flip=config.flip, shift=config.shift, noise=config.noise
        )
        self.num_steps = config.num_epochs * self.batches.per_epoch
        self.optimizer = torch.optim.AdamW(net.parameters(), lr=config.lr, weight_decay=config.weight_decay)
        self.step = 0  # updates done

    def frames(self) -> Iterator[FitFrame]:
        """The frames of the steps that are left."""
        if self.step == 0:
            yield self._first()
        while self.step < self.num_steps:
            frame = self._update()
            yield frame
            if frame.diverged:
                return

    def state(self) -> dict[str, Tensor]:
        """All that the next step depends on beside data and config."""
        moments = self.optimizer.state_dict()["state"]
        kept = {f"net.{name}": value for name, value in self.net.state_dict().items()}
        kept |= {f"moments.{i}.{name}": value for i, of in moments.items() for name, value in of.items()}
        return {**{name: value.contiguous() for name, value in kept.items()}, "step": torch.tensor(self.step)}

    def restore(self, state: Mapping[str, Tensor]) -> None:
        """Goes on from such a state of a run with equal data and config."""
        of_net = {name.removeprefix("net."): value for name, value in state.items() if name.startswith("net.")}
        self.net.load_state_dict(of_net)
        moments: dict[int, dict[str, Tensor]] = {}
        for name, value in state.items():
            if name.startswith("moments."):
                _, i, moment = name.split(".")
                moments.setdefault(int(i), {})[moment] = value
        self.optimizer.load_state_dict({**self.optimizer.state_dict(), "state": moments})
        self.step = int(state["step"])

    def _first(self) -> FitFrame:
        """The frame before any update; the network is only asked."""
        images, labels = self._batch()
        with torch.no_grad():
            logits = self.net(images)
        return FitFrame(0, self.num_steps, F.cross_entropy(logits, labels).item(), _accuracy(logits, labels), 0.0)

    def _update(self) -> FitFrame:
        before = [value.clone() for value in self.net.state_dict().values()]
        images, labels = self._batch()
        self.net.train()
        logits = self.net(images)
        loss = F.cross_entropy(logits, labels)
        self.optimizer.zero_grad()
        loss.backward()
        lr = self.config.lr * one_cycle(self.step, self.num_steps)
        self.optimizer.param_groups[0]["lr"] = lr
        self.optimizer.step()
        diverged = self._divergence(loss)
        if diverged:
            for value, finite in zip(self.net.state_dict().values(), before, strict=True):
                value.copy_(finite)
        else:
            self.step += 1
        self.net.eval()
        return FitFrame(self.step, self.num_steps, loss.item(), _accuracy(logits, labels), lr, diverged)

    def _batch(self) -> tuple[Tensor, Tensor]:
        """The images and labels of the next step, on the network's device; the network is in evaluation mode after."""
        device = next(self.net.parameters()).device
        images, labels = self.batches.at(self.step)
        images, labels = images.to(device, memory_format=torch.channels_last), labels.to(device)
        self.net.eval()
        if self.perturb:
            images = self.perturb(self.net, images, labels, self.step).contiguous(memory_format=torch.channels_last)
        return images, labels

    def _divergence(self, loss: Tensor) -> Divergence | None:
        """What of this update left the finite numbers first."""
        weights = list(self.net.parameters())
        norms = {
            "loss": loss,
            "gradient": nn.utils.get_total_norm([weight.grad for weight in weights if weight.grad is not None]),
            "weights": nn.utils.get_total_norm(weights, math.inf),
        }
        limits = {"loss": math.inf, "gradient": math.inf, "weights": LARGEST}
        left = [quantity for quantity, limit in limits.items() if not norms[quantity].abs() < limit]
        return Divergence(self.step + 1, left[0]) if left else None


def one_cycle(step: int, num_steps: int) -> float:
    """The learning rate of an update, as a share of the highest: it grows along a cosine, then falls along one.

    step: 0 for the first update. Source: Smith and Topin, Super-convergence (2019); the numbers are torch's.
    """
    top, last = WARM_UP * num_steps - 1, num_steps - 1
    if step <= top:
        return _cosine(START, 1.0, step / top)
    return _cosine(1.0, END, (step - top) / (last - top))


def _cosine(start: float, end: float, way: float) -> float:
    return end + (start - end) * (1 + math.cos(math.pi * way)) / 2


def score(net: nn.Module, data: Pictures) -> Score:
    """Loss and accuracy of a network that is in evaluation mode, over all pictures."""
    device = next(net.parameters()).device
    with torch.no_grad():
        logits = torch.cat([net(images.to(device)).cpu() for images in data.images.split(ASKED_AT_ONCE)])
    return Score(F.cross_entropy(logits, data.labels).item(), _accuracy(logits, data.labels))


def _accuracy(logits: Tensor, labels: Tensor) -> float:
    return (logits.argmax(dim=1) == labels).double().mean().item()
