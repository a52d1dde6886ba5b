"""A run's frames: what each holds, of which nets, and that its masks are those that training used."""

import numpy as np
import pytest
import torch
import torch.nn.functional as F

from dlcore.topics.dropout_config import NUM_SEEDS, DropoutConfig
from dlcore.topics.dropout_runs import MATRIX, SHOWN, frames, said
from dlcore.training import Divergence, Snapshot, TrainFrame, mask_rows, metrics, train

CONFIG = DropoutConfig(num_steps=120, width=16, seed=3)


@pytest.fixture(scope="module")
def run() -> list[Snapshot]:
    return list(frames(CONFIG))


def rows(run: list[Snapshot], name: str) -> np.ndarray:
    return np.stack([snapshot.arrays[name] for snapshot in run])


def test_there_is_a_frame_for_each_shown_step_and_all_are_alike(run: list[Snapshot]) -> None:
    assert len(run) == len(CONFIG.steps)
    shapes = [{name: (value.shape, value.dtype) for name, value in snapshot.arrays.items()} for snapshot in run]
    assert all(shape == shapes[0] for shape in shapes)
    assert {value.dtype.name for value in run[0].arrays.values()} == {"float32", "uint8"}
    assert {snapshot.said for snapshot in run} == {""}


def test_scores_are_those_of_the_runs_over_the_seeds(run: list[Snapshot]) -> None:
    runs = [*CONFIG.runs(0.0), *CONFIG.runs(CONFIG.p)]
    found = metrics(list(train(runs, every=CONFIG.every)), runs)
    for net, part in (("a", slice(NUM_SEEDS)), ("b", slice(NUM_SEEDS, None))):
        for split in ("train", "test"):
            accuracy, loss = 100 * found.accuracy[split][:, part], found.loss[split][:, part]
            for values, name in ((accuracy, "accuracy"), (loss, "loss")):
                assert rows(run, f"{net}.{name}.{split}.mean") == pytest.approx(values.mean(axis=1), rel=1e-4)
                assert rows(run, f"{net}.{name}.{split}.low") == pytest.approx(values.min(axis=1), rel=1e-4)
                assert rows(run, f"{net}.{name}.{split}.high") == pytest.approx(values.max(axis=1), rel=1e-4)


def test_the_masks_are_those_that_the_first_point_had_in_training(run: list[Snapshot]) -> None:
    assert rows(run, "b.masks1")[0].tolist() == [1] * SHOWN
    b = CONFIG.runs(CONFIG.p)[0]
    for number, kept in enumerate(mask_rows(b, (CONFIG.steps[1:] - 1).tolist()), start=1):
        assert (rows(run, f"b.masks{number}")[1:] == kept[:, :SHOWN]).all()


def test_the_shares_say_how_often_a_unit_stayed(run: list[Snapshot]) -> None:
    b = CONFIG.runs(CONFIG.p)[0]
    for number, kept in enumerate(mask_rows(b, range(CONFIG.num_steps)), start=1):
        shares = rows(run, f"b.shares{number}")
        assert shares[-1] / 255 == pytest.approx(kept[:, :SHOWN].mean(axis=0), abs=0.003)
        assert abs(shares[-1].mean() / 255 - (1 - CONFIG.p)) < 0.1


def test_weights_biases_and_surface_are_the_first_seeds(run: list[Snapshot]) -> None:
    b = CONFIG.runs(CONFIG.p)[0]
    *_, last = train([b], every=CONFIG.num_steps)
    parts = b.architecture.layers(b.architecture.parts(torch.from_numpy(last.params)))
    x = torch.tensor([[CONFIG.points.reach, -CONFIG.points.reach]])  # the last column of the lowest row
    for number, layer in enumerate(parts, start=1):
        shown = layer.weight[0, :SHOWN, :SHOWN]
        assert run[-1].arrays[f"b.weights{number}"] == pytest.approx(shown.numpy(), abs=1e-3)
        assert run[-1].arrays[f"b.biases{number}"] == pytest.approx(layer.bias[0, :SHOWN, 0].numpy(), abs=1e-3)
        x = F.linear(x, layer.weight[0], layer.bias[0, :, 0])
        x = x if number == len(parts) else x.relu()
    surface = np.asarray(run[-1].arrays["b.surface"])
    assert abs(int(surface[0, 0, -1]) - 255 * float(x.sigmoid())) < 2


def test_the_matrix_is_of_both_layers_and_wholly_alike_with_itself(run: list[Snapshot]) -> None:
    matrix = np.asarray(run[-1].arrays["a.matrix"]).astype(int)
    size = 2 * min(CONFIG.width, MATRIX)
    assert matrix.shape == (size, size)
    assert (matrix == matrix.T).all()
    assert set(np.diag(matrix)) <= {0, 255}


def test_without_dropout_b_is_a() -> None:
    for snapshot in frames(DropoutConfig(num_steps=20, p=0.0, width=8)):
        for name in ("surface", "weights2", "accuracy.test.mean", "removed.mean", "matrix"):
            assert snapshot.arrays[f"a.{name}"] == pytest.approx(snapshot.arrays[f"b.{name}"], rel=1e-5)
        assert (snapshot.arrays["b.masks1"] == 1).all()


@pytest.mark.parametrize(("width", "depth"), [(4, 1), (8, 3)])
def test_small_and_deep_networks_have_their_arrays(width: int, depth: int) -> None:
    first, *_ = frames(DropoutConfig(num_steps=10, width=width, depth=depth))
    assert np.shape(first.arrays[f"a.maps{depth}"])[:1] == (min(width, SHOWN),)
    assert first.arrays[f"b.weights{depth + 1}"].shape == (1, min(width, SHOWN))
    assert first.arrays["a.matrix"].shape == (depth * width, depth * width)


def test_what_diverged_first_is_told_in_a_sentence() -> None:
    fine = TrainFrame(50, np.zeros((16, 3)), np.zeros((16, 2, 0)), {})
    assert said(fine) == ""
    wild = fine._replace(diverged={2: Divergence(44, "weights"), 9: Divergence(37, "loss")})
    assert said(wild) == "B, seed 2 of 8: the loss left the finite numbers at step 37. Its last finite state stays."
