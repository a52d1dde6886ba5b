"""What the stages on saliency share: the looks of each method, what is explained, and the sheet of its maps.

Knows the names under which maps arrive; does not know how any is computed.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from dlcore.figures.classbars import ClassBars
from dlcore.figures.looks import NamedStyle
from dlcore.figures.pending import ArrayOrPending, Pending
from dlcore.figures.stage import Area
from dlcore.figures.tiles import Tile, Tiles

RANDOM = "random"  # a map that knows nothing, which every method should beat


METHOD_STYLES: dict[str, NamedStyle] = {
    "gradient": NamedStyle("Gradient", "gradient", "solid", "circle"),
    "input": NamedStyle("× input", "method-input", "dash", "circle-open"),
    "smoothgrad": NamedStyle("SmoothGrad", "method-smoothgrad", "solid", "square"),
    "smoothgrad_squared": NamedStyle("SmoothGrad²", "method-smoothgrad-squared", "dash", "square-open"),
    "vargrad": NamedStyle("VarGrad", "method-vargrad", "dot", "diamond-open"),
    "integrated": NamedStyle("Integrated", "method-integrated", "longdash", "diamond"),
    "gradcam": NamedStyle("Grad-CAM", "method-gradcam", "dashdot", "star"),
    "guided": NamedStyle("Guided", "method-guided", "dash", "triangle-up"),
    "occlusion": NamedStyle("Occlusion", "method-occlusion", "longdash", "pentagon"),
    "lime": NamedStyle("LIME", "method-lime", "dashdot", "triangle-down"),
    "shap": NamedStyle("SHAP", "method-shap", "dot", "hexagram"),
    RANDOM: NamedStyle("Random", "muted", "dot", "x-thin"),
}


def with_random(methods: Mapping[str, str]) -> dict[str, str]:
    """The methods' titles by name, and below them what each must beat."""
    return {**methods, RANDOM: "A random map"}


@dataclass(frozen=True, kw_only=True, eq=False)
class Explained:
    """A picture, and the class that the maps are to explain.

    picture: uint8 (h, w, 3), or (h, w, 1) in greys. label, against, truth: numbers of classes. mask: bool (h, w), where
    the object is; None: nobody knows. chances, logits: (classes,), what the network answers.
    """

    picture: np.ndarray
    classes: Sequence[str]
    label: int
    against: int | None = None
    truth: int | None = None
    mask: np.ndarray | None = None
    chances: np.ndarray | None = None
    logits: np.ndarray | None = None

    @property
    def shown(self) -> np.ndarray:
        """The picture as one frame in colours, (1, h, w, 3)."""
        return np.broadcast_to(self.picture, (*self.picture.shape[:2], 3))[None]

    @property
    def size(self) -> tuple[int, int]:
        """Height and width."""
        return self.picture.shape[0], self.picture.shape[1]

    @property
    def name(self) -> str:
        """The class, or both where one is told apart from another."""
        label = self.classes[self.label]
        return label if self.against is None else f"{label}, not {self.classes[self.against]}"


@dataclass(frozen=True, kw_only=True)
class Display:
    """How maps are shown, as in `Tiles`; outline: with the object's edge. mark: with a ring on the strongest place."""

    signed: bool = False
    clip: float = 99.0
    shared: bool = False
    overlay: float = 0.0
    outline: bool = True
    mark: bool = False


@dataclass(frozen=True, kw_only=True, eq=False)
class Sheet:
    """The tiles of one run, whose maps and numbers arrive while it is computed."""

    explained: Explained
    display: Display
    num_frames: int

    def live(self, name: str, *shape: int, dtype: str = "float32") -> Pending:
        """What comes of a name with every frame: a number, or an array of this shape."""
        return Pending(name=name, shape=(self.num_frames, *shape), dtype=dtype)

    def map(self, key: str, title: str, arrays: str = "{}", **more: Any) -> Tile:
        """A map; arrays: its names, where "{}" stands for "signed" and "magnitude"."""
        signed, size = (self.live(arrays.format(kind), *self.explained.size) for kind in ("signed", "magnitude"))
        return self._tile(key, title, signed, magnitude=size, mark=self.display.mark, **more)

    def picture(self, key: str, title: str, name: str, **more: Any) -> Tile:
        """A picture that comes with the frames."""
        pixels = self.live(name, *self.explained.size, 3, dtype="uint8")
        return self._tile(key, title, pixels, kind="picture", **more)

    def original(self, key: str = "picture", title: str = "The picture", **more: Any) -> Tile:
        """The picture itself."""
        return self._tile(key, title, self.explained.shown, kind="picture", **more)

    def _tile(self, key: str, title: str, values: ArrayOrPending, **more: Any) -> Tile:
        outline = self.explained.mask if self.display.outline else None
        return Tile(key=key, title=title, values=values, outline=outline, **more)

    def tiles(self, tiles: Sequence[Tile], *, title: str, alt: str, **more: Any) -> Tiles:
        """The large view of a stage."""
        return Tiles(
            key="tiles",
            title=title,
            tiles=tiles,
            signed=self.display.signed,
            clip=self.display.clip,
            shared=self.display.shared,
            overlay=self.display.overlay,
            picture=self.explained.shown,
            alt=alt,
            **more,
        )

    def answer(self, key: str = "classes") -> list[ClassBars]:
        """What the network answers to the picture, beside the maps, where that is known."""
        known, logits = self.explained.chances, self.explained.logits
        if known is None:
            return []
        return [self.bars(known[None], None if logits is None else logits[None], "side", key)]

    def bars(
        self, chances: ArrayOrPending, logits: ArrayOrPending | None = None, area: Area = "head", key: str = "classes"
    ) -> ClassBars:
        """Chances (frames, classes), a bar a class."""
        return ClassBars(
            key=key,
            title="Classes",
            labels=self.explained.classes,
            values=chances,
            logits=logits,
            chosen=self.explained.label,
            against=self.explained.against,
            truth=self.explained.truth,
            area=area,
        )
