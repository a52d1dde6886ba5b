"""Drawn aerial scenes: the list of things is what one sees, nothing hides another, and an area is a gradual change."""

from dataclasses import replace
from functools import lru_cache
from itertools import pairwise

import numpy as np
import pytest

from dlcore.datasets.aerial import (
    FINE,
    KINDS,
    SIDE,
    SINGLE,
    THINGS,
    Graph,
    SceneConfig,
    ScenesConfig,
    Thing,
    labels,
    layout,
    mask,
    picture,
    shares,
)

SEEDS = range(24)
DOMAINS = (0.0, 0.5, 1.0)
every_domain = pytest.mark.parametrize("domain", DOMAINS)


@lru_cache(maxsize=256)
def scene(seed: int, domain: float = 0.0) -> Graph:
    return layout(SceneConfig(seed=seed, domain=domain))


def with_only(graph: Graph, things: tuple[Thing, ...]) -> Graph:
    return replace(graph, things=things)


def pieces(of: np.ndarray) -> int:
    """How many connected pieces a mask has, corners touching."""
    from scipy import ndimage

    return ndimage.label(of, structure=np.ones((3, 3)))[1]  # pyright: ignore


def test_a_scene_follows_from_its_seed() -> None:
    config = SceneConfig(seed=5, domain=0.3)
    first = picture(layout(config))
    for other in range(6, 12):
        picture(layout(SceneConfig(seed=other)))
    assert np.array_equal(first, picture(layout(config)))
    assert not np.array_equal(first, picture(layout(SceneConfig(seed=6, domain=0.3))))


def test_pictures_are_bytes_and_the_small_one_is_the_mean_of_the_large_one() -> None:
    for seed in SEEDS[:4]:
        small, large = picture(scene(seed)), picture(scene(seed), fine=True)
        assert small.shape == (96, 96, 3)
        assert large.shape == (288, 288, 3)
        assert small.dtype == large.dtype == np.uint8
        means = large.reshape(SIDE, FINE, SIDE, FINE, 3).mean(axis=(1, 3))
        assert np.abs(means - small).max() <= 1


@every_domain
def test_the_list_has_as_many_as_one_counts_in_the_labels(domain: float) -> None:
    for seed in SEEDS:
        graph, seen = scene(seed, domain), labels(scene(seed, domain))
        for kind in THINGS:
            assert pieces(seen == 1 + KINDS.index(kind)) == graph.count(kind)


@every_domain
def test_things_are_whole_in_the_picture_and_nothing_lies_on_them(domain: float) -> None:
    for seed in SEEDS:
        graph = scene(seed, domain)
        for thing in (thing for kind in THINGS for thing in graph.of(kind)):
            alone = mask(with_only(graph, (thing,)), thing.name)
            assert np.array_equal(alone, mask(graph, thing.name))
            assert alone[1:-1, 1:-1].sum() == alone.sum() > 0


def test_of_every_forest_lake_river_and_road_most_is_seen() -> None:
    for seed in range(60):
        graph = scene(seed)
        for thing in (thing for thing in graph.things if thing.kind not in THINGS):
            alone = mask(with_only(graph, (thing,)), thing.name).sum()
            assert mask(graph, thing.name).sum() >= 0.7 * alone > 0


def test_boats_lie_on_water_and_all_else_on_fields() -> None:
    for seed in SEEDS:
        graph = scene(seed, 1.0)
        empty = labels(with_only(graph, tuple(thing for thing in graph.things if thing.kind not in THINGS)))
        water = (empty == 1 + KINDS.index("lake")) | (empty == 1 + KINDS.index("river"))
        assert water[mask(graph, "boat")].all()
        for kind in ("house", "building", "tree"):
            assert not empty[mask(graph, kind)].any()


@every_domain
def test_a_thing_is_seen_around_its_place(domain: float) -> None:
    for seed in SEEDS[:12]:
        graph = scene(seed, domain)
        for thing in (thing for kind in THINGS for thing in graph.of(kind)):
            down, across = np.nonzero(mask(graph, thing.name))
            assert abs(across.mean() + 0.5 - thing.x) < 1
            assert abs(down.mean() + 0.5 - thing.y) < 1


def test_a_tree_a_lake_and_a_house_have_the_areas_that_their_sizes_say() -> None:
    trees, lakes, houses = [], [], []
    for seed in SEEDS:
        graph = scene(seed)
        trees += [mask(graph, tree.name).sum() / (np.pi / 4 * tree.size**2) for tree in graph.of("tree")]
        houses += [mask(graph, house.name).sum() / house.size**2 for house in graph.of("house")]
        for lake in graph.of("lake"):
            middle = with_only(graph, (replace(lake, x=48.0, y=48.0),))
            lakes.append(mask(middle, lake.name).sum() / (np.pi / 4 * lake.size**2))
    # The pen draws half a fine pixel beyond the edge, a ninth of a small tree.
    assert np.mean(trees) == pytest.approx(1.1, abs=0.05)
    assert lakes == pytest.approx([1.0] * len(lakes), abs=0.08)
    assert 0.6 < np.mean(houses) < 0.9


def test_shares_are_of_one_whole_and_water_is_lakes_and_rivers() -> None:
    for seed in SEEDS:
        parts = shares(scene(seed))
        assert sum(parts[kind] for kind in ("field", *KINDS)) == pytest.approx(1)
        assert parts["water"] == pytest.approx(parts["lake"] + parts["river"])
        assert parts["forest"] == pytest.approx(mask(scene(seed), "forest").mean())


def test_shadows_fall_to_the_lower_right_and_are_no_part_of_the_labels() -> None:
    for seed in SEEDS[:12]:
        graph = scene(seed)
        whole = picture(graph).astype(int)
        for building in graph.of("building"):
            without = with_only(graph, tuple(thing for thing in graph.things if thing is not building))
            darker = (picture(without) - whole).sum(axis=2) > 30
            shadow = darker & ~mask(graph, building.name)
            down, across = np.nonzero(shadow)
            assert across.mean() + 0.5 > building.x
            assert down.mean() + 0.5 > building.y
            assert np.array_equal(labels(graph)[shadow], labels(without)[shadow])


def test_colours_change_steadily_from_area_a_to_area_b() -> None:
    """Area B is redder and paler, and its greens less green."""
    means = []
    for domain in (0.0, 0.25, 0.5, 0.75, 1.0):
        red, green, blue = np.mean([picture(scene(seed, domain)).mean(axis=(0, 1)) for seed in SEEDS[:12]], axis=0)
        means.append((red, blue, red - green))
    steps = np.diff(means, axis=0)
    assert (steps > 0).all()
    assert (np.sum(steps, axis=0) > 12).all()


def test_a_larger_domain_only_adds_things() -> None:
    counts = []
    for seed in range(60):
        lists = [scene(seed, domain) for domain in (0.0, 0.4, 1.0)]
        for less, more in pairwise(lists):
            places = {thing.name: (thing.x, thing.y, thing.angle) for thing in more.things}
            assert all(places[thing.name] == (thing.x, thing.y, thing.angle) for thing in less.things)
        counts.append([[graph.count(kind) for kind in THINGS] for graph in lists])
    means = np.mean(counts, axis=0)
    assert (means[2] > 1.15 * means[0]).all()


def test_houses_are_smaller_in_area_b() -> None:
    for seed in SEEDS:
        for house in scene(seed).of("house"):
            assert scene(seed, 1.0).named(house.name).size < 0.8 * house.size


@pytest.fixture(scope="module")
def many() -> list[Graph]:
    config = ScenesConfig(num=150, seed=3)
    return [layout(config.scene(number)) for number in range(150)]


def test_each_kind_is_missing_in_about_half_of_the_scenes(many: list[Graph]) -> None:
    for kind in KINDS:
        assert 0.33 < np.mean([graph.count(kind) == 0 for graph in many]) < 0.62, kind


def test_numbers_of_things_are_spread_flat(many: list[Graph]) -> None:
    """None of the numbers is rare, and the middle is where a flat spread has it."""
    for kind, most in {"house": 10, "building": 4, "tree": 8, "boat": 5}.items():
        present = np.array([graph.count(kind) for graph in many if graph.count(kind)])
        assert present.max() == most
        assert np.bincount(present, minlength=most + 1)[1:].min() > 0.3 * len(present) / most
        assert abs(present.mean() - (most + 1) / 2) < 0.12 * most


def test_water_and_forest_cover_little_and_much_alike_often(many: list[Graph]) -> None:
    covered = [shares(graph) for graph in many]
    for kind in ("water", "forest"):
        present = np.array([parts[kind] for parts in covered if parts[kind]])
        often = np.histogram(present, [0, 0.05, 0.1, 0.2, 0.36])[0] / len(present)
        assert often.sum() == 1
        assert often.min() > 0.1
        assert often.max() < 0.42


def test_half_of_the_scenes_have_something_on_one_side(many: list[Graph]) -> None:
    """All houses, say, are to the left of a line a little left of the middle."""

    def one_sided(graph: Graph) -> bool:
        for kind in ("house", "building", "tree", "boat"):
            places = np.array([(thing.x, thing.y) for thing in graph.of(kind)])
            if len(places) > 1 and ((places.max(axis=0) < 43).any() or (places.min(axis=0) > 53).any()):
                return True
        return False

    assert np.mean([one_sided(graph) for graph in many]) > 0.5


def test_sets_share_no_scene_and_have_none_of_the_single_ones() -> None:
    seeds = [
        {ScenesConfig(num=50, seed=seed, domain=domain).scene(number).seed for number in range(50)}
        for seed, domain in ((0, 0.0), (1, 0.0), (2, 1.0))
    ]
    assert len(set.union(*seeds)) == 150
    assert min(set.union(*seeds)) >= SINGLE
    assert ScenesConfig(num=9, seed=4).scene(8) == ScenesConfig(num=90, seed=4).scene(8)
    assert ScenesConfig(num=9, seed=4, domain=0.5).scene(8).domain == 0.5


@pytest.mark.parametrize(
    ("make", "rule"),
    [
        (lambda: SceneConfig(seed=-1), "seed is -1: it must be a whole number from 0"),
        (lambda: SceneConfig(seed=0, domain=1.2), "domain is 1.2: it must be a number from 0 to 1"),
        (lambda: ScenesConfig(num=0, seed=0), "num is 0: it must be a whole number from 1"),
        (lambda: ScenesConfig(num=5, seed=0).scene(5), "number is 5: it must be a whole number from 0 to 4"),
        (lambda: scene(0).of("castle"), "kind is 'castle': it must be one of house"),
        (lambda: mask(scene(0), "house 99"), "There is no 'house 99' in this scene"),
    ],
)
def test_what_is_refused_is_said_in_a_sentence(make, rule: str) -> None:
    with pytest.raises(ValueError, match=rule):
        make()
