"""Pictures of nothing that a network is sure of: noise, or blank grey, changed until it answers a chosen class.

Knows the network and how the pixels move; does not know how the picture is shown. No ε binds it: there is no object
that could be changed too much. Source: Nguyen, Yosinski, Clune, Deep neural networks are easily fooled (2015),
section 3.3.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from dlcore import require
from dlcore.device import generator
from dlcore.topics.images.arrays import Arrays, scalar, to_bytes
from dlcore.topics.images.blur import blurred
from dlcore.topics.images.shown import Shown, models
from dlcore.training import Snapshot

STARTS = {"noise": "Noise", "grey": "Blank grey"}
AFTERWARDS = 10  # steps that still follow once the network is sure


@dataclass(frozen=True, kw_only=True)
class FoolingConfig:
    """A network and the class it is to see where nothing is.

    smoothing: the standard deviation of a blur of each gradient, in pixels; 0: none. lr: of Adam, in a pixel's range.
    confidence: the target's probability at which the network counts as sure; AFTERWARDS steps later the run ends.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    model: str = "plain"
    target: int = 3
    start: str = "noise"
    smoothing: float = 0.0
    lr: float = 0.03
    most_steps: int = 60
    confidence: float = 0.99
    seed: int = 0

    def __post_init__(self) -> None:
        require.one_of("model", self.model, models())
        require.whole("target", self.target, 0, len(self.shown.classes) - 1)
        require.one_of("start", self.start, STARTS)
        require.number("smoothing", self.smoothing, 0, 16)
        require.number("lr", self.lr, 1e-4, 1)
        require.whole("most_steps", self.most_steps, 1, 500)
        require.number("confidence", self.confidence, 0.5, 0.9999)
        require.whole("seed", self.seed, 0, 2**31 - 1)

    @property
    def shown(self) -> Shown:
        """The network, and what it looks at."""
        return Shown(model=self.model)

    @property
    def num_frames(self) -> int:
        """Of the run, if the network is never sure."""
        return self.most_steps + 1


def frames(config: FoolingConfig) -> Iterator[Snapshot]:
    """The picture before the first step and after each."""
    net, first = config.shown.network(), beginning(config)
    pixels, sure = first.clone(), None
    adam = torch.optim.Adam([pixels], lr=config.lr)
    for step in range(config.num_frames):
        logits, loss, gradient = slope(net, pixels, config.target)
        yield Snapshot(_arrays(config, first, pixels, logits, loss))
        if sure is None and logits.softmax(dim=0)[config.target] > config.confidence:
            sure = step
        if sure is not None and step == sure + AFTERWARDS:
            return
        pixels.grad = blurred(gradient[None], config.smoothing)[0] if config.smoothing else gradient
        adam.step()
        pixels.clamp_(0, 1)


def beginning(config: FoolingConfig) -> Tensor:
    """The picture before anything is done to it, (channels, height, width)."""
    if config.start == "grey":
        return torch.full(config.shown.shape, 0.5)
    return torch.rand(config.shown.shape, generator=generator(config.seed))


def slope(net: nn.Module, picture: Tensor, target: int) -> tuple[Tensor, Tensor, Tensor]:
    """Logits (classes,), cross-entropy with the target (), and its gradient by the pixels of one picture."""
    with torch.enable_grad():
        inputs = picture.detach().clone().requires_grad_()
        logits = net(inputs[None])
        loss = cross_entropy(logits, torch.tensor([target]))
        (gradient,) = torch.autograd.grad(loss, inputs)
    return logits[0].detach(), loss.detach(), gradient


def _arrays(config: FoolingConfig, first: Tensor, picture: Tensor, logits: Tensor, loss: Tensor) -> Arrays:
    chances = logits.softmax(dim=0)
    change = picture - first
    return {
        "picture": to_bytes(picture),
        "change": to_bytes(0.5 + 0.5 * change / change.abs().max().clamp(min=1e-6)),  # the largest is black or white
        "chances": chances.numpy(),
        "logits": logits.numpy(),
        "chance": np.float32(chances[config.target]),
        "loss": scalar(loss),
    }
