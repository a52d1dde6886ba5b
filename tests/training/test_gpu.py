"""On a GPU a run tells the same story: all chance is drawn on the CPU, so only the order of sums differs."""

import dataclasses

import numpy as np
import pytest
import torch

from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.planes import PlaneConfig
from dlcore.training import Edit, TrainConfig, check_against_torch, metrics, train

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
EDITED = dataclasses.replace(BUSY, edits=(Edit(0, "w1.0.0", 1.0), Edit(20, "lr", 0.02), Edit(40, "b3.1", 0.5)))
SHIFTED = TrainConfig(data=DigitsConfig(num_train=100), hidden=(32,), dropout=0.3, augment=1.0, num_steps=60)
CASES = {"plain": TrainConfig(num_steps=60), "busy": BUSY, "edits": EDITED, "shifted digits": SHIFTED}


@pytest.mark.parametrize("config", CASES.values(), ids=CASES)
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


@pytest.mark.parametrize("config", CASES.values(), ids=CASES)
def test_on_a_gpu_the_stack_is_torch_there_too(config: TrainConfig) -> None:
    moved = dataclasses.replace(config, device="cuda")
    assert check_against_torch(moved, dtype=torch.float64) < 1e-8
