"""The maps: every byte is what torch.nn gives at that point, rounded."""

import dataclasses

import numpy as np
import pytest
import torch

from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.planes import PlaneConfig
from dlcore.training import Grid, TrainConfig, TrainFrame, input_maps, maps, train
from dlcore.training.grid import features_of
from tests.training.test_measures import model_of
from tests.training.torch_loop import Masked

GRID = Grid(reach=2.5, size=21)
CASES = {
    "tanh": TrainConfig(hidden=(5, 4), num_steps=20),
    "relu, batch norm": TrainConfig(hidden=(5, 4), activation="relu", batch_norm=True, batch_size=20, num_steps=20),
    "sigmoid, three classes": TrainConfig(
        data=PlaneConfig(name="spirals", num_classes=3), hidden=(6,), activation="sigmoid", num_steps=20
    ),
    "no hidden layer": TrainConfig(hidden=(), num_steps=20),
    "features": TrainConfig(data=PlaneConfig(features=("yy", "x", "sinx", "xy")), hidden=(5, 4), num_steps=20),
}


def trained(config: TrainConfig) -> tuple[TrainFrame, list[TrainConfig]]:
    configs = [config, dataclasses.replace(config, seed=1)]
    *_, last = train(configs, every=20)
    return last, configs


@pytest.mark.parametrize("config", CASES.values(), ids=CASES)
def test_every_byte_is_what_torch_gives_there(config: TrainConfig) -> None:
    frame, configs = trained(config)
    found = maps(frame, GRID, configs)
    axis = torch.from_numpy(GRID.axis()).float()
    y, x = torch.meshgrid(axis, axis, indexing="ij")
    written = {"x": x, "y": y, "yy": y**2, "sinx": torch.sin(x), "xy": x * y}
    for run, one in enumerate(configs):
        answers, values = [], torch.stack([written[name] for name in features_of(one)], dim=-1).flatten(0, 1)
        for module in model_of(frame, run, one):
            values = module(values).detach()
            if isinstance(module, Masked):
                answers.append(values)
        assert len(found.units) == len(answers)
        for layer, activations in enumerate(answers):
            bytes_, scale = found.units[layer][run], found.scales[layer][run]
            shown = (bytes_.astype(float) - 128) / 127 * scale[:, None, None]
            expected = activations.T.view(-1, 21, 21).numpy()
            np.testing.assert_allclose(shown, expected, atol=0.51 / 127 * scale.max())
            assert bytes_.min() >= 1
        chances = values.sigmoid() if values.shape[1] == 1 else values.softmax(dim=1)
        surface = found.surface[run].astype(float) / 255
        np.testing.assert_allclose(surface, chances.T.view(-1, 21, 21).numpy(), atol=0.51 / 255)


def test_a_cell_is_the_point_that_the_axis_says() -> None:
    config = TrainConfig(hidden=(), num_steps=1)
    params = np.array([[0.5, 0.0, 0.0]], dtype=np.float32)  # only x counts
    surface = maps(TrainFrame(0, params, np.empty((1, 2, 0), np.float32), {}), GRID, [config]).surface[0, 0]
    assert (surface == surface[0]).all()
    expected = np.round(255 / (1 + np.exp(-0.5 * GRID.axis())))
    np.testing.assert_allclose(surface[0].astype(float), expected, atol=1)


def test_a_bounded_activation_keeps_its_scale_and_another_has_its_own() -> None:
    frame, configs = trained(CASES["tanh"])
    assert all((scale == 1).all() for scale in maps(frame, GRID, configs).scales)
    frame, configs = trained(CASES["relu, batch norm"])
    found = maps(frame, GRID, configs)
    for unit, scale in zip(found.units, found.scales, strict=True):
        assert (scale > 0).all()
        assert set(unit.max(axis=(2, 3)).flatten().tolist()) <= {255, 128}  # 128 alone: a unit that is 0 everywhere


def test_maps_of_some_runs_are_those_of_all() -> None:
    frame, configs = trained(CASES["tanh"])
    one, both = maps(frame, GRID, configs, [1]), maps(frame, GRID, configs)
    np.testing.assert_array_equal(one.surface, both.surface[1:])
    np.testing.assert_array_equal(one.units[0], both.units[0][1:])


def test_runs_of_one_stack_may_be_given_different_features() -> None:
    frame, configs = trained(CASES["tanh"])
    lifted = dataclasses.replace(configs[1], data=PlaneConfig(features=("xx", "yy")))
    both = maps(frame, GRID, [configs[0], lifted])
    for run, one in enumerate([configs[0], lifted]):
        alone = TrainFrame(0, frame.params[run : run + 1], frame.running[run : run + 1], {})
        np.testing.assert_array_equal(both.surface[run], maps(alone, GRID, [one]).surface[0])
    assert (both.surface[1] == both.surface[1][:, ::-1, ::-1]).all()  # x² and y² do not know the side


def test_the_inputs_own_maps_are_the_features() -> None:
    x, xx, siny = input_maps(GRID, ("x", "xx", "siny")).astype(float)
    axis = GRID.axis()
    np.testing.assert_allclose(x, np.tile(128 + 127 * axis / 2.5, (21, 1)), atol=0.51)
    np.testing.assert_allclose(xx, np.tile(128 + 127 * axis**2 / 2.5**2, (21, 1)), atol=0.51)
    np.testing.assert_allclose(siny, np.tile(128 + 127 * np.sin(axis) / np.sin(axis).max(), (21, 1)).T, atol=0.51)


def test_dropout_is_for_training_only() -> None:
    frame, configs = trained(CASES["tanh"])
    dropping = [dataclasses.replace(config, dropout=0.5) for config in configs]
    np.testing.assert_array_equal(maps(frame, GRID, dropping).surface, maps(frame, GRID, configs).surface)


def test_digits_have_no_maps() -> None:
    config = TrainConfig(data=DigitsConfig(), num_steps=1)
    with pytest.raises(ValueError, match="64 features: only points of a plane"):
        maps(next(train([config])), GRID, [config])


def test_what_is_no_number_is_byte_0() -> None:
    """Finite weights of a run that is about to diverge, whose sums are not."""
    config = TrainConfig(hidden=(1,) * 6, activation="relu", num_steps=1)
    params = np.full((1, config.architecture.num_params), 1e8, dtype=np.float32)
    found = maps(TrainFrame(0, params, np.empty((1, 2, 0), np.float32), {}), GRID, [config])
    assert found.units[0].min() >= 1
    assert 0 in found.units[-1]


@pytest.mark.parametrize("settings", [{"reach": 0.0}, {"reach": 1.0, "size": 1}, {"reach": 1.0, "size": 1000}])
def test_a_grid_that_cannot_be_is_refused(settings: dict) -> None:
    with pytest.raises(ValueError, match="it must be"):
        Grid(**settings)


def test_the_axis_is_the_points_own() -> None:
    points = GRID.points().view(2, 21, 21)
    np.testing.assert_allclose(points[0, 3].numpy(), GRID.axis(), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(points[1, :, 3].numpy(), GRID.axis(), rtol=1e-6, atol=1e-6)
