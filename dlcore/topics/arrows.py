"""Knows which displacements of a race can be drawn as arrows; does not know how they are drawn."""

import numpy as np

from dlcore.topics.descent import RaceConfig, RaceTrace
from dlcore.topics.equations import substitutions

LAYERS = {
    "gradient": "gradient −ηg",
    "momentum": "momentum",
    "step": "step Δ",
    "look-ahead": "Nesterov's look-ahead",
    "ellipse": "step-size ellipse",
}


def displacements(config: RaceConfig, trace: RaceTrace, layer: str) -> np.ndarray:
    """What `layer` draws at every frame: (frames, optimizers, 2) in the units of w, NaN where a rule has no such thing.

    gradient: −η g, the step of plain descent. momentum: −η times the memory of gradients, or the velocity itself
    where the rate is inside it. step: Δ. look-ahead: from the textbook's point to w, where the gradient is taken.
    ellipse: the learning rate that each coordinate really has.

    Raises: ValueError for an unknown layer.
    """
    if layer not in LAYERS:
        raise ValueError(f"layer is {layer!r}: it must be one of {', '.join(LAYERS)}.")
    return np.stack([_of_one(layer, name, substitutions(config, trace, name)) for name in trace.optimizers], axis=1)


def _of_one(layer: str, name: str, values: dict[str, np.ndarray]) -> np.ndarray:
    lr, w = values["lr"][:, None], values["w"]
    match layer:
        case "gradient":
            return -lr * values["g"]
        case "step":
            return values["delta"]
        case "look-ahead" if "classical" in values:
            return w - values["classical"]
        case "ellipse":
            return values["step_size"]
        case "momentum" if name == "momentum-lecture":
            return values["v"]
        case "momentum" if "mu" in values or "m" in values:
            return -lr * values.get("m", values.get("v"))
    return np.full_like(w, np.nan)
