"""A picture of two pixels: the ball's edge by its geometry, a straight boundary by hand, and the attack's way in it."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from dlcore.datasets import planes
from dlcore.topics.adversarial import plane
from dlcore.topics.adversarial.plane import ATTACKS, DATA, MODELS, RIM, WHITE, PlaneConfig, as_picture, frames, ground
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.training import Grid, TrainConfig, maps, train

EUCLID = AttackSettings(norm="l2", random_start=False)
PLACES = st.floats(0, WHITE, width=32)


def run(config: PlaneConfig) -> list[dict[str, np.ndarray]]:
    return [{name: np.asarray(value) for name, value in frame.arrays.items()} for frame in frames(config)]


def boundary(config: PlaneConfig) -> tuple[np.ndarray, float]:
    """A straight boundary's unit normal towards class 1, and how far on its side the place is, in levels."""
    net = plane.network(config.data, config.model, config.seed)
    corners = torch.cat([as_picture(x, y) for x, y in ((0, 0), (1, 0), (0, 1), (config.x, config.y))])
    origin, right, down, here = net(corners)[:, 1].tolist()
    normal = np.array([right - origin, down - origin])
    return normal / np.linalg.norm(normal), here / float(np.linalg.norm(normal))


# The plane


@pytest.mark.parametrize("data", DATA)
def test_its_network_has_learnt_the_set_and_a_straight_line_only_what_it_can(data: str) -> None:
    shares = {}
    for model in MODELS:
        config = PlaneConfig(data=data, model=model)
        still, net = ground(config), plane.network(data, model, 0)
        answers = net(torch.cat([as_picture(x, y) for x, y in still.points])).argmax(dim=1).numpy()
        shares[model] = (answers == still.labels).mean()
        assert 0 < still.points.min() < still.points.max() < WHITE  # the picture shows all of them
    assert shares["net"] > 0.97
    assert (shares["line"] > 0.97) == (data == "blobs")


def test_the_points_are_the_sets() -> None:
    still = ground(PlaneConfig(data="blobs"))
    points, labels = planes.PlaneConfig(name="blobs", noise=DATA["blobs"].noise, num_train=160).make().train
    np.testing.assert_array_equal(still.labels, labels)
    np.testing.assert_allclose(still.points / WHITE * 2 * DATA["blobs"].reach, points + DATA["blobs"].reach, atol=1e-5)


@pytest.mark.parametrize(("data", "model"), [("moons", "net"), ("xor", "line")])
def test_chances_are_those_that_training_says(data: str, model: str) -> None:
    config = TrainConfig(
        data=planes.PlaneConfig(name=data, noise=DATA[data].noise, num_train=160),
        hidden=MODELS[model][1],
        **plane.TRAINING,
    )
    *_, trained = train([config], every=config.num_steps)
    expected = maps(trained, Grid(reach=DATA[data].reach, size=plane.SIZE), [config]).surface[0, 0]
    found = 255 * ground(PlaneConfig(data=data, model=model)).chances
    assert np.abs(found - expected).max() <= 0.51  # a byte is rounded


def test_making_a_network_draws_from_no_shared_chance() -> None:
    before = torch.get_rng_state()
    net = plane.network("circles", "net", 12)
    assert torch.equal(torch.get_rng_state(), before)
    assert not net.training
    assert not any(parameter.requires_grad for parameter in net.parameters())


# The ball


@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_places_lie_evenly_along_the_edge_of_the_ball(norm: str) -> None:
    settings = AttackSettings(norm=norm, random_start=False)
    first = run(PlaneConfig(x=128, y=128, epsilon=50, settings=settings))[0]
    edge = np.stack([first["ball.x"], first["ball.y"]], axis=1) - 128
    far = np.abs(edge).max(axis=1) if norm == "linf" else np.linalg.norm(edge, axis=1)
    assert far == pytest.approx(50, rel=1e-3)
    steps = np.linalg.norm(np.diff(edge, axis=0), axis=1)
    around = 8 * 50 if norm == "linf" else 2 * math.pi * 50
    assert steps == pytest.approx(around / RIM, rel=2e-3)
    assert np.allclose(edge[0], edge[-1], atol=1e-3)


def test_of_a_disc_at_a_straight_boundary_the_share_beyond_it_is_an_arc() -> None:
    config = PlaneConfig(data="blobs", model="line", x=110, y=160, epsilon=60, settings=EUCLID)
    _, far = boundary(config)
    assert run(config)[0]["share"] == pytest.approx(math.acos(abs(far) / 60) / math.pi, abs=1.5 / RIM)


@given(x=PLACES, y=PLACES, epsilon=st.floats(0, 120), attack=st.sampled_from(["fgsm", "pgd"]))
@settings(max_examples=25)
def test_no_attack_leaves_its_ball_or_the_plane(x: float, y: float, epsilon: float, attack: str) -> None:
    for norm, length in (("linf", "linf"), ("l2", "l2")):
        way = AttackSettings(norm=norm, num_steps=3, random_start=attack == "pgd")
        for found in run(PlaneConfig(x=x, y=y, epsilon=epsilon, attack=attack, settings=way)):
            assert found[length] <= found["epsilon"] + 1e-4
            assert found[f"noise.{length}"] <= found["epsilon"] + 1e-4
            places = [found[name] for name in ("x", "y", "ball.x", "ball.y", "noise.x", "noise.y")]
            assert min(map(np.min, places)) >= 0
            assert max(map(np.max, places)) <= WHITE + 1e-4


def test_what_is_lost_is_marked_where_the_answer_is_another() -> None:
    still, first = ground(PlaneConfig()), run(PlaneConfig())[0]
    lost = np.isfinite(first["lost.x"])
    assert 0 < lost.sum() < RIM
    assert first["share"] == pytest.approx(lost[:-1].mean())
    cells = [np.rint(first[f"ball.{axis}"] / WHITE * (len(still.axis) - 1)).astype(int) for axis in "yx"]
    chances = still.chances[tuple(cells)]
    sure = np.abs(chances - 0.5) > 0.2  # a cell's middle may lie on the other side
    own = still.chances[tuple(np.rint(np.array([168, 104]) / WHITE * (len(still.axis) - 1)).astype(int))] > 0.5
    np.testing.assert_array_equal(lost[sure], (chances[sure] > 0.5) != own)


# The way


def test_on_a_straight_boundary_one_step_goes_to_the_corner_that_is_best() -> None:
    config = PlaneConfig(data="blobs", model="line", attack="fgsm", x=110, y=150, epsilon=24)
    normal, far = boundary(config)
    last = run(config)[-1]
    expected = np.array([110, 150]) - np.sign(far) * 24 * np.sign(normal)
    assert [float(last["x"]), float(last["y"])] == pytest.approx(expected.tolist(), abs=1e-3)


def test_deepfool_goes_straight_across_the_nearest_place_of_a_straight_boundary() -> None:
    config = PlaneConfig(data="blobs", model="line", attack="deepfool", x=90, y=200)
    normal, far = boundary(config)
    one = run(config)[1]
    moved = np.array([float(one["x"]) - 90, float(one["y"]) - 200])
    assert moved @ normal / np.linalg.norm(moved) == pytest.approx(-np.sign(far), abs=1e-4)
    assert np.linalg.norm(moved) == pytest.approx(1.02 * abs(far), abs=0.05)
    assert one["outcome"] == 2
    assert one["epsilon"] == pytest.approx(np.linalg.norm(moved), rel=1e-4)  # its ball touches where it went


@pytest.mark.parametrize("attack", ATTACKS)
def test_the_first_frame_is_the_picture_and_each_step_has_one(attack: str) -> None:
    config = PlaneConfig(attack=attack, x=71.5, y=33.25)
    found = run(config)
    assert len(found) == config.num_frames == len(config.epsilons)
    assert (found[0]["x"], found[0]["y"]) == (71.5, 33.25)
    assert found[0]["l2"] == 0


@pytest.mark.parametrize("attack", ["fgsm", "pgd"])
def test_without_a_radius_nothing_moves(attack: str) -> None:
    for found in run(PlaneConfig(attack=attack, epsilon=0)):
        assert (found["x"], found["y"]) == (found["noise.x"], found["noise.y"]) == (104, 168)
        assert found["outcome"] == found["share"] == 0


def test_the_least_radius_is_that_of_the_first_frame_that_is_fooled() -> None:
    found = run(PlaneConfig(attack="fgsm"))
    first = next(arrays for arrays in found if arrays["outcome"])
    assert all(arrays["least"] == first["epsilon"] for arrays in found)
    assert np.isnan(run(PlaneConfig(attack="fgsm", epsilon=2))[0]["least"])


def test_noise_has_a_corner_of_the_square_and_as_far_as_the_attack() -> None:
    for found in run(PlaneConfig(attack="fgsm", x=128, y=128)):
        assert found["noise.linf"] == pytest.approx(found["linf"], abs=1e-3)
        assert found["noise.l2"] == pytest.approx(math.sqrt(2) * found["noise.linf"], rel=1e-4)


@pytest.mark.parametrize("seed", range(4))
def test_the_opening_attack_succeeds_where_most_of_the_ball_s_edge_holds(seed: int) -> None:
    """From four starts in the ball."""
    last = run(PlaneConfig(settings=AttackSettings(seed=seed)))[-1]
    assert last["outcome"] == 2
    assert last["chance"] < 0.1
    assert last["share"] < 0.25


def test_pgd_finds_its_way_where_one_step_runs_past_the_bend() -> None:
    one, many = (run(PlaneConfig(attack=attack, x=104, y=176))[-1] for attack in ("fgsm", "pgd"))
    assert (one["outcome"], many["outcome"]) == (0, 2)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [({"x": 300}, "x is 300"), ({"attack": "noise"}, "attack is 'noise'"), ({"data": "spirals"}, "data is 'spirals'")],
)
def test_what_cannot_be_is_refused_in_a_sentence(wrong: dict, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        PlaneConfig(**wrong)
