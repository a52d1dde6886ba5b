"""Cheap outer products are outer products: held against sketches and tensors that are written out in full."""

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor

from dlcore.device import generator
from dlcore.topics.vqa.fusions import FUSIONS, JOINING, Compact, Mutan, convolved, sketch

SIZE = 20


def vectors(seed: int, size: int = SIZE, batch: int = 7) -> tuple[Tensor, Tensor]:
    v, q = torch.randn(2, batch, size, generator=generator(seed), dtype=torch.float64).tanh()
    return v, q


@given(seed=st.integers(0, 10_000), size=st.integers(1, 30), places=st.integers(2, 50))
def test_the_convolved_sketches_are_the_sketch_of_the_outer_product(seed: int, size: int, places: int) -> None:
    v, q = vectors(seed, size, batch=3)
    mcb = Compact(size, places, seed=seed).double()
    (h, k), (s, t) = mcb.places.tolist(), mcb.signs.tolist()
    wanted = np.zeros((3, places))
    for i in range(size):
        for j in range(size):
            wanted[:, (h[i] + k[j]) % places] += s[i] * t[j] * (v[:, i] * q[:, j]).numpy()
    assert np.allclose(convolved(*mcb.sketches(v, q)).numpy(), wanted, atol=1e-10)


def test_a_sketch_keeps_inner_products_on_average() -> None:
    """Over many draws of places and signs the inner product of two sketches has the mean x · y (Charikar et al.)."""
    chances, (x, y) = generator(0), torch.randn(2, 1, 12, generator=generator(1), dtype=torch.float64)
    found = []
    for _ in range(2000):
        places = torch.randint(40, (12,), generator=chances)
        signs = 2.0 * torch.randint(2, (12,), generator=chances).double() - 1
        found.append(float((sketch(x, places, signs, 40) * sketch(y, places, signs, 40)).sum()))
    assert np.mean(found) == pytest.approx(float((x * y).sum()), abs=4 * np.std(found) / len(found) ** 0.5)


def test_the_same_places_and_signs_are_drawn_every_time() -> None:
    one, two = Compact(SIZE), Compact(SIZE)
    assert torch.equal(one.places, two.places)
    assert torch.equal(one.signs, two.signs)
    assert set(one.signs.unique().tolist()) == {-1, 1}


@given(seed=st.integers(0, 10_000), size=st.integers(1, 12), slices=st.integers(1, 9), rank=st.integers(1, 4))
def test_mutan_is_the_contraction_with_its_whole_core(seed: int, size: int, slices: int, rank: int) -> None:
    v, q = vectors(seed, size, batch=3)
    mutan = Mutan(size, slices, rank).double()
    core = mutan.core()
    assert core.shape == (size, size, slices)
    assert torch.allclose(mutan(v, q), torch.einsum("ijk,bi,bj->bk", core, v, q), atol=1e-10)


def test_every_slice_of_mutans_core_has_the_low_rank() -> None:
    core = Mutan(SIZE, num_slices=6, rank=3).core()
    assert [int(torch.linalg.matrix_rank(core[..., k], rtol=1e-5)) for k in range(6)] == [3] * 6


@pytest.mark.parametrize("key", JOINING)
def test_a_fused_row_depends_on_its_own_picture_and_question_alone(key: str) -> None:
    v, q = vectors(0)
    fusion = FUSIONS[key].make(SIZE).double()
    together = fusion(v, q)
    assert together.shape == (7, fusion.size)
    apart = torch.cat([fusion(v[[i]], q[[i]]) for i in range(7)])
    assert torch.allclose(together, apart, atol=1e-12)


@pytest.mark.parametrize(("key", "mixes"), [("add", False), ("concatenate", False), ("product", True), ("mutan", True)])
def test_sums_treat_the_picture_alike_whatever_is_asked_and_products_do_not(key: str, mixes: bool) -> None:
    v, q = vectors(1)
    fusion = FUSIONS[key].make(SIZE).double()
    other = v.roll(1, 0)
    by_question = [(fusion(v, asked) - fusion(other, asked)).detach() for asked in (q, -q)]
    assert torch.allclose(*by_question, atol=1e-12) is not mixes


def test_the_compact_product_turns_its_sign_with_the_question() -> None:
    v, q = vectors(2)
    fusion = Compact(SIZE).double()
    assert torch.allclose(fusion(v, -q), -fusion(v, q), atol=1e-9)


@pytest.mark.parametrize("seed", range(3))
def test_the_compact_product_has_finite_slopes_where_a_sketch_is_empty(seed: int) -> None:
    """Most of its 512 places are empty here, and a square root has no slope at 0."""
    v, q = vectors(seed, size=2, batch=1)
    v.requires_grad_()
    (grad,) = torch.autograd.grad(Compact(2).double()(v, q).sum(), v)
    assert grad.isfinite().all()


def test_blind_and_deaf_pass_on_one_of_the_two() -> None:
    v, q = vectors(3)
    assert torch.equal(FUSIONS["blind"].make(SIZE)(v[:, :0], q), q)
    assert torch.equal(FUSIONS["deaf"].make(SIZE)(v, q[:, :0]), v)
    assert [key for key in FUSIONS if key not in JOINING] == ["blind", "deaf"]
