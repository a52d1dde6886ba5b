"""RSVQA, low resolution: questions about Sentinel-2 pictures of the Netherlands, as published, where the host has them.

Knows the published folder and what is in its files; keeps no picture, and does not know what is made of them.

    LR_split_<train, val, test>_questions.json  {"questions": [{"id", "img_id", "type", "question", "answers_ids",
                                                 "active"}, ...]}
    LR_split_<train, val, test>_answers.json    {"answers": [{"id", "answer", "active"}, ...]}
    LR_split_<train, val, test>_images.json     {"images": [{"id", "active"}, ...]}
    Images_LR/<id>.tif                          256 × 256, red, green and blue

Other keys and files (all_questions.json, ...) are not read. Entries that are not active belong to another split, and
may lack everything but these two. The first of answers_ids is the answer. Counts are put into the published buckets.

Source: Lobry, Marcos, Murray and Tuia, RSVQA: visual question answering for remote sensing data (2020);
doi.org/10.5281/zenodo.6344334.
"""

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import torch
from PIL import Image
from torch import Tensor

from dlcore import require
from dlcore.datasets.files import VARIABLE, folder

SPLITS = ("train", "val", "test")
FOLDERS = ("rsvqa", "RSVQA_LR", "RSVQA-LR", "")  # within the host's
IMAGES = "Images_LR"
#: The types as they are published, and what they are called here.
PUBLISHED = {"count": "count", "presence": "presence", "comp": "comparison", "rural_urban": "rural or urban"}
TYPES = tuple(PUBLISHED.values())
BUCKETS = {
    "0": 0,
    "between 1 and 10": 10,
    "between 11 and 100": 100,
    "between 101 and 1000": 1000,
    "more than 1000": np.inf,
}
ANSWERS = ("yes", "no", *BUCKETS, "rural", "urban")
ANSWERS_OF = {
    "count": tuple(BUCKETS),
    "presence": ("yes", "no"),
    "comparison": ("yes", "no"),
    "rural or urban": ("rural", "urban"),
}
SIDE = 96  # pixels of a picture as it is given
MOST_IMAGES = 10_000  # the set has 772
MOST_QUESTIONS = 1_000_000  # and 77,232
MOST_BYTES = 200 * 2**20  # of a file
MOST_PIXELS = 4096**2
SOURCE = "https://doi.org/10.5281/zenodo.6344334"


class Rsvqa(NamedTuple):
    """A split, in the order of its pictures; its pictures are read by `pictures`."""

    images: tuple[int, ...]  # their ids
    texts: tuple[str, ...]  # all different questions
    scene: Tensor  # (questions,), int64, places in images
    query: Tensor  # (questions,), int64, places in texts
    answer: Tensor  # (questions,), int64, places in ANSWERS
    type: Tensor  # (questions,), int64, places in TYPES


def present() -> bool:
    """Whether all its files are there; not whether they are sound."""
    return not missing()


def missing() -> str:
    """Why it cannot be loaded and what the host can do about it, one sentence; "" if its files are there."""
    place = folder()
    if place is None:
        return f"{VARIABLE} is not set: the host names with it the folder that has rsvqa/, from {SOURCE}."
    first = _missing_file(_place(place))
    return f"{place} has no rsvqa/{first}: the host unpacks there what {SOURCE} publishes." if first else ""


def load(split: str, num: int = MOST_IMAGES) -> Rsvqa:
    """The questions about the first `num` pictures of a split, "train", "val" or "test"; read anew each time.

    Raises: ValueError: one sentence on what is unknown, missing or damaged.
    """
    require.one_of("split", split, SPLITS)
    require.whole("num", num, 1, MOST_IMAGES)
    place = _found()
    images = tuple(sorted(_number(entry, "id", name) for entry, name in _active(place, split, "images")))[:num]
    scenes = {number: position for position, number in enumerate(images)}
    said = {_number(entry, "id", name): entry for entry, name in _active(place, split, "answers")}
    rows = [_row(entry, name, said, scenes) for entry, name in _active(place, split, "questions")]
    chosen = sorted((row for row in rows if row), key=lambda row: row[0])
    if not chosen:
        raise ValueError(f"The {split} split has no questions about its pictures.")
    texts = tuple(dict.fromkeys(row[1] for row in chosen))
    places = {text: position for position, text in enumerate(texts)}
    table = torch.tensor([(scene, places[text], answer, kind) for scene, text, answer, kind in chosen])
    return Rsvqa(images, texts, *table.unbind(dim=1))


def pictures(images: Iterable[int]) -> Iterator[np.ndarray]:
    """Each of these, read when it is asked for: (SIDE, SIDE, 3), uint8, the middle square of it made as small.

    Raises: ValueError: one sentence on what is missing or damaged.
    """
    place = _found()
    for number in images:
        yield _picture(place / IMAGES / f"{number}.tif")


def bucket(count: int) -> str:
    """The published range that a count, 0 or more, is in."""
    return next(name for name, most in BUCKETS.items() if count <= most)


def _place(place: Path) -> Path:
    """The first folder that has any of it."""
    inner = [place / name for name in FOLDERS]
    return next(
        (path for path in inner if (path / IMAGES).is_dir() or (path / _name("train", "questions")).is_file()), inner[0]
    )


def _name(split: str, part: str) -> str:
    return f"LR_split_{split}_{part}.json"


def _missing_file(place: Path) -> str:
    names = (_name(split, part) for split in SPLITS for part in ("questions", "answers", "images"))
    first = next((name for name in names if not (place / name).is_file()), "")
    return first or ("" if (place / IMAGES).is_dir() else IMAGES)


def _found() -> Path:
    reason, place = missing(), folder()
    if reason or place is None:
        raise ValueError(reason)
    return _place(place)


def _active(place: Path, split: str, part: str) -> Iterator[tuple[dict[str, Any], str]]:
    """The entries of a file that belong to the split, and what each is called in a refusal."""
    name, most = _name(split, part), MOST_IMAGES if part == "images" else MOST_QUESTIONS
    described = _described(place / name)
    entries = described.get(part) if isinstance(described, dict) else None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise ValueError(f"{name} has no list {part!r}: it must be RSVQA's file as it was published.")
    if len(entries) > most:
        raise ValueError(f"{name} has {len(entries)} {part}: it may have at most {most}.")
    return ((entry, f"Entry {number} of {name}") for number, entry in enumerate(entries) if entry.get("active"))


def _described(path: Path) -> Any:
    try:
        size = path.stat().st_size
        if size > MOST_BYTES:
            raise ValueError(f"{path.name} has {size / 2**20:.0f} MB: it may have at most {MOST_BYTES >> 20}.")
        return json.loads(path.read_bytes())
    except OSError as fault:
        raise ValueError(f"{path.name} cannot be read: {fault.strerror or fault}.") from None
    except (json.JSONDecodeError, UnicodeDecodeError, RecursionError):
        raise ValueError(f"{path.name} is damaged or cut off: it is no JSON.") from None


def _number(entry: dict[str, Any], key: str, name: str) -> int:
    value = entry.get(key)
    if type(value) is not int or value < 0:
        raise ValueError(f"{name} has the {key} {value!r}: it must be a whole number from 0.")
    return value


def _row(
    entry: dict[str, Any], name: str, said: dict[int, dict[str, Any]], scenes: dict[int, int]
) -> tuple[int, str, int, int] | None:
    """Scene, text, answer and type of a question; None if it is about a picture that is not wanted."""
    scene = scenes.get(_number(entry, "img_id", name))
    if scene is None:
        return None
    kind, text, ids = (entry.get(key) for key in ("type", "question", "answers_ids"))
    if not isinstance(kind, str) or kind not in PUBLISHED:
        raise ValueError(f"{name} has the type {kind!r}: it must be one of {', '.join(PUBLISHED)}.")
    if not isinstance(text, str) or not text.strip():
        raise ValueError(f"{name} has no question.")
    if not isinstance(ids, list) or not ids or type(ids[0]) is not int or ids[0] not in said:
        raise ValueError(f"{name} has the answers_ids {ids!r}: the first must be an answer of its split.")
    answer = _answer(said[ids[0]].get("answer"), PUBLISHED[kind], name)
    return scene, text.strip(), ANSWERS.index(answer), TYPES.index(PUBLISHED[kind])


def _answer(value: Any, kind: str, name: str) -> str:
    words = str(value).strip().lower()
    if kind == "count" and words.isdecimal() and len(words) < 10:
        return bucket(int(words))
    if words not in ANSWERS_OF[kind]:
        raise ValueError(f"{name} is answered {value!r}: it must be one of {', '.join(ANSWERS_OF[kind])}.")
    return words


def _picture(path: Path) -> np.ndarray:
    name = f"{IMAGES}/{path.name}"
    try:
        image = Image.open(path, formats=("TIFF",))
    except FileNotFoundError:
        raise ValueError(f"{name} is missing: the questions of its split are about it.") from None
    except Exception as fault:  # on damaged files a decoder may trip over anything
        raise ValueError(f"{name} is damaged: it is no TIFF picture that can be read.") from fault
    with image:
        if image.width * image.height > MOST_PIXELS:
            raise ValueError(f"{name} has {image.width} × {image.height} pixels, which are too many.")
        if image.mode not in ("RGB", "RGBA"):
            raise ValueError(f"{name} has the mode {image.mode}: it must have red, green and blue of 8 bits.")
        try:
            return np.array(_squared(image.convert("RGB")))
        except Exception as fault:
            raise ValueError(f"{name} is cut off or damaged: it cannot be read to its end.") from fault


def _squared(image: Image.Image) -> Image.Image:
    side = min(image.size)
    left, top = (image.width - side) // 2, (image.height - side) // 2
    return image.resize((SIDE, SIDE), Image.Resampling.BOX, box=(left, top, left + side, top + side))
