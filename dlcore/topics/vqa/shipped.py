"""The trained networks of this lesson that come with the app.

Knows their files and that they fit the questions of today; does not know how they were made (`making`).
"""

from functools import cache
from typing import Any

import torch
from torch import Tensor

from dlcore import checkpoints, require
from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.nets import Answerer, Backbone, floats

SEEDS = (0, 1, 2)  # of each answerer: three were trained, alike but for their weights, batches and what they dropped
MOST_BYTES = 500_000
BACKBONE, DISTANCE = "vqa_backbone.safetensors", "vqa_distance.safetensors"


def name(key: str, seed: int) -> str:
    """The name of an answerer's file.

    Raises: ValueError for an unknown key or seed.
    """
    require.one_of("model", key, FUSIONS)
    require.whole("seed", seed, SEEDS[0], SEEDS[-1])
    return f"vqa_{key}_{seed}.safetensors"


@cache
def backbone() -> Backbone:
    """The network that sees: one for all sessions, to be asked, and never to be hooked or changed.

    Raises: ValueError, one sentence, for a file that is missing or damaged.
    """
    net = Backbone()
    checkpoints.fill(net, _read(BACKBONE)[1], BACKBONE)
    return net


@cache
def answerer(key: str, seed: int = 0) -> Answerer:
    """The network that answers, as `backbone`; key: of FUSIONS, seed: of SEEDS.

    Raises: ValueError, one sentence, for an unknown key or seed, and for a file that is missing, damaged, or was made
    for other answers.
    """
    facts, tensors = _read(name(key, seed))
    if tuple(facts["answers"]) != ANSWERS:
        raise ValueError(
            f"{name(key, seed)} was made for other answers: make it anew by python -m dlcore.train aerial."
        )
    net = Answerer(key, len(facts["vocabulary"]), len(ANSWERS))
    checkpoints.fill(net, tensors, name(key, seed))
    return net


def facts(key: str, seed: int = 0) -> dict[str, Any]:
    """What was measured of an answerer when it was made, beside its words and answers.

    Raises: as `answerer`.
    """
    return _read(name(key, seed))[0]


@cache
def reference() -> dict[str, Tensor]:
    """Where the scenes of the training area lie in feature space, and how far scenes usually are, as `distance` has it.

    Raises: ValueError, one sentence, for a file that is missing or damaged.
    """
    return _read(DISTANCE)[1]


def features(images: Tensor) -> Tensor:
    """What the backbone sees in pictures, (pictures, 96, 96, 3) uint8 -> (pictures, 64, 6, 6), standardised."""
    with torch.no_grad():
        return backbone()(floats(images))


def _read(file: str) -> tuple[dict[str, Any], dict[str, Tensor]]:
    return checkpoints.read(checkpoints.FOLDER / file, MOST_BYTES)
