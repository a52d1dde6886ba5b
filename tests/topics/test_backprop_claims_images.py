"""What the scenes on max-pooling and shared weights say happens, whatever the image, the kernel and the weights."""

from collections.abc import Iterator

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlcore.topics.chain_rule import explain
from dlcore.topics.networks import build
from dlcore.topics.walk import Walk
from tests.topics.backprop_claims import (
    SEEDS,
    answer,
    claim,
    config_of,
    gradients,
    says,
    shares,
    values,
    varied,
    walked,
)

WINDOWS = [[f"c{i + k}{j + m}" for k in (0, 1) for m in (0, 1)] for i in (1, 3) for j in (1, 3)]
CELLS = [cell for window in WINDOWS for cell in window]
POOLED = ("h11", "h12", "h21", "h22")


def images(key: str) -> Iterator[Walk]:
    """The scene's walk for twenty random images, targets and parameters; no two cells of a map are equal."""
    net = build(config_of(key))
    for seed in SEEDS:
        pixels = np.random.default_rng(1000 + seed).uniform(0, 1, 26).tolist()
        names = [f"x{i}{j}" for i in range(1, 6) for j in range(1, 6)]
        walk = walked(key, varied(net, seed, -1, 1, **dict(zip([*names, "y"], pixels, strict=True))))
        assert len({values(walk)[cell] for cell in CELLS}) == 16
        yield walk


@claim("max-pool")
def test_of_sixteen_cells_four_get_a_gradient_one_in_each_window() -> None:
    says("max-pool", "4 of the map's 16 cells", "every 2×2 window one gradient", "three zeros")
    assert answer("max-pool") == "4, the maxima"
    for walk in (walked("max-pool"), *images("max-pool")):
        found, numbers = gradients(walk), values(walk)
        assert sum(found[cell] != 0 for cell in CELLS) == 4
        for window, pooled in zip(WINDOWS, POOLED, strict=True):
            winner = max(window, key=numbers.__getitem__)
            assert found[winner] == found[pooled] != 0  # the maximum's derivative is 1
            assert {found[cell] for cell in window if cell != winner} == {0}


@claim("max-pool")
def test_to_move_a_cell_that_is_not_the_maximum_changes_nothing() -> None:
    for walk in images("max-pool"):
        graph, numbers = walk.net.graph, values(walk)
        for window in WINDOWS:
            first, second = sorted((numbers[cell] for cell in window), reverse=True)[:2]
            for cell in window:
                little = 0.4 * (first - second)
                moved = graph.forward(walk.passes[0].done.leaves, {graph.index[cell]: little})[-1]
                assert (moved == numbers["E"]) == (numbers[cell] != first)


@claim("shared")
def test_a_shared_weights_gradient_is_the_sum_over_its_places() -> None:
    says("shared", "used at 16 places", "they add", "The other 12 are 0")
    assert answer("shared") == "the sum over the places"
    for walk in (walked("shared"), *images("shared")):
        found, numbers = gradients(walk), values(walk)
        places = [found[f"c{i}{j}"] * numbers[f"x{i}{j}"] for i in range(1, 5) for j in range(1, 5)]
        assert sorted(shares(walk, "k11")) == pytest.approx(sorted(places), abs=1e-15)
        assert found["k11"] == pytest.approx(sum(places), abs=1e-15)
        assert sum(share == 0 for share in places) == 12
        # Neither of the wrong answers.
        assert found["k11"] != pytest.approx(np.mean(places), rel=0.01)
        assert found["k11"] != pytest.approx(max(places, key=abs), rel=0.01)


@claim("shared")
def test_it_is_the_gradient_of_torchs_convolution() -> None:
    for walk in images("shared"):
        numbers, found = values(walk), gradients(walk)

        def tensor(names: list[str], numbers: dict = numbers) -> torch.Tensor:
            return torch.tensor([numbers[name] for name in names], dtype=torch.float64)

        image = tensor([f"x{i}{j}" for i in range(1, 6) for j in range(1, 6)]).view(1, 1, 5, 5)
        kernel = tensor(["k11", "k12", "k21", "k22"]).view(1, 1, 2, 2).requires_grad_()
        pooled = F.max_pool2d(F.conv2d(image, kernel, tensor(["b"])), 2)
        output = pooled.flatten() @ tensor(["w1", "w2", "w3", "w4"]) + numbers["d"]
        (0.5 * (output - numbers["y"]) ** 2).backward()
        assert kernel.grad is not None
        assert kernel.grad.flatten().tolist() == pytest.approx([found[f"k{i}"] for i in (11, 12, 21, 22)], rel=1e-9)


@claim("shared")
def test_the_shares_are_those_that_are_quoted_and_the_sum_changes_at_four_cells() -> None:
    says("shared", "−0.095 − 0.02 + 0.008 − 0.143 = −0.25", "“so far” changes at four of the map's cells")
    walk = walked("shared")
    assert [round(share, 3) for share in shares(walk, "k11") if share] == [-0.095, -0.02, 0.008, -0.143]
    assert f"{gradients(walk)['k11']:.2f}" == "-0.25"
    lines = [line.html for line in explain(walk)["k11"].lines if line.end <= walk.phases.index("step")]
    totals = [line.split("so far ")[1].split(",")[0] for line in lines if "so far" in line]
    assert len(totals) == 15
    assert sum(before != after for before, after in zip(["0", *totals], totals, strict=False)) == 3
    assert shares(walk, "k11")[-1] != 0  # and at the last cell it is complete
