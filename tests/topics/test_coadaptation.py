"""How alike units are, against NumPy; what removal does, on networks whose units are known to stand in for others."""

import numpy as np
import pytest
import torch

from dlcore.datasets.planes import PlaneConfig
from dlcore.datasets.splits import Samples
from dlcore.device import generator
from dlcore.topics.coadaptation import MOST_POINTS, SHARES, Removal, correlations, mean_correlation
from dlcore.topics.dropout_config import DropoutConfig
from dlcore.training import metrics, train
from dlcore.training.measures import samples_of
from dlcore.training.network import Architecture


def values_of(units: int, samples: int = 300, seed: int = 0) -> torch.Tensor:
    drawn = torch.randn(3, units, samples, generator=generator(seed))
    return torch.cumsum(drawn, dim=1)  # so that neighbours are alike


def test_correlations_are_numpys() -> None:
    values = values_of(6)
    for row, r in zip(values, correlations(values), strict=True):
        assert r.numpy() == pytest.approx(np.corrcoef(row.numpy()), abs=1e-5)


def test_the_mean_is_over_pairs_of_different_units() -> None:
    values = values_of(5, seed=4)
    r = np.abs(np.stack([np.corrcoef(row.numpy()) for row in values]))
    expected = r[:, *np.triu_indices(5, k=1)].mean(axis=1)
    assert mean_correlation(values).numpy() == pytest.approx(expected, abs=1e-5)


def test_a_silent_unit_is_left_out() -> None:
    values = values_of(5)
    values[:, 2] = 7.0
    alive = values[:, [0, 1, 3, 4]]
    assert (correlations(values)[:, 2] == 0).all()
    assert mean_correlation(values).tolist() == pytest.approx(mean_correlation(alive).tolist(), abs=1e-6)


def test_where_no_two_units_answer_the_mean_is_0() -> None:
    values = torch.zeros(2, 4, 50)
    values[:, 0] = torch.arange(50.0)
    assert mean_correlation(values).tolist() == [0.0, 0.0]


def test_copies_of_a_unit_and_its_negative_are_wholly_alike() -> None:
    unit = torch.randn(1, 1, 100, generator=generator(1))
    values = torch.cat([unit, 2 * unit + 3, -unit], dim=1)
    assert mean_correlation(values).tolist() == pytest.approx([1.0], abs=1e-5)


# Removal: networks that answer x > 0 with one hidden layer of ReLUs


def halves(width: int, copies: int) -> tuple[Architecture, torch.Tensor]:
    """relu(x) − relu(−x), each of the two held by so many of `width` units; the others are silent."""
    architecture = Architecture(widths=(2, width, 1), activation="relu", batch_norm=False)
    weight, out = torch.zeros(width, 2), torch.zeros(1, width)
    for k in range(copies):
        weight[2 * k, 0], weight[2 * k + 1, 0] = 1.0, -1.0
        out[0, 2 * k], out[0, 2 * k + 1] = 1.0, -1.0
    params = torch.cat([weight.flatten(), torch.zeros(width), out.flatten(), torch.full((1,), 1e-4)])
    return architecture, params[None]


def removal(architecture: Architecture, seed: int = 0) -> Removal:
    x = torch.randn(1, MOST_POINTS, 2, generator=generator(seed))
    return Removal(architecture, Samples(x, (x[..., 0] > 0).long()), generator(seed + 1))


def test_units_that_stand_in_for_one_another_can_be_removed() -> None:
    """One unit a side: each that goes takes its side's answers along; sixteen a side hardly miss one half."""
    frail, tough = halves(32, 1), halves(32, 16)
    left_frail = removal(frail[0]).accuracy(frail[1])[:, 0]
    left_tough = removal(tough[0]).accuracy(tough[1])[:, 0]
    assert left_frail[0] > 0.99
    assert left_tough[0] > 0.99
    half = SHARES.index(0.5)
    assert 0.6 < left_frail[half] < 0.9
    assert left_tough[half] > 0.99
    assert (left_frail[1:].diff() <= 0).all()  # nested: a larger share removes the same and more


def test_with_nothing_removed_accuracy_is_the_measured_one() -> None:
    runs = DropoutConfig(num_steps=30).runs(0.3)
    *_, last = train(runs, every=30)
    test = samples_of([run.data.make() for run in runs], "test")
    found = Removal(runs[0].architecture, test, generator(0)).accuracy(torch.from_numpy(last.params))
    small = [PlaneConfig(name="moons", num_test=MOST_POINTS, label_noise=0.12, seed=run.data.seed) for run in runs]
    same = [type(run)(**{**vars(run), "data": data}) for run, data in zip(runs, small, strict=True)]
    assert found[0].tolist() == pytest.approx(metrics([last], same, ["test"]).accuracy["test"][0].tolist())
