"""What is true of a scene: by hand where one can see it, and recounted pixel by pixel where one cannot."""

from dataclasses import replace

import numpy as np
import pytest

from dlcore.datasets.aerial import KINDS, SIDE, THINGS, Graph, SceneConfig, Thing, labels, layout, mask
from dlcore.datasets.aerial_grammar import SIDES, parse, queries
from dlcore.datasets.aerial_truth import answer, facts, replies, reply

SCENES = [layout(SceneConfig(seed=seed, domain=domain)) for seed in range(25) for domain in (0.0, 0.75)]


def thing(kind: str, number: int, x: float, y: float, size: float = 6.0) -> Thing:
    return Thing(kind=kind, number=number, x=x, y=y, size=size, angle=20.0)


def scene(*things: Thing) -> Graph:
    return Graph(config=SceneConfig(seed=5), things=tuple(sorted(things, key=lambda each: KINDS.index(each.kind))))


def asked(text: str, graph: Graph) -> str | None:
    query = parse(text)
    assert query, text
    return answer(query, graph)


#: Three houses, a tree, a lake at the top left, and a forest at the bottom right.
VILLAGE = scene(
    thing("house", 1, 20, 70),
    thing("house", 2, 30, 80),
    thing("house", 4, 80, 20),
    thing("tree", 1, 60, 12),
    thing("forest", 1, 74, 70, 24),
    thing("lake", 1, 20, 34, 24),
)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("how many houses are there", "3"),
        ("what is the number of trees", "1"),
        ("how many boats are there", "0"),
        ("how many houses are in the left half", "2"),
        ("how many houses are in the upper half", "1"),
        ("is there a lake", "yes"),
        ("is there no lake", "no"),
        ("is there a river", "no"),
        ("are there no boats", "yes"),
        ("are there any trees", "yes"),
        ("is there a tree in the lower half", "no"),
        ("is there no tree in the lower half", "yes"),
        ("is there a tree in the right half", "yes"),
        ("are there more houses than trees", "yes"),
        ("are there fewer houses than trees", "no"),
        ("are there as many houses as trees", "no"),
        ("are there as many boats as buildings", "yes"),
        ("is there more forest than road", "yes"),
        ("on which side is the lake", "left"),
        ("on which side is the forest", None),  # as far to the right as to the bottom
        ("on which side is the building", None),  # there is none
        ("is the lake left of the forest", "yes"),
        ("is the forest left of the lake", "no"),
        ("is the forest below the lake", "yes"),
        ("is there a house right of the forest", None),  # 80 is too close to 74
        ("is there a house above the forest", "yes"),
        ("is there a tree left of the lake", "no"),
        ("is there a building left of the lake", "no"),
        ("is there a house above the river", None),
    ],
)
def test_a_scene_that_one_can_draw_by_hand(text: str, expected: str | None) -> None:
    assert asked(text, VILLAGE) == expected


def test_too_close_to_the_middle_is_not_said() -> None:
    for x, said in ((44.9, "1"), (45.1, None), (48, None), (50.9, None), (51.1, "0")):
        graph = scene(thing("house", 1, x, 20))
        assert asked("how many houses are in the left half", graph) == said
        assert asked("is there a house in the left half", graph) == {"1": "yes", "0": "no", None: None}[said]
    two = scene(thing("house", 1, 48, 20), thing("house", 2, 20, 20))
    assert asked("is there a house in the left half", two) == "yes"
    assert asked("how many houses are in the left half", two) is None


def test_the_side_is_where_it_is_furthest_from_the_middle() -> None:
    for x, y, side in ((10, 30, "left"), (80, 60, "right"), (40, 9, "top"), (60, 88, "bottom"), (20, 22, None)):
        graph = scene(thing("building", 1, x, y, 14))
        assert asked("on which side is the building", graph) == side
    assert asked("on which side is the building", scene(*(thing("building", k, 10, 30) for k in (1, 2)))) is None


def test_more_than_ten_are_ten_or_more() -> None:
    many = scene(*(thing("house", number, 8 * number - 4, 20) for number in range(1, 13)))
    assert asked("how many houses are there", many) == "10"


def test_there_is_no_the_lake_where_there_are_two() -> None:
    two = scene(thing("lake", 1, 20, 20, 20), thing("lake", 2, 75, 70, 20), thing("forest", 1, 20, 75, 20))
    assert asked("is the lake left of the forest", two) is None
    assert asked("on which side is the lake", two) is None
    assert asked("is there a lake", two) == "yes"


def test_which_areas_are_named_is_recounted_pixel_by_pixel() -> None:
    names = {name: [1 + KINDS.index(name)] for name in ("forest", "road", "lake", "river")} | {
        "water": [1 + KINDS.index("lake"), 1 + KINDS.index("river")]
    }
    seen = set()
    for graph in SCENES:
        pixels = labels(graph)
        for name, numbers in names.items():
            percent = 100 * sum(int((pixels == number).sum()) for number in numbers) / SIDE**2
            said = asked(f"how much of the picture is {name}", graph)
            match (said or "").replace("–", " ").split():
                case ["0", "%"]:
                    assert percent == 0
                case ["under", "5", "%"]:
                    assert 0 < percent < 5
                case ["over", "20", "%"]:
                    assert percent >= 20
                case [low, high, "%"]:
                    assert float(low) <= percent < float(high)
                case _:
                    pytest.fail(f"{said} is no area")
            seen.add(said)
            assert asked(f"what share of the picture is {name}", graph) == said
    assert len(seen) == 5


def test_counts_and_halves_are_recounted_by_where_each_thing_is_seen() -> None:
    """The centre of a thing's own pixels is in the half that it is counted in."""
    compared = 0
    for graph in SCENES:
        for kind in THINGS:
            places = [np.argwhere(mask(graph, each.name)).mean(axis=0) + 0.5 for each in graph.of(kind)]
            assert asked(f"how many {kind}s are there", graph) == str(len(places))
            for half, axis, low in (("left", 1, True), ("right", 1, False), ("upper", 0, True), ("lower", 0, False)):
                said = asked(f"how many {kind}s are in the {half} half", graph)
                if said is not None:
                    assert int(said) == sum((place[axis] < SIDE / 2) == low for place in places)
                    compared += 1
    assert compared > 400


def test_the_sides_of_a_river_are_those_of_its_pixels() -> None:
    """Above the river means that all of the river in its column lies lower, and so on for each side."""
    sides = {"above": (1, 1), "below": (1, -1), "left of": (0, 1), "right of": (0, -1)}
    seen = []
    for seed in range(80):
        graph = layout(SceneConfig(seed=seed))
        water = labels(graph) == 1 + KINDS.index("river")
        for kind in ("house", "tree", "building"):
            for place, (axis, sign) in sides.items():
                said = asked(f"is there a {kind} {place} the river", graph)
                if said is None:
                    continue
                beyond = []
                for each in graph.of(kind):
                    line = np.flatnonzero(water[:, int(each.x)] if axis else water[int(each.y)])
                    at = each.y if axis else each.x
                    if len(line):  # else a bridge hides it
                        beyond.append(bool((sign * (line + 0.5 - at) > 0).all()))
                if len(beyond) == graph.count(kind):
                    assert (said == "yes") == any(beyond)
                    seen.append(said)
    assert min(seen.count("yes"), seen.count("no")) > 20


def test_what_follows_from_one_answer_is_the_other_one() -> None:
    turned = {"left": "right", "right": "left", "upper": "lower", "lower": "upper", "above": "below", "below": "above"}
    for graph in SCENES:
        true = facts(graph)
        for query in queries():
            said = reply(query, true)
            if query.opposite:
                other = reply(query.opposite, true)
                assert (said and said[0]) == (other and {"yes": "no", "no": "yes"}[other[0]])
            if query.form == "one":
                words = query.text.split()
                back = " ".join([*words[:2], words[-1], *(turned.get(word, word) for word in words[3:-1]), words[2]])
                assert asked(back, graph) == (said and said[0])
            if query.form == "more":
                fewer = reply(replace(query, form="fewer", first=query.second, second=query.first), true)
                assert said == fewer


def test_all_at_once_is_one_after_the_other_and_every_answer_is_a_logical_one() -> None:
    for graph in SCENES[:2]:
        for query, said in zip(queries(), replies(queries(), graph), strict=True):
            assert answer(query, graph) == (said and said[0])
            assert said is None or said[0] in query.answers


def test_something_is_found_on_every_side() -> None:
    said = {answer(query, graph) for graph in SCENES[:20] for query in queries() if query.form == "side"}
    assert said == {*SIDES, None}
