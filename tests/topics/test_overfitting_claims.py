"""What the scenes say of overfitting and its cures happens, over eight data sets and first weights, and two more."""

import numpy as np
import pytest
import torch

from dlcore.topics.overfitting import moments_of, shown_steps
from dlcore.training import Grid, maps
from dlcore.training.feed import Feed
from tests.topics.overfitting_claims import SEEDS, answer, claim, config_of, curve, end, gain, moments, says

each_eight = pytest.mark.parametrize("seed", SEEDS)


@claim("opening")
@each_eight
def test_wrong_labels_are_learnt_by_heart_while_test_accuracy_rises_and_falls(seed: int) -> None:
    accuracy, loss = (curve(name, "opening", "a", seed) for name in ("accuracy.test", "loss.test"))
    assert 87 - 0.5 < accuracy.max() < 91
    assert 79 < accuracy[-1] < 83
    assert end("accuracy.train", "opening", "a", seed) > 99
    assert end("learnt", "opening", "a", seed) > 90
    assert 60 <= np.linspace(0, 400, len(loss))[loss.argmin()] <= 90
    assert (np.diff(curve("loss.train", "opening", "a", seed)) < 0).all()
    assert 86.5 < end("accuracy.test", "opening", "b", seed) < 91
    assert 15 < end("learnt", "opening", "b", seed) < 25
    assert config_of("opening").a()[0].data.make().flipped.sum() == 10
    assert answer("opening") == "it rises, then falls"
    says("opening", "10 of A's 80", "87–91%", "79–83%", "2 of the 10", "between steps 60 and 90")


@claim("early")
@each_eight
def test_early_stopping_returns_the_weights_of_about_step_80(seed: int) -> None:
    config = config_of("early", seed)
    *_, last = moments_of(config, shown_steps(config))
    assert 70 < last["b"].values["step"].mean() < 90
    assert 87 < last["b"].values["accuracy.test"].mean() < 91
    assert 79 < last["a"].values["accuracy.test"].mean() < 83
    assert answer("early") == "about 80"
    says("early", "step 80", "87–91%", "79–83%", "200 points")
    assert config.a()[0].data.num_validation == 200


@claim("decay")
@each_eight
def test_weight_decay_saves_nearly_all_with_the_right_strength_and_inside_the_gradient(seed: int) -> None:
    best, last = curve("accuracy.test", "decay", "a", seed).max(), end("accuracy.test", "decay", "b", seed)
    assert 85.5 < last < 91
    assert best - last < 2  # of a fall of 7 to 10
    assert best - end("accuracy.test", "decay", "a", seed) > 7
    assert 83.5 < end("accuracy.test", "decay", "b", seed, strength=0.03, frames=2) < 84.5
    adamw = [end("accuracy.test", "decay", c, seed, strength=0.3, optimizer="adamw", frames=2) for c in "ab"]
    assert abs(adamw[1] - adamw[0]) < 1
    assert 13.5 < end("norm1", "decay", "a", seed) < 14.5
    assert 3.9 < end("norm1", "decay", "b", seed) < 5
    assert answer("decay") == "hardly anything"
    says("decay", "86–91%", "0.03 gives 84%", "14 without", "4 to 5 with")


@claim("l1")
@each_eight
def test_l1_leaves_nearly_all_weights_beside_0(seed: int) -> None:
    small, plain = {}, {}
    for column in "ab":
        run = config_of("l1", seed).a()[0]
        last = moments("l1", column, seed)[-1].frame
        weights = last.params[:, run.architecture.is_weight().numpy()]
        assert weights.shape == (8, 2448)
        small[column] = (np.abs(weights) < 0.01).mean()
        units = maps(last, Grid(reach=2.5, size=24), config_of("l1", seed).a()).units
        plain[column] = np.mean([np.ptp(layer.astype(int), axis=(2, 3)) < 10 for layer in units])  # of 254 shades
    assert 0.01 < small["a"] < 0.025
    assert small["b"] > 0.95
    assert 82.5 < end("accuracy.test", "l1", "b", seed) < 88.5
    assert plain["a"] < 0.01
    assert plain["b"] > 0.75
    assert gain("l1", seed) > 3
    assert answer("l1") == "over 95%"
    says("l1", "2448", "2% do", "83–88%", "three of four, and more")


@claim("smaller")
@each_eight
def test_a_smaller_net_is_better_since_it_cannot_learn_by_heart(seed: int) -> None:
    assert 5 < gain("smaller", seed) < 10
    assert 83 < end("accuracy.train", "smaller", "b", seed) < 86
    assert 87 - 0.5 < end("accuracy.test", "smaller", "b", seed) < 89.5
    assert 84.5 < end("accuracy.test", "smaller", "b", seed, strength=2, frames=2) < 86
    assert end("accuracy.train", "smaller", "a", seed) > 99
    sizes = [runs[0].architecture.num_params for runs in (config_of("smaller").a(), config_of("smaller").b())]
    assert sizes == [2545, 37]
    assert answer("smaller").startswith("better, by 5 to 10")
    says("smaller", "37 parameters instead of 2545", "83–86%", "87–89%", "about 85%", "88% that are right")


@claim("data")
@each_eight
def test_more_data_makes_the_fall_smaller_and_later(seed: int) -> None:
    accuracy = curve("accuracy.test", "data", "b", seed)
    assert 90 < accuracy[-1] < 92
    assert 2 < accuracy.max() - accuracy[-1] < 4
    assert accuracy.argmax() * 10 >= 100
    assert accuracy.argmax() > curve("accuracy.test", "data", "a", seed).argmax()
    assert config_of("data").b()[0].data.make().flipped.sum() in (76, 77)
    assert answer("data") == "near 91%"
    says("data", "76 or 77", "2 to 4 points after step 100")


@claim("noise")
@each_eight
def test_input_noise_is_the_best_of_the_cures_that_need_no_more_data(seed: int) -> None:
    assert 8 < gain("noise", seed) < 12
    last = end("accuracy.test", "noise", "b", seed)
    assert 89 < last < 92
    others = [end("accuracy.test", key, "b", seed) for key in ("opening", "decay", "l1", "smaller", "smoothing")]
    assert last > max(others)
    config = config_of("early", seed)
    *_, held = moments_of(config, shown_steps(config))
    assert last > held["b"].values["accuracy.test"].mean()
    assert answer("noise").startswith("it ends 8 to 12")
    says("noise", "89–92%")


@claim("clean")
@each_eight
def test_with_clean_labels_there_is_little_to_gain(seed: int) -> None:
    assert 90 < end("accuracy.test", "clean", "a", seed) < 92
    assert 0.5 < gain("clean", seed) < 1.5
    accuracy, loss = (curve(name, "clean", "a", seed) for name in ("accuracy.test", "loss.test"))
    assert loss[-1] > 2 * loss.min()
    assert accuracy.max() - accuracy[-1] < 2.5
    assert np.isnan(end("learnt", "clean", "a", seed))
    assert answer("clean") == "about 1 point"
    says("clean", "90–92%", "doubles")


@claim("smoothing")
@each_eight
def test_label_smoothing_does_not_help_against_wrong_labels(seed: int) -> None:
    assert -4 < gain("smoothing", seed) < -1
    assert end("loss.test", "smoothing", "b", seed) < end("loss.test", "smoothing", "a", seed)
    assert end("learnt", "smoothing", "b", seed) > 90
    assert answer("smoothing") == "no"
    says("smoothing", "0.05 and 0.95", "1 to 4 points below A")
    run = config_of("smoothing").b()[0]
    targets = Feed([run], [run.data.make().train], torch.float32).targets
    assert targets.unique().tolist() == pytest.approx([0.05, 0.95])
