"""The stages on one question about one picture: every number that is drawn is the run's, and words stay words."""

import json
import re
from html import unescape
from typing import Any

import numpy as np
import pytest

from dlcore.datasets.aerial_questions import ANSWERS, ANSWERS_OF
from dlcore.figures import theme
from dlcore.figures.classbars import ClassBars
from dlcore.figures.flow import Flow, strips
from dlcore.figures.log import Log
from dlcore.figures.stage import Plot, Stage, pack
from dlcore.figures.tiles import Tiles
from dlcore.figures.vqa_attribution import Shares, attribution_stage
from dlcore.figures.vqa_changes import changes_stage
from dlcore.figures.vqa_reading import reading_stage
from dlcore.figures.vqa_sheet import DESIGNS, GROUPS, OUTCOMES
from dlcore.topics.vqa import asked
from dlcore.topics.vqa.fusions import FUSIONS
from tests.figures import vqa_stages as made
from tests.figures.plotted import plotted

HUE = re.compile(r"#[0-9a-f]{6}(?:[0-9a-f]{2})?")
EDITS = "move boat 1 40 60; add house 20 30; remove building 1"
SHARES = Shares(
    quantity="chance of 2", nothing=0.05, picture=0.1, question=0.3, both=0.8, from_picture=0.275, from_question=0.475
)
HOSTILE = "is <img src=x onerror=alert(1)> there"


def view_of(stage: Stage, kind: type) -> Any:
    (found,) = [view for view in stage.views if isinstance(view, kind)]
    return found


def tiles_of(stage: Stage) -> dict[str, Any]:
    return {tile.key: tile for tile in view_of(stage, Tiles).tiles}


def figure_of(stage: Stage, key: str) -> Any:
    """A plot's figure, as Plotly would take it."""
    (plot,) = [view for view in stage.views if isinstance(view, Plot) and view.key == key]
    return plotted(plot)


def reading(model: str = "product", question: str = made.QUESTION, **more: Any) -> tuple[Stage, Any]:
    case = made.case(model, question, **more)
    trace = made.reading(case)
    return reading_stage(case, trace), trace


def attribution(question: str = made.QUESTION) -> tuple[Stage, Any]:
    case = made.case(question=question)
    trace = made.attribution(case)
    read = made.reading(case)
    known = {name: read[name][-1:] for name in ("chances", "blind.chances")}
    return attribution_stage(case, {**trace, **known}, answer=4, shares=SHARES), trace


def changes(question: str = made.QUESTION, edits: str = EDITS, **more: Any) -> tuple[Stage, Any]:
    case = made.case(question=question)
    trace, entries, handles = made.changes(case, edits)
    return changes_stage(case, trace, entries, handles=handles, placing="Add a house", **more), trace


EVERY = {
    **{f"reading, {model}": lambda model=model: reading(model)[0] for model in DESIGNS},
    "attribution": lambda: attribution()[0],
    "changes": lambda: changes()[0],
    "no changes": lambda: changes(edits="")[0],
}


# Every stage


@pytest.mark.parametrize("name", EVERY)
def test_every_view_can_be_drawn_has_a_name_of_its_own_and_words_for_those_who_do_not_see_it(name: str):
    stage = EVERY[name]()
    keys = [view.key for view in stage.views]
    assert len(set(keys)) == len(keys)
    for view in stage.views:
        assert view.title
        if isinstance(view, Plot | Tiles | Flow):
            assert view.alt.endswith(".")
        if isinstance(view, Plot):
            figure: Any = plotted(view)
            assert all(axis.title.text is not None for axis in (figure.layout.xaxis, figure.layout.yaxis))


@pytest.mark.parametrize("name", EVERY)
def test_every_colour_has_its_partner_in_the_dark(name: str):
    message = pack(EVERY[name]())
    header = json.loads(message[4 : 4 + int.from_bytes(message[:4], "little")])
    used = set(HUE.findall(json.dumps([header["views"], header["readouts"]])))
    brush = {"#808080"}  # nothing is painted here
    assert used - brush - set(theme.dark_partners()) == set()


@pytest.mark.parametrize("make", [reading, attribution, changes], ids=["reading", "attribution", "changes"])
def test_what_a_reader_typed_is_no_html(make: Any):
    stage, _ = make(question=HOSTILE)
    html = [text for readout in stage.readouts for text in (readout.label, readout.note, *readout.words)]
    html += [figure_of(stage, view.key).layout.annotations[0].text for view in stage.views if view.key == "chances"]
    assert not [text for text in html if "<img" in text]


def test_what_was_asked_is_told():
    questions = [made.QUESTION, made.QUESTION, HOSTILE, HOSTILE]
    stage, _ = changes(questions=questions)
    (asked_for,) = [readout for readout in stage.readouts if readout.label == "asked"]
    assert isinstance(asked_for.values, np.ndarray)
    assert [unescape(asked_for.words[int(k)]) for k in asked_for.values] == questions


# The lesson's own words


def test_there_is_a_drawing_for_every_fusion_with_what_it_sees_and_reads():
    assert {
        key: (design.sees, design.reads, design.attends, design.joint is not None) for key, design in DESIGNS.items()
    } == {key: (kind.sees, kind.reads, kind.attends, kind.sees and kind.reads) for key, kind in FUSIONS.items()}


def test_outcomes_stand_in_the_order_of_their_numbers():
    assert OUTCOMES[asked.RIGHT] == "right"
    assert OUTCOMES[asked.LOGICAL] == "wrong, but logical"
    assert OUTCOMES[asked.ILLOGICAL] == "wrong, not logical"
    assert OUTCOMES[asked.UNKNOWN] == "truth unknown"


def test_the_groups_below_the_scores_are_the_answers_own():
    """Answers of one group belong to one type of question, and to another than those of the next."""
    sets = [set(ANSWERS_OF[kind]) for kind in ("presence", "count", "area")]
    places = iter(ANSWERS)
    groups = [{next(places) for _ in range(many)} for _, many in GROUPS]
    assert groups[:3] == sets
    assert groups[3] == {"left", "right", "top", "bottom"}
    assert next(places, None) is None


# Reading


@pytest.mark.parametrize("model", DESIGNS)
def test_the_drawing_has_every_vector_of_the_network_and_no_other(model: str):
    stage, trace = reading(model)
    names = {"hidden": "hidden", "q": "q", "v": "v", "fused": "fused", "scores": "logits"}
    drawn: dict[str, Any] = {names[strip.key]: strip.values for strip in strips(view_of(stage, Flow))}
    joins = DESIGNS[model].joint is not None
    assert set(drawn) == {name for name in names.values() if name in trace and (joins or name != "fused")}
    assert all(np.array_equal(values, trace[name]) for name, values in drawn.items())


@pytest.mark.parametrize("model", [model for model, design in DESIGNS.items() if design.rule])
def test_where_a_rule_is_told_it_makes_the_joined_vector(model: str):
    view = view_of(reading(model)[0], Flow)
    rules = {"multiply": np.multiply, "add": np.add}
    q, v, joined = (strip.values for strip in (view.question.out, view.sight.out, view.joined))
    assert np.array_equal(rules[view.rule](v, q), joined)


def test_frame_k_has_read_k_words():
    view = view_of(reading()[0], Flow)
    assert view.read.tolist() == [0, 1, 2, 3, 4, 5]
    assert [word.text for word in view.words] == made.QUESTION.split()


def test_unknown_words_are_marked_with_known_ones_like_them():
    stage, _ = reading(question="how many hoses are there", unknown=[2], nearest={"hoses": ("houses", "house")})
    words = view_of(stage, Flow).words
    assert [word.known for word in words] == [True, True, False, True, True]
    assert words[2].nearest == ("houses", "house")


def test_the_bars_tell_five_answers_and_what_a_blind_network_would_say():
    stage, trace = reading()
    bars = view_of(stage, ClassBars)
    assert (bars.strongest, bars.most, bars.before_as) == (5, 5, "blind")
    assert np.array_equal(bars.before, trace["blind.chances"])
    blind, _ = reading("blind")
    assert view_of(blind, ClassBars).before is None


def test_only_a_network_that_attends_shows_where_and_how_much_of_it_is_on_what_is_asked():
    stage, trace = reading("attention")
    tiles = tiles_of(stage)
    assert [np.array_equal(tiles[name].values, trace[name]) for name in ("attention.0", "attention.1")] == [True] * 2
    assert {view.key for view in stage.views} >= {"mass"}
    plain, _ = reading()
    assert set(tiles_of(plain)) == {"scene"}
    assert "mass" not in {view.key for view in plain.views}


def test_the_network_gets_the_mean_of_nine_fine_pixels():
    case = made.case()
    left = case.picture[:3, 3:6].reshape(9, 3).mean(axis=0)
    assert case.coarse.shape == (96, 96, 3)
    assert case.coarse[0, 1] == pytest.approx(left, abs=0.5)


# Attribution


def test_words_and_pixels_of_an_attribution_are_the_runs():
    stage, trace = attribution()
    assert np.array_equal(tiles_of(stage)["pixels"].values, trace["pixels"])
    words = view_of(stage, Flow)
    assert np.array_equal(words.shades, trace["words"])
    assert not list(strips(words))
    assert view_of(stage, Tiles).signed


def test_the_axis_of_the_sum_holds_the_sum_and_where_it_must_end():
    stage, trace = attribution()
    low, high = figure_of(stage, "completeness").layout.yaxis.range
    assert low < min(0, trace["total"].min(), trace["rise"].min())
    assert high > max(0, trace["total"].max(), trace["rise"].max())


def test_what_each_input_adds_is_told():
    stage, _ = attribution()
    figure = figure_of(stage, "modalities")
    rows = dict(zip(figure.layout.yaxis.ticktext, figure.data[0].x, strict=True))
    assert rows["with both"] - rows["with neither"] == pytest.approx(
        rows["due to the picture"] + rows["due to the question"]
    )


# Changes


def test_every_change_has_its_picture_its_truth_and_its_row():
    stage, trace = changes()
    scene = tiles_of(stage)["scene"]
    assert np.array_equal(scene.values, trace["picture"])
    assert np.array_equal(view_of(stage, ClassBars).truths, trace["truth"])
    assert len(view_of(stage, Log).entries) == stage.num_frames == 4


def test_rings_are_on_what_is_there_and_a_click_adds():
    scene = tiles_of(changes()[0])["scene"]
    house = {handle.key: handle for handle in scene.handles}["house 1"]
    assert np.isnan(house.places[:2]).all()  # before it was added
    assert house.places[2].tolist() == [60, 90]
    assert scene.placing == "Add a house"
    assert "click: add a house" in scene.caption


# What cannot be


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"model": "sum"}, "model is 'sum'"),
        ({"unknown": [5]}, "unknown is 5"),
        ({"truth": 22}, "truth is 22"),
    ],
)
def test_a_case_that_does_not_fit_is_refused(more: dict[str, Any], said: str):
    with pytest.raises(ValueError, match=said):
        made.case(**more)
