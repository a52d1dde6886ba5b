"""Reads the text of a layer editor: `conv 3x3 64 s2 p1; relu; add(conv 3x3 64 p1 | ); gap; flatten; fc 10`.

Layers are parted by semicolons or line ends, the branches of add(...) and cat(...) by bars. Knows how layers are
written, and in which place a mistake is; does not know whether they fit to one another (layer_stack.py).
"""

import difflib
import re
from collections.abc import Iterator
from typing import Any, Literal

from dlcore.topics.convolution import PADDINGS
from dlcore.topics.layers import POINTWISE, RESHAPING, Branches, Convolution, Layer, Linear, Pair, Plain, Pooling

MAX_LENGTH = 8000  # characters
MAX_LAYERS = 250
MAX_NESTING = 4
MAX_KERNEL, MAX_STEP = 512, 64  # MAX_STEP: of stride, padding and dilation
MAX_CHANNELS, MAX_UNITS = 4096, 2**16
MAX_SHOWN = 40  # characters of a layer that a sentence repeats

NAMES = ("conv", "maxpool", "avgpool", "fc", "add", "cat", *POINTWISE, *RESHAPING)
SETTINGS = {"s": "stride", "p": "padding", "d": "dilation", "g": "groups"}
EXAMPLES = {"stride": "s2", "padding": "p1", "dilation": "d2", "groups": "g2", "bias": "nobias"}

_SETTING = re.compile(rf"({'|'.join(SETTINGS.values())}|[{''.join(SETTINGS)}])(?:=|(?=\d|{'|'.join(PADDINGS)}))(.*)")
_PAIR = re.compile(r"(\d{1,6})(?:x(\d{1,6}))?", re.ASCII)
_WHOLE = re.compile(r"\d{1,6}", re.ASCII)


class Misplaced(ValueError):
    """Why a layer cannot be: its place, what is written there, and what was expected."""

    def __init__(self, place: str, text: object, reason: str) -> None:
        shown = str(text)
        if len(shown) > MAX_SHOWN:
            shown = f"{shown[:MAX_SHOWN]}…"
        super().__init__(f"{place[:1].upper()}{place[1:]}, “{shown}”: {reason}.")


def read_layers(text: str) -> tuple[Layer, ...]:
    """The layers that are written in the text, the first one first.

    Raises: ValueError, one sentence that names the place of the first mistake and what was expected there.
    """
    if len(text) > MAX_LENGTH:
        raise ValueError(f"The layers have {len(text):,} characters: at most {MAX_LENGTH:,} are read.")
    _refuse_brackets(text)
    text = re.sub(r"(?<=\d)\s*[x×]\s*(?=\d)", "x", text.lower())
    layers = _sequence(text, "")
    if not layers:
        raise ValueError("There are no layers: write at least one, such as conv 3x3 64.")
    count = _count(layers)
    if count > MAX_LAYERS:
        raise ValueError(f"There are {count} layers: at most {MAX_LAYERS} are read.")
    return layers


def placed(layers: tuple[Layer, ...], outer: str = "") -> Iterator[tuple[Layer, str]]:
    """Every layer with the words for where it stands, behind those for its branch: "layer 3, branch 2, layer 1"."""
    return ((layer, f"{outer}layer {number}") for number, layer in enumerate(layers, 1))


def branch_place(place: str, number: int) -> str:
    """The place of a branch as its layers' places begin."""
    return f"{place}, branch {number}, "


def _sequence(text: str, outer: str) -> tuple[Layer, ...]:
    items = [item for part in _split(text, ";\n") if (item := part.strip())]
    return tuple(_layer(item, f"{outer}layer {number}") for number, item in enumerate(items, 1))


def _layer(item: str, place: str) -> Layer:
    name = re.split(r"[\s(]", item, maxsplit=1)[0]
    rest = item[len(name) :].strip()
    try:
        if name in ("add", "cat"):
            return Branches(name, _branches(name, rest, place))
        if name not in NAMES:
            raise ValueError(_unknown(name))
        return _simple(name, rest.split())
    except Misplaced:
        raise
    except ValueError as error:
        raise Misplaced(place, item, str(error)) from None


def _branches(name: str, rest: str, place: str) -> tuple[tuple[Layer, ...], ...]:
    if not rest.startswith("("):
        raise ValueError(f"branches are written {name}(conv 3x3 64 p1 | ), with a bar between two")
    end = _closing(rest)
    if end < len(rest) - 1:
        raise ValueError("a semicolon belongs behind its closing bracket")
    inner = _split(rest[1:end], "|")
    if len(inner) < 2:
        raise ValueError(f"{name} needs at least two branches, with a bar | between them")
    return tuple(_sequence(text, branch_place(place, number)) for number, text in enumerate(inner, 1))


def _simple(name: str, words: list[str]) -> Layer:
    """A layer without branches; words: what stands behind its name."""
    match name:
        case "conv":
            return _convolution(words)
        case "maxpool" | "avgpool":
            return _pooling(name, words)
        case "fc":
            return _linear(words)
    if words:
        raise ValueError(f"{name} has no settings; a semicolon stands between two layers")
    return Plain(name)


def _convolution(words: list[str]) -> Convolution:
    if len(words) < 2 or not _PAIR.fullmatch(words[0]) or not _WHOLE.fullmatch(words[1]):
        raise ValueError("a convolution is written with its kernel and its output channels, such as conv 3x3 64 s2 p1")
    return Convolution(
        kernel=_pair("the kernel", words[0], 1, MAX_KERNEL),
        channels=_whole("the number of channels", words[1], 1, MAX_CHANNELS),
        **_settings(words[2:], ("stride", "padding", "dilation", "groups", "bias")),
    )


def _linear(words: list[str]) -> Linear:
    if not words or not _WHOLE.fullmatch(words[0]):
        raise ValueError("a fully connected layer is written with its number of units, such as fc 10")
    return Linear(units=_whole("the number of units", words[0], 1, MAX_UNITS), **_settings(words[1:], ("bias",)))


def _pooling(kind: Literal["maxpool", "avgpool"], words: list[str]) -> Pooling:
    if not words or not _PAIR.fullmatch(words[0]):
        raise ValueError(f"pooling is written with its window, such as {kind} 3x3 s2 p1")
    kernel = _pair("the window", words[0], 1, MAX_KERNEL)
    settings = {"stride": kernel, "padding": (0, 0), **_settings(words[1:], ("stride", "padding"))}
    if isinstance(settings["padding"], str):
        raise ValueError("the padding of pooling is a number, such as p1")
    if any(2 * pad > side for pad, side in zip(settings["padding"], kernel, strict=True)):
        raise ValueError("the padding of pooling is at most half its window, as in torch")
    return Pooling(kind=kind, kernel=kernel, **settings)


def _settings(words: list[str], allowed: tuple[str, ...]) -> dict[str, Any]:
    """The settings that stand behind a layer's sizes, by their names."""
    found: dict[str, Any] = {}
    for word in words:
        name, value = _parted(word)
        if name not in allowed:
            known = ", ".join(EXAMPLES[name] for name in allowed)
            raise ValueError(f"“{word[:MAX_SHOWN]}” is no setting of this layer: {known} can be set")
        if name in found:
            raise ValueError(f"its {name} is given twice")
        found[name] = _value(name, value)
    return found


def _parted(word: str) -> tuple[str, str]:
    """A setting's name and value: stride and 2 of s2, s=2 or stride=2; no name where it is none."""
    if word in ("bias", "nobias"):
        return "bias", word
    if word in PADDINGS:
        return "padding", word
    match = _SETTING.fullmatch(word)
    return (SETTINGS[match[1][0]], match[2]) if match else ("", "")


def _value(name: str, value: str) -> Any:
    match name:
        case "bias":
            return value == "bias"
        case "groups":
            return _whole(name, value, 1, MAX_CHANNELS)
        case "padding" if value in PADDINGS:
            return value
        case "padding":
            return _pair(name, value, 0, MAX_STEP, f", or one of {', '.join(PADDINGS)}")
    return _pair(name, value, 1, MAX_STEP)


def _whole(name: str, value: str, low: int, high: int) -> int:
    if not _WHOLE.fullmatch(value) or not low <= int(value) <= high:
        raise ValueError(f"{name} must be a whole number from {low} to {high:,}")
    return int(value)


def _pair(name: str, value: str, low: int, high: int, otherwise: str = "") -> Pair:
    """One number for both axes, or two: 3 or 1x7."""
    match = _PAIR.fullmatch(value)
    numbers = (int(match[1]), int(match[2] or match[1])) if match else (low - 1, low - 1)
    if not all(low <= number <= high for number in numbers):
        raise ValueError(f"{name} must be a whole number from {low} to {high}, or two of them such as 3x1{otherwise}")
    return numbers


def _unknown(name: str) -> str:
    near = difflib.get_close_matches(name, NAMES, n=1, cutoff=0.6)
    return "no layer has this name; " + (f"perhaps {near[0]} is meant" if near else f"known are {', '.join(NAMES)}")


def _split(text: str, marks: str) -> list[str]:
    """The parts between those marks that stand in no brackets."""
    parts, depth = [""], 0
    for character in text:
        depth += (character == "(") - (character == ")")
        if character in marks and depth == 0:
            parts.append("")
        else:
            parts[-1] += character
    return parts


def _closing(text: str) -> int:
    """Where the bracket closes that the text begins with."""
    depth = 0
    for position, character in enumerate(text):
        depth += (character == "(") - (character == ")")
        if depth == 0:
            return position
    raise AssertionError


def _refuse_brackets(text: str) -> None:
    depth = 0
    for position, character in enumerate(text, 1):
        depth += (character == "(") - (character == ")")
        if depth < 0:
            raise ValueError(f"The bracket “)” at character {position} closes nothing.")
        if depth > MAX_NESTING:
            raise ValueError(f"Branches are nested more than {MAX_NESTING} levels deep at character {position}.")
    if depth:
        raise ValueError("A bracket “(” is never closed: every add( and cat( ends with “)”.")


def _count(layers: tuple[Layer, ...]) -> int:
    inner = (branch for layer in layers if isinstance(layer, Branches) for branch in layer.branches)
    return len(layers) + sum(map(_count, inner))
