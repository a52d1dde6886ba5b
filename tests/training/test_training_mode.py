"""What networks answer when chance and the batch have a say: by torch in train mode, and by the textbook's moments."""

import dataclasses

import numpy as np
import pytest
import torch
from torch import Tensor

from dlcore.datasets.planes import PlaneConfig
from dlcore.training import TrainConfig, logits_in_training_mode, metrics, train, training_mode
from dlcore.training.measures import SPLITS, logits_of, shuffled
from dlcore.training.network import outputs
from tests.training.test_measures import CASES, loss_and_answers, model_of, pair

NORMED = TrainConfig(
    data=PlaneConfig(name="spirals", num_classes=3, num_test=100), batch_norm=True, batch_size=20, num_steps=12
)


def chances() -> torch.Generator:
    return torch.Generator().manual_seed(0)


def logits_by_batches(config: TrainConfig, frame, run: int, inputs: Tensor, size: int) -> Tensor:
    """torch.nn in train mode, batch by batch; the first samples fill the last batch up."""
    model = model_of(frame, run, config).train()
    filled = torch.cat([inputs, inputs[: -len(inputs) % size]])
    return torch.cat([model(batch) for batch in filled.split(size)])[: len(inputs)].detach()


@pytest.mark.parametrize("batch_size", [0, 2, 16, 50, 64, 5000])
def test_each_test_batch_is_normalised_by_itself(batch_size: int) -> None:
    configs = pair(NORMED)
    frames = list(train(configs, every=6))
    found = metrics(frames, configs, statistics="batch", batch_size=batch_size)
    for run, config in enumerate(configs):
        for split in SPLITS:
            samples = getattr(config.data.make(), split)
            samples = type(samples)(*(part[0] for part in shuffled(type(samples)(*(p[None] for p in samples)))))
            size = min(batch_size or len(samples.labels), len(samples.labels))
            logits = logits_by_batches(config, frames[-1], run, samples.inputs, size)
            loss, given = loss_and_answers(logits, samples.labels)
            assert found.loss[split][-1, run] == pytest.approx(loss, rel=1e-3)
            right = (given == samples.labels).float().mean().item()
            assert found.accuracy[split][-1, run] == pytest.approx(right, abs=0.011)


def test_batches_are_dealt_so_that_each_has_its_chance_of_every_class() -> None:
    samples = NORMED.data.make().test
    labels = shuffled(type(samples)(samples.inputs[None], samples.labels[None])).labels[0]
    assert not torch.equal(labels, samples.labels)
    assert torch.equal(labels.bincount(), samples.labels.bincount())


def test_without_batch_norm_the_batch_does_not_matter() -> None:
    configs = pair(CASES["two classes"])
    frames = list(train(configs, every=12))
    running, batch = metrics(frames, configs), metrics(frames, configs, statistics="batch", batch_size=8)
    for split in SPLITS:
        np.testing.assert_allclose(batch.loss[split], running.loss[split], rtol=1e-5)
        np.testing.assert_array_equal(batch.accuracy[split], running.accuracy[split])


@pytest.mark.parametrize(("settings", "sentence"), [({"statistics": "none"}, "statistics"), ({"batch_size": -1}, "-1")])
def test_batches_that_cannot_be_are_refused(settings: dict, sentence: str) -> None:
    with pytest.raises(ValueError, match=sentence):
        metrics([next(train([NORMED]))], [NORMED], **settings)


def test_with_batch_norm_it_is_torch_in_train_mode() -> None:
    configs = pair(NORMED)
    *_, last = train(configs, every=12)
    inputs = NORMED.data.make().test.inputs
    found = logits_in_training_mode(last, configs, inputs, chances(), draws=2)
    assert found.shape == (2, 2, 3, 100)
    for run, config in enumerate(configs):
        expected = model_of(last, run, config).train()(inputs).detach().T
        for draw in found:
            torch.testing.assert_close(draw[run], expected, rtol=1e-3, atol=1e-4)


def test_dropout_leaves_the_mean_of_a_linear_network_and_adds_the_textbooks_variance() -> None:
    """Σ w h m/(1 − p) has the mean Σ w h and the variance p/(1 − p) Σ (w h)²."""
    configs = [TrainConfig(hidden=(20,), activation="linear", dropout=p, num_steps=1, seed=1) for p in (0.0, 0.3, 0.6)]
    frame = next(train(configs))
    inputs = configs[0].data.make().test.inputs[:5]
    found = logits_in_training_mode(frame, configs, inputs, chances(), draws=20_000)[:, :, 0]
    (steady,) = logits_of([frame], configs[0].architecture, inputs.expand(3, -1, -1))
    torch.testing.assert_close(found[:, 0], steady[0].expand(20_000, -1))
    architecture, params = configs[0].architecture, torch.from_numpy(frame.params)
    hidden, _ = outputs(architecture, architecture.parts(params), inputs.T.expand(3, -1, -1), running=())
    terms = hidden * params[:, architecture.weight_spans()[1], None]
    for run, p in enumerate((0.0, 0.3, 0.6)):
        torch.testing.assert_close(found[:, run].mean(0), steady[run, 0], rtol=0, atol=0.03)
        expected = p / (1 - p) * (terms[run] ** 2).sum(0)
        torch.testing.assert_close(found[:, run].var(0), expected, rtol=0.05, atol=1e-6)


def test_every_draw_and_sample_has_its_masks_and_a_generator_says_all() -> None:
    configs = [TrainConfig(hidden=(30, 30), dropout=0.5, num_steps=1)]
    frame = next(train(configs))
    inputs = torch.ones(1, 4, 2)
    first, second = (logits_in_training_mode(frame, configs, inputs, chances(), draws=3) for _ in range(2))
    assert torch.equal(first, second)
    assert len(first.unique()) == 12


def test_many_draws_are_made_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    configs = [TrainConfig(hidden=(6,), dropout=0.5, num_steps=1), TrainConfig(hidden=(6,), num_steps=1)]
    frame = next(train(configs))
    monkeypatch.setattr(training_mode, "MOST_NUMBERS", 2 * 80 * 6 * 3)
    found = logits_in_training_mode(frame, configs, configs[0].data.make().train.inputs, chances(), draws=7)
    assert found.shape == (7, 2, 1, 80)
    assert len(found[:, 0].unique(dim=0)) == 7


def test_a_network_without_hidden_layers_has_nothing_to_drop() -> None:
    configs = [dataclasses.replace(CASES["two classes"], hidden=())]
    frame = next(train(configs))
    inputs = configs[0].data.make().train.inputs
    (expected,) = logits_of([frame], configs[0].architecture, inputs[None])
    torch.testing.assert_close(logits_in_training_mode(frame, configs, inputs, chances())[0], expected)
