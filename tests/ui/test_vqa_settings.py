"""What the controls of the lesson on questions about pictures say is a question, a scene, a run; or it is refused."""

from typing import Any

import numpy as np
import pytest

from dlcore.datasets.aerial import SIDE, SINGLE
from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa import distance as far
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.attribution import AttributionConfig
from dlcore.topics.vqa.census import CensusConfig
from dlcore.topics.vqa.changes import ChangesConfig
from dlcore.topics.vqa.comparing import ComparingConfig
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.learning import LearningConfig
from dlcore.topics.vqa.shift import ShiftConfig
from dlcore.topics.vqa.sight import Sight, own
from dlcore.topics.vqa.table import TableConfig
from dlcore.topics.vqa.vocabulary import shared
from dlcore.ui import vqa_rail as rail
from dlcore.ui import vqa_settings
from dlcore.ui.vqa_settings import asked_by, asked_of, changed_of, config_of, how_far, sight_of, unknown_words
from tests.pages.vqa_page import STAGES

LAST = 2**31 - 1  # the greatest seed
SET = LAST % 100_000
GIVEN = np.random.default_rng(0).integers(0, 256, (SIDE, SIDE, 3), np.uint8)
WILD = {"asked": "", "changes": "fly boat 3", "explain": "zebra"}


def controls(stage: str = "read", **values: Any) -> dict[str, Any]:
    return {**rail.DEFAULTS, "upload": None, **STAGES[stage], **values}


def config(stage: str = "read", **values: Any) -> Any:
    return config_of(controls(stage, **values))


# One question


def test_a_question_is_asked_as_the_rail_says() -> None:
    values = {"asked": "is there a lake", "fusion": "mcb", "training": "2", "seed": 7, "domain": 0.4}
    wanted = Asked(sight=Sight(seed=7, domain=0.4), question="is there a lake", model="mcb", seed=2)
    assert asked_of(controls(**values)) == wanted
    assert config(**values).asked == config("parts", **values).asked == config("change", **values).asked == wanted


def test_reading_and_explaining_are_of_what_was_changed_and_changing_is_of_what_was_not() -> None:
    values = {"changes": "add house 20 30; ask is there a lake; grey"}
    before = asked_of(controls())
    after = Asked(sight=Sight(seed=before.sight.seed, edits="add house 20 30", grey=True), question="is there a lake")
    assert config(**values).asked == config("parts", **values).asked == changed_of(controls(**values)) == after
    assert config("change", **values) == ChangesConfig(asked=before, changes=values["changes"])


@pytest.mark.parametrize(("explain", "answer"), [("", ""), ("7", "7"), (ANSWERS[-1], ANSWERS[-1]), ("zebra", "")])
def test_the_answer_that_is_explained_is_one_that_there_is(explain: str, answer: str) -> None:
    found = config("parts", explain=explain)
    assert isinstance(found, AttributionConfig)
    assert found.answer == answer


def test_scenes_without_end_begin_anew() -> None:
    assert sight_of(controls(seed=LAST)).seed == LAST % SINGLE
    assert sight_of(controls(seed=SINGLE - 1)).seed == SINGLE - 1


def test_the_menu_decides_whose_picture_it_is() -> None:
    assert sight_of(controls(picture="own")) == sight_of(controls())
    assert sight_of(controls(upload=GIVEN)) == sight_of(controls())
    assert sight_of(controls(picture="own", upload=GIVEN, domain=0.4, seed=3)) == own(GIVEN)


@pytest.mark.parametrize(
    ("values", "words"),
    [
        ({"asked": ""}, "The question has no words"),
        ({"asked": "lake " * 50}, "250 characters"),
        ({"changes": "remove house 99"}, "“remove house 99” cannot be done"),
        ({"changes": "add house 3 4", "picture": "own", "upload": GIVEN}, "a picture of your own"),
    ],
)
@pytest.mark.parametrize("stage", rail.ASKING)
def test_what_cannot_be_is_one_sentence(stage: str, values: dict[str, Any], words: str) -> None:
    with pytest.raises(ValueError, match=words) as caught:
        config(stage, **values)
    assert "\n" not in str(caught.value)


# Unknown words


def test_words_that_the_network_knows_are_not_told_of() -> None:
    assert unknown_words(controls(asked="Are there more houses than trees?")) == {}
    assert unknown_words(controls(asked="")) == {}
    assert unknown_words(controls(asked="x" * 300)) == {}


@pytest.mark.parametrize(("word", "near"), [("ponds", "lake"), ("hose", "house"), ("treees", "trees")])
def test_an_unknown_word_comes_with_those_that_it_may_be(word: str, near: str) -> None:
    found = unknown_words(controls(asked=f"how many {word.upper()} are there"))
    assert list(found) == [word]
    assert near in found[word]
    assert set(found[word]) <= set(shared().words)


def test_of_many_unknown_words_some_are_told() -> None:
    assert list(unknown_words(controls(asked="qqa qqb qqc qqd qqe"))) == ["qqa", "qqb", "qqc"]


# A picture unlike the others


@pytest.mark.parametrize(("value", "is_far"), [(0.9, False), (7.0, True)])
def test_how_far_ones_own_picture_is_is_told_where_it_is_seen(
    monkeypatch: pytest.MonkeyPatch, value: float, is_far: bool
) -> None:
    usual = far.Usual(1.0, 1.3), far.Usual(1.5, 2.0)
    monkeypatch.setattr(vqa_settings, "distance", lambda _: far.Distance(value, *usual, 0.4))
    given = {"picture": "own", "upload": GIVEN}
    for stage in STAGES:
        assert how_far(controls(stage)) == []
        told = how_far(controls(stage, **given))
        assert len(told) == (stage in rail.ASKING)
        assert all(("far from all" in sentence) == is_far for sentence in told)
    assert ("7 away" in how_far(controls(**given))[0]) == is_far
    assert ("1.3" in how_far(controls(**given))[0]) == is_far


# Many questions


def test_many_questions_are_asked_as_the_rail_says() -> None:
    many = {"fusion": "mutan", "num_scenes": 60, "other": 0.5, "domain": 0.25, "seed": 9}
    assert config("table", **many) == TableConfig(fusion="mutan", num_scenes=60, domain=0.5, seed=9)
    assert config("shift", **many) == ShiftConfig(fusion="mutan", num_scenes=60, seed=9)
    assert config("fusions", **many) == ComparingConfig(num_scenes=60, domain=0.25, seed=9)
    assert config("data", **many) == CensusConfig(num_scenes=60, domain=0.25, seed=9)


def test_a_network_learns_as_the_rail_says() -> None:
    values = {"fusion": "blind", "train_scenes": 300, "num_steps": 400, "lr": 0.02, "dropout": 0.5, "seed": 9}
    wanted = LearningConfig(fusion="blind", num_scenes=300, num_steps=400, lr=0.02, dropout=0.5, seed=9)
    assert config("train", **values) == wanted
    assert config("train", seed=0) == LearningConfig()


@pytest.mark.parametrize("stage", [name for name in STAGES if name not in rail.ASKING])
def test_where_many_are_asked_the_one_on_screen_does_not_matter(stage: str) -> None:
    assert config(stage, **WILD, picture="own", upload=GIVEN, training="2") == config(stage)
    assert config(stage, seed=LAST).seed == SET
    assert asked_by(config(stage)) is None


@pytest.mark.parametrize("stage", STAGES)
def test_every_view_has_settings_that_it_can_fall_back_to(stage: str) -> None:
    values = rail.opening(controls(stage, **WILD, picture="own", upload=GIVEN))
    assert rail.shown(values) == stage
    assert config_of(values) == config(stage)


def test_every_fusion_can_be_chosen_and_has_a_title_of_its_own() -> None:
    assert list(rail.titles()) == list(FUSIONS)
    assert len(set(rail.titles().values())) == len(FUSIONS)


def test_the_stage_that_is_looked_at_is_the_views_part_or_the_view() -> None:
    assert [rail.shown(controls(name)) for name in STAGES] == list(STAGES)
    assert set(STAGES) == set(rail.FREE) == set(rail.FIRST_TABS) == set(vqa_settings.RUNS)
