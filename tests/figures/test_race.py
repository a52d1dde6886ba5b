"""Each view's stage holds the race's own numbers, and every view of it goes to the player in one piece."""

import dataclasses
import string
import warnings
from typing import Any

import numpy as np
import pytest

from dlcore.figures import race as stages
from dlcore.figures.landscape import Landscape, optimizer_style
from dlcore.figures.stage import Equations, Plot, Stage, Track, pack
from dlcore.topics import stability
from dlcore.topics.arrows import LAYERS
from dlcore.topics.basins import snapshots
from dlcore.topics.batches import batch_race
from dlcore.topics.descent import RaceConfig, race
from dlcore.topics.landscape import height_map
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.topics.rates import lowest_loss, sweep
from tests.figures.plotted import plotted

OPENING = RaceConfig()
EVERYONE = dataclasses.replace(OPENING, optimizers=tuple(OPTIMIZERS), num_steps=60)


def land_of(config: RaceConfig) -> Landscape:
    surface = config.make_surface()
    x, y, z = height_map(surface)
    floor = min(lowest_loss(surface), float(z[np.isfinite(z)].min()))
    return Landscape(
        name=surface.name,
        x=x,
        y=y,
        z=z,
        floor=floor,
        log=surface.log_colour,
        minima=surface.minima,
        axis_names=surface.axis_names,
    )


def stage_of(config: RaceConfig, layers: tuple[str, ...] = (), against: str = "step") -> Stage:
    trace = race(config)
    sharpness = stability.sharpness(config.make_surface(), trace.w)
    return stages.race_stage(config, trace, land_of(config), sharpness, layers, against)


def data_of(track: Track) -> Any:
    """What moves a trace: arrays, or in maps what is pending."""
    return track.data


def plot(stage: Stage, key: str) -> Plot:
    (found,) = [view for view in stage.views if view.key == key]
    assert isinstance(found, Plot)
    return found


def test_every_optimizer_has_the_same_look_in_every_view() -> None:
    stage = stage_of(EVERYONE)
    for k, name in enumerate(EVERYONE.optimizers):
        style = optimizer_style(name)
        assert (stage.readouts[k].colour, stage.readouts[k].dash) == (style.colour, style.dash)
        for key in ("contour", "curves", "sharpness"):
            lines = [t.line for t in plotted(plot(stage, key)).data if t.type == "scatter" and "lines" in t.mode]
            assert (lines[k].color, lines[k].dash) == (style.colour, style.dash), key
        (table,) = [view for view in stage.views if isinstance(view, Equations)]
        assert table.rows[k][1] == style.colour


def test_the_views_of_a_race_stand_on_one_axis_of_frames() -> None:
    stage = stage_of(EVERYONE, layers=tuple(LAYERS))
    assert [view.key for view in stage.views] == ["contour", "curves", "surface", "equations", "sharpness"]
    assert stage.num_frames == 61
    for view in stage.views:
        if isinstance(view, Plot):
            assert {len(values) for track in view.tracks for values in data_of(track).values()} == {61}, view.key
        else:
            assert isinstance(view, Equations)
            assert {len(values) for row in view.values for values in row.values()} == {61}
    assert {len(line.values) for line in stage.readouts if isinstance(line.values, np.ndarray)} == {61}


def test_every_name_in_an_equation_has_its_numbers() -> None:
    config = dataclasses.replace(EVERYONE, weight_decay=0.1, clip=1.0)
    (table,) = [view for view in stage_of(config).views if isinstance(view, Equations)]
    for (_, _, templates), values in zip(table.rows, table.values, strict=True):
        names = {name for template in templates for _, name, _, _ in string.Formatter().parse(template) if name}
        assert names <= set(values)
        assert len(names) > 4


@pytest.mark.parametrize(("against", "title", "last"), [("step", "step", 20), ("samples", "samples seen", 20 * 32)])
def test_curves_stand_against_steps_or_samples(against: str, title: str, last: int) -> None:
    config = dataclasses.replace(OPENING, surface="least-squares", batch_size=32, num_steps=20, lr=0.01)
    curves = plot(stage_of(config, against=against), "curves")
    assert plotted(curves).layout.xaxis.title.text == title
    shown = data_of(curves.tracks[0])["x"]
    assert isinstance(shown, np.ndarray)
    assert shown[0] == 0
    # 13 batches of 32 and one of 26 make a pass over 442.
    assert shown[-1] == (last if against == "step" else last - 6)


@pytest.mark.parametrize("against", ["step", "samples"])
def test_the_legend_and_the_note_name_what_left_first_and_when(against: str) -> None:
    config = dataclasses.replace(OPENING, optimizers=("adam", "sgd"), lr=0.11)
    trace = race(config)
    step, what = trace.diverged["sgd"]
    stage = stage_of(config, against=against)
    assert what == "w"
    assert stage.note == f"SGD diverged at step {step}: its w passed 10⁸ in size first. The last finite point stays."
    assert stage.note_from == step
    assert [line.note for line in stage.readouts] == ["", f"diverged at step {step}"]
    path = data_of(plot(stage, "contour").tracks[2])["x"]
    assert isinstance(path, np.ndarray)
    assert np.isfinite(path[:step]).all()
    assert np.isnan(path[step:]).all()
    assert stage_of(OPENING).note == ""


STEEP = [
    RaceConfig(surface="beale", x0=1000, y0=1000, lr=10, num_steps=50),
    RaceConfig(surface="rosenbrock", x0=1000, y0=-1000, lr=10, num_steps=50),
    RaceConfig(surface="camel", x0=-1000, y0=1000, lr=10, num_steps=50),
    RaceConfig(surface="himmelblau", x0=1000, y0=1000, lr=1e-4, num_steps=50),
    RaceConfig(surface="formula", formula="exp(x) + x**8 * y**8", x0=500, y0=500, lr=1e-3, num_steps=50),
    RaceConfig(surface="formula", formula="log(x) + sqrt(y)", x0=-5, y0=-5, num_steps=50),
    RaceConfig(surface="cliff", x0=1.0, y0=0.0, lr=10, num_steps=50),
]


@pytest.mark.parametrize("config", STEEP, ids=lambda config: config.surface)
def test_the_wildest_races_can_be_packed(config: RaceConfig) -> None:
    config = dataclasses.replace(config, optimizers=tuple(OPTIMIZERS))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert len(pack(stage_of(config, layers=tuple(LAYERS)))) > 10_000


@pytest.mark.parametrize("layer", LAYERS)
@pytest.mark.parametrize(
    "change", [{"lr": 0.3}, {"schedule": "cosine"}, {"schedule": "step", "decay": 0.0, "period": 5}]
)
def test_arrows_of_who_diverged_or_stands_still_can_be_drawn(change: dict, layer: str) -> None:
    config = dataclasses.replace(EVERYONE, num_steps=100, **change)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        pack(stage_of(config, layers=(layer,)))


def test_batches_stand_side_by_side_at_equal_samples() -> None:
    config = RaceConfig(surface="least-squares", x0=-1.5, y0=1.5, optimizers=("sgd", "adam"), lr=0.05)
    run = batch_race(config)
    stage = stages.batch_stage(config, run, land_of(config))
    assert [line.label for line in stage.readouts] == ["batch 1", "batch 32", "batch all"]
    assert stage.unit == "samples"
    assert stage.steps is not None
    assert stage.steps[-1] == 884
    assert stage.num_frames == len(run.samples)
    assert stage.note == (
        "SGD, the same number of samples for each. "
        "Updates made in the end: 884 with batch 1, 27 with batch 32, 2 with batch all."
    )
    np.testing.assert_array_equal(data_of(plot(stage, "contour").tracks[0])["x"], run.w[:, 0, 0])
    assert len({line.colour for line in stage.readouts}) == len({line.dash for line in stage.readouts}) == 3


def test_the_view_of_rates_names_the_best_of_each() -> None:
    config = dataclasses.replace(OPENING, num_steps=50)
    found = sweep(config)
    stage = stages.rates_stage(config, found, dict.fromkeys(config.optimizers, 0.05))
    for line, name in zip(stage.readouts, config.optimizers, strict=True):
        assert line.label == OPTIMIZERS[name].title
        edge = " (the edge of the sweep)" if found.best[name] in (1e-4, 10) else ""
        assert line.note.startswith(f"best η {found.best[name]:.3g}{edge}, ends at ")
    assert "50 steps" in stage.note
    assert "33 rates" in stage.note


def test_the_maps_settings_are_the_races() -> None:
    config = RaceConfig(
        surface="himmelblau",
        optimizers=("adam", "momentum"),
        num_steps=700,
        clip=3.0,
        rates="own",
        hyper=(("adam.beta1", 0.5), ("adam.lr", 0.2), ("momentum.mu", 0.8)),
    )
    used = {"adam": 0.2, "momentum": 0.05}
    adam, momentum = stages.basin_configs(config, used)
    assert (adam.surface, adam.optimizer, adam.lr, adam.clip) == ("himmelblau", "adam", 0.2, 3.0)
    assert dict(adam.hyper) == {"adam.beta1": 0.5}
    assert dict(momentum.hyper) == {"momentum.mu": 0.8}
    assert adam.num_steps == momentum.num_steps == 300  # what a server can give
    stage = stages.basins_stage(config, land_of(config), used)
    assert stage.steps is not None
    assert stage.steps.tolist() == snapshots(300)
    assert stage.num_frames == len(stage.steps)
    assert [note.text for note in plotted(plot(stage, "basins")).layout.annotations] == [
        "Adam, η = 0.2",
        "Momentum, η = 0.05",
    ]


@pytest.mark.parametrize("surface", ["quadratic", "himmelblau", "logistic"])
def test_a_map_has_as_many_starts_as_it_says(surface: str) -> None:
    config = RaceConfig(surface=surface, optimizers=("sgd",), x0=0.5, y0=0.5)
    (entry,) = stages.basin_configs(config, {"sgd": 0.05})
    size = entry.size
    stage = stages.basins_stage(config, land_of(config), {"sgd": 0.05})
    (track,) = plot(stage, "basins").tracks
    assert data_of(track)["z"].shape == (stage.num_frames, size, size)
    assert f"{size * size:,} starts" in stage.note
    assert size >= (100 if surface != "logistic" else 30)


def test_the_view_of_stability_compares_measurement_and_theory() -> None:
    config = dataclasses.replace(OPENING, lr=0.09, num_steps=300)
    trace = race(config)
    eigenvalues = stability.curvatures(config.make_surface())
    assert eigenvalues == (1, 20)
    stage = stages.stability_stage(config, trace, eigenvalues, stability.plane(eigenvalues, 20), 0.09, 0.9)
    assert [line.label for line in stage.readouts] == ["SGD", "Momentum"]
    assert stage.readouts[0].note == "measured 0.9100, theory 0.9100 per step"  # |1 − 0.09 · 1|
    assert "theory 0.9487" in stage.readouts[1].note  # √0.9
    assert "2/λmax = 0.1" in stage.note
    here = plotted(plot(stage, "rate-map")).data[-1]
    assert (here.x[0], here.y[0]) == (0.09, 0.9)
