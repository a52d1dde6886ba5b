"""The same training written with torch.nn and torch.optim alone, and how far the stacked one is from it.

Knows the usual loop for one network; takes from the stack what a run sees in each step, and nothing of how it learns.
"""

import itertools
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from dlcore.training.config import TrainConfig
from dlcore.training.edits import Edit
from dlcore.training.feed import Feed, streams
from dlcore.training.loop import train

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "linear": nn.Identity}


def check_against_torch(config: TrainConfig, num_steps: int = 20, dtype: torch.dtype = torch.float32) -> float:
    """The largest difference of any parameter after any of the first steps, between `train` and the loop below.

    Both are given the same first weights, batches, masks and noise. Steps from a divergence on do not count, nor does a
    bias in front of batch norm: the mean takes it away again, so that its gradient is nothing but rounding.
    """
    few = replace(config, num_steps=min(num_steps, config.num_steps))
    frames = list(train([few], dtype=dtype))
    finite = frames[: max(frames[-1].diverged[0].step, 1)] if frames[-1].diverged else frames
    path = torch_loop(few, len(finite) - 1, dtype)
    ours = torch.from_numpy(np.concatenate([frame.params for frame in finite]))
    counts = few.architecture.has_effect()
    return float((ours - torch.stack(path))[:, counts].abs().max())


def torch_loop(config: TrainConfig, num_steps: int, dtype: torch.dtype) -> list[Tensor]:
    """The parameters of one network before the first and after each step, (num_params,) each, on the CPU."""
    model = Network(config).to(config.device, dtype)
    first = config.architecture.draw(streams(config.seed).weights)
    vector_to_parameters(first.to(config.device, dtype), model.parameters())
    feed = Feed([config], [config.data.make().train], dtype)
    optimizer = optimizer_of(config, model)
    loss_of = nn.BCEWithLogitsLoss() if config.data.num_classes == 2 else nn.CrossEntropyLoss()

    model.change(config.edits, 0, optimizer)
    path = [parameters_to_vector(model.parameters()).detach().cpu()]
    for step in range(1, num_steps + 1):
        batch = feed.next()
        logits = model(batch.inputs[0].T, [mask[0].T for mask in batch.masks])
        loss = loss_of(logits, batch.targets[0].T) + config.l1 * sum(w.abs().sum() for w in model.weights())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        model.change(config.edits, step, optimizer)
        path.append(parameters_to_vector(model.parameters()).detach().cpu())
    return path


class Network(nn.Module):
    """Linear layers with their activation, and batch norm in between where the config says so."""

    def __init__(self, config: TrainConfig) -> None:
        super().__init__()
        widths = config.architecture.widths
        self.layers = nn.ModuleList()
        for n, out in itertools.pairwise(widths[:-1]):
            norm = [nn.BatchNorm1d(out)] if config.batch_norm else []
            self.layers.append(nn.Sequential(nn.Linear(n, out), *norm, ACTIVATIONS[config.activation]()))
        self.last = nn.Linear(widths[-2], widths[-1])

    def forward(self, x: Tensor, masks: Sequence[Tensor]) -> Tensor:
        """The logits (samples, outputs) of inputs (samples, features); masks: (samples, units) a layer, or none."""
        for layer, mask in itertools.zip_longest(self.layers, masks):
            x = layer(x) if mask is None else layer(x) * mask
        return self.last(x)

    def linears(self) -> list[nn.Linear]:
        """All linear layers, from the first."""
        return [module for module in self.modules() if isinstance(module, nn.Linear)]

    def weights(self) -> list[Tensor]:
        """What is penalised."""
        return [linear.weight for linear in self.linears()]

    @torch.no_grad()
    def change(self, edits: Sequence[Edit], step: int, optimizer: torch.optim.Optimizer) -> None:
        """Makes the changes by hand of this step."""
        for edit in edits:
            if edit.step != step:
                continue
            if edit.name == "lr":
                for group in optimizer.param_groups:
                    group["lr"] = edit.value
                continue
            number, *place = map(int, edit.name[1:].split("."))
            linear = self.linears()[number - 1]
            (linear.weight if edit.name.startswith("w") else linear.bias)[tuple(place)] = edit.value


def optimizer_of(config: TrainConfig, model: Network) -> torch.optim.Optimizer:
    """Torch's own, with weight decay for the weights alone."""
    weights = model.weights()
    others = [param for param in model.parameters() if all(param is not weight for weight in weights)]
    groups = [{"params": weights, "weight_decay": config.l2}, {"params": others, "weight_decay": 0.0}]
    if config.optimizer == "adam":
        return torch.optim.Adam(groups, lr=config.lr)
    if config.optimizer == "adamw":
        return torch.optim.AdamW(groups, lr=config.lr)
    return torch.optim.SGD(groups, lr=config.lr, momentum=0.9 if config.optimizer == "momentum" else 0.0)
