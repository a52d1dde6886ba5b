"""Networks that train with a normalisation or without, many at once; knows no lesson's settings and no pictures.

The training is dlcore.training's own; here are layer and group norm beside its batch norm, first weights of another
size, and the ways in which a network can be used afterwards: with its running statistics, or with a batch's own.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import torch
from torch import Tensor

from dlcore.training import Divergence, TrainConfig, sentence
from dlcore.training.feed import Batch
from dlcore.training.measures import by_layer
from dlcore.training.network import ACTIVATIONS, NORM_EPS, Architecture, Layer, cross_entropy
from dlcore.training.stack import Stack

NUM_GROUPS = 8  # of a layer's units, for group norm


def normalise(z: Tensor, layer: Layer, norm: str, *, running: Tensor | None = None, batch_size: int = 0) -> Tensor:
    """γ ẑ + β for z (models, units, samples); ẑ has mean 0 and variance 1 over the numbers that share a mean.

    running: batch norm's statistics (2, models, units), to be used instead of a batch's. batch_size: so many samples,
    one after the other, are a batch; 0: all are.
    """
    models, units, samples = z.shape
    assert layer.scale is not None
    assert layer.shift is not None
    if running is not None:
        mean, variance = running[..., None]
        rate = layer.scale[..., None] * (variance + NORM_EPS).rsqrt()
        return torch.addcmul(layer.shift[..., None] - mean * rate, z, rate)  # the same in one go
    sizes = {"batch": (units, 1, -1, batch_size or samples), "layer": (1, units, samples, 1)}
    sizes["group"] = (NUM_GROUPS, units // NUM_GROUPS, samples, 1)
    sets = z.view(models, *sizes[norm])  # (models, groups, their units, batches, their samples)
    centred = sets - sets.mean(dim=(2, 4), keepdim=True)
    variance = centred.square().mean(dim=(2, 4), keepdim=True)  # much faster than torch.var_mean
    normal = (centred * (variance + NORM_EPS).rsqrt()).view(z.shape)
    return torch.addcmul(layer.shift[..., None], normal, layer.scale[..., None])


def values(
    architecture: Architecture,
    parts: Sequence[Tensor],
    inputs: Tensor,
    norm: str,
    *,
    running: Sequence[Tensor] = (),
    batch_size: int = 0,
) -> list[Tensor]:
    """What goes into each activation, and at last the logits: (models, units, samples) each; see `normalise`.

    inputs: (models, features, samples).
    """
    *hidden, last = architecture.layers(parts)
    found, x = [], inputs
    for number, layer in enumerate(hidden):
        z = torch.baddbmm(layer.bias, layer.weight, x)
        if norm != "none":
            z = normalise(z, layer, norm, running=running[number] if running else None, batch_size=batch_size)
        found.append(z)
        x = ACTIVATIONS[architecture.activation](z)
    return [*found, torch.baddbmm(last.bias, last.weight, x)]


class NormStack(Stack):
    """Runs of layer or group norm: parameters, updates and batches as those of batch norm."""

    def __init__(self, configs: Sequence[TrainConfig], dtype: torch.dtype, norm: str) -> None:
        super().__init__(configs, dtype)
        self.norm = norm

    def predict(self, batch: Batch) -> Tensor:
        """The logits of the batch, (models, outputs, samples)."""
        return values(self.architecture, self.leaves, batch.inputs, self.norm)[-1]


class Course:
    """Runs of one normalisation while they train. Those that diverge stay as they last were.

    configs: alike but for their data, rates and seeds, with batch_norm wherever there is a normalisation. gain: how
    many times as large the first weights are as torch's own.
    """

    def __init__(
        self, configs: Sequence[TrainConfig], norm: str, gain: float = 1.0, dtype: torch.dtype = torch.float32
    ) -> None:
        self.norm = norm
        self.stack = NormStack(configs, dtype, norm) if norm in ("layer", "group") else Stack(configs, dtype)
        for span in self.stack.architecture.weight_spans():
            self.stack.params[:, span] *= gain  # the leaves are views of them
        samples = [config.data.make().test for config in configs]
        self.inputs = torch.stack([each.inputs for each in samples]).mT.to(dtype)
        self.labels = torch.stack([each.labels for each in samples])
        self.loss = torch.full((len(configs),), torch.nan, dtype=dtype)  # mean over the batches of the last `advance`
        self.last: tuple[list[int], list[Tensor]] = ([], [])  # runs, and gradients of their weights, layer by layer

    @property
    def diverged(self) -> dict[int, Divergence]:
        """What left the finite numbers first, by run."""
        return self.stack.diverged

    def advance(self, num_steps: int) -> None:
        """So many updates of every run; keeps the batches' mean loss, and the last gradients."""
        sums, counts = torch.zeros_like(self.loss), torch.zeros_like(self.loss)
        for step in range(1, num_steps + 1):
            if not self.stack.rows:
                break
            rows, batch = list(self.stack.rows), self.stack.next_batch()
            losses = cross_entropy(self.stack.predict(batch), batch.targets)
            losses.sum().backward()
            if step == num_steps:
                layers = self.stack.architecture.layers(self.stack.leaves)
                self.last = rows, [layer.weight.grad for layer in layers if layer.weight.grad is not None]
            self.stack.step(losses.detach())
            self.stack.zero_grad()
            sums[rows] += losses.detach()
            counts[rows] += 1
        self.loss = torch.where(counts > 0, sums / counts, self.loss)

    @property
    def gradients(self) -> Tensor:
        """The norm of the last gradient of each layer's weights, (runs, layers); NaN where there is none."""
        rows, gradients = self.last
        found = self.inputs.new_full((len(self.inputs), len(self.stack.architecture.weight_spans())), torch.nan)
        if rows:
            found[rows] = torch.stack([grad.norm(dim=(1, 2)) for grad in gradients], dim=1)
        return found

    @torch.no_grad()
    def answers(self, statistics: str = "running", batch_size: int = 0, limit: int | None = None) -> list[Tensor]:
        """What every run makes of the test samples, or of the first so many: see `values`.

        statistics: what batch norm uses, its "running" ones or those of "batch", `batch_size` samples at a time.
        """
        frame, architecture = self.stack.frame(), self.stack.architecture
        running = by_layer(torch.from_numpy(frame.running), architecture)
        uses_running = self.norm == "batch" and statistics == "running"
        return values(
            architecture,
            architecture.parts(torch.from_numpy(frame.params)),
            self.inputs[..., :limit],
            self.norm,
            running=running if uses_running else (),
            batch_size=batch_size,
        )

    def accuracy(self, logits: Tensor) -> Tensor:
        """Share of right answers of each run, (runs,)."""
        return (logits.argmax(dim=1) == self.labels[:, : logits.shape[2]]).float().mean(dim=1)


def first_lost(what: str, diverged: Mapping[Any, Divergence], count: int) -> str:
    """What left the finite numbers first; what: which of the runs, of which there are so many."""
    if not diverged:
        return ""
    first = min(diverged.values(), key=lambda divergence: divergence.step)
    return sentence(first, f"{what}, the first of {len(diverged)} networks, of {count}, that diverged")
