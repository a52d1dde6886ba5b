"""Knows the lines with which a program on one picture begins: what it imports, its network, its picture; runs nothing.

The reader's own picture is read from a file.
"""

from collections.abc import Iterable, Mapping

from dlcore import checkpoints
from dlcore.topics.images.pictures import Picture
from dlcore.topics.images.shown import Shown

#: What a Picture is told, by its kind.
TOLD: Mapping[str, tuple[str, ...]] = {
    "drawn": ("label", "seed"),
    "digit": ("seed",),
    "photo": ("photo",),
}


def imports(
    shown: Shown, libraries: Iterable[str] = (), tools: Iterable[str] = (), standard: Iterable[str] = ()
) -> str:
    """The program's first lines; libraries: what it imports beside torch, tools: of the lab, line by line."""
    own = shown.picture.kind == "own"
    foreign = ["import numpy as np"] * own + ["import torch", *libraries] + ["from PIL import Image"] * own
    home = "checkpoints" if shown.model in checkpoints.MODELS else "imagenet"
    lab = [
        f"from dlcore.{home} import network  # the lab's trained networks",
        f"from dlcore.topics.images.pictures import {'own' if own else 'Picture'}",
    ]
    groups = ([*standard], foreign, sorted([*lab, *tools], key=lambda line: line.split()[1]))
    return "\n\n".join("\n".join(lines) for lines in groups if lines)


def setup(shown: Shown, net: str = "{}") -> str:
    """net, picture, and x (1, channels, height, width) from 0 to 1; net: what becomes of the network, "{}"."""
    return f"""\
net = {net.format(f"network({literal(shown.model)})")}
picture = {_picture(shown.picture)}
x = torch.from_numpy(picture.bytes({shown.shape})).permute(2, 0, 1)[None] / 255  # {(1, *shown.shape)}"""


def literal(value: object) -> str:
    """As a formatter would write it."""
    return f'"{value}"' if isinstance(value, str) else repr(value)


def _picture(picture: Picture) -> str:
    strokes = f", strokes={literal(picture.strokes)}" if picture.strokes else ""
    if picture.kind == "own":
        return f'own(np.asarray(Image.open("picture.png").convert("RGB")){strokes})  # your file'
    told = [f"{name}={literal(getattr(picture, name))}" for name in TOLD.get(picture.kind, ())]
    told += [f"shift={picture.shift!r}"] * bool(picture.shift) + ["mark=True"] * picture.mark
    return f"Picture({', '.join([f'kind={literal(picture.kind)}', *told])}{strokes})"
