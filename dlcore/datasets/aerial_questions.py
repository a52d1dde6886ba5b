"""Sets of questions about aerial scenes, balanced so that the answer cannot be had from the question.

Knows which questions are put to which scenes, and how far one gets without looking; does not know what the words are
(`aerial_grammar`), nor what is true (`aerial_truth`), whose names it passes on.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.datasets.aerial import Graph, ScenesConfig, layout
from dlcore.datasets.aerial_grammar import (
    ANSWERS,
    ANSWERS_OF,
    FORMS,
    TYPES,
    YES_NO,
    Query,
    asked_kinds,
    parse,
    queries,
    title,
)
from dlcore.datasets.aerial_truth import answer, replies

__all__ = [
    "ANSWERS",
    "ANSWERS_OF",
    "TYPES",
    "YES_NO",
    "Query",
    "Questions",
    "QuestionsConfig",
    "Statistics",
    "answer",
    "ask",
    "asked_kinds",
    "choose",
    "graphs",
    "parse",
    "queries",
    "statistics",
    "table",
    "title",
]

#: How many of the questions are of each type.
SHARES = {"count": 0.28, "presence": 0.2, "comparison": 0.2, "area": 0.14, "relation": 0.18}
MOST_PER_SCENE = 40
CAPS = {"count": 1.5, "area": 1.2}  # times the even share: no answer to the same question is right more often
SELDOM = 0.01  # of a question's scenes: an answer of fewer does not count as one of its answers for the even share
ROUNDS = 4  # of giving what some questions cannot take to the others of their type


class Questions(NamedTuple):
    """A set of questions, in the order of their scenes."""

    queries: tuple[Query, ...]  # all that could be asked
    scene: Tensor  # (questions,), int64, places in the scenes
    query: Tensor  # (questions,), int64, places in queries
    answer: Tensor  # (questions,), int64, places in ANSWERS
    type: Tensor  # (questions,), int64, places in TYPES


@dataclass(frozen=True, kw_only=True)
class QuestionsConfig:
    """Questions about a set of scenes; per_scene: on average.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    scenes: ScenesConfig
    per_scene: int = 16
    seed: int = 0

    def __post_init__(self) -> None:
        require.whole("per_scene", self.per_scene, 1, MOST_PER_SCENE)
        require.whole("seed", self.seed, 0, 2**31 - 1)

    def make(self) -> Questions:
        """Asks them."""
        return ask(graphs(self.scenes), self.per_scene, self.seed)


@lru_cache(maxsize=4)
def graphs(scenes: ScenesConfig) -> tuple[Graph, ...]:
    """The scenes of a set; those of the last few sets are kept."""
    return tuple(layout(scenes.scene(number)) for number in range(scenes.num))


def ask(scenes: Sequence[Graph], per_scene: int = 16, seed: int = 0) -> Questions:
    """Puts about `per_scene` questions to each of these scenes, as `choose` does."""
    return choose(table(scenes), per_scene, seed)


def table(scenes: Sequence[Graph]) -> np.ndarray:
    """What is true of each scene: (scenes, queries), int64, 1 to 2 ms a scene.

    Twice the place of the right answer in ANSWERS, plus 1 for one of its two reasons, or −1 where there is no answer.
    """
    places = {given: 2 * place for place, given in enumerate(ANSWERS)}
    rows = (replies(queries(), scene) for scene in scenes)
    cells = [[places[said[0]] + said[1] if said else -1 for said in row] for row in rows]
    return np.array(cells, dtype=np.int64).reshape(-1, len(queries()))


def choose(true: np.ndarray, per_scene: int = 16, seed: int = 0) -> Questions:
    """Of all that is true of these scenes (`table`) as many questions, the types in SHARES, no scene twice the same.

    To a question of few answers each is right equally often. Of counts and areas none is right much more often than
    CAPS times the even share. Where an answer has two reasons, such as that nothing is there, or that all is elsewhere,
    both are asked for equally often. Within these bounds the scenes of a question are drawn at random.
    """
    generator = np.random.default_rng((seed, 16))
    wanted = _wanted(true, per_scene * len(true))
    taken = [_taken(cells, quotas, generator) for cells, quotas in zip(true.T, wanted, strict=True)]
    row = np.concatenate(taken)
    column = np.repeat(np.arange(len(taken)), [len(scenes) for scenes in taken])
    order = np.lexsort((generator.random(len(row)), row))
    row, column = row[order], column[order]
    types = np.array([TYPES.index(query.type) for query in queries()])
    parts = (row, column, true[row, column] // 2, types[column])
    return Questions(queries(), *(torch.from_numpy(part.astype(np.int64)) for part in parts))


def _wanted(true: np.ndarray, total: int) -> list[np.ndarray]:
    """How many questions of each query have each answer, a float: (answers,) for each query."""
    counts = np.stack([np.bincount(column[column >= 0] // 2, minlength=len(ANSWERS)) for column in true.T])
    wanted = np.zeros(counts.shape)
    for kind in TYPES:
        members = [place for place, query in enumerate(queries()) if query.type == kind]
        sizes = np.array([_share(queries()[place]) for place in members])
        goal, scale = total * SHARES[kind], np.ones(len(members))
        for _ in range(ROUNDS):
            for place, size in zip(members, goal * sizes * scale, strict=True):
                wanted[place] = _quotas(queries()[place], counts[place], size)
            got = wanted[members].sum(axis=1)
            open_ = got > 0.99 * goal * sizes * scale  # these can take more
            if not open_.any() or got.sum() > 0.99 * goal:
                break
            scale[open_] *= 1 + (goal - got.sum()) / got[open_].sum()
    return list(wanted)


def _share(query: Query) -> float:
    """Of its type's questions, if every question can be asked often enough."""
    return FORMS[query.form].share / sum(other.form == query.form for other in queries())


def _quotas(query: Query, counts: np.ndarray, size: float) -> np.ndarray:
    """Of `size` questions how many have each answer, (answers,), where `counts` scenes have it; fewer if need be."""
    if not counts.any():
        return np.zeros(len(counts))
    if query.type not in CAPS:
        places = [ANSWERS.index(given) for given in query.answers]
        quotas = np.zeros(len(counts))
        quotas[places] = min(size / len(places), counts[places].min())
        return quotas
    shares = counts / counts.sum()
    return np.minimum(_capped(shares, CAPS[query.type] / (shares > SELDOM).sum()) * size, counts)


def _capped(shares: np.ndarray, cap: float) -> np.ndarray:
    """Shares as near as can be to these, none above the cap as long as others can take what it leaves."""
    for _ in range(len(shares)):
        over = shares > cap + 1e-12
        under = ~over & (shares > 0) & (shares < cap)
        if not over.any() or not under.any():
            break
        spare = (shares[over] - cap).sum()
        shares = np.where(over, cap, shares + np.where(under, shares * spare / shares[under].sum(), 0))
    return shares / shares.sum()


def _taken(cells: np.ndarray, quotas: np.ndarray, generator: np.random.Generator) -> np.ndarray:
    """Scenes, drawn without putting back, as many of each answer as wanted, of its two reasons equally many."""
    taken = [np.zeros(0, dtype=np.int64)]
    for given in np.flatnonzero(quotas):
        size = int(quotas[given] + generator.random())  # right on average, also where less than one is wanted
        plain, other = (generator.permutation(np.flatnonzero(cells == 2 * given + reason)) for reason in (0, 1))
        half = size // 2 + int(size % 2 and generator.random() < 0.5)
        first = min(len(plain), max(half, size - len(other)))
        taken += [plain[:first], other[: size - first]]
    return np.concatenate(taken)


class Statistics(NamedTuple):
    """Of a set of questions, how often each answer is right, and how far one gets without looking; all from 0 to 1."""

    num: dict[str, int]  # of each type
    shares: dict[str, np.ndarray]  # of each type, in the order of ANSWERS_OF
    majority: dict[str, float]  # accuracy by type of always giving the type's commonest answer
    by_question: dict[str, float]  # and of the question's: what the words alone give away


def statistics(questions: Questions, learnt: Questions | None = None) -> Statistics:
    """What is commonest is learnt on another set, or else on these questions themselves."""
    learnt = learnt or questions
    kind, given = questions.type.numpy(), questions.answer.numpy()
    num = {name: int((kind == place).sum()) for place, name in enumerate(TYPES)}
    tally = _tally(kind, given, len(TYPES))
    places = {name: [ANSWERS.index(each) for each in ANSWERS_OF[name]] for name in TYPES}
    shares = {name: tally[place, places[name]] / max(num[name], 1) for place, name in enumerate(TYPES)}
    by_type = _tally(learnt.type.numpy(), learnt.answer.numpy(), len(TYPES))
    by_query = _tally(learnt.query.numpy(), learnt.answer.numpy(), len(questions.queries))
    types = np.array([TYPES.index(query.type) for query in questions.queries])
    unseen = by_query.sum(axis=1) == 0
    by_query[unseen] = by_type[types[unseen]]
    hits = [by_type.argmax(axis=1)[kind] == given, by_query.argmax(axis=1)[questions.query.numpy()] == given]
    majority, by_question = (
        {name: float(hit[kind == place].mean()) if num[name] else np.nan for place, name in enumerate(TYPES)}
        for hit in hits
    )
    return Statistics(num, shares, majority, by_question)


def _tally(rows: np.ndarray, given: np.ndarray, num_rows: int) -> np.ndarray:
    """How often each answer is right in each row: (rows, answers)."""
    return np.bincount(rows * len(ANSWERS) + given, minlength=num_rows * len(ANSWERS)).reshape(num_rows, -1)
