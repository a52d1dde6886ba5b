"""Drawn objects of ten classes on cluttered grounds, 64 × 64 pixels, and where in each picture the object is.

Knows how one picture is drawn from its seed and how a set of them is; knows no model. A set draws its pictures from
seeds that no other set has (`ObjectsConfig`), so a network is never tested on what it was trained on.
"""

import math
from colorsys import hsv_to_rgb
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from PIL import Image, ImageDraw, ImageFilter
from torch import Tensor

from dlcore import require
from dlcore.datasets.object_grounds import FINE, SIDE, Ground, ground
from dlcore.datasets.object_shapes import SHAPES, Part
from dlcore.datasets.watermark import stamped

CLASSES = tuple(SHAPES)
MOST_IMAGES = 100_000  # of a set
SINGLE = 1_000_000  # pictures with smaller seeds are in no set
MOST_SETS = 2**31
EDGE = 2  # pixels that an object keeps from the picture's edge
FADED = 0.22  # of the way to the ground's colour, at shift 1
LONGEST = 46  # pixels: no object is wider or higher


@dataclass(frozen=True, kw_only=True)
class ObjectConfig:
    """One picture: the same seed gives every class the same ground, place and turn.

    shift: how unlike the pictures of shift 0 it is, 0 to 1: colours, textures, sizes, turns, clutter, blur and noise.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    label: int
    seed: int
    shortcut: bool = False  # with the watermark
    shift: float = 0.0

    def __post_init__(self) -> None:
        require.whole("label", self.label, 0, len(CLASSES) - 1)
        require.whole("seed", self.seed, 0, SINGLE + MOST_SETS * MOST_IMAGES - 1)
        require.number("shift", self.shift, 0, 1)


class Drawn(NamedTuple):
    """A picture, where the object is in it, and where the watermark is, which may lie on the object."""

    image: np.ndarray  # (SIDE, SIDE, 3), uint8
    mask: np.ndarray  # (SIDE, SIDE), bool
    mark: np.ndarray  # (SIDE, SIDE), bool


class Objects(NamedTuple):
    """A set of pictures."""

    images: Tensor  # (images, 3, SIDE, SIDE), float32, 0 to 1
    labels: Tensor  # (images,), int64, places in CLASSES
    masks: Tensor  # (images, SIDE, SIDE), bool: the object
    marks: Tensor  # (images, SIDE, SIDE), bool: the watermark


@dataclass(frozen=True, kw_only=True)
class ObjectsConfig:
    """A set of pictures, all classes alike often.

    Picture i of set s has the seed SINGLE + s · MOST_IMAGES + i: sets with different seeds share no picture, whatever
    their other settings, and single pictures with seeds below SINGLE are in no set. A larger set begins with the
    smaller one's pictures.

    shortcut: the class whose pictures have the watermark, that share of them; no other class has it.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    num: int
    seed: int
    shortcut: int | None = None
    shortcut_share: float = 1.0
    shift: float = 0.0

    def __post_init__(self) -> None:
        require.whole("num", self.num, 1, MOST_IMAGES)
        require.whole("seed", self.seed, 0, MOST_SETS - 1)
        if self.shortcut is not None:
            require.whole("shortcut", self.shortcut, 0, len(CLASSES) - 1)
        require.number("shortcut_share", self.shortcut_share, 0, 1)
        require.number("shift", self.shift, 0, 1)

    def picture(self, number: int) -> ObjectConfig:
        """The picture of that number, 0 to num − 1."""
        seed = SINGLE + self.seed * MOST_IMAGES + number
        label = self._label(number)
        marked = label == self.shortcut and np.random.default_rng((seed, 4)).random() < self.shortcut_share
        return ObjectConfig(label=label, seed=seed, shortcut=bool(marked), shift=self.shift)

    def _label(self, number: int) -> int:
        """Each ten pictures in a row have all ten classes, in an order of their own."""
        tens, place = divmod(number, len(CLASSES))
        return int(np.random.default_rng((self.seed, tens, 5)).permutation(len(CLASSES))[place])

    def make(self) -> Objects:
        """Draws the pictures, 2 ms each; not kept."""
        configs = [self.picture(number) for number in range(self.num)]
        images = torch.empty(self.num, 3, SIDE, SIDE)
        masks, marks = torch.empty(2, self.num, SIDE, SIDE, dtype=torch.bool)
        for number, config in enumerate(configs):
            drawn = draw(config)
            images[number] = torch.from_numpy(drawn.image).permute(2, 0, 1) / 255
            masks[number], marks[number] = torch.from_numpy(drawn.mask), torch.from_numpy(drawn.mark)
        return Objects(images, torch.tensor([config.label for config in configs]), masks, marks)


def watermarked(images: Tensor, seed: int = 0) -> tuple[Tensor, Tensor]:
    """These pictures with the watermark on each, and where it is; the seed says how far each is moved.

    images: (images, 3, SIDE, SIDE), 0 to 1, not changed; the marks are (images, SIDE, SIDE) bool.
    """
    pairs = [stamped(image.permute(1, 2, 0).numpy(), seed + number) for number, image in enumerate(images)]
    marked = [torch.from_numpy(pixels).permute(2, 0, 1) for pixels, _ in pairs]
    return torch.stack(marked), torch.stack([torch.from_numpy(mark) for _, mark in pairs])


def draw(config: ObjectConfig) -> Drawn:
    """Draws a picture."""
    scene, pose, details = (np.random.default_rng((config.seed, part)) for part in range(3))
    behind = ground(scene, config.shift)
    layer = _object(config, behind, pose, details)
    cover = layer[..., 3:]
    pixels = _shaded(behind.pixels, cover, pose)
    pixels += cover * (layer[..., :3] - pixels)
    pixels = _grained(pixels, scene, config.shift)
    mark = np.zeros((SIDE, SIDE), dtype=bool)
    if config.shortcut:
        pixels, mark = stamped(pixels, config.seed)
    return Drawn(np.round(255 * pixels.clip(0, 1)).astype(np.uint8), cover[..., 0] > 0.5, mark)


def _object(
    config: ObjectConfig, behind: Ground, pose: np.random.Generator, details: np.random.Generator
) -> np.ndarray:
    """The object on nothing: (SIDE, SIDE, 4), red, green, blue and cover, floats from 0 to 1."""
    parts = SHAPES[CLASSES[config.label]].parts(details)
    colours = _colours(behind, pose, config.shift)
    outlines = _placed(config, parts, pose)
    every = np.concatenate(outlines)
    low, high = np.floor(every.min(axis=0)).astype(int), np.ceil(every.max(axis=0)).astype(int)
    small = Image.new("RGBA", (FINE * (high - low)).tolist())
    pen = ImageDraw.Draw(small)
    for part, outline in zip(parts, outlines, strict=True):
        pen.polygon((FINE * (outline - low) - 0.5).ravel().tolist(), fill=colours[part.fill])
    layer = np.zeros((SIDE, SIDE, 4), dtype=np.float32)
    layer[low[1] : high[1], low[0] : high[0]] = np.asarray(small.reduce(FINE), dtype=np.float32) / 255
    return layer


def _placed(config: ObjectConfig, parts: list[Part], pose: np.random.Generator) -> list[np.ndarray]:
    """The corners of each part, turned, enlarged and put somewhere, (corners, 2), in pixels."""
    shape, shift = SHAPES[CLASSES[config.label]], config.shift
    turn, mirror, size, *place = pose.random(5)
    share = (0.085 + 0.075 * size) * (1 - 0.35 * shift)  # of the picture's area
    tilt = min(shape.tilt + 30 * shift, 180)
    angle = math.radians(tilt * (2 * turn - 1))
    scale = math.sqrt(share * SIDE**2 / shape.area)
    across = np.array([math.cos(angle), math.sin(angle)]) * (1 if mirror < 0.5 else -1)
    down = np.array([-math.sin(angle), math.cos(angle)])
    corners = scale * np.concatenate([part.corners for part in parts]) @ np.stack([across, down])
    low, high = corners.min(axis=0), corners.max(axis=0)
    fit = min(1, LONGEST / (high - low).max())
    room = SIDE - 2 * EDGE - fit * (high - low)
    corners = fit * (corners - low) + EDGE + room * place
    return np.split(corners, np.cumsum([len(part.corners) for part in parts])[:-1])


def _colours(behind: Ground, pose: np.random.Generator, shift: float) -> dict[str, tuple[int, ...]]:
    """What each role is filled with: main and second vivid, and unlike the ground; a shift fades all towards it."""
    main, second = (_unlike(behind.usual, pose) for _ in range(2))
    leaf = np.array(hsv_to_rgb(pose.uniform(0.06, 0.42), pose.uniform(0.6, 0.95), pose.uniform(0.35, 0.75)))
    white = np.array([0.96, 0.96, 0.93])
    roles = {
        "main": main,
        "dark": 0.66 * main,
        "second": second,
        "leaf": leaf,
        "leaf light": leaf + 0.18 * (white - leaf),
        "wood": (0.42, 0.27, 0.15),
        "white": white,
        "ink": (0.1, 0.1, 0.13),
        "glass": (0.82, 0.9, 0.97),
        "glow": (1.0, 0.95, 0.72),
    }
    colours = np.array(list(roles.values()))
    faded = colours + FADED * shift * (behind.colours.mean(axis=0) - colours)
    return {role: (*fill, 255) for role, fill in zip(roles, np.round(255 * faded).astype(int).tolist(), strict=True)}


def _unlike(around: np.ndarray, pose: np.random.Generator) -> np.ndarray:
    """Of eight vivid colours the first that is far from both around it, or else the farthest."""
    colours = np.array([hsv_to_rgb(h, 0.5 + 0.5 * s, 0.5 + 0.5 * v) for h, s, v in pose.random((8, 3)).tolist()])
    distance = np.linalg.norm(colours[:, None] - around, axis=2).min(axis=1)
    return colours[int((distance > 0.42).argmax()) if distance.max() > 0.42 else int(distance.argmax())]


def _shaded(pixels: np.ndarray, cover: np.ndarray, pose: np.random.Generator) -> np.ndarray:
    """The ground in the soft shadow of what will lie on it, one or two pixels to the lower right."""
    depth = Image.fromarray((255 * cover[..., 0]).astype(np.uint8)).filter(ImageFilter.GaussianBlur(1.6))
    shadow = np.zeros((SIDE, SIDE), dtype=np.float32)
    shadow[2:, 1:] = np.asarray(depth, dtype=np.float32)[:-2, :-1] / 255
    return pixels * (1 - pose.uniform(0.3, 0.55) * shadow[..., None])


def _grained(pixels: np.ndarray, scene: np.random.Generator, shift: float) -> np.ndarray:
    """A little noise, and with a shift blur before it."""
    if shift:
        bytes_ = Image.fromarray((255 * pixels.clip(0, 1)).astype(np.uint8))
        pixels = np.asarray(bytes_.filter(ImageFilter.GaussianBlur(0.5 * shift)), dtype=np.float32) / 255
    return pixels + (0.018 + 0.02 * shift) * scene.standard_normal(pixels.shape, dtype=np.float32)
