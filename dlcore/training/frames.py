"""Knows what is kept of a moment of training; small, and made of arrays, so that it can cross to another process."""

from collections.abc import Mapping
from typing import NamedTuple

import numpy as np


class Divergence(NamedTuple):
    """What of a run left the finite numbers first, and at which step; weights beyond 1e8 have left them, too."""

    step: int  # the loss and the gradient of this step, or the weights that it would have begun with
    quantity: str  # "loss", "gradient" or "weights"


def sentence(divergence: Divergence, title: str) -> str:
    """What is said of a run that diverged: "B: the loss left the finite numbers at step 37."."""
    step, quantity = divergence
    if quantity == "weights":
        return f"{title}: the weights grew beyond 10⁸ at step {step}."
    return f"{title}: the {quantity} left the finite numbers at step {step}."


class TrainFrame(NamedTuple):
    """All runs after `step` updates. A run that diverged stays at its last finite state."""

    step: int  # 0 = before any update
    params: np.ndarray  # (runs, num_params), each row as torch.nn.utils.parameters_to_vector gives it
    running: np.ndarray  # (runs, 2, units): batch norm's running means and variances; no units without batch norm
    diverged: Mapping[int, Divergence]  # by run
