"""Many runs as rows of the same tensors: their parameters, the optimizer's buffers, and each run's own chances.

Knows one update. All that belongs to a run is a row, so runs can leave at any step, and those that diverge do.
"""

import math
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from dlcore.training.config import TrainConfig, check_alike
from dlcore.training.edits import Edit
from dlcore.training.feed import Batch, Feed
from dlcore.training.frames import Divergence, TrainFrame
from dlcore.training.network import cross_entropy, outputs
from dlcore.training.rules import RULES

FAR_AWAY = 1e8  # a parameter beyond this has diverged


class Stack:
    """The state of runs that are trained as one.

    Raises: ValueError for runs that cannot be, or a device that this machine does not have.
    """

    def __init__(self, configs: Sequence[TrainConfig], dtype: torch.dtype = torch.float32) -> None:
        check_alike(configs)
        first = configs[0]
        where = {"device": _present(first.device), "dtype": dtype}
        self.architecture, self.rule = first.architecture, RULES[first.optimizer]
        self.feed = Feed(configs, [config.data.make().train for config in configs], dtype)
        self.rows = list(range(len(configs)))  # which run each model is
        self.diverged: dict[int, Divergence] = {}
        self.updates = 0

        drawn = torch.stack([self.architecture.draw(chances.weights) for chances in self.feed.chances])
        self.params = drawn.to(**where)
        self.leaves = self._leaves()
        self.running = [statistics.to(**where) for statistics in self.architecture.first_running(len(configs))]
        self.moved_running = self.running
        self.state = {name: torch.zeros_like(self.params) for name in self.rule.state}
        self.lr, l1, l2 = (
            torch.tensor([[getattr(config, name)] for config in configs], dtype=torch.float64).to(**where)
            for name in ("lr", "l1", "l2")
        )
        is_weight = self.architecture.is_weight().to(where["device"])
        self.l1, self.l2 = (strength * is_weight if strength.any() else None for strength in (l1, l2))
        self.edits = edits_by_step(configs)
        self._edit()
        self.lost: dict[int, tuple[np.ndarray, np.ndarray]] = {}  # by run: where those stand that have diverged
        self.num_runs = len(configs)

    def update(self) -> None:
        """One step of the training loop, for all models."""
        batch = self.next_batch()
        logits = self.predict(batch)
        losses = cross_entropy(logits, batch.targets)
        losses.sum().backward()  # of the sum, since no run's loss depends on another's parameters
        self.step(losses.detach())
        self.zero_grad()

    def next_batch(self) -> Batch:
        """What every model sees in this step."""
        return self.feed.next()

    def predict(self, batch: Batch) -> Tensor:
        """The logits of the batch, (models, outputs, samples)."""
        self.moved_running = [statistics.clone() for statistics in self.running]
        *_, logits = outputs(
            self.architecture, self.leaves, batch.inputs, running=self.moved_running, masks=batch.masks, training=True
        )
        return logits

    def step(self, losses: Tensor) -> None:
        """Moves every model by its gradient; one that would leave the finite numbers stays, and leaves the stack.

        losses: (models,), those that the gradient is of.
        """
        with torch.no_grad():
            gradient = torch.cat([leaf.grad.flatten(1) for leaf in self.leaves if leaf.grad is not None], dim=1)
            moved = self._moved(gradient)
            if not self._is_fine(moved, losses):
                kept = self._retire(moved, losses, gradient)
                self.keep(kept)
                moved = moved[kept]
            self.params.copy_(moved)
            self.running = self.moved_running
            self.updates += 1
            self._edit()

    def zero_grad(self) -> None:
        """The next gradient starts empty."""
        for leaf in self.leaves:
            leaf.grad = None

    def frame(self) -> TrainFrame:
        """All runs as they are now, as arrays of their own."""
        params, running = self._now()
        return self._frame(params.cpu().numpy(), running.cpu().numpy())

    def _frame(self, params: np.ndarray, running: np.ndarray) -> TrainFrame:
        """The frame of models that stand like this, and of the runs that were lost."""
        if self.lost:
            left = params, running
            params, running = (np.empty((self.num_runs, *each.shape[1:]), each.dtype) for each in left)
            params[self.rows], running[self.rows] = left
            for run, (last_params, last_running) in self.lost.items():
                params[run], running[run] = last_params, last_running
        return TrainFrame(self.updates, params, running, dict(self.diverged))

    def keep(self, models: list[int]) -> None:
        """Goes on with these models only."""
        self.rows = [self.rows[model] for model in models]
        self.feed.keep(models)
        self.params = self.params[models]
        self.leaves = self._leaves()
        self.running, self.moved_running = (
            [statistics[:, models] for statistics in each] for each in (self.running, self.moved_running)
        )
        self.state = {name: buffer[models] for name, buffer in self.state.items()}
        self.lr = self.lr[models]
        self.l1, self.l2 = (None if rows is None else rows[models] for rows in (self.l1, self.l2))

    def lose(self, run: int, divergence: Divergence, params: Tensor, running: Tensor) -> None:
        """The run has diverged, and stays as it is here."""
        self.diverged[run], self.lost[run] = divergence, (params.cpu().numpy(), running.cpu().numpy())

    def _next_step(self) -> int | Tensor:
        """Which update comes next, counted from 1, of each model (models, 1) where they did not begin at once."""
        return self.updates + 1

    def _updates_of(self, model: int) -> int:
        """How many updates the model has had."""
        return self.updates

    def _edit(self) -> None:
        """Makes the changes by hand that are due at this step; what the optimizer remembers stays as it is."""
        for run, edit in self.edits.get(self.updates, ()):
            if run not in self.rows:
                continue
            model = self.rows.index(run)
            if edit.name == "lr":
                self.lr[model] = edit.value
            else:
                self.params[model, self.architecture.place_of(edit.name)] = edit.value

    def _leaves(self) -> list[Tensor]:
        """Views of the parameters, part by part, that collect a gradient each.

        One flat leaf would be sliced by autograd in every step, which takes longer.
        """
        return [part.detach().requires_grad_() for part in self.architecture.parts(self.params)]

    def _now(self) -> tuple[Tensor, Tensor]:
        """Copies of the models' parameters (models, num_params) and running statistics (models, 2, units)."""
        params = self.params.clone()
        if not self.running:
            return params, params.new_empty(len(params), 2, 0)
        return params, torch.cat(self.running, dim=2).movedim(1, 0).contiguous()

    def _moved(self, gradient: Tensor) -> Tensor:
        """The parameters after this update, (models, num_params)."""
        w, g = self.params, gradient
        if self.l1 is not None:
            g = g + self.l1 * w.sign()
        if self.l2 is not None and not self.rule.decoupled:
            g = g + self.l2 * w
        delta = self.rule.update(g, self.state, self.lr, self._next_step())
        if self.l2 is not None and self.rule.decoupled:
            delta = delta - self.lr * self.l2 * w
        return w + delta

    @staticmethod
    def _is_fine(moved: Tensor, losses: Tensor) -> bool:
        """Whether every model stays within the numbers; one norm and one sum, since this is asked in every step."""
        return torch.linalg.vector_norm(moved, torch.inf).item() <= FAR_AWAY and math.isfinite(losses.sum().item())

    def _retire(self, moved: Tensor, losses: Tensor, gradient: Tensor) -> list[int]:
        """Lets the models go that would leave the numbers, with a note of what was first; returns the others."""
        params, running = self._now()
        lost = {
            "loss": ~losses.isfinite(),
            "gradient": ~gradient.isfinite().all(dim=1),
            "weights": ~(moved.abs().amax(dim=1) <= FAR_AWAY),  # also where one is NaN
        }
        kept = []
        for model, row in enumerate(self.rows):
            first = next((quantity for quantity, models in lost.items() if models[model]), None)
            if first is None:
                kept.append(model)
                continue
            step = self._updates_of(model) + (first == "weights")
            self.lose(row, Divergence(step, first), params[model], running[model])
        return kept


def edits_by_step(configs: Sequence[TrainConfig]) -> dict[int, list[tuple[int, Edit]]]:
    """The changes by hand of all runs, each with the number of its run, by the step at which they are made."""
    due: dict[int, list[tuple[int, Edit]]] = {}
    for run, config in enumerate(configs):
        for edit in config.edits:
            due.setdefault(edit.step, []).append((run, edit))
    return due


def _present(name: str) -> torch.device:
    try:
        return torch.empty(0, device=name).device
    except (RuntimeError, AssertionError):
        raise ValueError(f"device is {name!r}: this machine has no such device.") from None
