"""Arrays of a frame, as tests read them."""

import numpy as np

from dlcore.training import Snapshot


def shown(frame: Snapshot, name: str) -> np.ndarray:
    """The array of this name."""
    return np.asarray(frame.arrays[name])
