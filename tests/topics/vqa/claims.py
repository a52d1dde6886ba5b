"""What the tests of the claims on visual question answering share: each scene's own run, and sets of fresh scenes."""

from functools import cache
from typing import Any, NamedTuple

import numpy as np
import torch
from torch import Tensor

from dlcore.datasets import aerial
from dlcore.datasets.aerial import Graph, ScenesConfig
from dlcore.datasets.aerial_questions import ANSWERS, QuestionsConfig, graphs, queries
from dlcore.topics.vqa import sets, shipped
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.grading import ROWS, by_type
from dlcore.topics.vqa.heads import Pairs
from dlcore.topics.vqa.nets import CELLS
from dlcore.topics.vqa.scenes import SCENES
from dlcore.topics.vqa.shipped import SEEDS
from dlcore.training import Snapshot
from dlcore.ui import vqa_rail
from dlcore.ui.vqa_settings import Config, asked_of, config_of
from dlcore.ui.vqa_stages import FRAMES
from tests.topics.scene_claims import Claims

CLAIMS = Claims(SCENES)
claim, says = CLAIMS.claim, CLAIMS.says
chosen = CLAIMS.answer  # the choice that is right
BY_KEY = CLAIMS.by_key
SETS = (0, 1, 2)  # of fresh scenes, which share none
AREAS = (0.0, sets.OTHER_AREA)
NUM_SCENES = 100  # of a set
FIRST_SET = sets.TESTS + 500  # far from those that the scenes show
#: Whether an answer can be one to a question, bool (queries, answers).
POSSIBLE = np.array([[given in query.answers for given in ANSWERS] for query in queries()])


# A scene's own run


def controls_of(key: str, **other: Any) -> dict[str, Any]:
    """All controls as the scene sets them, but for some."""
    return {**vqa_rail.DEFAULTS, "upload": None, **dict(BY_KEY[key].values), **other}


def config(key: str, **other: Any) -> Any:
    """The run that the scene shows."""
    return config_of(controls_of(key, **other))


def asked(key: str, **other: Any) -> Asked:
    """What the scene asks, before anything is changed."""
    return asked_of(controls_of(key, **other))


def run(key: str, **other: Any) -> list[Snapshot]:
    """Every frame of the scene."""
    return _run(config(key, **other))


@cache
def _run(shown_run: Config) -> list[Snapshot]:
    return list(FRAMES[type(shown_run)](shown_run))


def shown(key: str, name: str, **other: Any) -> np.ndarray:
    """An array of the scene's run, frame by frame."""
    return np.stack([np.asarray(frame.arrays[name], float) for frame in run(key, **other)])


def last(key: str, name: str, **other: Any) -> np.ndarray:
    """The same at the run's end."""
    return shown(key, name, **other)[-1]


def given(chances: np.ndarray) -> tuple[str, float]:
    """The likeliest answer and its chance, in percent."""
    place = int(chances.argmax())
    return ANSWERS[place], 100 * float(chances[place])


# Many questions


class Fresh(NamedTuple):
    """A set of scenes that no network has learnt from, and balanced questions about them."""

    graphs: tuple[Graph, ...]
    pairs: Pairs

    @property
    def types(self) -> np.ndarray:
        """Of the questions, places in TYPES."""
        return self.pairs.type.numpy()

    @property
    def true(self) -> np.ndarray:
        """The right answers, places in ANSWERS."""
        return self.pairs.answer.numpy()


@cache
def fresh(number: int, domain: float = 0.0, num: int = NUM_SCENES) -> Fresh:
    """A set, drawn and looked at."""
    scenes = ScenesConfig(num=num, seed=FIRST_SET + number, domain=domain)
    seen = sets.features(shipped.backbone(), graphs(scenes))
    return Fresh(graphs(scenes), sets.pairs(seen, QuestionsConfig(scenes=scenes, seed=scenes.seed).make()))


@cache
def answers(key: str, seed: int, number: int, domain: float = 0.0, num: int = NUM_SCENES) -> np.ndarray:
    """What one network answers to the questions about a set, places in ANSWERS."""
    return chances(key, seed, fresh(number, domain, num).pairs).argmax(axis=1)


def chances(key: str, seed: int, pairs: Pairs) -> np.ndarray:
    """How likely a network holds each answer, (pairs, answers)."""
    net, parts = shipped.answerer(key, seed), zip(pairs.scene.split(2000), pairs.query.split(2000), strict=True)
    with torch.no_grad():
        found = [net.pairs(pairs.features, pairs.ids, scene, query).softmax(dim=1) for scene, query in parts]
    return torch.cat(found).numpy()


def rows(key: str, number: int, domain: float = 0.0, num: int = NUM_SCENES) -> np.ndarray:
    """Percent right of the three networks of a kind, (SEEDS, ROWS)."""
    data = fresh(number, domain, num)
    right = np.stack([answers(key, seed, number, domain, num) == data.true for seed in SEEDS])
    return by_type(right, data.types)


def percent(key: str, row: str, number: int, domain: float = 0.0, num: int = NUM_SCENES) -> float:
    """The mean of these networks in one row of the table."""
    return float(rows(key, number, domain, num)[:, ROWS.index(row)].mean())


def ask_of(features: Tensor, query: int) -> Pairs:
    """The same question about some pictures."""
    count = torch.arange(len(features))
    same = torch.full_like(count, query)
    return Pairs(features, sets.all_ids(), count, same, same, same)


def ask_all(features: Tensor) -> Pairs:
    """Every question about one picture."""
    count = torch.arange(len(queries()))
    same = torch.zeros_like(count)
    return Pairs(features, sets.all_ids(), same, count, same, same)


def covered(graph: Graph, kinds: tuple[str, ...]) -> np.ndarray:
    """In which cells of (CELLS, CELLS) at least four pixels show one of these kinds, bool."""
    seen = np.isin(aerial.labels(graph), [1 + aerial.KINDS.index(kind) for kind in kinds])
    size = aerial.SIDE // CELLS
    return seen.reshape(CELLS, size, CELLS, size).sum(axis=(1, 3)) >= 4


def near(value: float | np.floating | np.ndarray, told: float, within: float) -> bool:
    """Whether a number of the prose is what is measured."""
    return abs(float(value) - told) <= within
