"""Many networks of one architecture, computed side by side: M models, each a row of one flat tensor.

Knows where each parameter lies, how it is drawn, and the way forward; does not know gradients, data or who trains.
A row is torch.nn.utils.parameters_to_vector of Linear (, BatchNorm1d), ..., Linear. Values lie as (models, units,
samples), features first, because that is fastest.
"""

import itertools
import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

import torch
import torch.nn.functional as F
from torch import Tensor

NORM_EPS = 1e-5  # torch's own
NORM_MOMENTUM = 0.1  # torch's own: the weight of the new batch in the running statistics

NAME = re.compile(r"w(\d{1,3})\.(\d{1,4})\.(\d{1,4})|b(\d{1,3})\.(\d{1,4})", re.ASCII)  # of a weight, of a bias

ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "tanh": torch.tanh,
    "relu": torch.relu,
    "sigmoid": torch.sigmoid,
    "linear": lambda z: z,
}


class Layer(NamedTuple):
    """The parameters of one layer of M models, as views; scale and shift are batch norm's, None without."""

    weight: Tensor  # (models, outputs, inputs)
    bias: Tensor  # (models, outputs, 1)
    scale: Tensor | None = None  # (models, outputs)
    shift: Tensor | None = None  # (models, outputs)


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """The shape of a network of fully connected layers."""

    widths: tuple[int, ...]  # inputs, hidden layers, outputs
    activation: str
    batch_norm: bool

    @property
    def hidden(self) -> tuple[int, ...]:
        """Units of each hidden layer."""
        return self.widths[1:-1]

    @property
    def sizes(self) -> tuple[int, ...]:
        """Numbers in each part of a row: weight, bias (, scale, shift), layer after layer."""
        norms = [(out, out) if self.batch_norm else () for out in self.hidden] + [()]
        pairs = zip(itertools.pairwise(self.widths), norms, strict=True)
        return tuple(size for (n, out), norm in pairs for size in (n * out, out, *norm))

    @property
    def _parts_per_layer(self) -> int:
        return 4 if self.batch_norm else 2

    @property
    def num_params(self) -> int:
        """Numbers in a row."""
        return sum(self.sizes)

    def weight_spans(self) -> list[slice]:
        """Where each layer's weight lies in a row."""
        starts = [0, *itertools.accumulate(self.sizes)]
        return [slice(starts[i], starts[i + 1]) for i in range(0, len(self.sizes), self._parts_per_layer)]

    def place_of(self, name: str) -> int:
        """Where a number lies in a row: w1.0.2 is layer 1's weight to unit 0 from unit 2, b1.0 that unit's bias.

        Layers are counted from 1, the output's is the last; units and inputs from 0.

        Raises: ValueError for a name that is none, or of a layer or unit that there is not.
        """
        match = NAME.fullmatch(name)
        if match is None:
            raise ValueError(f"“{name[:40]}” is no number of a network: write w1.0.2 or b1.0.")
        layer, unit, *source = (int(number) for number in match.groups() if number is not None)
        if not 1 <= layer < len(self.widths):
            raise ValueError(f"{name} is of layer {layer}: there are layers 1 to {len(self.widths) - 1}.")
        n, out = self.widths[layer - 1 : layer + 1]
        if unit >= out:
            raise ValueError(f"{name} is of unit {unit}: layer {layer} has units 0 to {out - 1}.")
        span = self.weight_spans()[layer - 1]
        if not source:
            return span.stop + unit
        if source[0] >= n:
            raise ValueError(f"{name} is from unit {source[0]}: layer {layer} is given units 0 to {n - 1}.")
        return span.start + unit * n + source[0]

    def is_weight(self) -> Tensor:
        """Which numbers of a row are weights and neither biases nor batch norm's, (num_params,) bool."""
        mask = torch.zeros(self.num_params, dtype=torch.bool)
        for span in self.weight_spans():
            mask[span] = True
        return mask

    def has_effect(self) -> Tensor:
        """Which numbers of a row can change an answer, (num_params,) bool: batch norm takes the bias before it away."""
        mask = torch.ones(self.num_params, dtype=torch.bool)
        if self.batch_norm:
            for span, width in zip(self.weight_spans(), self.hidden, strict=False):
                mask[span.stop : span.stop + width] = False
        return mask

    def draw(self, generator: torch.Generator) -> Tensor:
        """First parameters of one model, (num_params,): uniform within ±1/√(fan-in), as torch.nn.Linear's own."""
        sizes, parts = iter(self.sizes), []
        for number, fan_in in enumerate(self.widths[:-1]):
            bound = 1 / math.sqrt(fan_in)
            weight, bias = torch.empty(next(sizes)), torch.empty(next(sizes))
            parts += [part.uniform_(-bound, bound, generator=generator) for part in (weight, bias)]
            if self.batch_norm and number < len(self.hidden):
                parts += [torch.ones(next(sizes)), torch.zeros(next(sizes))]
        return torch.cat(parts)

    def parts(self, params: Tensor) -> list[Tensor]:
        """The parts of params (models, num_params), as views with the shapes that a `Layer` has."""
        parts = list(params.split(self.sizes, dim=1))
        step = self._parts_per_layer
        for number, (n, out) in enumerate(itertools.pairwise(self.widths)):
            parts[step * number] = parts[step * number].unflatten(1, (out, n))
            parts[step * number + 1] = parts[step * number + 1].unsqueeze(2)
        return parts

    def layers(self, parts: Sequence[Tensor]) -> list[Layer]:
        """The parts by layer."""
        step = self._parts_per_layer
        return [Layer(*parts[start : start + step]) for start in range(0, len(parts), step)]

    def first_running(self, models: int) -> list[Tensor]:
        """Batch norm's statistics before any batch, one (2, models, units) a hidden layer: means 0, variances 1."""
        widths = self.hidden if self.batch_norm else ()
        return [torch.stack([torch.zeros(models, width), torch.ones(models, width)]) for width in widths]


def outputs(
    architecture: Architecture,
    parts: Sequence[Tensor],
    inputs: Tensor,
    *,
    running: Sequence[Tensor],
    masks: Sequence[Tensor] = (),
    training: bool = False,
    group: int = 0,
) -> list[Tensor]:
    """What every layer gives, the logits last: (models, units, samples) each.

    parts: those of `Architecture.parts`; inputs: (models, features, samples). running: batch norm's statistics,
    used, or in training moved towards the batch's, in place. masks: what hidden layers' outputs are multiplied by.
    group: so many samples after another are normalised by their own statistics, and running is neither used nor moved.
    """
    activation = ACTIVATIONS[architecture.activation]
    layers = architecture.layers(parts)
    values = []
    x = inputs
    for number, layer in enumerate(layers):
        x = torch.baddbmm(layer.bias, layer.weight, x)  # z = W x + b
        if layer is not layers[-1]:
            if architecture.batch_norm:
                x = by_groups(x, layer, group) if group else normalise(x, layer, running[number], training=training)
            x = activation(x)
            if masks:
                x = x * masks[number]
        values.append(x)
    return values


def normalise(z: Tensor, layer: Layer, running: Tensor, *, training: bool) -> Tensor:
    """γ (z − mean)/√(variance + ε) + β for each unit: of this batch in training, of the running statistics else.

    Every unit of every model is a channel of one image, so that torch's own batch norm does all of them at once.
    """
    mean, variance = running
    scale, shift = layer.scale, layer.shift
    assert scale is not None
    assert shift is not None
    channels = z.reshape(1, -1, z.shape[2])
    normal = F.batch_norm(
        channels,
        mean.view(-1),
        variance.view(-1),
        scale.reshape(-1),
        shift.reshape(-1),
        training=training,
        momentum=NORM_MOMENTUM,
        eps=NORM_EPS,
    )
    return normal.view(z.shape)


def by_groups(z: Tensor, layer: Layer, size: int) -> Tensor:
    """The same by the statistics of each group of samples, one after another in z (models, units, groups · size)."""
    assert layer.scale is not None
    assert layer.shift is not None
    grouped = z.unflatten(2, (-1, size))
    variance, mean = torch.var_mean(grouped, dim=3, correction=0, keepdim=True)
    normal = ((grouped - mean) * (variance + NORM_EPS).rsqrt()).flatten(2)
    return normal * layer.scale[..., None] + layer.shift[..., None]


def cross_entropy(logits: Tensor, targets: Tensor) -> Tensor:
    """Mean cross-entropy of each model, (models,), in nats.

    logits, targets: (models, outputs, samples). Targets are probabilities; a single output is that of class 1.
    """
    if logits.shape[1] == 1:
        return F.binary_cross_entropy_with_logits(logits, targets, reduction="none").mean(dim=(1, 2))
    return -(targets * logits.log_softmax(dim=1)).sum(dim=1).mean(dim=1)
