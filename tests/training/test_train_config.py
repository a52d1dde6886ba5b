"""The settings of a run: what is refused, and which runs are of one shape."""

import dataclasses

import pytest
import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.planes import PlaneConfig
from dlcore.training import TrainConfig, train
from dlcore.training.config import check_alike
from tests.training.torch_loop import network


@pytest.mark.parametrize(
    ("settings", "sentence"),
    [
        ({"data": "moons"}, "data is 'moons'"),
        ({"hidden": (8,) * 9}, "hidden has 9 layers: it must have at most 8"),
        ({"hidden": (8, 0)}, "hidden is 0: it must be a whole number from 1 to 512"),
        ({"activation": "swish"}, "activation is 'swish': it must be one of tanh, relu, sigmoid, linear"),
        ({"dropout": 1.0}, "dropout is 1.0"),
        ({"optimizer": "lion"}, "optimizer is 'lion': it must be one of sgd, momentum, adam, adamw"),
        ({"lr": 0.0}, "lr is 0.0"),
        ({"batch_size": -1}, "batch_size is -1"),
        ({"batch_size": 1, "batch_norm": True}, "batch_size is 1: batch norm needs at least 2"),
        ({"num_steps": 0}, "num_steps is 0"),
        ({"l1": -1.0}, "l1 is -1.0"),
        ({"l2": float("nan")}, "l2 is nan"),
        ({"input_noise": 11.0}, "input_noise is 11.0"),
        ({"label_smoothing": 1.0}, "label_smoothing is 1.0"),
        ({"seed": 2**31}, "seed is 2147483648"),
        ({"device": "abacus"}, "device is 'abacus'"),
        ({"device": "meta"}, "device is 'meta'"),
    ],
)
def test_what_cannot_be_is_refused_in_one_sentence(settings: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence) as refused:
        TrainConfig(**settings)
    assert str(refused.value).endswith(".")


def test_equal_settings_are_one_key() -> None:
    assert len({TrainConfig(), TrainConfig(), TrainConfig(seed=1)}) == 2


@pytest.mark.parametrize(
    "changes",
    [
        {"hidden": (8, 9)},
        {"activation": "relu"},
        {"batch_norm": True},
        {"optimizer": "sgd"},
        {"batch_size": 10},
        {"num_steps": 7},
        {"data": PlaneConfig(num_train=81)},
        {"data": PlaneConfig(name="blobs", num_classes=3)},
        {"data": DigitsConfig()},
    ],
    ids=str,
)
def test_runs_of_another_shape_are_refused(changes: dict) -> None:
    with pytest.raises(ValueError, match=r"in one run and .* in another: it must be the same"):
        next(train([TrainConfig(), dataclasses.replace(TrainConfig(), **changes)]))


def test_no_run_is_refused() -> None:
    with pytest.raises(ValueError, match="configs is empty"):
        next(train([]))


@pytest.mark.parametrize("device", ["cuda:99", "cuda:first"])
def test_a_device_that_this_machine_does_not_have_is_refused(device: str) -> None:
    with pytest.raises(ValueError, match=f"device is '{device}': this machine has no such device"):
        next(train([TrainConfig(device=device)]))


def test_a_batch_of_all_is_all_however_it_is_said() -> None:
    check_alike([TrainConfig(batch_size=size) for size in (0, 80, 500)])


@pytest.mark.parametrize("batch_norm", [False, True])
@pytest.mark.parametrize("data", [PlaneConfig(), DigitsConfig()], ids=["moons", "digits"])
def test_a_row_of_parameters_is_torchs_vector(data: PlaneConfig | DigitsConfig, batch_norm: bool) -> None:
    config = TrainConfig(data=data, hidden=(20, 30), batch_norm=batch_norm)
    model, architecture = network(config), config.architecture
    expected = parameters_to_vector(model.parameters())
    assert architecture.num_params == len(expected)
    weights = [p.flatten() for p in model.parameters() if p.dim() == 2]
    for span, weight in zip(architecture.weight_spans(), weights, strict=True):
        assert torch.equal(expected[span], weight)
    assert architecture.is_weight().sum() == sum(map(len, weights))


def test_first_weights_are_spread_as_torchs() -> None:
    config = TrainConfig(data=DigitsConfig(), hidden=(200, 300), batch_norm=True)
    model = network(config)
    torchs_own = [layer.weight.detach().clone() for layer in model if isinstance(layer, nn.Linear)]
    vector_to_parameters(config.architecture.draw(torch.Generator().manual_seed(0)).double(), model.parameters())
    ours = [layer for layer in model if isinstance(layer, nn.Linear)]
    for layer, theirs in zip(ours, torchs_own, strict=True):
        bound = layer.in_features**-0.5
        for weight in (layer.weight, theirs):
            assert 0.95 * bound < weight.abs().max() <= bound * (1 + 1e-6)
            assert weight.std().item() == pytest.approx(bound / 3**0.5, rel=0.05)
        assert 0.3 * bound < layer.bias.abs().max() <= bound * (1 + 1e-6)
    for norm in (module for module in model if isinstance(module, nn.BatchNorm1d)):
        assert (norm.weight == 1).all()
        assert (norm.bias == 0).all()
