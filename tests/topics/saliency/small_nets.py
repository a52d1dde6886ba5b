"""Networks that are small enough to be solved by hand, or to be asked a thousand times."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from dlcore.device import generator


class Function(nn.Module):
    """A function of the pixels (batch, channels, height, width) as a network of one class, in evaluation mode."""

    def __init__(self, function: Callable[[Tensor], Tensor]) -> None:
        super().__init__()
        self.function = function
        self.eval()

    def forward(self, images: Tensor) -> Tensor:
        return self.function(images).reshape(len(images), 1)


class SmallNet(nn.Module):
    """Two convolutions, batch norm, a pooling, the mean of each map, three classes."""

    def __init__(self, channels: int, seed: int) -> None:
        super().__init__()
        self.stages = nn.Sequential(
            nn.Conv2d(channels, 6, 3, padding=1),
            nn.BatchNorm2d(6),
            nn.ReLU(),
            nn.MaxPool2d(2),
            nn.Conv2d(6, 8, 3, padding=1),
            nn.ReLU(),
        )
        self.head = nn.Linear(8, 3)
        draws = generator(seed)
        for tensor in self.state_dict().values():
            if tensor.is_floating_point():
                tensor.copy_(torch.rand(tensor.shape, generator=draws) - 0.3)
        self.state_dict()["stages.1.running_var"].copy_(torch.rand(6, generator=draws) + 0.5)
        self.eval().requires_grad_(False)

    @property
    def last_conv(self) -> nn.Module:
        return self.stages[-1]

    def forward(self, images: Tensor) -> Tensor:
        return self.head(self.stages(images).mean(dim=(2, 3)))


def linear(channels: int, side: int, seed: int) -> nn.Module:
    """One linear layer with three classes, in double precision."""
    net = nn.Sequential(nn.Flatten(), nn.Linear(channels * side * side, 3, dtype=torch.float64))
    for tensor in net.state_dict().values():
        tensor.copy_(torch.randn(tensor.shape, generator=generator(seed), dtype=torch.float64))
    return net.eval().requires_grad_(False)


def pictures(batch: int, channels: int, side: int, seed: int) -> Tensor:
    """Pixels from 0 to 1, (batch, channels, side, side)."""
    return torch.rand(batch, channels, side, side, generator=generator(seed))
