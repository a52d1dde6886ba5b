"""What a stage awaits of a run, and whether the run gives it."""

import dataclasses
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from dlcore.figures.stage import Pending, Stage, pack


def awaited(part: Any) -> Iterator[Pending]:
    """Every pending array in a stage, or in a part of one."""
    if isinstance(part, Pending):
        yield part
    elif dataclasses.is_dataclass(part):
        yield from awaited(vars(part))
    elif isinstance(part, Mapping):
        yield from (found for value in part.values() for found in awaited(value))
    elif isinstance(part, Sequence) and not isinstance(part, str):
        yield from (found for value in part for found in awaited(value))


def names(part: Any) -> set[str]:
    """The names of all that is awaited."""
    return {pending.name for pending in awaited(part)}


def check_awaited(stage: Stage, arrays: Mapping[str, Any]) -> None:
    """All that the stage awaits comes with each frame, in its shape and kind."""
    found = list(awaited(stage))
    assert found
    for pending in found:
        value = arrays[pending.name]
        assert (stage.num_frames, *value.shape) == pending.shape, pending.name
        assert value.dtype.name == pending.dtype, pending.name
    assert pack(stage)
