"""On a GPU a run tells the same story: all chance is drawn on the CPU, so only the order of sums differs."""

import dataclasses

import numpy as np
import pytest
import torch

from dlcore.datasets.planes import PlaneConfig
from dlcore.training import TrainConfig, metrics, train

pytestmark = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a GPU")

BUSY = TrainConfig(
    data=PlaneConfig(name="spirals", num_classes=3, noise=0.1),
    hidden=(16, 16),
    batch_norm=True,
    dropout=0.2,
    optimizer="adamw",
    l1=0.001,
    l2=0.1,
    batch_size=20,
    input_noise=0.1,
    num_steps=60,
)


@pytest.mark.parametrize("config", [TrainConfig(num_steps=60), BUSY], ids=["plain", "busy"])
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-8), (torch.float32, 1e-2)], ids=["64", "32"])
def test_a_gpu_trains_what_the_cpu_trains(config: TrainConfig, dtype: torch.dtype, tolerance: float) -> None:
    configs = [config, dataclasses.replace(config, seed=1, lr=0.02)]
    moved = [dataclasses.replace(one, device="cuda") for one in configs]
    here, there = list(train(configs, dtype=dtype)), list(train(moved, dtype=dtype))
    np.testing.assert_allclose([f.params for f in there], [f.params for f in here], rtol=0, atol=tolerance)
    np.testing.assert_allclose([f.running for f in there], [f.running for f in here], rtol=0, atol=tolerance)
    losses = [metrics(frames, configs).loss["test"] for frames in (here, there)]
    np.testing.assert_allclose(losses[1], losses[0], rtol=0, atol=tolerance)


def test_a_run_that_diverges_on_a_gpu_is_frozen_there_too() -> None:
    config = TrainConfig(optimizer="momentum", lr=300.0, l2=0.1, device="cuda", num_steps=60)
    *_, last = train([config, dataclasses.replace(config, lr=0.05)])
    assert set(last.diverged) == {0}
    assert np.isfinite(last.params).all()
