"""Torchvision's ResNet and vision transformer, rebuilt around their own weights so that lessons can look inside.

Knows their parts: no ReLU works in place or is used twice, the input is pixels from 0 to 1, and Grad-CAM finds maps of
features. Does not know where weights come from.
"""

from typing import TYPE_CHECKING, cast

import torch
from torch import Tensor, nn

from dlcore.nets import Layers, Normalise

if TYPE_CHECKING:
    from torchvision.models import ResNet, VisionTransformer
    from torchvision.models.resnet import BasicBlock

#: Of the photographs that the networks were trained on: red, green, blue.
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


class Block(nn.Module):
    """A residual block of two convolutions."""

    def __init__(self, block: "BasicBlock") -> None:
        """block: whose modules are taken over."""
        super().__init__()
        self.first = nn.Sequential(block.conv1, block.bn1, nn.ReLU())
        self.second = nn.Sequential(block.conv2, block.bn2)
        self.shortcut = nn.Identity() if block.downsample is None else block.downsample
        self.relu = nn.ReLU()

    def forward(self, x: Tensor) -> Tensor:
        """x: (batch, channels, height, width)."""
        return self.relu(self.second(self.first(x)) + self.shortcut(x))


class PhotoResNet(nn.Module):
    """A residual network for photographs.

    Source: He et al., Deep residual learning for image recognition (2016).
    """

    def __init__(self, net: "ResNet") -> None:
        """net: of basic blocks; its modules are taken over."""
        super().__init__()
        self.normalise = Normalise(MEAN, STD)
        self.stem = nn.Sequential(net.conv1, net.bn1, nn.ReLU(), net.maxpool)
        blocks = [block for stage in (net.layer1, net.layer2, net.layer3, net.layer4) for block in stage]
        self.blocks = nn.Sequential(*(Block(cast("BasicBlock", block)) for block in blocks))
        self.classifier = net.fc

    def forward(self, images: Tensor) -> Tensor:
        """images: (batch, 3, height, width) in [0, 1] -> logits (batch, classes)."""
        return self.classifier(self.blocks(self.stem(self.normalise(images))).mean(dim=(2, 3)))

    @property
    def last_conv(self) -> nn.Module:
        """The module whose maps are averaged: what Grad-CAM weighs."""
        return self.blocks[-1]

    def layers(self) -> Layers:
        """Every module with weights, from the head down."""
        blocks = [(f"residual block {number}", block) for number, block in enumerate(self.blocks, start=1)]
        return [("classifier", self.classifier), *reversed(blocks), ("convolution 1", self.stem)]


class PhotoTransformer(nn.Module):
    """A vision transformer: patches of the picture and a class token attend to one another.

    Source: Dosovitskiy et al., An image is worth 16×16 words (2021).
    """

    def __init__(self, net: "VisionTransformer") -> None:
        """net: whose modules and parameters are taken over."""
        super().__init__()
        self.normalise = Normalise(MEAN, STD)
        self.patches = net.conv_proj
        self.class_token = net.class_token
        self.positions = net.encoder.pos_embedding
        self.blocks = cast(nn.Sequential, net.encoder.layers)
        self.grid = nn.Identity()
        self.norm = net.encoder.ln
        self.classifier = net.heads

    def forward(self, images: Tensor) -> Tensor:
        """images: (batch, 3, side, side) in [0, 1] -> logits (batch, classes)."""
        patches = self.patches(self.normalise(images))  # (batch, features, rows, columns)
        rows_columns = patches.shape[2:]
        token = self.class_token.expand(len(images), -1, -1)
        tokens = torch.cat([token, patches.flatten(2).mT], dim=1) + self.positions
        tokens = self.blocks[:-1](tokens)
        # The last block lets the class token look at the patches: until then their features can be seen as maps.
        maps = self.grid(tokens[:, 1:].mT.unflatten(2, rows_columns))
        tokens = self.blocks[-1](torch.cat([tokens[:, :1], maps.flatten(2).mT], dim=1))
        return self.classifier(self.norm(tokens)[:, 0])

    @property
    def last_conv(self) -> nn.Module:
        """The patches' features before the last block, (batch, features, rows, columns): what Grad-CAM weighs."""
        return self.grid

    def layers(self) -> Layers:
        """Every module with weights, from the head down; token and positions belong to none of them."""
        blocks = [(f"attention block {number}", block) for number, block in enumerate(self.blocks, start=1)]
        return [("classifier", nn.Sequential(self.norm, self.classifier)), *reversed(blocks), ("patches", self.patches)]
