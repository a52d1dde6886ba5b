"""Each run of the lesson on saliency has a stage that awaits what it computes, and tabs that the rail knows."""

from typing import Any

import pytest

from dlcore.datasets.objects import CLASSES
from dlcore.figures.saliency_sheet import Display
from dlcore.figures.tiles import Tiles
from dlcore.topics.images.pictures import Picture
from dlcore.ui import saliency_rail as rail
from dlcore.ui.image_settings import choices
from dlcore.ui.saliency_settings import Config, config_of
from dlcore.ui.saliency_stages import FRAMES, stage_of
from tests.figures.awaited import check_awaited
from tests.pages.saliency_page import DIGIT, QUICK, STAGES


def config(**values: Any) -> Config:
    return config_of({**rail.DEFAULTS, "upload": None, **values})


def test_the_side_views_of_all_stages_are_the_tabs_of_the_rail() -> None:
    stages = [stage_of(config(**values), Display()) for values in STAGES.values()]
    assert {view.key for stage in stages for view in stage.views if view.area == "side"} == set(rail.TABS)


def test_every_run_has_a_stage() -> None:
    assert {type(config(**values)) for values in STAGES.values()} == set(FRAMES)


@pytest.mark.parametrize("name", STAGES)
def test_a_stage_awaits_what_its_run_computes(name: str) -> None:
    small = {"num_images": 20} if STAGES[name].get("truth") == "study" else DIGIT
    run = config(**{**STAGES[name], **small, **QUICK, "methods": ("gradient", "guided")})
    stage = stage_of(run, Display())
    assert stage.num_frames == run.num_frames
    check_awaited(stage, next(FRAMES[type(run)](run)).arrays)


@pytest.mark.parametrize("outline", [True, False])
def test_the_display_and_the_brush_are_on_the_sheet_alone(outline: bool) -> None:
    display = Display(signed=True, clip=95, overlay=0.5, outline=outline)
    stage = stage_of(config(), display, ("#d62f2f", 6.0))
    (sheet,) = [view for view in stage.views if view.key == "tiles"]
    assert isinstance(sheet, Tiles)
    assert (sheet.signed, sheet.clip, sheet.overlay) == (True, 95, 0.5)
    assert {tile.outline is not None for tile in sheet.tiles} == {outline}
    assert [tile.key for tile in sheet.tiles if tile.paints] == ["picture"]
    assert sheet.tiles[0].brush == ("#d62f2f", 6.0)


def test_pictures_to_choose_from_are_those_of_the_same_seed_without_what_was_painted() -> None:
    painted = Picture(label=2, seed=11, shift=0.5, mark=True, strokes="red 9: 5,5")
    found = choices(painted)
    assert list(found)[2:4] == ["pick.ring.11", "pick.cross.11"]
    for label, (title, pixels) in enumerate(found.values()):
        assert title == CLASSES[label]
        assert (pixels == Picture(label=label, seed=11, shift=0.5).bytes((3, 64, 64))).all()
    assert {key.rpartition(".")[2] for key in choices(Picture(kind="digit", seed=9))} == {"0"}
