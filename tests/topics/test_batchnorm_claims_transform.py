"""What the scenes on the transform say happens, over twenty mini-batches each."""

import numpy as np
import pytest
import torch

from tests.topics.batchnorm_claims import answer, claim, says, walked, walks


@claim("transform")
def test_every_feature_lies_around_0_whatever_its_scale() -> None:
    assert answer("transform") == "both around 0"
    says("transform", "each adds up to 0, and its squares to 6")
    for found in walks("transform"):
        x, normal = found.given.x.mean(dim=0), found.forward.normal
        assert abs(x[3] - 100) < 2
        assert abs(x[0]) < 2
        np.testing.assert_allclose(normal.sum(dim=0), 0, atol=1e-9)
        np.testing.assert_allclose(normal.square().sum(dim=0), 6, rtol=1e-3)


@claim("identity")
def test_gamma_and_beta_can_undo_the_normalisation() -> None:
    assert answer("identity") == "x again"
    found = walked("identity")
    np.testing.assert_allclose(found.forward.y, found.given.x, atol=1e-4)
    spread = (found.forward.variance[:, 0] + found.config.eps).sqrt()
    np.testing.assert_allclose(found.given.gamma, spread, rtol=1e-5)
    np.testing.assert_allclose(found.given.beta, found.forward.mean[:, 0])
    changed = walked("identity", edits="gamma0=1, beta0=0")
    assert not torch.allclose(changed.forward.y, changed.given.x, atol=0.1)


@claim("outlier")
def test_an_outlier_takes_all_of_the_variance() -> None:
    assert answer("outlier") == "about 2.2"
    says("outlier", "√(m − 1)", "√5 = 2.24", "−0.45")
    for found in walks("outlier"):
        x, normal = found.given.x, found.forward.normal
        distance = (x[0] - x[1:].mean(dim=0)) / x[1:].std(dim=0)
        assert distance.min() > 6
        assert (x[0] - x[1:].mean(dim=0)).mean() == pytest.approx(20, abs=2)
        np.testing.assert_allclose(normal[0], 5**0.5, atol=0.05)
        np.testing.assert_allclose(normal[1:], -0.447, atol=0.4)
        assert normal[1:].std(dim=0).max() < 0.3  # of about 1 without the outlier


@claim("outlier")
def test_in_evaluation_mode_no_sample_depends_on_another() -> None:
    for plain in walks("outlier", mode="eval"):
        changed = walked("outlier", mode="eval", seed=plain.config.seed, edits="x0.0=0")
        assert torch.equal(plain.forward.y[1:], changed.forward.y[1:])
    for plain in walks("outlier"):
        changed = walked("outlier", seed=plain.config.seed, edits="x0.0=0")
        assert (plain.forward.y[1:, 0] - changed.forward.y[1:, 0]).abs().mean() > 0.3


@claim("two")
def test_of_two_samples_only_their_order_is_left() -> None:
    assert answer("two") == "only 1 and −1"
    found = walked("two")
    np.testing.assert_allclose(found.forward.normal.abs(), 1, atol=1e-4)
    order = (found.given.x[0] > found.given.x[1]).tolist()
    assert (found.forward.normal[0] > 0).tolist() == order
    for seed in range(20):
        found = walked("two", seed=seed)
        assert found.given.grad.abs().max() > 0
        assert found.backward.x.abs().max() < 1e-3


@claim("one")
def test_torch_refuses_a_batch_of_one_and_the_formulas_give_zeros() -> None:
    assert answer("one") == "it refuses"
    for found in walks("one"):
        assert found.refusal.startswith("Expected more than 1 value per channel when training")
        assert found.forward.normal.abs().max() == 0
        assert found.backward.x.abs().max() == 0
    says("one", "Expected more than 1 value per channel when training")
    assert walked("one", mode="eval").refusal == ""
    assert walked("one", norm="layer").refusal == ""


@claim("everyone")
def test_one_output_sends_gradients_to_all_samples_of_its_feature() -> None:
    assert answer("everyone") == "all six"
    for found in walks("everyone"):
        grad = found.backward.x
        assert (grad[:, 0].abs() > 1e-4).sum() >= 5  # one may be 0 by chance
        assert float(grad[:, 0].sum()) == pytest.approx(0, abs=1e-9)
        assert grad[:, 1:].abs().max() == 0
        layer = walked("everyone", norm="layer", seed=found.config.seed).backward.x
        assert layer[1:].abs().max() == 0


@claim("stale")
def test_after_ten_batches_the_running_mean_is_65_per_cent_of_the_way() -> None:
    assert answer("stale") == "above 20"
    says("stale", "1 − 0.9¹⁰ = 65 %", "about 65")
    assert round(1 - 0.9**10, 2) == 0.65
    for found in walks("stale"):
        assert found.before is not None
        mean = float(found.given.x[:, 3].mean())
        assert float(found.before.mean[3]) == pytest.approx(0.65 * mean, rel=0.01)
        assert found.forward.normal[:, 3].min() > 20
        caught_up = walked("stale", seen=50, seed=found.config.seed)
        assert caught_up.forward.normal[:, 3].abs().max() < 3
        slow = walked("stale", seen=50, momentum=0.01, seed=found.config.seed)
        assert slow.forward.normal[:, 3].min() > 20
