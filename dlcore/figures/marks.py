"""Places on the scrubber that mean something, such as where a network is fooled first; knows no browser."""

from dataclasses import dataclass
from typing import Any

from dlcore.figures.pending import ArrayOrPending


@dataclass(frozen=True, kw_only=True)
class Mark:
    """A line below the scrubber, with words beside it; a click goes to the first frame that is not before it.

    at: (frames,), or of one frame where it never changes, in the unit of the stage's steps; of the present frame, and
    NaN: there is none. text: a few words, behind which the number stands.
    """

    at: ArrayOrPending
    text: str


def packed_mark(mark: Mark) -> dict[str, Any]:
    """The mark as the player takes it. Raises: ValueError where it does not say one number a frame."""
    shape = tuple(mark.at.shape)
    if len(shape) != 1:
        raise ValueError(f"{mark.text}: at is {shape}: (frames,) is wanted.")
    return dict(vars(mark))
