"""Losses, accuracies and norms of all frames at once are what torch.nn says of one frame and one run."""

import dataclasses

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from torch import Tensor, nn
from torch.nn.utils import vector_to_parameters

from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.planes import PlaneConfig
from dlcore.training import Metrics, TrainConfig, TrainFrame, best_so_far, confusion, measures, metrics, train
from tests.training.torch_loop import network

CASES = {
    "two classes": TrainConfig(data=PlaneConfig(label_noise=0.2), num_steps=12, label_smoothing=0.2, dropout=0.3),
    "three classes, batch norm": TrainConfig(
        data=PlaneConfig(name="spirals", num_classes=3), batch_norm=True, batch_size=20, num_steps=12
    ),
    "digits": TrainConfig(data=DigitsConfig(num_train=100), hidden=(20,), num_steps=5, batch_norm=True),
}
every_case = pytest.mark.parametrize("config", CASES.values(), ids=CASES)


def pair(config: TrainConfig) -> list[TrainConfig]:
    return [config, dataclasses.replace(config, seed=1, lr=0.1, data=dataclasses.replace(config.data, seed=2))]


def model_of(frame: TrainFrame, run: int, config: TrainConfig) -> nn.Sequential:
    model = network(config).float()
    vector_to_parameters(torch.from_numpy(frame.params[run]), model.parameters())
    start = 0
    for norm in (module for module in model if isinstance(module, nn.BatchNorm1d)):
        mean, variance = torch.from_numpy(frame.running[run, :, start : start + norm.num_features])
        norm.running_mean, norm.running_var = mean, variance
        start += norm.num_features
    return model.eval()


def loss_and_answers(logits: Tensor, labels: Tensor) -> tuple[float, Tensor]:
    if logits.shape[1] == 1:
        loss = nn.functional.binary_cross_entropy_with_logits(logits[:, 0], labels.float())
        return loss.item(), (logits[:, 0] > 0).long()
    return nn.functional.cross_entropy(logits, labels).item(), logits.argmax(dim=1)


@every_case
def test_every_number_is_torchs(config: TrainConfig) -> None:
    configs = pair(config)
    frames = list(train(configs))
    found = metrics(frames, configs)
    assert found.steps.tolist() == list(range(config.num_steps + 1))
    for f in (0, 1, config.num_steps):
        for run, one in enumerate(configs):
            model, splits = model_of(frames[f], run, one), one.data.make()
            for split in measures.SPLITS:
                samples = getattr(splits, split)
                loss, given = loss_and_answers(model(samples.inputs).detach(), samples.labels)
                assert found.loss[split][f, run] == pytest.approx(loss, rel=1e-4)
                assert found.accuracy[split][f, run] == pytest.approx((given == samples.labels).float().mean().item())
            norms = [layer.weight.norm().item() for layer in model if isinstance(layer, nn.Linear)]
            np.testing.assert_allclose(found.weight_norms[f, run], norms, rtol=1e-5)
    np.testing.assert_allclose(found.gap, found.loss["test"] - found.loss["train"])


@every_case
def test_a_confusion_counts_every_sample_where_it_belongs(config: TrainConfig) -> None:
    from sklearn.metrics import confusion_matrix

    configs = pair(config)
    *_, last = train(configs)
    for run, (found, one) in enumerate(zip(confusion(last, configs, "validation"), configs, strict=True)):
        samples = one.data.make().validation
        _, given = loss_and_answers(model_of(last, run, one)(samples.inputs).detach(), samples.labels)
        expected = confusion_matrix(samples.labels, given, labels=range(one.data.num_classes))
        np.testing.assert_array_equal(found, expected)


def test_few_frames_at_a_time_are_the_same_as_all(monkeypatch: pytest.MonkeyPatch) -> None:
    configs = pair(CASES["two classes"])
    frames = list(train(configs))
    at_once = metrics(frames, configs)
    monkeypatch.setattr(measures, "MOST_NUMBERS", 5 * 2 * 1000 * 8)
    in_parts = metrics(frames, configs)
    for split in measures.SPLITS:
        np.testing.assert_allclose(in_parts.loss[split], at_once.loss[split], rtol=1e-5)
        np.testing.assert_array_equal(in_parts.accuracy[split], at_once.accuracy[split])


def test_only_the_splits_that_are_asked_for() -> None:
    config = TrainConfig(num_steps=2)
    found = metrics(list(train([config])), [config], ["validation"])
    assert set(found.loss) == set(found.accuracy) == {"validation"}


losses = arrays(
    float, st.tuples(st.integers(1, 12), st.just(2)), elements=st.sampled_from([0.1, 0.2, 0.3, np.nan, np.inf])
)


@given(losses)
def test_early_stopping_keeps_the_lowest_validation_loss_so_far(validation: np.ndarray) -> None:
    measured = Metrics(
        steps=np.arange(len(validation)), loss={"validation": validation}, accuracy={}, weight_norms=np.empty(0)
    )
    best = best_so_far(measured)
    assert best.shape == validation.shape
    for run in range(2):
        seen: list[float] = []
        for frame, loss in enumerate(validation[:, run].tolist()):
            seen.append(loss if np.isfinite(loss) else np.inf)
            assert best[frame, run] == seen.index(min(seen))
