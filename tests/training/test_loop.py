"""Every run of a stack is the run alone, and the run alone is the program written with torch.nn and torch.optim.

In float64 they agree to 1e-9; in float32 and over some dozen steps to 1e-4, since sums are added in another order.
"""

import itertools

import numpy as np
import pytest
import torch

from dlcore.datasets.digits import DigitsConfig
from dlcore.datasets.planes import PlaneConfig
from dlcore.training import TrainConfig, train
from tests.training import torch_loop
from tests.training.cases import CASES, PLAIN, but, neighbours


@pytest.mark.parametrize("config", CASES.values(), ids=CASES)
def test_a_run_is_the_program_written_with_torch(config: TrainConfig) -> None:
    frames = list(train([config], dtype=torch.float64))
    path, model = torch_loop.train(config)
    np.testing.assert_allclose([f.params[0] for f in frames], torch.stack(path).numpy(), rtol=0, atol=1e-9)
    if config.batch_norm:
        expected = torch_loop.running_statistics(model).numpy()
        np.testing.assert_allclose(frames[-1].running[0], expected, rtol=0, atol=1e-9)


@pytest.mark.parametrize("config", CASES.values(), ids=CASES)
@pytest.mark.parametrize(("dtype", "tolerance"), [(torch.float64, 1e-9), (torch.float32, 1e-4)], ids=["64", "32"])
def test_a_run_among_others_is_the_run_alone(config: TrainConfig, dtype: torch.dtype, tolerance: float) -> None:
    configs = neighbours(config)
    together = list(train(configs, dtype=dtype))
    for row, one in enumerate(configs):
        alone = list(train([one], dtype=dtype))
        for field in ("params", "running"):
            crowd = [getattr(frame, field)[row] for frame in together]
            np.testing.assert_allclose(crowd, [getattr(f, field)[0] for f in alone], rtol=0, atol=tolerance)


def test_digits_are_trained_as_any_other_data() -> None:
    config = TrainConfig(data=DigitsConfig(num_train=100), hidden=(16,), batch_size=32, num_steps=20)
    *_, last = train([config], dtype=torch.float64)
    path, _ = torch_loop.train(config)
    np.testing.assert_allclose(last.params[0], path[-1].numpy(), rtol=0, atol=1e-9)


def test_two_runs_of_one_seed_start_from_the_same_weights_and_differ_by_what_differs() -> None:
    first, *_ = train([PLAIN, but(PLAIN, dropout=0.5, lr=0.1), but(PLAIN, seed=4)])
    np.testing.assert_array_equal(first.params[0], first.params[1])
    assert (first.params[0] != first.params[2]).mean() > 0.9


def test_equal_configs_give_equal_numbers_whatever_runs_between() -> None:
    config = CASES["all at once"]
    with_seed = [train([config]), train([but(config, seed=9)]), train([config])]
    for first, other, second in zip(*with_seed, strict=True):
        np.testing.assert_array_equal(first.params, second.params)
        np.testing.assert_array_equal(first.running, second.running)
        assert not np.array_equal(first.params, other.params)


def test_the_global_generator_is_left_alone() -> None:
    before = torch.get_rng_state()
    list(train([but(CASES["all at once"], num_steps=3)]))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("every", "steps"), [(1, [0, 1, 2, 3, 4, 5, 6, 7]), (3, [0, 3, 6, 7]), (7, [0, 7]), (99, [0, 7])]
)
def test_frames_come_every_few_steps_and_at_both_ends(every: int, steps: list[int]) -> None:
    config = but(PLAIN, num_steps=7)
    frames = list(train([config], every=every))
    assert [frame.step for frame in frames] == steps
    dense = list(train([config]))
    for frame in frames:
        np.testing.assert_array_equal(frame.params, dense[frame.step].params)


def test_a_frame_is_not_changed_by_later_steps() -> None:
    run = train([CASES["batch norm"]])
    first = next(run)
    params, running = first.params.copy(), first.running.copy()
    assert (running[:, 0] == 0).all()
    assert (running[:, 1] == 1).all()
    later = list(itertools.islice(run, 5))
    np.testing.assert_array_equal(first.params, params)
    np.testing.assert_array_equal(first.running, running)
    assert not np.array_equal(later[-1].running, running)


def test_nothing_is_yielded_inside_a_mode_without_gradients() -> None:
    for _ in train([but(PLAIN, num_steps=3)]):
        assert torch.is_grad_enabled()
        assert not torch.is_inference_mode_enabled()


def test_training_learns() -> None:
    config = TrainConfig(data=PlaneConfig(noise=0.1), optimizer="adam", lr=0.05, num_steps=200)
    frames = list(train([config], every=200))
    samples = config.data.make().test
    _, model = torch_loop.train(config)
    torch.nn.utils.vector_to_parameters(torch.tensor(frames[-1].params[0]).double(), model.parameters())
    assert ((model(samples.inputs.double())[:, 0] > 0) == samples.labels).float().mean() > 0.97
