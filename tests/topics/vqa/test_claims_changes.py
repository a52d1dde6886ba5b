"""What the scenes on changes say: boats are taken away, a question is negated, the picture goes grey."""

import numpy as np
import pytest

from dlcore.datasets import aerial
from dlcore.datasets.aerial import Graph, edited, mask, picture, read_edits
from dlcore.datasets.aerial_questions import ANSWERS, Query, queries
from dlcore.topics.vqa import sets, shipped
from dlcore.topics.vqa.changes import ChangesConfig, Line, log
from dlcore.topics.vqa.distance import distance
from dlcore.topics.vqa.shipped import SEEDS
from dlcore.topics.vqa.sight import Sight
from dlcore.ui.vqa_text import WHY
from tests.topics.vqa.claims import SETS, ask_all, ask_of, asked, chances, chosen, claim, config, fresh, near, says

PLACES = {query.text: place for place, query in enumerate(queries())}
YES, NO, ZERO = (ANSWERS.index(given) for given in ("yes", "no", "0"))
SHADE = 3  # pixels around a boat, which its wake and shadow may cover

# Take them away


@claim("remove")
def test_yes_becomes_no_once_the_last_boat_is_gone() -> None:
    says("remove", "Five boats are taken away", "Only when no boat is left")
    assert chosen("remove") == "Only after the last"
    lines = _log("remove")
    assert [line.answer for line in lines] == ["yes"] * 5 + ["no"]
    assert [line.truth for line in lines] == ["yes"] * 5 + ["no"]
    assert [line.flipped for line in lines] == [False] * 5 + [True]


@claim("remove")
def test_asked_how_many_it_falls_behind_and_counts_one_where_there_is_none() -> None:
    says("remove", "Ask how many there are, and here it falls behind: after the last one it still counts one")
    lines = _log("remove", asked="how many boats are there")
    assert [line.truth for line in lines] == ["5", "4", "3", "2", "1", "0"]
    assert lines[0].answer == "5"
    assert lines[-1].answer == "1"
    assert all(int(line.answer) >= int(line.truth or 0) for line in lines)


@claim("remove")
@pytest.mark.parametrize("number", SETS)
def test_nearly_everywhere_the_answer_goes_with_the_boats_and_none_is_counted(number: int) -> None:
    says("remove", "as in 98 of 100 scenes", "which is rare")
    before, gone = _with_and_without_boats(number)
    assert len(before) > 50
    for seed in SEEDS:
        there = [chances("product", seed, ask_of(seen, PLACES[ANY])).argmax(axis=1) for seen in (before, gone)]
        assert near(100 * ((there[0] == YES) & (there[1] == NO)).mean(), 98, within=2)
        counted = chances("product", seed, ask_of(gone, PLACES["how many boats are there"])).argmax(axis=1)
        assert (counted == ZERO).mean() > 0.97


def test_taking_a_boat_away_leaves_every_other_pixel_as_it_was() -> None:
    assert "so a boat can be taken away and every other pixel stays as it was" in WHY["change"]
    graph = asked("remove").sight.graph()
    assert graph
    for boat in graph.of("boat"):
        without = edited(graph, read_edits(f"remove boat {boat.number}"))
        changed = np.flatnonzero((picture(graph) != picture(without)).any(axis=2))
        rows, columns = np.divmod(changed, aerial.SIDE)
        own = np.argwhere(mask(graph, f"boat {boat.number}"))
        assert len(changed) >= 4
        low, high = own.min(axis=0) - SHADE, own.max(axis=0) + SHADE
        assert ((rows >= low[0]) & (rows <= high[0])).all()
        assert ((columns >= low[1]) & (columns <= high[1])).all()


ANY = "are there any boats"


def _log(key: str, **other: str) -> tuple[Line, ...]:
    chosen_run = config(key, **other)
    assert isinstance(chosen_run, ChangesConfig)
    return log(chosen_run)


def _with_and_without_boats(number: int) -> tuple:
    data = fresh(number)
    there = [place for place, graph in enumerate(data.graphs) if graph.of("boat")]
    gone = [_without_boats(data.graphs[place]) for place in there]
    return data.pairs.features[there], sets.features(shipped.backbone(), gone)


def _without_boats(graph: Graph) -> Graph:
    return edited(graph, read_edits("; ".join(f"remove boat {boat.number}" for boat in graph.of("boat"))))


# One word: no


@claim("negate")
def test_are_there_no_boats_is_answered_by_no() -> None:
    says("negate", "It does, and stays right")
    assert chosen("negate") == "Yes"
    first, second = _log("negate")
    assert (first.answer, first.truth) == ("yes", "yes")
    assert (second.answer, second.truth) == ("no", "no")


@claim("negate")
@pytest.mark.parametrize("number", SETS)
def test_over_many_scenes_nine_of_ten_answers_flip(number: int) -> None:
    says("negate", "over many scenes 93 of 100 answers flip")
    pairs = [(query, query.opposite) for query in queries() if query.opposite and not query.negated]
    assert len(pairs) == 28
    for seed in SEEDS:
        flips = [_answers(number, seed, one) != _answers(number, seed, other) for one, other in pairs]
        assert near(100 * np.mean(flips), 93.5, within=1.5)


@claim("negate")
def test_such_questions_were_in_training() -> None:
    says("negate", "such questions were in training")
    negated = [place for place, query in enumerate(queries()) if query.negated]
    assert np.isin(fresh(0).pairs.query.numpy(), negated).mean() > 0.05  # asked as in training
    assert PLACES["are there no boats"] in negated


def _answers(number: int, seed: int, query: Query) -> np.ndarray:
    return chances("product", seed, ask_of(fresh(number).pairs.features, PLACES[query.text])).argmax(axis=1)


# The picture goes grey


@claim("grey")
def test_it_is_surer_of_grey_than_of_the_scene() -> None:
    says("grey", "“0”, with 99.7 %, where it had said 5 with 76 %", "the blind network's tick, 14 %")
    assert chosen("grey") == "Surer than before"
    before, grey = _log("grey")
    assert (before.answer, grey.answer) == ("5", "0")
    assert near(100 * before.chance, 76, within=1)
    assert near(100 * grey.chance, 99.7, within=0.25)
    assert near(100 * asked("grey").blind.chances().max(), 14, within=1)


@claim("grey")
@pytest.mark.parametrize("key", ["product", "attention", "mutan"])
def test_so_are_all_trainings_about_any_question(key: str) -> None:
    says("grey", "Confidence means little away from home")
    seen = Sight(grey=True).features()
    for seed in SEEDS:
        grey = chances(key, seed, ask_all(seen)).max(axis=1)
        usual = chances(key, seed, fresh(0).pairs).max(axis=1)
        assert grey.mean() > usual.mean() + 0.03
        counts = [place for place, query in enumerate(queries()) if query.form == "how many"]
        assert grey[counts].min() > 0.95


@claim("grey")
def test_grey_is_far_from_any_scene() -> None:
    says("grey", "Grey is far from any scene")
    found = distance(Sight(grey=True))
    assert found.far
    assert found.farther == 0
    assert found.value > 2 * found.other_area.p95
