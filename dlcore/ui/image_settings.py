"""What the controls of a picture mean, in every lesson that shows one to a network."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcore.datasets.objects import CLASSES
from dlcore.topics.images.pictures import NUM_SINGLE, Picture, own

SHAPE = (3, 64, 64)  # of the pictures to choose from


def picture_of(values: Mapping[str, Any]) -> Picture:
    """The picture. Raises: ValueError for strokes that are none."""
    kind, strokes = values["kind"], values.get("strokes", "")
    if kind == "own" and values["upload"] is not None:
        return own(values["upload"], strokes)
    look: dict[str, Any] = {"strokes": strokes, "kind": "drawn" if kind == "own" else kind}
    if kind in ("drawn", "own", "digit"):
        look["seed"] = values["seed"] % NUM_SINGLE
    if kind in ("drawn", "own"):
        look |= {"label": CLASSES.index(values["shape"]), "shift": values["shift"], "mark": values["mark"]}
    return Picture(**look, **({"photo": values["photo"]} if kind == "photo" else {}))


def choices(picture: Picture) -> dict[str, tuple[str, np.ndarray]]:
    """An object of each class in the same place, by keys `pick.<class>.<seed>`."""
    seed = picture.seed if picture.kind == "drawn" else 0
    others = {name: Picture(label=number, seed=seed, shift=picture.shift) for number, name in enumerate(CLASSES)}
    return {f"pick.{name}.{seed}": (name, other.bytes(SHAPE)) for name, other in others.items()}


def picked(key: str) -> dict[str, Any]:
    """What the controls become where a picture of `choices` is taken."""
    _, shape, seed = key.split(".")
    return {"kind": "drawn", "shape": shape, "seed": int(seed)}
