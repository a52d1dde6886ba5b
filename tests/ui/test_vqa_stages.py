"""Each run of the lesson on questions about pictures has a stage with what is known of it, and tabs of the rail."""

from typing import Any

import numpy as np
import pytest

from dlcore.datasets.aerial import FINE
from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.figures.classbars import ClassBars
from dlcore.figures.log import Log
from dlcore.figures.stage import Plot, Stage, pack
from dlcore.figures.tiles import Handle, Tile, Tiles
from dlcore.topics.vqa.changes import ChangesConfig, states
from dlcore.topics.vqa.reading import ReadingConfig
from dlcore.ui import vqa_rail as rail
from dlcore.ui.vqa_settings import Config, config_of
from dlcore.ui.vqa_stages import AT_ONCE, FRAMES, as_seen, handles_of, snapshots_of, stage_of
from tests.figures.awaited import check_awaited, names
from tests.pages.vqa_page import QUICK, STAGES, scene

THING = next(thing for thing in scene().things if thing.kind not in ("river", "road"))
CHANGES = f"move {THING.name} 40 52; add boat 20 30; remove {THING.name}; ask is there a lake; grey"


def config(stage: str = "read", **values: Any) -> Config:
    return config_of({**rail.DEFAULTS, "upload": None, **STAGES[stage], **QUICK.get(stage, {}), **values})


def stage(name: str = "read", look: str = "fine", adding: str = "house", **values: Any) -> Stage:
    return stage_of(config(name, **values), look, adding)


def view_of(found: Stage, kind: type) -> Any:
    return next(view for view in found.views if isinstance(view, kind))


def picture_of(found: Stage) -> Tile:
    return view_of(found, Tiles).tiles[0]


def test_the_side_views_of_all_stages_are_the_tabs_of_the_rail() -> None:
    found = [*map(stage, STAGES), stage(fusion="attention", asked="is there a river"), stage("change", changes="grey")]
    tabs = {view.key for one in found for view in one.views if view.area == "side"}
    assert tabs == set(rail.TABS)


@pytest.mark.parametrize("name", STAGES)
def test_a_view_opens_with_a_tab_that_it_has_and_can_be_sent(name: str) -> None:
    found = stage(name)
    assert rail.FIRST_TABS[name] in [view.key for view in found.views if view.area == "side"]
    assert found.num_frames == config(name).num_frames
    assert all(view.alt for view in found.views if isinstance(view, Plot))
    assert pack(found)


def test_every_run_has_a_stage_and_what_takes_a_moment_is_in_it_already() -> None:
    assert {type(config(name)) for name in STAGES} == set(FRAMES)
    for name in STAGES:
        assert (names(stage(name)) == set()) == isinstance(config(name), AT_ONCE), name


@pytest.mark.parametrize("name", ["table", "data"])
def test_a_stage_awaits_what_its_run_computes(name: str) -> None:
    run = config(name)
    check_awaited(stage(name), next(FRAMES[type(run)](run)).arrays)


def test_numbers_of_a_run_at_once_are_those_of_its_stage() -> None:
    run = config()
    assert isinstance(run, ReadingConfig)
    last = snapshots_of(run, None)[-1].arrays
    np.testing.assert_allclose(np.asarray(last["chances"], np.float32), run.asked.chances(), atol=1e-5)
    np.testing.assert_array_equal(view_of(stage(), ClassBars).values[-1], last["chances"])
    assert snapshots_of(config("table"), None) == []


# Pictures


@pytest.mark.parametrize("name", rail.ASKING)
def test_pictures_are_fine_or_as_the_network_gets_them(name: str) -> None:
    fine, seen = (picture_of(stage(name, look)).values for look in rail.LOOKS)
    assert fine.shape == seen.shape == (1, 288, 288, 3)
    assert (np.asarray(seen) == as_seen(np.asarray(fine))).all()
    assert not (np.asarray(seen) == np.asarray(fine)).all()


def test_a_pixel_of_the_network_is_the_mean_of_nine() -> None:
    fine = np.random.default_rng(0).integers(0, 256, (2, 6, 9, 3), np.uint8)
    seen = as_seen(fine)
    assert seen.shape == fine.shape
    for row, col in np.ndindex(6, 9):
        i, j = row - row % FINE, col - col % FINE
        mean = fine[:, i : i + FINE, j : j + FINE].astype(float).mean(axis=(1, 2))
        assert np.abs(seen[:, row, col] - mean).max() <= 0.5


# Changes


def test_every_thing_has_a_ring_where_it_is_and_none_where_it_is_not() -> None:
    run = config("change", changes=CHANGES)
    assert isinstance(run, ChangesConfig)
    rings = {handle.key: handle for handle in handles_of(run)}
    for frame, asked in enumerate(states(run.asked, run.changes)):
        graph = asked.sight.graph()
        assert graph
        there = {key for key, ring in rings.items() if np.isfinite(ring.places[frame]).all()}
        assert there == {thing.name for thing in graph.things}
        for thing in graph.things:
            assert rings[thing.name].places[frame] == pytest.approx((3 * thing.x, 3 * thing.y), abs=1e-3)
    moved: Handle = rings[THING.name]
    assert moved.places[1] == pytest.approx((120, 156))
    assert np.isnan(moved.places[3:]).all()
    assert {key.split()[0] for key, ring in rings.items() if not ring.moves} <= {"river", "road"}
    assert all(18 <= ring.size <= 50 for ring in rings.values())


def test_the_log_says_what_was_done_and_what_came_of_it() -> None:
    found = stage("change", changes=CHANGES)
    log, bars = view_of(found, Log), view_of(found, ClassBars)
    assert found.num_frames == len(log.entries) == 6
    assert log.entries[1].text == f"{THING.name} moved to 40, 52"
    assert log.entries[4].text == "asked “is there a lake”"
    truths = [None if place < 0 else ANSWERS[int(place)] for place in bars.truths]
    assert [entry.truth for entry in log.entries] == truths
    assert [entry.answer for entry in log.entries] == [ANSWERS[place] for place in bars.values.argmax(axis=1)]
    assert [entry.chance for entry in log.entries] == pytest.approx(bars.values.max(axis=1), rel=1e-5)


@pytest.mark.parametrize("kind", rail.ADDED)
def test_a_click_on_the_ground_adds_what_the_rail_says(kind: str) -> None:
    assert picture_of(stage("change", adding=kind)).placing == f"Add a {kind}"
    assert config("change", changes=f"add {kind} 40 40")


def test_of_a_picture_of_ones_own_nobody_knows_what_is_in_it() -> None:
    given = {"picture": "own", "upload": np.zeros((96, 96, 3), np.uint8)}
    found = stage("change", **given, changes="grey")
    assert (picture_of(found).handles, picture_of(found).placing) == ((), "")
    assert [entry.truth for entry in view_of(found, Log).entries] == [None, None]
    assert view_of(stage(**given), ClassBars).truth is None


# Many questions


def test_without_another_area_there_is_no_test_in_it() -> None:
    assert "other" in [view.key for view in stage("train").views]
    assert "other" not in [view.key for view in stage("train", data="rsvqa").views]
