"""What the scenes on trained networks say happens, over eight seeds each, with the size of the effect."""

import pytest
import torch

from dlcore.topics.batchnorm_runs import LRS
from dlcore.topics.batchnorm_training import Course
from tests.topics.batchnorm_claims import NETS, Pair, accuracy, answer, claim, of_size, runs_of, says, spread


@claim("sigmoid")
def test_five_layers_of_sigmoid_learn_with_batch_norm_only() -> None:
    assert answer("sigmoid") == "only B"
    says("sigmoid", "200 updates", "85 %", "about a seventh", "10 %")
    pair = Pair("sigmoid")
    first = spread(pair.a)
    handed_on = first[:, 1:] / first[:, :-1]
    assert handed_on.mean() == pytest.approx(1 / 7, abs=0.02)
    own = pair.b.answers("batch", 64, 256)[:-1]
    assert all(z.std(dim=2).mean() == pytest.approx(1, abs=0.1) for z in own)
    pair.advance(200)
    assert accuracy(pair.a).max() < 15
    assert accuracy(pair.b).min() > 85
    assert (pair.a.gradients[:, 0] < 1e-3).all()
    assert (pair.b.gradients[:, 0] > 1e-2).all()


@claim("lag")
def test_the_running_statistics_lag_behind_and_catch_up() -> None:
    assert answer("lag") == "for fewer than half"
    says("lag", "12 updates", "90 %", "0.9¹² = 28 %", "30 updates later")
    assert round(0.9**12, 2) == 0.28
    course = Pair("lag").b
    course.advance(12)
    running, own = accuracy(course), accuracy(course, "batch", 64, 256)
    assert own.mean() == pytest.approx(90, abs=2)
    assert running.mean() < 45
    assert (running < own - 30).all()
    course.advance(30)
    running, own = accuracy(course), accuracy(course, "batch", 64, 256)
    assert running.mean() > own.mean() - 2


@claim("he")
def test_good_first_weights_leave_little_of_the_lead() -> None:
    assert answer("he") == "about 1 point"
    says("he", "η = 0.1", "200 updates", "60 updates", "15 points")
    pair = Pair("he")
    first = spread(pair.a).mean(dim=0)
    assert first[-1] / first[0] > 0.6
    pair.advance(60)
    assert float(accuracy(pair.b).mean() - accuracy(pair.a).mean()) == pytest.approx(15, abs=4)
    pair.advance(140)
    assert 0 < accuracy(pair.b).mean() - accuracy(pair.a).mean() < 2.5
    assert accuracy(pair.a).mean() > 92


@claim("he")
def test_torchs_own_first_weights_leave_a_deep_relu_network_guessing() -> None:
    pair = Pair("he", weights="torch").advance(200)
    assert accuracy(pair.a).max() < 15
    assert accuracy(pair.b).min() > 93


@claim("rates")
def test_rates_of_1_and_3_work_with_batch_norm_only() -> None:
    assert answer("rates") == "only with batch norm"
    says("rates", "200 updates", "η = 1 and η = 3", "1 and more only guess")
    config = runs_of("rates")
    large = [lr for lr in LRS if lr in (1, 3)]
    assert len(large) == 2
    plain, normed = config.course("none", NETS, large), config.course("batch", NETS, large)
    plain.advance(200)
    normed.advance(200)
    assert accuracy(plain).max() < 25
    assert accuracy(normed).min() > 85


@claim("rates")
def test_at_a_large_rate_gradients_shrink_with_batch_norm_and_numbers_grow_without() -> None:
    config = runs_of("rates")
    plain, normed = config.course("none", NETS, [1.0]), config.course("batch", NETS, [1.0])

    def largest() -> torch.Tensor:
        return torch.stack(plain.answers()[:-1]).abs().amax(dim=(0, 2, 3))

    first, weights = largest(), _norms(normed)
    plain.advance(1)
    normed.advance(1)
    gradients = normed.gradients.mean()
    plain.advance(59)
    normed.advance(59)
    assert (_norms(normed) > weights).all()  # a gradient at right angles to w can only make it longer
    assert normed.gradients.mean() < gradients
    assert (largest() > 2 * first).all()
    assert largest().median() > 10


def _norms(course: Course) -> torch.Tensor:
    """The length of the second layer's weights, (runs,)."""
    span = course.stack.architecture.weight_spans()[1]
    return course.stack.params[:, span].norm(dim=1)


@claim("small")
def test_batches_of_2_break_batch_norm_and_8_do_not() -> None:
    assert answer("small") == "without"
    says("small", "200 updates", "Batches of 2", "from 8 on it is ahead", "below 16")
    plain, running = ({size: accuracy(of_size("small", norm, size)) for size in (2, 8)} for norm in ("none", "batch"))
    assert plain[2].mean() > 55
    assert running[2].mean() < 25
    assert accuracy(of_size("small", "batch", 2), "batch", 2).mean() < 25
    assert (plain[2] - running[2]).min() > 15
    assert running[8].mean() > plain[8].mean() + 3


@claim("small")
def test_below_16_is_true_of_a_batch_that_normalises_itself() -> None:
    lost = {}
    for size in (8, 16, 64):
        course = of_size("small", "batch", size)
        lost[size] = float(accuracy(course).mean() - accuracy(course, "batch", size).mean())
    assert lost[8] > 10
    assert lost[16] > 3
    assert lost[64] < 4
    assert lost[8] > lost[16] > lost[64]


@claim("layer")
def test_layer_norm_falls_towards_small_batches_only_as_without() -> None:
    assert answer("layer") == "more than 30 points above it"
    layer, plain = (
        {size: accuracy(of_size("layer", norm, size)).mean() for size in (2, 4)} for norm in ("layer", "none")
    )
    assert layer[2] - accuracy(of_size("layer", "batch", 2)).mean() > 30
    assert all(abs(layer[size] - plain[size]) < 12 for size in (2, 4))
    assert layer[2] < 90
