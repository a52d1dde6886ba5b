"""Questions in the mirror: held against scenes that are mirrored thing by thing, whose truth is computed anew."""

from dataclasses import replace

import pytest
import torch

from dlcore.datasets.aerial import SIDE, Graph, SceneConfig, layout
from dlcore.datasets.aerial_questions import ANSWERS, answer, queries
from dlcore.topics.vqa.mirrors import ALONG, DOWN, mirrored, mirrors

#: What the places of things decide; areas, rivers and roads are as they are drawn.
PLACED = [
    place
    for place, query in enumerate(queries())
    if query.type != "area" and query.form != "larger" and not {query.first, query.second} & {"river", "road", "water"}
]


def in_mirror(graph: Graph, axis: int) -> Graph:
    """Every thing at the other side."""
    turned = [
        replace(thing, x=SIDE - thing.x) if axis == ALONG else replace(thing, y=SIDE - thing.y)
        for thing in graph.things
    ]
    return replace(graph, things=tuple(turned))


@pytest.mark.parametrize("axis", [ALONG, DOWN])
def test_the_answer_in_the_mirror_is_the_mirrored_answer(axis: int) -> None:
    (mirror,) = (mirror for mirror in mirrors() if mirror.axis == axis)
    answered = 0
    for seed in range(4):
        graph = layout(SceneConfig(seed=seed))
        turned = in_mirror(graph, axis)
        for place in PLACED:
            said = answer(queries()[place], graph)
            if said is not None:
                wanted = ANSWERS[int(mirror.answer[ANSWERS.index(said)])]
                assert answer(queries()[int(mirror.query[place])], turned) == wanted, queries()[place].text
                answered += 1
    assert answered > 200


def test_a_mirror_in_the_mirror_is_the_picture() -> None:
    for mirror in mirrors():
        for turned in (mirror.query, mirror.answer):
            assert torch.equal(turned[turned], torch.arange(len(turned)))


@pytest.mark.parametrize(
    ("text", "axis", "wanted"),
    [
        ("is the lake left of the forest", ALONG, "is the lake right of the forest"),
        ("is the lake left of the forest", DOWN, "is the lake left of the forest"),
        ("how many trees are in the upper half", DOWN, "how many trees are in the lower half"),
        ("how many trees are in the upper half", ALONG, "how many trees are in the upper half"),
        ("is there a house above the river", DOWN, "is there a house below the river"),
        ("top", DOWN, "bottom"),
        ("right", ALONG, "left"),
        ("10–20 %", ALONG, "10–20 %"),
    ],
)
def test_only_words_for_sides_change(text: str, axis: int, wanted: str) -> None:
    assert mirrored(text, axis) == wanted


def test_types_and_what_is_asked_about_stay() -> None:
    for mirror in mirrors():
        for query, turned in zip(queries(), mirror.query.tolist(), strict=True):
            other = queries()[turned]
            assert (query.type, query.first, query.second) == (other.type, other.first, other.second)
