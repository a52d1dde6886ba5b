"""The real points: how many there are, what is known of them, and the program that loads them."""

import pytest
import torch

from dlcore.datasets.points import POINT_SETS, breast_cancer, diabetes, iris

every_set = pytest.mark.parametrize("load", POINT_SETS.values(), ids=POINT_SETS)


@every_set
def test_inputs_are_standardised_columns_of_float64(load) -> None:
    points = load()
    inputs = points.inputs.reshape(len(points), -1)
    assert inputs.dtype == points.targets.dtype == torch.float64
    assert inputs.shape[1] == len(points.input_names)
    assert inputs.mean(dim=0).tolist() == pytest.approx([0] * inputs.shape[1], abs=1e-12)
    assert inputs.square().mean(dim=0).tolist() == pytest.approx([1] * inputs.shape[1])


@every_set
def test_the_setup_shown_loads_the_same_numbers(load) -> None:
    points = load()
    namespace: dict = {}
    exec(points.setup, namespace)
    assert torch.equal(namespace["inputs"], points.inputs)
    assert torch.equal(namespace["targets"], points.targets)


@every_set
def test_a_set_is_loaded_once(load) -> None:
    assert load() is load()


def test_diabetes_is_442_patients_whose_body_mass_index_and_progress_correlate_by_0586() -> None:
    points = diabetes()
    assert len(points) == 442
    assert points.targets.mean().item() == pytest.approx(0, abs=1e-12)
    assert points.targets.square().mean().item() == pytest.approx(1)
    assert (points.inputs * points.targets).mean().item() == pytest.approx(0.58645, abs=1e-5)


def test_breast_cancer_is_569_tumours_of_which_212_are_malignant_and_larger() -> None:
    points = breast_cancer()
    assert len(points) == 569
    assert points.targets.unique(return_counts=True)[1].tolist() == [357, 212]
    assert points.targets.unique().tolist() == [-1, 1]
    malignant = points.targets == 1
    assert points.inputs[malignant, 0].mean() > points.inputs[~malignant, 0].mean() + 1


def test_iris_is_ten_flowers_of_each_of_two_species_and_virginica_has_the_larger_petals() -> None:
    points = iris()
    assert len(points) == 20
    assert points.targets.unique(return_counts=True)[1].tolist() == [10, 10]
    assert points.targets.unique().tolist() == [0, 1]
    virginica = points.targets == 1
    assert (points.inputs[virginica].mean(dim=0) > points.inputs[~virginica].mean(dim=0) + 1).all()
