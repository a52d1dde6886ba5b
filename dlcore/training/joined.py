"""Stacks of one shape that take their steps as one, whoever started them, and whenever; knows not when they meet.

Every model has what it would have alone: its own batches, chances and count of steps. Sums may be added in another
order, so that a run among others is the run alone to float precision, and not to the bit.
"""

import itertools
from collections import Counter
from collections.abc import Hashable, Sequence

import torch
from torch import Tensor

from dlcore.training.config import TrainConfig
from dlcore.training.edits import Edit
from dlcore.training.feed import Feed
from dlcore.training.frames import Divergence, TrainFrame
from dlcore.training.stack import Stack

SWITCHES = ("dropout", "input_noise", "augment", "l1", "l2")  # what costs time, or rounds, in all rows if in one


def shape_of(configs: Sequence[TrainConfig], dtype: torch.dtype) -> Hashable:
    """Equal for stacks that can be joined."""
    first = configs[0]
    return (
        *(first.architecture, first.optimizer, first.samples_per_step, first.data.num_train, first.device, dtype),
        *(any(getattr(config, name) for config in configs) for name in SWITCHES),
    )


class Joined(Stack):
    """Several stacks as one, until they are parted: meanwhile their own tensors are not true."""

    def __init__(self, stacks: Sequence[Stack]) -> None:
        """The stacks are of one shape, and none is empty."""
        first = stacks[0]
        self.stacks = list(stacks)
        self.began = {stack: stack.updates for stack in stacks}
        self.owners = [(stack, run) for stack in stacks for run in stack.rows]  # by row
        self.rows = list(range(len(self.owners)))
        self.updates = 0  # since they were joined
        ages = [stack.updates for stack, _ in self.owners]
        self.ages = torch.tensor(ages, dtype=torch.float64, device=first.params.device)[:, None]
        self.same_age = ages[0] if len(set(ages)) == 1 else None

        self.architecture, self.rule = first.architecture, first.rule
        self.feed = Feed.joined([stack.feed for stack in stacks])
        self.params = torch.cat([stack.params for stack in stacks])
        self.leaves = self._leaves()
        self.running = [torch.cat(each, dim=1) for each in zip(*(stack.running for stack in stacks), strict=True)]
        self.moved_running = self.running
        self.state = {name: torch.cat([stack.state[name] for stack in stacks]) for name in first.state}
        self.lr = torch.cat([stack.lr for stack in stacks])
        self.l1, self.l2 = (_joined([getattr(stack, name) for stack in stacks]) for name in ("l1", "l2"))
        self.edits = self._edits_to_come()
        self.places = self._places()

    def updates_of(self, stack: Stack) -> int:
        """How many updates this stack has had."""
        return self.began[stack] + self.updates

    def has(self, stack: Stack) -> bool:
        """Whether any of its models is left."""
        place = self.places[stack]
        return place.start < place.stop

    def frames(self, stacks: Sequence[Stack]) -> list[TrainFrame]:
        """The runs of each of these stacks as they are now."""
        params, running = (values.cpu().numpy() for values in self._now())
        found = []
        for stack in stacks:
            self._count(stack)
            found.append(stack._frame(params[self.places[stack]], running[self.places[stack]]))
        return found

    def part(self) -> None:
        """Gives every stack back what is its own."""
        for stack in self.stacks:
            self._count(stack)
            models = list(range(len(self.rows)))[self.places[stack]]
            stack.feed = self.feed.part(models)
            stack.params = self.params[models]
            stack.leaves = stack._leaves()
            stack.running = stack.moved_running = [statistics[:, models] for statistics in self.running]
            stack.state = {name: buffer[models] for name, buffer in self.state.items()}
            stack.lr = self.lr[models]
            stack.l1, stack.l2 = (None if rows is None else rows[models] for rows in (self.l1, self.l2))

    def keep(self, models: list[int]) -> None:
        """Goes on with these models only."""
        super().keep(models)
        self.ages = self.ages[models]
        self.places = self._places()

    def lose(self, run: int, divergence: Divergence, params: Tensor, running: Tensor) -> None:
        """The stack that the run is of keeps where it stands."""
        stack, its_run = self.owners[run]
        stack.lose(its_run, divergence, params, running)

    def _next_step(self) -> int | Tensor:
        return self.updates + 1 + (self.ages if self.same_age is None else self.same_age)

    def _updates_of(self, model: int) -> int:
        return self.updates_of(self.owners[self.rows[model]][0])

    def _places(self) -> dict[Stack, slice]:
        """Where the models of each stack are: one after another, since rows keep their order."""
        counts = Counter(self.owners[row][0] for row in self.rows)
        ends = itertools.accumulate(counts[stack] for stack in self.stacks)
        return {stack: slice(end - counts[stack], end) for stack, end in zip(self.stacks, ends, strict=True)}

    def _count(self, stack: Stack) -> None:
        stack.rows = [self.owners[row][1] for row in self.rows[self.places[stack]]]
        stack.updates = self.updates_of(stack)

    def _edits_to_come(self) -> dict[int, list[tuple[int, Edit]]]:
        """The stacks' changes by hand, by this count of steps and for these rows."""
        due: dict[int, list[tuple[int, Edit]]] = {}
        row_of = {owner: row for row, owner in enumerate(self.owners)}
        for stack in self.stacks:
            for step, edits in stack.edits.items():
                if step > stack.updates:
                    to_come = [(row_of[stack, run], edit) for run, edit in edits if (stack, run) in row_of]
                    due.setdefault(step - stack.updates, []).extend(to_come)
        return due


def _joined(strengths: Sequence[Tensor | None]) -> Tensor | None:
    """The penalties of all; stacks of one shape have one all, or none."""
    present = [strength for strength in strengths if strength is not None]
    return torch.cat(present) if present else None
