"""What the scenes say of underfitting, features, digits, spirals, step sizes and batches happens, over eight seeds."""

import math

import numpy as np
import pytest
import torch

from dlcore.training.network import outputs
from tests.topics.overfitting_claims import SEEDS, answer, claim, config_of, curve, end, gain, moments, says

each_eight = pytest.mark.parametrize("seed", SEEDS)


@claim("digits")
@each_eight
def test_digits_that_are_shifted_and_dropout_keep_wrong_labels_out(seed: int) -> None:
    assert 69 < end("accuracy.test", "digits", "a", seed, frames=2) < 72
    both = end("accuracy.test", "digits", "b", seed, frames=2)
    assert 84 - 0.1 < both < 87
    dropout, shifts = (end("accuracy.test", "digits", "b", seed, frames=2, switch=s) for s in ("dropout", "augment"))
    assert 81 < dropout < 82.1
    assert 82 < shifts < 85
    assert both > max(dropout, shifts)
    assert _likeness("digits", "a", seed) < 0.2
    assert _likeness("digits", "b", seed) > 0.35
    assert config_of("digits").a()[0].data.make().flipped.sum() == 40
    assert answer("digits") == "about 85%"
    says("digits", "40 with wrong labels", "69–72%", "81–82%", "82–85%", "84–87%")


def _likeness(key: str, column: str, seed: int) -> float:
    """The correlation of the weights of neighbouring pixels, over all units of the first layer and all runs."""
    params = moments(key, column, seed, frames=2)[-1].frame.params
    pixels = params[:, : 64 * 64].reshape(8, 64, 8, 8)
    sides = ((pixels[..., 1:], pixels[..., :-1]), (pixels[:, :, 1:], pixels[:, :, :-1]))
    return float(np.mean([np.corrcoef(one.ravel(), other.ravel())[0, 1] for one, other in sides]))


@claim("underfitting")
@each_eight
def test_a_line_does_not_learn_xor_and_eight_units_do(seed: int) -> None:
    train, test = (end(f"accuracy.{split}", "underfitting", "a", seed) for split in ("train", "test"))
    assert 53 < train < 57
    assert 50 < test < 53
    assert end("gap", "underfitting", "a", seed) < 0.03
    assert end("loss.train", "underfitting", "a", seed) == pytest.approx(math.log(2), abs=0.02)
    assert 98 < end("accuracy.test", "underfitting", "b", seed) < 99
    assert answer("underfitting") == "about 55%"
    says("underfitting", "98–99%", "ln 2 = 0.69")


@claim("features")
@each_eight
def test_squares_as_inputs_let_a_linear_net_part_circles(seed: int) -> None:
    assert end("accuracy.test", "features", "a", seed) == pytest.approx(51, abs=1.5)
    assert 98 < end("accuracy.test", "features", "b", seed) < 99
    x, y, xx, yy, _ = moments("features", "b", seed)[-1].frame.params.T
    assert (np.sign(xx) == np.sign(yy)).all()
    assert (np.abs(xx / yy - 1) < 0.35).all()
    assert (np.abs([x, y]) < 0.3 * np.abs(xx)).all()
    assert answer("features") == "about 98%"
    says("features", "5 parameters")


@claim("spirals")
@each_eight
def test_dropout_hurts_where_nothing_is_to_be_forgotten(seed: int) -> None:
    assert gain("spirals", seed) == pytest.approx(-21, abs=2)
    assert 79 < end("accuracy.test", "spirals", "a", seed) < 82
    assert 59 < end("accuracy.test", "spirals", "b", seed) < 62
    assert 73 < end("accuracy.train", "spirals", "b", seed) < 75
    assert answer("spirals") == "20 points down"
    says("spirals", "73–75%", "59–62%", "79–82%")


@claim("too-fast")
@each_eight
def test_too_large_a_step_leaves_a_net_that_gives_one_answer_for_all(seed: int) -> None:
    early, last = (moments("too-fast", "b", seed)[frame] for frame in (1, -1))
    assert (last.values["accuracy.test"] <= 50.5).all()
    assert not last.frame.diverged
    assert np.isfinite(last.values["loss.train"]).all()
    assert _alive("too-fast", seed, early.frame.params).max() <= 10  # after ten steps, of 48
    assert _alive("too-fast", seed, last.frame.params).mean() == pytest.approx(2, abs=0.5)
    assert end("accuracy.test", "too-fast", "a", seed) > 85
    assert answer("too-fast") == "50%"
    says("too-fast", "of 48 in the second layer 2 are left", "end at 50%", "within ten steps")


def _alive(key: str, seed: int, params: np.ndarray) -> np.ndarray:
    """How many units of the second layer answer to any test point, (runs,)."""
    runs = config_of(key, seed).b()
    points = torch.stack([run.data.make().test.inputs for run in runs]).mT
    architecture = runs[0].architecture
    _, second, _ = outputs(architecture, architecture.parts(torch.from_numpy(params)), points, running=[])
    return (second > 0).any(dim=2).sum(dim=1).numpy()


@claim("batch")
@each_eight
def test_small_batches_learn_by_heart_too_after_as_many_epochs(seed: int) -> None:
    assert 6 < gain("batch", seed) < 10
    train = curve("accuracy.train", "batch", "b", seed)
    assert 84 < train[-1] < 87
    assert train[-1] > train[len(train) // 2]
    long = {"switch": "none", "batch_size": 8, "num_steps": 4000, "frames": 2}
    assert 79 < end("accuracy.test", "batch", "a", seed, **long) < 83
    assert end("learnt", "batch", "a", seed, **long) > 75
    assert answer("batch") == "it saw each point less often"
    says("batch", "6 to 10 points", "40 epochs", "4000 steps", "79–83%", "85–87%")
