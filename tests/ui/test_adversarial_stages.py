"""Each run of the lesson on adversarial examples has a stage that awaits what it computes, and tabs of the rail."""

from typing import Any

import numpy as np
import pytest

from dlcore.datasets.objects import CLASSES
from dlcore.figures.adversarial_sheet import DELTAS, Delta, Look
from dlcore.figures.stage import Plot, pack
from dlcore.figures.tiles import Tiles
from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.adversarial.illusion import IllusionConfig
from dlcore.ui import adversarial_rail as rail
from dlcore.ui.adversarial_settings import Config, config_of
from dlcore.ui.adversarial_stages import FRAMES, stage_of
from dlcore.ui.adversarial_stages import STAGES as MADE
from tests.figures.awaited import check_awaited, names
from tests.pages.adversarial_page import DIGIT, QUICK, STAGES

RUNNING = [name for name in STAGES if name != "illusion"]


def config(**values: Any) -> Config:
    return config_of({**rail.DEFAULTS, "upload": None, **values})


def sides(stage: Any) -> list[str]:
    return [view.key for view in stage.views if view.area == "side"]


def test_the_side_views_of_all_stages_are_the_tabs_of_the_rail() -> None:
    stages = [stage_of(config(**values, attacks=(*ATTACKS,)), Look()) for values in STAGES.values()]
    assert {key for stage in stages for key in sides(stage)} == set(rail.TABS)


@pytest.mark.parametrize("name", STAGES)
def test_a_view_opens_with_a_tab_that_it_has_and_tells_what_there_is_to_do(name: str) -> None:
    assert rail.FIRST_TABS[name] in sides(stage_of(config(**STAGES[name]), Look()))
    assert rail.FREE[name]


def test_every_run_has_a_stage_and_every_stage_a_run_but_the_one_that_is_drawn_at_once() -> None:
    found = {type(config(**values)) for values in STAGES.values()}
    assert found == set(MADE)
    assert found - set(FRAMES) == {type(config(**STAGES["illusion"]))}


@pytest.mark.parametrize("name", RUNNING)
def test_a_stage_awaits_what_its_run_computes(name: str) -> None:
    run = config(**STAGES[name], **QUICK.get(name, {}))
    assert not isinstance(run, IllusionConfig)
    stage = stage_of(run, Look())
    assert stage.num_frames == run.num_frames
    check_awaited(stage, next(FRAMES[type(run)](run)).arrays)


@pytest.mark.parametrize("values", [{"norm": "l2"}, {"aim": "7"}, {"method": "fgsm"}], ids=["l2", "aimed", "fgsm"])
@pytest.mark.parametrize("name", ["sweep", "path"])
def test_it_does_so_for_other_attacks(name: str, values: dict[str, Any]) -> None:
    run = config(**STAGES[name], **QUICK[name], **values)
    check_awaited(stage_of(run, Look()), next(FRAMES[type(run)](run)).arrays)


@pytest.mark.parametrize("delta", DELTAS)
@pytest.mark.parametrize("name", ["sweep", "path", "boundary"])
def test_a_perturbation_is_awaited_as_it_is_shown(name: str, delta: Delta) -> None:
    shown = names(stage_of(config(**STAGES[name], **DIGIT), Look(delta=delta)))
    wanted = {"delta.sign", "delta.size"} if Look(delta=delta).is_map else {f"delta.{delta}"}
    assert {one for one in shown if one.startswith("delta.")} == wanted


@pytest.mark.parametrize("delta", ["true", "magnified", "sign"])
def test_that_for_all_pictures_is_large_as_it_is_shown(delta: Delta) -> None:
    stage = stage_of(config(**STAGES["universal"], **DIGIT), Look(delta=delta))
    (sheet,) = [view for view in stage.views if view.key == "tiles"]
    assert isinstance(sheet, Tiles)
    assert [tile.key for tile in sheet.tiles if tile.lead] == [f"delta.{delta}"]


def test_the_scrubber_is_the_strength_of_the_attack_and_a_mark_says_where_it_succeeds() -> None:
    stage = stage_of(config(most=8.0), Look())
    assert stage.unit == "ε"
    np.testing.assert_allclose(np.asarray(stage.steps), np.linspace(0, 8, 33))
    (mark,) = stage.marks
    assert names(mark) == {"least"}


def test_pictures_to_choose_from_are_drawn_objects_and_a_digit_has_none() -> None:
    def gallery(**values: Any) -> list[str]:
        views = [view for view in stage_of(config(**values), Look()).views if view.key == "pictures"]
        return [tile.title for view in views for tile in getattr(view, "tiles", [])]

    assert gallery() == list(CLASSES)
    assert gallery(**DIGIT) == []


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_can_be_sent_and_every_plot_says_what_it_shows(name: str) -> None:
    stage = stage_of(config(**STAGES[name], **QUICK.get(name, {})), Look())
    assert pack(stage)
    assert all(view.alt for view in stage.views if isinstance(view, Plot))
