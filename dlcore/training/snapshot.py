"""What a run shows of one of its moments: arrays by name, and words; knows neither what they mean nor who sees them."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np


class Snapshot(NamedTuple):
    """One frame of a run as it travels from the worker to the picture."""

    arrays: Mapping[
        str, np.ndarray | np.generic
    ]  # by name: the row that this frame adds to the picture's array of that name
    said: str = ""  # what the run has to say from this frame on, such as what diverged, and when
