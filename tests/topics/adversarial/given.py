"""Networks whose attacks can be worked out, and pictures of digits that the real ones see."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from dlcore.device import generator
from dlcore.topics.adversarial.held import held

NORMS = ("linf", "l2")


class Linear(nn.Module):
    """Two classes: the logit of 0 is w·x + b, that of 1 is 0, so that the margin of 0 is w·x + b."""

    def __init__(self, weights: Tensor, bias: float = 0.0) -> None:
        super().__init__()
        self.weights, self.bias = weights, bias  # weights: (channels, height, width)
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        margin = (images * self.weights).sum(dim=(1, 2, 3)) + self.bias
        return torch.stack([margin, torch.zeros_like(margin)], dim=1)


class Function(nn.Module):
    """Two classes: the logit of 0 is a function of the pixels (batch, channels, height, width), that of 1 is 0."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        score = self.function(images)
        return torch.stack([score, torch.zeros_like(score)], dim=1)


def drawn(*shape: int, seed: int = 0) -> Tensor:
    """Numbers from N(0, 1), in double precision."""
    return torch.randn(shape, generator=generator(seed), dtype=torch.float64)


def some_digits(count: int = 20, seed: int = 0) -> tuple[Tensor, Tensor]:
    """Images and labels."""
    pictures = held("digits", count, seed)
    return pictures.images, pictures.labels
