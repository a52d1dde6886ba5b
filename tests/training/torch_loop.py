"""The same training once more, with torch.nn and torch.optim alone: one model, its own modules, the usual loop."""

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from dlcore.training.config import TrainConfig
from dlcore.training.feed import Batch, Feed, streams

ACTIVATIONS = {"tanh": nn.Tanh, "relu": nn.ReLU, "sigmoid": nn.Sigmoid, "linear": nn.Identity}


class Masked(nn.Module):
    """Dropout with a mask that is given; nothing in eval mode, as nn.Dropout."""

    mask: Tensor | None = None

    def forward(self, x: Tensor) -> Tensor:
        return x * self.mask if self.training and self.mask is not None else x


def network(config: TrainConfig) -> nn.Sequential:
    outputs = 1 if config.data.num_classes == 2 else config.data.num_classes
    widths = (config.data.num_features, *config.hidden)
    modules: list[nn.Module] = []
    for n, out in itertools.pairwise(widths):
        modules += [nn.Linear(n, out), *([nn.BatchNorm1d(out)] if config.batch_norm else [])]
        modules += [ACTIVATIONS[config.activation](), Masked()]
    return nn.Sequential(*modules, nn.Linear(widths[-1], outputs)).double()


def optimizer(config: TrainConfig, model: nn.Module) -> torch.optim.Optimizer:
    """Weight decay for the weights of linear layers only."""
    decayed = [layer.weight for layer in model if isinstance(layer, nn.Linear)]  # type: ignore[union-attr]
    others = [p for p in model.parameters() if all(p is not weight for weight in decayed)]
    groups = [{"params": decayed, "weight_decay": config.l2}, {"params": others, "weight_decay": 0.0}]
    match config.optimizer:
        case "sgd":
            return torch.optim.SGD(groups, lr=config.lr)
        case "momentum":
            return torch.optim.SGD(groups, lr=config.lr, momentum=0.9)
        case "adam":
            return torch.optim.Adam(groups, lr=config.lr)
        case _:
            return torch.optim.AdamW(groups, lr=config.lr)


def data_loss(logits: Tensor, targets: Tensor) -> Tensor:
    """logits, targets: (samples, outputs)."""
    if logits.shape[1] == 1:
        return nn.functional.binary_cross_entropy_with_logits(logits, targets)
    return nn.functional.cross_entropy(logits, targets)


def batches(config: TrainConfig) -> list[Batch]:
    """What the run sees in each of its steps, when it is alone."""
    feed = Feed([config], [config.data.make().train], torch.float64)
    return [feed.next() for _ in range(config.num_steps)]


def train(config: TrainConfig) -> tuple[list[Tensor], nn.Sequential]:
    """Parameters before the first and after every step, (num_params,) each, and the trained model."""
    model = network(config)
    vector_to_parameters(config.architecture.draw(streams(config.seed).weights).double(), model.parameters())
    rule = optimizer(config, model)
    weights = [layer.weight for layer in model if isinstance(layer, nn.Linear)]
    path = [parameters_to_vector(model.parameters()).detach().clone()]
    for batch in batches(config):
        set_masks(model, batch.masks)
        loss = data_loss(model(batch.inputs[0].T), batch.targets[0].T)
        loss = loss + config.l1 * torch.stack([weight.abs().sum() for weight in weights]).sum()
        loss.backward()
        rule.step()
        rule.zero_grad()
        path.append(parameters_to_vector(model.parameters()).detach().clone())
    return path, model.eval()


def set_masks(model: nn.Sequential, masks: Sequence[Tensor]) -> None:
    for module, mask in zip([m for m in model if isinstance(m, Masked)], masks, strict=False):
        module.mask = mask[0].T


def running_statistics(model: nn.Sequential) -> Tensor:
    """(2, units): all running means, all running variances."""
    norms = [module for module in model if isinstance(module, nn.BatchNorm1d)]
    assert all(norm.running_mean is not None and norm.running_var is not None for norm in norms)
    means = [norm.running_mean for norm in norms if norm.running_mean is not None]
    variances = [norm.running_var for norm in norms if norm.running_var is not None]
    return torch.stack([torch.cat(means), torch.cat(variances)])
