"""What every scene of the lesson on optimizers says happens, and how much of it; in which neighbourhood it holds."""

import dataclasses
from collections.abc import Callable, Iterable, Iterator
from functools import cache
from typing import Any

import numpy as np
import pytest
import torch

from dlcore.lessons import Scene
from dlcore.topics.batches import batch_race
from dlcore.topics.descent import RaceConfig, RaceTrace, race
from dlcore.topics.equations import equations, substitutions
from dlcore.topics.landscape import gradient, hessian
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.topics.optimizers_scenes import SCENES
from dlcore.topics.programs import program
from dlcore.topics.rates import Sweep, sweep, with_best_rates
from dlcore.topics.stability import highest_rate, sharpness

FIELDS = {field.name for field in dataclasses.fields(RaceConfig)}
BY_KEY = {scene.key: scene for scene in SCENES}
#: Around the bowl's start: nearer, farther, mirrored, and on other heights.
BOWL_STARTS = [(-8, 1.5), (-9, 1.5), (-7, 1.5), (-6.5, 1), (8, 1.5), (-8, 3), (-8, -1), (8.5, -2), (7, 0.5)]
SEEDS = range(16)

claims: dict[str, list[str]] = {}


def claim(key: str) -> Callable[[Callable], Callable]:
    """Marks a test as the proof of what the scene with this key says."""

    def noted(test: Callable) -> Callable:
        claims.setdefault(key, []).append(test.__name__)
        return test

    return noted


def config_of(scene: Scene, **other: Any) -> RaceConfig:
    values = {**dict(scene.values), **other}
    hyper = tuple((name, value) for name, value in values.items() if "." in name)
    return RaceConfig(**{name: value for name, value in values.items() if name in FIELDS}, hyper=hyper)


def run(key: str, **other: Any) -> RaceTrace:
    return race(config_of(BY_KEY[key], **other))


def runs(key: str, starts: Iterable[tuple[float, float]]) -> Iterator[RaceTrace]:
    for x0, y0 in starts:
        yield run(key, x0=float(x0), y0=float(y0))


def answer(key: str) -> str:
    return BY_KEY[key].choices[BY_KEY[key].answer]


def says(key: str, *phrases: str) -> None:
    """The scene's words hold these numbers; a test that proves other ones proves nothing."""
    scene = BY_KEY[key]
    text = " ".join((scene.question, *scene.choices, scene.why, scene.look))
    assert [phrase for phrase in phrases if phrase not in text] == []


def column(trace: RaceTrace, name: str, values: np.ndarray) -> np.ndarray:
    return values[:, trace.optimizers.index(name)]


def lengths(trace: RaceTrace, name: str) -> np.ndarray:
    """The lengths of all steps made; the last frame's is never made."""
    return np.linalg.norm(column(trace, name, trace.delta)[:-1], axis=-1)


def order(trace: RaceTrace) -> list[str]:
    """The optimizers' titles, the nearest to the minimum first."""
    by_distance = sorted(zip(trace.distance[-1], trace.optimizers, strict=True))
    return [OPTIMIZERS[name].title for _, name in by_distance]


# The scenes themselves


def test_every_scene_has_a_test_of_its_claim() -> None:
    assert set(claims) == set(BY_KEY)
    for names in claims.values():
        for name in names:
            assert name.startswith("test_")
            assert callable(globals()[name])


def test_there_are_at_least_eight_scenes_with_different_keys_titles_and_settings() -> None:
    assert len(SCENES) == len(BY_KEY) >= 8
    assert len({scene.title for scene in SCENES}) == len(SCENES)
    assert len({scene.values for scene in SCENES}) == len(SCENES)


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scene_asks_before_it_answers(scene: Scene) -> None:
    assert scene.question.endswith("?")
    assert len(set(scene.choices)) == len(scene.choices) >= 2
    assert scene.answer in range(len(scene.choices))
    assert scene.why.endswith(".")
    assert scene.look.endswith((".", "?"))


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_a_scenes_settings_can_be_and_start_inside_the_picture(scene: Scene) -> None:
    config = config_of(scene)
    x_min, x_max, y_min, y_max = config.make_surface().bounds
    assert x_min < config.x0 < x_max
    assert y_min < config.y0 < y_max


@pytest.mark.parametrize("scene", SCENES, ids=BY_KEY)
def test_the_program_shown_walks_the_scenes_paths(scene: Scene) -> None:
    config = config_of(scene)
    trace = race(config)
    scope: dict[str, Any] = {}
    exec(compile(program(config, config.make_surface()), scene.key, "exec"), scope)
    assert list(scope["paths"]) == list(config.optimizers)
    for k, name in enumerate(config.optimizers):
        last = trace.diverged.get(name, (len(trace.w), ""))[0]  # beyond 1e8 the page stops, the program does not
        assert last > 50 or last == len(trace.w)
        path = scope["paths"][name].numpy()
        assert path.shape == (config.num_steps + 1, 2)
        allowed = 1e-9 * np.maximum(1, np.abs(trace.w[:last, k])) + 2 * trembling(config)[:last, k, None]
        assert (np.abs(path[:last] - trace.w[:last, k]) <= allowed).all(), name
        assert np.median(allowed) < 1e-8 * np.nanmax(np.abs(trace.w[:last, k])), name


@cache
def trembling(config: RaceConfig) -> np.ndarray:
    """How far the paths move by where the start's last bit changes, (F, K): in chaos a program may differ as much."""
    if config.rates == "best":
        config = with_best_rates(config)
    trace = race(config)
    moved = []
    for x, y in ((np.inf, np.inf), (np.inf, -np.inf), (-np.inf, np.inf), (-np.inf, -np.inf)):
        x0, y0 = (float(np.nextafter(at, to)) for at, to in ((config.x0, x), (config.y0, y)))
        moved.append(np.abs(race(dataclasses.replace(config, x0=x0, y0=y0)).w - trace.w).max(axis=-1))
    return np.max(np.nan_to_num(moved), axis=0)


# Their claims, in the order of the page


@claim("opening")
def test_at_the_same_rate_adam_is_last_from_every_start() -> None:
    says("opening", "η = 0.05", "150 steps", "8 units", "Adam comes last")
    for trace in runs("opening", BOWL_STARTS):
        assert order(trace)[-1] == "Adam"
        rest = np.delete(trace.distance[-1], trace.optimizers.index("adam"))
        assert trace.distance[-1, trace.optimizers.index("adam")] > 3 * rest.max()


@claim("opening")
def test_no_step_of_adam_is_longer_than_the_rate_in_any_coordinate() -> None:
    assert answer("opening") == "Its steps are at most η long"
    says("opening", "longer than 0.05 in x or y", "150 × 0.05 is less than 8")
    assert abs(run("opening").w[0, 0, 0]) == 8 > 150 * 0.05
    for trace in runs("opening", BOWL_STARTS):
        steps = np.abs(column(trace, "adam", trace.delta)[:-1])
        assert 0.99 * 0.05 < steps.max() <= 0.05
        # ... and in x, where the way is long, they keep their length while SGD's shrink a thousandfold.
        assert steps[:100, 0].min() > 0.4 * 0.05
        sgd = np.abs(column(trace, "sgd", trace.delta)[:-1, 0])
        assert sgd[0] > 1000 * sgd[-1]


@claim("opening")
def test_the_first_steps_at_the_same_rate_differ_twentyfold() -> None:
    says("opening", "SGD moves 1.55, Adam 0.07")
    trace = run("opening")
    assert (f"{lengths(trace, 'sgd')[0]:.2f}", f"{lengths(trace, 'adam')[0]:.2f}") == ("1.55", "0.07")


@claim("below")
def test_below_two_over_the_curvature_it_zigzags_and_arrives() -> None:
    says("below", "λ = 20", "2/λ = 0.1", "η = 0.099", "−0.98")
    config = config_of(BY_KEY["below"])
    curvature = hessian(config.make_surface(), torch.zeros(1, 2, dtype=torch.float64))[0]
    assert torch.linalg.eigvalsh(curvature).tolist() == [1, 20]
    assert highest_rate(20.0) == pytest.approx(0.1)
    assert answer("below") == "It zigzags and still arrives"
    for trace in runs("below", BOWL_STARTS):
        y, distance = trace.w[:, 0, 1], trace.distance[:, 0]
        np.testing.assert_allclose(y[1:] / y[:-1], 1 - 0.099 * 20, rtol=1e-9)
        assert pytest.approx(-0.98) == 1 - 0.099 * 20
        assert distance[-1] < 0.05 * abs(y[0])
    limit = np.asarray(highest_rate(sharpness(config.make_surface(), run("below").w[:, 0])))
    assert ((limit > 0.099) & (limit < 0.1011)).all()


@claim("above")
def test_above_two_over_the_curvature_it_flies_away() -> None:
    says("above", "η = 0.11", "2/λ = 0.1", "−1.2", "a fifth longer", "a tenth above")
    assert answer("above") == "It flies away"
    for trace in runs("above", BOWL_STARTS):
        step, what = trace.diverged["sgd"]
        assert 80 < step < 120
        assert what == "w"
        finite = trace.w[:step, 0]
        np.testing.assert_allclose(finite[1:, 1] / finite[:-1, 1], -1.2, rtol=1e-9)
        moves = np.abs(trace.delta[: step - 1, 0])
        np.testing.assert_allclose(moves[1:, 1] / moves[:-1, 1], 1.2, rtol=1e-9)
        np.testing.assert_allclose(finite[1:, 0] / finite[:-1, 0], 0.89, rtol=1e-9)  # along x all is well


@claim("above")
def test_above_two_over_the_curvature_the_distance_shrinks_at_first_and_the_loss_never_does() -> None:
    says("above", "distance shrinks at first", "loss grows from the first step")
    for trace in runs("above", [(-8, 1.5), (-9, 1.5), (-7, 1.5), (8, 1.5), (-8, -1.4), (8.5, -2), (-8, 1.6)]):
        step = trace.diverged["sgd"][0]
        assert trace.distance[3, 0] < 0.9 * trace.distance[0, 0]
        assert (np.diff(trace.loss[:step, 0]) > 0).all()


@claim("ravine")
def test_in_the_ravine_momentum_is_over_a_hundred_times_nearer() -> None:
    says("ravine", "1 and 50", "η = 0.02", "150 steps", "√0.9", "0.98")
    assert answer("ravine") == "Over 100 times nearer"
    config = config_of(BY_KEY["ravine"])
    curvature = hessian(config.make_surface(), torch.zeros(1, 2, dtype=torch.float64))[0]
    assert torch.linalg.eigvalsh(curvature).tolist() == [1, 50]
    for trace in runs("ravine", BOWL_STARTS):
        sgd, momentum = (column(trace, name, trace.distance)[-1] for name in ("sgd", "momentum"))
        assert sgd > 250 * momentum


@claim("ravine")
def test_in_the_ravine_the_slow_direction_shrinks_by_the_root_of_mu() -> None:
    long = run("ravine", num_steps=400)
    x = column(long, "sgd", long.w)[:, 0]
    np.testing.assert_allclose(x[1:] / x[:-1], 0.98, rtol=1e-9)
    peaks = np.abs(column(long, "momentum", long.w)[:, 0])  # it swings, so the rate is that of its envelope
    first, last = peaks[50:100].max(), peaks[350:400].max()
    assert (last / first) ** (1 / 300) == pytest.approx(0.9**0.5, rel=2e-3)
    assert (column(long, "momentum", long.w)[:, 0] > 0.1).any()  # overshoots: it started at x < 0


@claim("first-step")
def test_adams_first_step_is_the_rate_whatever_the_gradient() -> None:
    says("first-step", "(−8, 30)", "η = 0.05")
    trace = run("first-step")
    assert trace.g[0, 0].tolist() == [-8, 30]
    assert answer("first-step") == "0.05 in x and 0.05 in y"
    np.testing.assert_allclose(column(trace, "sgd", trace.delta)[0], [0.4, -1.5])  # the wrong answer is SGD's
    for x0, y0 in [*BOWL_STARTS, (0.001, -4), (10, 1e-4)]:
        start = run("first-step", x0=float(x0), y0=float(y0))
        first = column(start, "adam", start.delta)[0]
        np.testing.assert_allclose(first, -0.05 * np.sign([x0, y0]), rtol=1e-4)


@claim("first-step")
def test_without_bias_correction_adams_first_step_is_three_times_as_long() -> None:
    trace = run("first-step", **{"adam.correct": 0.0})
    expected = 0.05 * 0.1 / 0.001**0.5  # η (1 − β₁)/√(1 − β₂)
    np.testing.assert_allclose(np.abs(column(trace, "adam", trace.delta)[0]), expected, rtol=1e-6)
    assert 3.1 < expected / 0.05 < 3.2
    assert any("m_hat" in line for line in equations(config_of(BY_KEY["first-step"]), "adam"))


@claim("adagrad")
def test_adagrad_is_not_half_way_yet_when_rmsprop_has_arrived() -> None:
    says("adagrad", "η = 0.1", "300 steps")
    assert answer("adagrad") == "Not half-way yet"
    for trace in runs("adagrad", BOWL_STARTS):
        made = 1 - trace.distance[-1] / trace.distance[0]
        assert made[trace.optimizers.index("rmsprop")] > 0.999
        assert 0.3 < made[trace.optimizers.index("adagrad")] < 0.5


@claim("adagrad")
def test_adagrads_memory_only_grows_and_its_steps_shrink() -> None:
    for trace in runs("adagrad", BOWL_STARTS):
        memory = trace.buffers["adagrad.v"]
        assert (np.diff(memory, axis=0) >= 0).all()
        shrinking = np.abs(column(trace, "adagrad", trace.delta)[:-1, 0])
        assert (np.diff(shrinking) < 0).all()
        assert shrinking[0] > 10 * shrinking[-1]
        forgetting = trace.buffers["rmsprop.v"]
        assert (forgetting[-1] < 0.7 * forgetting.max(axis=0)).all()


@claim("adagrad")
def test_a_larger_rate_would_help_adagrad() -> None:
    config = config_of(BY_KEY["adagrad"])
    result = sweep(config)
    assert result.best["adagrad"] > 10 * config.lr
    assert run("adagrad", lr=3.0).distance[-1, 0] < 1e-6


SADDLE_STARTS = [
    (-3, 0.001),
    (-2, 0.001),
    (-3.5, 0.001),
    (3, 0.001),
    (-3, -0.001),
    (-3, 0.0005),
    (-3, 0.002),
    (-1, 0.003),
]


@claim("saddle")
def test_rmsprop_leaves_the_saddle_first_and_sgd_last() -> None:
    says("saddle", "0.001 off the ridge")
    trace = run("saddle")
    assert trace.w[0, 0, 1] == 0.001
    assert abs(trace.g[0, 0, 1]) < 0.0011 < 0.001 * abs(trace.g[0, 0, 0])  # on the ridge the slope in y is tiny
    for trace in runs("saddle", SADDLE_STARTS):
        gone = np.abs(trace.w[:, :, 1]) > 1
        left = dict(zip(trace.optimizers, np.where(gone.any(axis=0), gone.argmax(axis=0), len(gone)), strict=True))
        assert OPTIMIZERS[min(left, key=left.__getitem__)].title == answer("saddle") == "RMSProp"
        assert left["rmsprop"] <= 3 < 15 <= left["adam"] <= 25 < left["momentum"] < 50 < 100 < left["sgd"]


@claim("saddle")
def test_a_tiny_slope_counts_as_much_as_a_steep_one_for_rmsprop() -> None:
    trace = run("saddle")
    first = np.abs(column(trace, "rmsprop", trace.delta)[0])
    np.testing.assert_allclose(first, first[0], rtol=1e-4)
    assert first[0] == pytest.approx(0.5, rel=1e-4)  # 10 η: its average of g² starts at zero, uncorrected
    assert abs(trace.g[0, 0, 0]) > 2000 * abs(trace.g[0, 0, 1])


@claim("saddle")
def test_at_the_saddle_sgds_distance_is_a_long_plateau() -> None:
    for trace in runs("saddle", SADDLE_STARTS[:5]):
        distance = column(trace, "sgd", trace.distance)
        level = np.abs(distance - 10**0.5) < 0.05
        assert level.sum() > 45


#: Not all land on the full slope of the wall: where it is rounded off, over 5 thousandths, the throw is shorter.
CLIFF_STARTS = [(x, y) for x in (2.2, 2.4, 2.5, 2.6, 2.7, 3.0) for y in (-1.5, 1.0, 1.5, 2.0)]


@claim("cliff")
def test_one_step_at_the_wall_throws_it_far_out() -> None:
    says("cliff", "slope 300", "η = 0.2", "step of 60", "below 1")
    assert answer("cliff") == "One step throws it far out"
    wall = config_of(BY_KEY["cliff"]).make_surface()
    _, g = gradient(wall, torch.tensor([[1.0, 0.0], [2.5, 1.5], [-60.0, 1.5]], dtype=torch.float64))
    assert g[0, 0].item() == pytest.approx(300, rel=0.01)
    assert (g[1:].norm(dim=1) < 1).all()
    x_min, x_max, _, _ = wall.bounds
    for trace in runs("cliff", CLIFF_STARTS):
        steps = lengths(trace, "sgd")
        assert steps.max() == pytest.approx(60, rel=0.01)
        assert np.sort(steps)[-2] < 0.2  # a single one
        assert trace.w[:, 0, 0].min() < x_min - 4 * (x_max - x_min)  # far out of the picture
        assert trace.distance[-1, 0] > 20  # and the way back is long


@claim("clipped")
def test_clipped_it_steps_over_the_wall_and_arrives() -> None:
    says("clipped", "τ = 2", "0.4")
    assert answer("clipped") == "It steps over the wall and arrives"
    cliff, clipped = (config_of(BY_KEY[key]) for key in ("cliff", "clipped"))
    assert dataclasses.replace(cliff, clip=2.0) == clipped  # one thing changed
    for trace in runs("clipped", CLIFF_STARTS):
        assert lengths(trace, "sgd").max() <= 0.4
        assert lengths(trace, "sgd").max() > 0.399
        assert trace.w[0, 0, 0] > 1.2
        assert trace.distance[-1, 0] < 1e-6
        long = trace.norm[:, 0] > 2
        assert 1 <= long.sum() <= 3
        values = substitutions(clipped, trace, "sgd")
        raw, cut = values["raw"][long], values["grad"][long]
        np.testing.assert_allclose(raw[:, 0] * cut[:, 1], raw[:, 1] * cut[:, 0], rtol=1e-9)  # the direction is kept
        assert np.linalg.norm(raw, axis=1).max() > 20


@claim("batches")
def test_for_the_same_samples_the_smallest_batch_gets_nearest_for_every_seed() -> None:
    says("batches", "442 patients", "884 samples", "884 updates", "makes 27", "gradient 2")
    assert config_of(BY_KEY["batches"]).make_surface().num_samples == 442
    for seed in SEEDS:
        result = batch_race(config_of(BY_KEY["batches"], seed=seed))
        assert result.sizes == (1, 32, 0)
        assert result.samples[-1] == 884
        assert result.updates[-1].tolist() == [884, 27, 2]
        one, some, everything = result.distance[-1]
        assert answer("batches") == "1"
        assert one < 0.8 * some < 0.5 * everything, f"seed {seed}: {one:.3f}, {some:.3f}, {everything:.3f}"


@claim("batches")
def test_a_batch_of_one_trembles_and_all_samples_do_not() -> None:
    for seed in SEEDS:
        result = batch_race(config_of(BY_KEY["batches"], seed=seed))
        down = np.diff(result.distance, axis=0) < 0
        assert (np.diff(result.distance[:, 2]) <= 0).all()
        assert 0.3 < down[-100:, 0].mean() < 0.7  # around the minimum it is nearer as often as farther
        assert result.distance[-100:, 0].max() > 2 * result.distance[-100:, 0].min()


@claim("decay")
def test_with_decay_it_ends_hundreds_of_times_farther() -> None:
    says("decay", "0.05/(1 + 0.1 t)", "0.004")
    assert answer("decay") == "Hundreds of times farther"
    constant = run("decay", schedule="constant")
    assert f"{constant.distance[-1, 0]:.3f}" == "0.004"
    starts = [*BOWL_STARTS, (-5, 2)]
    for x0, y0 in starts:
        slow = run("decay", x0=float(x0), y0=float(y0))
        steady = run("decay", x0=float(x0), y0=float(y0), schedule="constant")
        assert 200 < slow.distance[-1, 0] / steady.distance[-1, 0] < 1000
        assert slow.norm[-1, 0] > 0.2 * slow.norm[20, 0]  # the slope is not zero, but the curve is flat
        assert slow.loss[-1, 0] > 0.8 * slow.loss[-30, 0]
    rates = run("decay").lr[:, 0]
    np.testing.assert_allclose(rates, 0.05 / (1 + 0.1 * np.arange(len(rates))))


@claim("decay")
def test_the_sum_of_the_decayed_rates_grows_like_a_logarithm() -> None:
    sums = np.cumsum(run("decay", num_steps=1000).lr[:, 0])
    for t in (100, 200, 400, 800):
        assert sums[t] == pytest.approx(0.5 * np.log(1 + 0.1 * t), abs=0.06)  # 0.05/0.1 · ln(1 + κt)


@claim("two-forms")
def test_when_the_rate_falls_the_lectures_form_coasts_on() -> None:
    says("two-forms", "step 20", "a tenth")
    assert answer("two-forms") == "The lecture's form"
    for trace in runs("two-forms", BOWL_STARTS):
        torchs, lectures = (column(trace, name, trace.w) for name in ("momentum", "momentum-lecture"))
        np.testing.assert_allclose(torchs[:21], lectures[:21], atol=1e-12)  # until then the paths are one
        assert trace.lr[20, 0] == pytest.approx(trace.lr[19, 0] / 10)
        before, after = lengths(trace, "momentum")[19:21]
        assert after < 0.2 * before  # brakes at once
        assert lengths(trace, "momentum-lecture")[20] > 0.7 * before
        coasted = {name: lengths(trace, name)[20:].sum() for name in trace.optimizers}
        assert coasted["momentum-lecture"] > 2 * coasted["momentum"]


FAIR_STARTS = [(-1.2, 1), (-1.1, 1), (-1.3, 1), (-1.2, 1.1), (-1.2, 0.9), (-1, 1), (-1.4, 1), (-1.2, 1.2), (-1.2, 0.8)]


@cache
def fair(x0: float, y0: float) -> tuple[RaceConfig, Sweep, RaceTrace]:
    """The scene from this start: its settings, its sweep, and the race at the sweep's best rates."""
    config = config_of(BY_KEY["fair"], x0=float(x0), y0=float(y0))
    result = sweep(config)
    own = tuple((f"{name}.lr", rate) for name, rate in result.best.items())
    return config, result, race(dataclasses.replace(config, rates="own", hyper=own))


@claim("fair")
def test_each_at_its_own_best_rate_sgd_ends_over_ten_times_higher_than_the_other_two() -> None:
    says("fair", "300 gradients", "over 10 times lower")
    assert answer("fair") == "SGD far behind the other two"
    for start in FAIR_STARTS:
        _, _, trace = fair(*start)
        sgd, momentum, adam = (column(trace, name, trace.loss)[-1] for name in ("sgd", "momentum", "adam"))
        assert sgd > 10 * max(momentum, adam), (start, sgd, momentum, adam)
        assert order(trace)[-1] == "SGD"


@claim("fair")
def test_who_of_the_two_wins_changes_with_the_start() -> None:
    says("fair", "who of the two wins changes with the start")
    winners = [order(fair(*start)[2])[0] for start in FAIR_STARTS]
    assert min(winners.count("Momentum"), winners.count("Adam")) >= 2


@claim("fair")
def test_sgds_best_rate_is_below_two_over_the_curvature_of_the_walls() -> None:
    for start in FAIR_STARTS:
        config, result, trace = fair(*start)
        limit = np.asarray(highest_rate(sharpness(config.make_surface(), column(trace, "sgd", trace.w)[-100:])))
        assert 0.2 * limit.max() < result.best["sgd"] < 2 * limit.max()
        assert result.final_loss[0, result.lrs > 4 * limit.max()].min() > result.final_loss[0].min() * 5


@claim("fair")
def test_in_the_fair_race_everyone_has_the_same_budget_and_its_own_rate() -> None:
    _, result, own = fair(-1.2, 1)
    trace = run("fair")
    assert trace.samples[-1] == 300
    assert trace.lr[0].tolist() == [result.best[name] for name in trace.optimizers]
    np.testing.assert_array_equal(trace.w, own.w)
    assert not trace.diverged


@claim("fair")
def test_adam_needs_the_least_tuning() -> None:
    # Widths, in rates of the sweep that lower the loss a hundredfold and more; each of 33 a factor of 1.43.
    for start in FAIR_STARTS:
        config, result, trace = fair(*start)
        good = dict(zip(config.optimizers, (result.final_loss < trace.loss[0, 0] / 100).sum(axis=1), strict=True))
        assert good["adam"] >= 1.3 * max(good[name] for name in good if name != "adam"), (start, good)
