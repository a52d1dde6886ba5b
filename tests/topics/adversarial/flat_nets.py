"""Networks whose boundaries are planes, on which every length is known by hand."""

import torch
from torch import Tensor, nn


class Flat(nn.Module):
    """Two classes of digits, told apart by a linear score w · x + b, the second ahead where it is above 0."""

    def __init__(self, weights: Tensor, bias: float) -> None:
        super().__init__()
        self.register_buffer("weights", weights.flatten())
        self.bias = bias

    def forward(self, images: Tensor) -> Tensor:
        score = images.flatten(1) @ self.get_buffer("weights") + self.bias
        return torch.stack([torch.zeros_like(score), score], dim=1)


def flat(inputs: int = 64, seed: int = 0, bias: float = 0.0) -> Flat:
    """A score with random weights."""
    return Flat(torch.randn(inputs, generator=torch.Generator().manual_seed(seed)), bias)
