"""Writes a small folder as RSVQA, low resolution, is published."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from dlcore.datasets.rsvqa import IMAGES, SPLITS

PER_SPLIT = 2  # pictures
COUNTS = ("0", "1", "10", "11", "100", "101", "1000", "1001")


def write(place: Path) -> Path:
    """Two pictures of each split, the ones of train 0 and 1, with a question of every type and a few counts."""
    target = place / "rsvqa"
    (target / IMAGES).mkdir(parents=True)
    for number in range(PER_SPLIT * len(SPLITS)):
        Image.fromarray(pixels(number)).save(target / IMAGES / f"{number}.tif")
    for split in SPLITS:
        for part, entries in described(split).items():
            (target / f"LR_split_{split}_{part}.json").write_text(json.dumps({part: entries}), encoding="utf-8")
    return target


def pixels(number: int) -> np.ndarray:
    """A picture's: 256 × 256, blocks of noise on a shade of its own."""
    blocks = np.random.default_rng(number).integers(0, 120, (32, 32, 3), dtype=np.uint8)
    return np.kron(blocks, np.ones((8, 8, 1), dtype=np.uint8)) + np.uint8(20 * number)


def described(split: str) -> dict[str, list[dict[str, Any]]]:
    """All entries of a split's files: those of other splits are there, too, with nothing but an id."""
    images, questions, answers = [], [], []
    for number in range(PER_SPLIT * len(SPLITS)):
        active = SPLITS[number // PER_SPLIT] == split
        first = len(questions)
        for text, kind, answer in asked(number):
            place = len(questions)
            question = {"img_id": number, "type": kind, "question": text, "answers_ids": [place], "date_added": 0.0}
            answer = {"question_id": place, "answer": answer, "date_added": 0.0}
            questions.append({"id": place, "active": active} | (question if active else {}))
            answers.append({"id": place, "active": active} | (answer if active else {}))
        more = {"questions_ids": list(range(first, len(questions))), "type": "S2"}
        images.append({"id": number, "active": active} | (more if active else {}))
    return {"images": images, "questions": questions, "answers": answers}


def asked(number: int) -> list[tuple[str, str, str]]:
    """Text, published type and answer of each question about a picture."""
    return [
        ("Is it a rural or an urban area", "rural_urban", "rural" if number % 2 else "urban"),
        ("Is a forest present?", "presence", "no" if number % 2 else "yes"),
        ("Are there more roads than buildings?", "comp", "yes" if number % 2 else "no"),
        ("What is the number of buildings?", "count", COUNTS[number]),
        ("How many roads are there?", "count", COUNTS[-1 - number]),
    ]
