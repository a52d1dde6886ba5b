"""The image networks that lessons share: two for drawn objects, one for digits.

Knows their layers and how weights are drawn; does not know how they are trained, nor where trained ones are kept.
Each takes pixels in [0, 1] and normalises them itself, so a gradient is one by pixels. No ReLU works in place, and none
is used twice: methods that hook modules see each one once.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor, nn

NUM_CLASSES = 10
Layers = list[tuple[str, nn.Module]]  # from the head down to the first convolution, with the words a reader sees


class Normalise(nn.Module):
    """(x − mean)/std for each channel: buffers, which a checkpoint keeps and training leaves alone."""

    mean: Tensor  # (channels, 1, 1)
    std: Tensor

    def __init__(self, mean: Iterable[float], std: Iterable[float]) -> None:
        super().__init__()
        self.register_buffer("mean", torch.tensor([*mean])[:, None, None])
        self.register_buffer("std", torch.tensor([*std])[:, None, None])

    def forward(self, images: Tensor) -> Tensor:
        """images: (batch, channels, height, width), and so is what is returned."""
        return (images - self.mean) / self.std


class Convolution(nn.Sequential):
    """3×3 convolution, batch norm, ReLU; as many rows and columns come out as go in."""

    def __init__(self, channels: int, features: int) -> None:
        super().__init__()
        self.conv = nn.Conv2d(channels, features, 3, padding=1, bias=False)  # batch norm has the bias
        self.norm = nn.BatchNorm2d(features)
        self.relu = nn.ReLU()


class Residual(nn.Module):
    """Two convolutions beside a shortcut, which has a 1×1 convolution where the number of channels changes.

    Source: He et al., Deep residual learning for image recognition (2016), section 3.
    """

    def __init__(self, channels: int, features: int) -> None:
        super().__init__()
        self.first = Convolution(channels, features)
        self.second = nn.Sequential(nn.Conv2d(features, features, 3, padding=1, bias=False), nn.BatchNorm2d(features))
        self.shortcut = nn.Identity()
        if channels != features:
            self.shortcut = nn.Sequential(nn.Conv2d(channels, features, 1, bias=False), nn.BatchNorm2d(features))
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """x: (batch, channels, height, width) -> (batch, features, height, width)."""
        return self.relu(self.second(self.first(x)) + self.shortcut(x))


class ConvNet(nn.Module):
    """What all have: a normalisation, stages of feature maps, the mean of each map, and a linear classifier."""

    def __init__(self, normalise: Normalise, stages: nn.Sequential, num_features: int) -> None:
        super().__init__()
        self.normalise = normalise
        self.stages = stages
        self.classifier = nn.Linear(num_features, NUM_CLASSES)

    def forward(self, images: Tensor) -> Tensor:
        """images: (batch, channels, height, width) in [0, 1] -> logits (batch, classes)."""
        return self.classifier(self.stages(self.normalise(images)).mean(dim=(2, 3)))

    @property
    def last_conv(self) -> nn.Module:
        """The module whose maps are averaged, after its ReLU: what Grad-CAM weighs, which here is CAM itself."""
        return self.stages[-1]

    def layers(self) -> Layers:
        """Every module with weights, once: the classifier, then the stages from the last to the first."""
        named: Layers = []
        for kind, title in ((Convolution, "convolution"), (Residual, "residual block")):
            stages = [stage for stage in self.stages if isinstance(stage, kind)]
            named += [(f"{title} {number}", stage) for number, stage in enumerate(stages, start=1)]
        return [("classifier", self.classifier), *reversed(named)]


class PlainNet(ConvNet):
    """Seven convolutions for 64 × 64 pixels in colour; three times the maps are halved. 115,000 parameters."""

    def __init__(self) -> None:
        stages = nn.Sequential(
            Convolution(3, 16),
            nn.MaxPool2d(2),
            Convolution(16, 32),
            Convolution(32, 32),
            nn.MaxPool2d(2),
            Convolution(32, 48),
            Convolution(48, 48),
            nn.MaxPool2d(2),
            Convolution(48, 64),
            Convolution(64, 64),
        )
        super().__init__(Normalise([0.5] * 3, [0.25] * 3), stages, 64)


class ResidualNet(ConvNet):
    """PlainNet with a shortcut around each pair of its convolutions, and different in nothing else."""

    def __init__(self) -> None:
        stages = nn.Sequential(
            Convolution(3, 16),
            nn.MaxPool2d(2),
            Residual(16, 32),
            nn.MaxPool2d(2),
            Residual(32, 48),
            nn.MaxPool2d(2),
            Residual(48, 64),
        )
        super().__init__(Normalise([0.5] * 3, [0.25] * 3), stages, 64)


class DigitsNet(ConvNet):
    """Three convolutions for 8 × 8 pixels of grey; once the maps are halved. 24,000 parameters."""

    def __init__(self) -> None:
        stages = nn.Sequential(Convolution(1, 16), Convolution(16, 32), nn.MaxPool2d(2), Convolution(32, 64))
        super().__init__(Normalise([0.3], [0.4]), stages, 64)


NETS: dict[str, Callable[[], ConvNet]] = {"plain": PlainNet, "residual": ResidualNet, "digits": DigitsNet}


def fresh(name: str, generator: torch.Generator) -> ConvNet:
    """A network of NETS, untrained, in training mode; equal generators give equal weights."""
    net = NETS[name]()
    redraw(net, generator)
    return net


def redraw(module: nn.Module, generator: torch.Generator) -> None:
    """Draws the weights of all convolutions and linear layers in a module anew, from N(0, 2/fan_in); biases become 0.

    Norms stay as they are, with their scales, shifts and running statistics.

    Source: He et al., Delving deep into rectifiers (2015), section 2.2.
    """
    for part in module.modules():
        if isinstance(part, nn.Conv2d | nn.Linear):
            nn.init.kaiming_normal_(part.weight, nonlinearity="relu", generator=generator)
            if part.bias is not None:
                nn.init.zeros_(part.bias)
        if isinstance(part, nn.MultiheadAttention):  # keeps what makes queries, keys and values outside such layers
            nn.init.kaiming_normal_(part.in_proj_weight, nonlinearity="relu", generator=generator)
            nn.init.zeros_(part.in_proj_bias)
