"""The frames of A and B: what is promised before they are computed, what they show, and what they say."""

import itertools
import pickle
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import vector_to_parameters

from dlcore.topics.overfitting import Best, frames, moments_of, shapes, shown_steps, trained
from dlcore.topics.overfitting_config import OverfittingConfig
from dlcore.topics.overfitting_view import gallery
from dlcore.training import Snapshot, TrainConfig, train

QUICK: dict[str, Any] = {"num_steps": 25, "num_seeds": 3, "hidden": (10, 4)}
KINDS: dict[str, dict[str, Any]] = {
    "dropout": {},
    "alone": {"switch": "none"},
    "early": {"switch": "early"},
    "width": {"switch": "width", "strength": 2},
    "linear": {"hidden": (), "switch": "features"},
    "three classes": {"data": "spirals", "num_classes": 3, "switch": "l2"},
    "digits": {"data": "digits", "num_train": 50, "switch": "augment_dropout"},
    "digits, linear": {"data": "digits", "num_train": 50, "hidden": (), "switch": "l1"},
    "normed": {"switch": "batch_norm", "activation": "relu"},
    "own points": {"data": "points", "points": tuple((x / 4, (x % 5) / 2, int(x > 0)) for x in range(-9, 10))},
    "clean": {"label_noise": 0.0, "switch": "lr"},
}


def config_of(name: str, **other: Any) -> OverfittingConfig:
    return OverfittingConfig(**{**QUICK, **KINDS[name], **other})


def network(run: TrainConfig, params: np.ndarray) -> nn.Sequential:
    """The run's network as torch has it, with tanh."""
    widths, modules = run.architecture.widths, []
    for n, out in itertools.pairwise(widths):
        modules += [nn.Linear(n, out), nn.Tanh()]
    net = nn.Sequential(*modules[:-1])
    vector_to_parameters(torch.from_numpy(params), net.parameters())
    return net


@pytest.mark.parametrize("name", KINDS)
def test_every_frame_has_the_names_shapes_and_types_that_were_promised(name: str) -> None:
    config = config_of(name)
    promised, count = shapes(config), 0
    for snapshot in frames(config):
        found = {key: (np.shape(array), str(np.asarray(array).dtype)) for key, array in snapshot.arrays.items()}
        assert found == promised
        count += 1
    assert count == len(shown_steps(config))
    assert {key[:2] for key in promised} == {f"{column}." for column in config.columns}


@pytest.mark.parametrize("num_steps", [1, 2, 30, 159, 160, 400, 5000])
def test_steps_begin_at_0_end_at_the_last_and_are_denser_in_the_beginning(num_steps: int) -> None:
    steps = shown_steps(OverfittingConfig(num_steps=num_steps))
    assert (steps[0], steps[-1]) == (0, num_steps)
    assert len(steps) <= 160
    assert (np.diff(steps) > 0).all()
    half = steps[len(steps) // 2]
    assert half <= num_steps / 2 + 1
    assert num_steps >= 200 or len(steps) > num_steps / 2


@pytest.mark.parametrize("config", [OverfittingConfig(num_steps=3), OverfittingConfig(data="digits", num_steps=3)])
def test_a_frame_is_small_enough_to_travel(config: OverfittingConfig) -> None:
    assert max(len(pickle.dumps(snapshot)) for snapshot in frames(config)) < 40_000


def test_both_columns_begin_with_the_same_weights_and_all_seeds_with_others() -> None:
    first = next(moments_of(config_of("dropout"), np.array([0])))
    np.testing.assert_array_equal(first["a"].frame.params, first["b"].frame.params)
    assert len(np.unique(first["a"].frame.params[:, 0])) == 3


@pytest.mark.parametrize("name", ["dropout", "width"])
def test_columns_are_what_each_is_when_it_is_trained_alone(name: str) -> None:
    config = config_of(name)
    *_, last = moments_of(config, shown_steps(config))
    for column, runs in (("a", config.a()), ("b", config.b())):
        for number, run in enumerate(runs):
            *_, alone = train([run])
            np.testing.assert_allclose(last[column].frame.params[number], alone.params[0], rtol=1e-3, atol=1e-4)


def test_numbers_are_those_of_torchs_own_network_over_all_seeds() -> None:
    config = config_of("dropout")
    steps = shown_steps(config)
    *_, (snapshot, moments) = zip(frames(config), moments_of(config, steps), strict=True)
    losses, accuracies, learnt = [], [], []
    for run, params in zip(config.a(), moments["a"].frame.params, strict=True):
        splits, net = run.data.make(), network(run, params)
        logits = net(splits.test.inputs)[:, 0]
        losses.append(nn.functional.binary_cross_entropy_with_logits(logits, splits.test.labels.float()).item())
        accuracies.append(100 * ((logits > 0) == splits.test.labels).float().mean().item())
        wrong = (net(splits.train.inputs)[:, 0] > 0) == splits.train.labels
        learnt.append(100 * wrong[splits.flipped].float().mean().item())
    for name, values in (("loss.test", losses), ("accuracy.test", accuracies), ("learnt", learnt)):
        shown = [float(snapshot.arrays[f"a.{name}.{kind}"]) for kind in ("mean", "low", "high")]
        np.testing.assert_allclose(shown, [np.mean(values), min(values), max(values)], rtol=1e-4)
        assert float(snapshot.arrays[f"a.drawn.{name}"]) == pytest.approx(values[0], rel=1e-4)


def test_pictures_links_and_confusion_are_those_of_the_drawn_run() -> None:
    config = config_of("dropout")
    *_, snapshot = frames(config)
    *_, last = moments_of(config, shown_steps(config))
    run, net = config.b()[0], network(config.b()[0], last["b"].frame.params[0])
    shown = {name: np.asarray(array, float) for name, array in snapshot.arrays.items()}
    first, second, _ = (module for module in net if isinstance(module, nn.Linear))
    np.testing.assert_allclose(shown["b.weights2"], second.weight.detach()[:, :8], rtol=1e-5)
    np.testing.assert_allclose(shown["b.biases1"], first.bias.detach()[:8], rtol=1e-5)
    assert shown["b.weights3"].shape == (1, 4)
    corner = torch.tensor([[2.5, -2.5]])  # the last of the lowest row
    assert shown["b.surface"][0, 0, -1] == pytest.approx(255 * net(corner).sigmoid().item(), abs=1)
    assert shown["b.maps1"][3, 0, -1] == pytest.approx(128 + 127 * first(corner).tanh()[0, 3].item(), abs=1)
    test = run.data.make().test
    answers = net(test.inputs)[:, 0] > 0
    for true, answered in itertools.product(range(2), repeat=2):
        count = ((test.labels == true) & (answers == answered)).sum()
        assert shown["b.confusion"][true, answered] == count


def test_digits_show_weights_as_pictures_and_what_the_gallery_is_taken_for() -> None:
    config = config_of("digits")
    *_, snapshot = frames(config)
    *_, last = moments_of(config, shown_steps(config))
    run = config.a()[0]
    net = network(run, last["a"].frame.params[0])
    shown = {name: np.asarray(array, float) for name, array in snapshot.arrays.items()}
    np.testing.assert_array_equal(shown["a.answers"], net(gallery(run).inputs).argmax(dim=1))
    first = next(module for module in net if isinstance(module, nn.Linear))
    weights = first.weight.detach()[:8].view(8, 8, 8).numpy()
    scales = np.abs(weights).max(axis=(1, 2))
    np.testing.assert_allclose(shown["a.scales1"], scales, rtol=1e-5)
    bytes_ = 128 + 127 * weights / scales[:, None, None]
    assert np.abs(shown["a.maps1"] - bytes_).max() <= 0.51
    assert "a.weights1" not in shown
    assert "a.surface" not in shown


def test_early_stopping_holds_each_seed_at_its_lowest_validation_loss_so_far() -> None:
    config = config_of("early", num_steps=120)
    moments = list(moments_of(config, shown_steps(config)))
    losses = np.array([each["a"].values["loss.validation"] for each in moments])
    for now, each in enumerate(moments):
        for run, best in enumerate(losses[: now + 1].argmin(axis=0)):
            held = each["b"]
            assert held.values["step"][run] == moments[best]["a"].frame.step
            np.testing.assert_array_equal(held.frame.params[run], moments[best]["a"].frame.params[run])
            for name in ("accuracy.test", "loss.train", "norm1"):
                assert held.values[name][run] == moments[best]["a"].values[name][run]
    *_, last = frames(config)
    assert last.arrays["b.best"] == last.arrays["a.best"] == moments[-1]["b"].values["step"][0]


def test_of_equally_good_moments_the_first_is_kept() -> None:
    run, best = config_of("alone").a(), Best()
    first, second = trained(run, np.array([0, 5]))
    best.follow(first)
    same = second._replace(values={**second.values, "loss.validation": first.values["loss.validation"]})
    assert (best.follow(same).values["step"] == 0).all()


def test_a_run_that_diverges_stays_and_says_which_quantity_and_when() -> None:
    config = config_of("dropout", optimizer="sgd", lr=0.3, switch="l2", strength=10.0, num_steps=60)
    said = [snapshot.said for snapshot in frames(config)]
    assert len(said) == len(shown_steps(config))
    assert said[0] == ""
    assert said[-1].startswith("B, the first of 3 networks that diverged: the weights")
    *_, last = moments_of(config, shown_steps(config))
    assert np.isfinite(last["b"].frame.params).all()
    assert not last["a"].frame.diverged
    # each step multiplies each weight by 1 − ηλ = −2, from at most 1/√2 to beyond 10⁸ in 27 or 28 steps
    assert {step for step, _ in last["b"].frame.diverged.values()} <= set(range(25, 36))


def test_what_early_stopping_holds_has_not_diverged() -> None:
    config = config_of("early", optimizer="sgd", lr=0.3, l2=10.0, num_steps=60)
    *_, snapshot = frames(config)
    assert snapshot.said.startswith("A, the first of 3 networks that diverged: the weights")
    assert "B, " not in snapshot.said
    assert np.isfinite(snapshot.arrays["b.loss.test.mean"])


def test_a_network_wider_than_what_is_shown_shows_its_first_units() -> None:
    config = config_of("alone", hidden=(20,))
    promised = shapes(config)
    assert promised["a.weights1"] == ((8, 2), "float32")
    assert promised["a.weights2"] == ((1, 8), "float32")
    assert promised["a.maps1"] == ((8, 24, 24), "uint8")


def test_snapshots_can_travel() -> None:
    snapshot = next(frames(config_of("dropout")))
    back = pickle.loads(pickle.dumps(snapshot))  # noqa: S301
    assert isinstance(back, Snapshot)
    assert back.arrays.keys() == snapshot.arrays.keys()
