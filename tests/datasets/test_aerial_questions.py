"""Sets of questions: their answers are true, the words give little away, and the seed says all."""

from functools import cache

import numpy as np
import pytest
import torch

from dlcore.datasets.aerial import ScenesConfig
from dlcore.datasets.aerial_questions import (
    ANSWERS,
    ANSWERS_OF,
    CAPS,
    SHARES,
    TYPES,
    Questions,
    QuestionsConfig,
    answer,
    ask,
    choose,
    graphs,
    statistics,
    table,
)

NUM = 200  # scenes
SETS = ((0, 0.0), (1, 0.0), (0, 0.75))  # seeds and domains


@cache
def made(seed: int, domain: float = 0.0) -> Questions:
    return QuestionsConfig(scenes=ScenesConfig(num=NUM, seed=seed, domain=domain)).make()


def tally(questions: Questions) -> np.ndarray:
    """How often each answer to each question is right: (queries, answers)."""
    counted = np.zeros((len(questions.queries), len(ANSWERS)), dtype=int)
    np.add.at(counted, (questions.query.numpy(), questions.answer.numpy()), 1)
    return counted


def test_every_answer_is_right_and_no_scene_is_asked_twice_the_same() -> None:
    questions, scenes = made(0), graphs(ScenesConfig(num=NUM, seed=0))
    rows = list(zip(questions.scene.tolist(), questions.query.tolist(), strict=True))
    assert len(set(rows)) == len(rows)
    assert rows == sorted(rows, key=lambda row: row[0])
    for place in range(0, len(rows), 37):
        scene, query = rows[place]
        assert answer(questions.queries[query], scenes[scene]) == ANSWERS[questions.answer[place]]
        assert questions.queries[query].type == TYPES[questions.type[place]]


@pytest.mark.parametrize(("seed", "domain"), SETS)
def test_the_types_have_their_shares_and_a_scene_about_sixteen_questions(seed: int, domain: float) -> None:
    questions = made(seed, domain)
    assert len(questions.scene) == pytest.approx(16 * NUM, rel=0.02)
    for place, name in enumerate(TYPES):
        assert (questions.type == place).double().mean().item() == pytest.approx(SHARES[name], abs=0.01)
    per_scene = torch.bincount(questions.scene, minlength=NUM)
    assert per_scene.min() >= 1
    assert per_scene.max() <= 3 * 16


def test_of_few_answers_to_a_question_each_is_right_equally_often() -> None:
    compared = 0
    for query, row in zip(made(0).queries, tally(made(0)), strict=True):
        if query.type not in CAPS:
            rights = row[[ANSWERS.index(given) for given in query.answers]]
            assert rights.max() - rights.min() <= 1
            compared += rights.sum() > 10
    assert compared > 60


def test_no_count_and_no_area_is_right_much_more_often_than_the_others() -> None:
    """Of the answers that more than a hundredth of the scenes give, none has more than its cap."""
    true, compared = table(graphs(ScenesConfig(num=NUM, seed=0))), 0
    for place, (query, row) in enumerate(zip(made(0).queries, tally(made(0)), strict=True)):
        if query.type not in CAPS or row.sum() < 8:
            continue
        said = true[:, place][true[:, place] >= 0] // 2
        occurring = sum((said == given).mean() > 0.01 for given in np.unique(said))
        assert row.max() <= CAPS[query.type] / occurring * row.sum() * 1.05 + 1
        compared += 1
        if query.form == "number" and query.first == "house":
            assert (said == ANSWERS.index("0")).mean() > 0.3  # of all scenes
            assert row[ANSWERS.index("0")] / row.sum() < 0.2
    assert compared > 30


@pytest.mark.parametrize(("seed", "domain"), SETS)
def test_the_words_alone_give_little_away(seed: int, domain: float) -> None:
    """Learnt on one set and tested on another, the commonest answer to each question is right for two in five."""
    found = statistics(made(seed, domain), made(7))
    num = sum(found.num.values())
    overall = sum(found.num[name] * found.by_question[name] for name in TYPES) / num
    assert 0.33 < overall < 0.42
    assert found.by_question["count"] < 0.27
    assert found.by_question["area"] < 0.32
    assert found.by_question["relation"] < 0.51
    for name in ("presence", "comparison"):
        assert found.by_question[name] == pytest.approx(0.5, abs=0.03)
    for name in TYPES:
        assert found.majority[name] < found.by_question[name] + 0.03
    assert found.shares["count"][0] < 0.27
    assert found.shares["area"].max() < 0.31


def test_statistics_are_what_one_counts_by_hand() -> None:
    questions = made(1)
    found = statistics(questions)
    answers = [ANSWERS[place] for place in questions.answer.tolist()]
    for place, name in enumerate(TYPES):
        rows = torch.nonzero(questions.type == place).flatten().tolist()
        assert found.num[name] == len(rows)
        counted = [sum(answers[row] == given for row in rows) / len(rows) for given in ANSWERS_OF[name]]
        np.testing.assert_allclose(found.shares[name], counted)
        assert found.shares[name].sum() == pytest.approx(1)
        assert found.majority[name] == max(counted)
        by_text: dict[int, list[str]] = {}
        for row in rows:
            by_text.setdefault(int(questions.query[row]), []).append(answers[row])
        best = sum(max(map(said.count, said)) for said in by_text.values()) / len(rows)
        assert found.by_question[name] == pytest.approx(best)


def test_a_question_never_heard_is_answered_by_its_type() -> None:
    """A set that knows one count alone gives its commonest answer to all counts."""
    questions = made(1)
    one = questions.query == questions.query[questions.type == 0][0]
    learnt = Questions(questions.queries, *(part[one] for part in questions[1:]))
    found, whole = statistics(questions, learnt), statistics(questions)
    usual = ANSWERS[int(learnt.answer.bincount().argmax())]
    assert found.by_question["count"] == found.majority["count"]
    assert found.majority["count"] == whole.shares["count"][ANSWERS_OF["count"].index(usual)]


def test_of_no_the_two_reasons_are_asked_for_equally_often() -> None:
    """Where there is no house in the left half, there is none at all, or all are in the right one."""
    questions, scenes = made(0), graphs(ScenesConfig(num=NUM, seed=0))
    none = []
    for scene, place, said in zip(*(part.tolist() for part in questions[1:4]), strict=True):
        query = questions.queries[place]
        if query.form == "is there in" and ANSWERS[said] == "no":
            none.append(scenes[scene].count(query.first) == 0)
    assert len(none) > 30
    assert np.mean(none) == pytest.approx(0.5, abs=0.15)


def test_the_seed_says_all_and_sets_of_other_seeds_are_others() -> None:
    scenes = ScenesConfig(num=40, seed=3)
    one, same, other = (QuestionsConfig(scenes=scenes, seed=seed).make() for seed in (0, 0, 1))
    assert all(torch.equal(a, b) for a, b in zip(one[1:], same[1:], strict=True))
    pairs = [set(zip(each.scene.tolist(), each.query.tolist(), strict=True)) for each in (one, other)]
    assert len(pairs[0] & pairs[1]) < len(pairs[0]) / 2
    seeds = [{graph.config.seed for graph in graphs(ScenesConfig(num=40, seed=seed))} for seed in (3, 4)]
    assert not seeds[0] & seeds[1]


def test_a_few_scenes_are_asked_about_as_well() -> None:
    scenes = graphs(ScenesConfig(num=40, seed=3))[:3]
    sizes = [len(ask(scenes, seed=seed).scene) for seed in range(40)]
    assert np.mean(sizes) == pytest.approx(48, rel=0.3)
    assert len(choose(table(scenes)[:0]).scene) == 0


@pytest.mark.parametrize(("field", "value"), [("per_scene", 0), ("per_scene", 41), ("seed", -1), ("seed", 0.5)])
def test_what_cannot_be_asked_for_is_refused(field: str, value: float) -> None:
    with pytest.raises(ValueError, match=f"{field} is {value}: it must be a whole number"):
        QuestionsConfig(scenes=ScenesConfig(num=1, seed=0), **{field: value})  # pyright: ignore[reportArgumentType]
