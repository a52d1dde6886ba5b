"""Who trains in this process, and which of them take their next steps as one; knows not how a step is taken.

Runs of one shape advance together: who asks for a frame takes all along, and what the others have not asked for yet is
kept for them. One that has several frames ahead is left out until it has fetched them, so nobody waits for anybody.
"""

from collections import deque
from collections.abc import Hashable, Iterator, Sequence

import torch

from dlcore.training.config import TrainConfig
from dlcore.training.frames import TrainFrame
from dlcore.training.joined import Joined, shape_of
from dlcore.training.stack import Stack

MOST_AHEAD, LEAST_AHEAD = 128, 8  # frames that are kept for a run: with fewer, small runs would often part
MOST_BYTES = 2_000_000  # that these take, if they are more than the least
MOST_AT_ONCE = 2**18  # numbers in a step's activations: beyond, a step of many takes as long as one after another


class Seat:
    """One run that trains: its stack, the steps that shall have a frame, and the frames that it has not fetched yet."""

    def __init__(self, configs: Sequence[TrainConfig], steps: Iterator[int], dtype: torch.dtype) -> None:
        self.stack = Stack(configs, dtype)
        self.ahead = deque([self.stack.frame()])
        self.size = len(configs) * configs[0].samples_per_step * sum(configs[0].architecture.widths)
        self.error: Exception | None = None
        bytes_each = self.ahead[0].params.nbytes + self.ahead[0].running.nbytes
        self.most_ahead = min(MOST_AHEAD, max(LEAST_AHEAD, MOST_BYTES // bytes_each))
        self.rests = False  # it has so many, and half of them have not been fetched
        self._steps = steps
        self.next_step = next(steps, None)

    @property
    def over(self) -> bool:
        """It takes no more steps."""
        return self.next_step is None or self.error is not None

    def fetch(self) -> TrainFrame:
        """The next frame."""
        self.rests = self.rests and 2 * len(self.ahead) > self.most_ahead
        return self.ahead.popleft()

    def show(self, frame: TrainFrame) -> None:
        """It stands like this at the next step that shall have a frame, or at its end."""
        self.ahead.append(frame)
        self.rests = len(self.ahead) >= self.most_ahead
        self.next_step = next(self._steps, None) if self.stack.rows else None


class Table:
    """The runs of one shape."""

    def __init__(self) -> None:
        self.seats: list[Seat] = []
        self._at_it: list[Seat] = []  # those that take steps as one
        self._stack: Stack | None = None  # their stacks, as one

    def frames(self, seat: Seat) -> Iterator[TrainFrame]:
        """The frames of a run, from that before the first step; whoever stops reading leaves the others alone."""
        self.seats.append(seat)
        try:
            while True:
                while not seat.ahead and not seat.over:
                    self._advance(seat)
                if seat.error:
                    raise seat.error
                if not seat.ahead:
                    return
                yield seat.fetch()
        finally:
            self.seats.remove(seat)

    def _advance(self, seat: Seat) -> None:
        """Steps until somebody has a frame."""
        together = self._chosen(seat)
        if together != self._at_it:
            self._seat(together)
        assert self._stack is not None
        models = len(self._stack.rows)
        try:
            for _ in range(min((each.next_step or 0) - self._updates(each) for each in together)):
                self._stack.update()
                if len(self._stack.rows) < models:
                    break
        except Exception as error:  # noqa: BLE001 - each of them is told, when it asks
            for each in together:
                each.error = error
            return
        due = [each for each in together if self._ends(each) or self._updates(each) == each.next_step]
        if isinstance(self._stack, Joined):
            frames = self._stack.frames([each.stack for each in due])
        else:
            frames = [each.stack.frame() for each in due]
        for each, frame in zip(due, frames, strict=True):
            each.show(frame)

    def _chosen(self, seat: Seat) -> list[Seat]:
        """Who takes the next steps: the one who asks, and as many others as are of use, those with the least first."""
        others = [each for each in self.seats if each is not seat and not each.over and not each.rests]
        chosen, size = {seat}, seat.size
        for each in sorted(others, key=lambda each: len(each.ahead)):
            size += each.size
            if size > MOST_AT_ONCE:
                break
            chosen.add(each)
        return [each for each in self.seats if each in chosen]

    def _seat(self, together: list[Seat]) -> None:
        if isinstance(self._stack, Joined):
            self._stack.part()
        self._at_it = together
        self._stack = Joined([each.stack for each in together]) if len(together) > 1 else together[0].stack

    def _updates(self, seat: Seat) -> int:
        return self._stack.updates_of(seat.stack) if isinstance(self._stack, Joined) else seat.stack.updates

    def _ends(self, seat: Seat) -> bool:
        """All its runs have diverged."""
        return not (self._stack.has(seat.stack) if isinstance(self._stack, Joined) else seat.stack.rows)


class Company:
    """The tables of a process: runs of one shape sit at one."""

    def __init__(self) -> None:
        self._tables: dict[Hashable, Table] = {}

    def frames(self, configs: Sequence[TrainConfig], steps: Iterator[int], dtype: torch.dtype) -> Iterator[TrainFrame]:
        """The frames of these runs before the first and after these steps.

        Raises: ValueError naming the first thing in which the runs must not differ.
        """
        seat, shape = Seat(configs, steps, dtype), shape_of(configs, dtype)
        table = self._tables.setdefault(shape, Table())
        try:
            yield from table.frames(seat)
        finally:
            if not table.seats:
                self._tables.pop(shape, None)
