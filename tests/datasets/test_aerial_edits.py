"""Changes of a drawn aerial scene: they are read as they are written, and all that lies elsewhere stays as it was."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.datasets.aerial import (
    KINDS,
    PLACES,
    SIDE,
    THINGS,
    Edit,
    SceneConfig,
    Thing,
    edited,
    labels,
    layout,
    mask,
    picture,
    read_edits,
)

MOVABLE = (*THINGS, "forest", "lake")
places = st.floats(0, SIDE)
numbers = st.integers(1, 999)
EDITS = st.one_of(
    st.builds(Edit, action=st.just("move"), kind=st.sampled_from(MOVABLE), number=numbers, x=places, y=places),
    st.builds(Edit, action=st.just("add"), kind=st.sampled_from(MOVABLE), x=places, y=places),
    st.builds(Edit, action=st.just("remove"), kind=st.sampled_from(KINDS), number=numbers),
)


@given(st.lists(EDITS, max_size=6))
def test_what_is_written_is_read_as_the_same(edits: list[Edit]) -> None:
    assert list(read_edits("; ".join(edit.text for edit in edits))) == edits


def test_changes_are_written_in_plain_words() -> None:
    assert Edit(action="move", kind="house", number=3, x=40, y=52.5).text == "move house 3 40 52.5"
    assert Edit(action="add", kind="boat", x=20, y=30).text == "add boat 20 30"
    assert Edit(action="remove", kind="lake", number=1).text == "remove lake 1"
    assert read_edits(" ; ") == ()


@pytest.mark.parametrize(
    ("text", "rule"),
    [
        ("paint house 3", "cannot be read: write"),
        ("move house 3 40", "cannot be read: write"),
        ("move house three 4 5", "has no number where one is due"),
        ("add castle 4 5", "kind is 'castle': it must be one of house"),
        ("add boat 4 96.5", "y is 96.5: it must be a number from 0 to 96"),
        ("add boat nan 5", "has no place"),
        ("remove house 0", "number is 0: it must be a whole number from 1"),
        ("move river 1 20 20", "rivers and roads can be removed, not moved or added"),
        ("add road 20 20", "rivers and roads can be removed, not moved or added"),
        ("remove house 1;" * 50, "at most 40"),
    ],
)
def test_what_cannot_be_read_is_refused_in_a_sentence(text: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        read_edits(text)


def test_a_change_of_what_is_not_there_names_what_is() -> None:
    graph = layout(SceneConfig(seed=2))
    with pytest.raises(ValueError, match=r"no 'boat 77' in this scene: it has house 1, house 2"):
        edited(graph, read_edits("remove boat 77"))


def test_numbers_are_never_given_twice() -> None:
    graph = layout(SceneConfig(seed=2))
    last = graph.count("house")
    after = edited(graph, read_edits(f"remove house {last}; add house 20 20; remove house {last + 1}; add house 50 50"))
    assert [house.number for house in after.of("house")] == [*range(1, last), last + 2]
    assert (after.named(f"house {last + 2}").x, after.named(f"house {last + 2}").y) == (50, 50)


def test_a_full_scene_takes_no_more() -> None:
    graph = layout(SceneConfig(seed=2))
    forty = read_edits("add tree 50 50;" * 40)
    with pytest.raises(ValueError, match="There are 200 things in this scene: it has room for no more"):
        edited(graph, forty * 6)
    full = edited(graph, (forty * 6)[: 200 - len(graph.things)])
    assert mask(full, full.of("tree")[-1].name).any()


def test_moved_there_and_back_is_as_before() -> None:
    graph = layout(SceneConfig(seed=2))
    house = graph.named("house 2")
    back = Edit(action="move", kind="house", number=2, x=house.x, y=house.y)
    after = edited(graph, [*read_edits("move house 2 10 80"), back])
    assert after.things == graph.things
    assert np.array_equal(picture(after), picture(graph))


def around(thing: Thing) -> np.ndarray:
    """The pixels of the large picture that a thing or its shadow may reach."""
    down, across = (np.mgrid[: 3 * SIDE, : 3 * SIDE] + 0.5) / 3
    reach = {"forest": 0.85, "lake": 0.85, "building": 0.62, "house": 0.66}.get(thing.kind, 0.57)
    shadow = {"lake": 1.5, "boat": 1.6, "house": 2.7, "tree": 3.0}.get(thing.kind, 4.2)
    if thing.points:
        apart = np.full(down.shape, np.inf)
        line = np.array(thing.points)
        for share in np.linspace(0, 1, 4, endpoint=False):
            for x, y in line[:-1] + share * np.diff(line, axis=0):
                np.minimum(apart, np.hypot(across - x, down - y), out=apart)
        return apart < thing.size / 2 + 2
    return np.hypot(across - thing.x, down - thing.y) < reach * thing.size + shadow


@given(st.data(), st.integers(0, 400), st.sampled_from([0.0, 0.6, 1.0]))
@settings(max_examples=30)
def test_a_change_is_seen_only_where_the_thing_was_and_where_it_is(data: st.DataObject, seed: int, domain: float):
    graph = layout(SceneConfig(seed=seed, domain=domain))
    action = data.draw(st.sampled_from(["move", "add", "remove"] if graph.things else ["add"]))
    can = [thing for thing in graph.things if action == "remove" or thing.kind in MOVABLE]
    if action == "add" or not can:
        kind = data.draw(st.sampled_from(MOVABLE))
        edit = Edit(action="add", kind=kind, x=data.draw(places), y=data.draw(places))
    else:
        target = data.draw(st.sampled_from(can))
        to = {"x": data.draw(places), "y": data.draw(places)} if action == "move" else {}
        edit = Edit(action=action, kind=target.kind, number=target.number, **to)
    after = edited(graph, [edit])
    touched = set(graph.things) ^ set(after.things)
    assert 1 <= len(touched) <= 2
    near = np.logical_or.reduce([around(thing) for thing in touched])
    changed = (picture(graph, fine=True) != picture(after, fine=True)).any(axis=2)
    assert not (changed & ~near).any()
    small = near.reshape(SIDE, 3, SIDE, 3).any(axis=(1, 3))
    assert not ((labels(graph) != labels(after)) & ~small).any()


@given(st.integers(0, 200), st.integers(-20, 20), st.integers(-20, 20))
@settings(max_examples=25)
def test_a_thing_moved_by_whole_pixels_keeps_its_shape(seed: int, right: int, down: int) -> None:
    graph = layout(SceneConfig(seed=seed))
    for kind in MOVABLE:
        for thing in graph.of(kind)[:1]:
            middle = replace(thing, x=48.0, y=48.0)
            alone = replace(graph, things=(middle,))
            moved = edited(alone, [Edit(action="move", kind=kind, number=thing.number, x=48.0 + right, y=48.0 + down)])
            if kind in THINGS:
                rolled = np.roll(mask(alone, thing.name), (down, right), (0, 1))
                assert np.array_equal(mask(moved, thing.name), rolled)
            else:
                edge = 22
                inner = slice(edge, -edge)
                shifted = np.roll(mask(alone, thing.name), (down, right), (0, 1))
                assert np.array_equal(mask(moved, thing.name)[inner, inner], shifted[inner, inner])


def test_every_place_is_a_kind_that_covers_something_when_it_is_there() -> None:
    for seed in range(12):
        graph = layout(SceneConfig(seed=seed))
        for kind in PLACES:
            assert mask(graph, kind).any() == (graph.count(kind) > 0)
