"""Arrays that are not there yet: only their shape is known when a picture is made."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, kw_only=True)
class Pending:
    """An array (frames, ...) whose frames arrive later, as chunks of a stream."""

    name: str
    shape: tuple[int, ...]
    dtype: str = "uint8"


ArrayOrPending = np.ndarray | Pending
