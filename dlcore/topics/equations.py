"""Knows the numbers that stand in each rule's equations at every frame; does not know how they are set in type."""

import numpy as np

from dlcore.topics.descent import RaceConfig, RaceTrace
from dlcore.topics.optimizers import OPTIMIZERS, rectification

CLIP_LINE = "g ← {raw}·min(1, {clip} / ({norm} + 10<sup>−6</sup>)) = <b>{grad}</b>"
DECAY_LINE = "g ← {grad} + {weight_decay}·{w} = <b>{g}</b>"
MOVE_LINE = "w ← {w} + {delta} = <b>{w_next}</b>"


def equations(config: RaceConfig, optimizer: str) -> tuple[str, ...]:
    """The lines of one update, in the order of the computation: clipping and weight decay if on, the rule, the move."""
    rule = OPTIMIZERS[optimizer]
    switched_off = rule.lines_off and not config.hyper_of(optimizer)["correct"]
    return (
        *([CLIP_LINE] if config.clip else []),
        *([DECAY_LINE] if config.weight_decay and not rule.decoupled else []),
        *(rule.lines_off if switched_off else rule.lines),
        MOVE_LINE,
    )


def substitutions(config: RaceConfig, trace: RaceTrace, optimizer: str) -> dict[str, np.ndarray]:
    """Values for every name in braces of `equations`, and a few for the picture: scalars (F,), vectors (F, 2).

    Beside the names of Optimizer.lines: raw, norm, clip and grad (the gradient before clipping, its length, τ, the
    gradient after it), step_size (F, 2), the learning rate that each coordinate really has, and for nesterov
    classical (F, 2), the point w − μu from which the textbook looks ahead to w.
    """
    k = trace.optimizers.index(optimizer)
    rule = OPTIMIZERS[optimizer]
    hypers = config.hyper_of(optimizer)
    w, delta, grad, norm = trace.w[:, k], trace.delta[:, k], trace.g[:, k], trace.norm[:, k]
    coupled = 0.0 if rule.decoupled else config.weight_decay
    values = {"t": trace.steps + 1.0, "lr": trace.lr[:, k], "w": w, "delta": delta, "w_next": w + delta}
    values |= {"grad": grad, "g": grad + coupled * w, "norm": norm, "raw": unclipped(grad, norm, config.clip)}
    constants = {**hypers, "clip": config.clip, "weight_decay": config.weight_decay}
    values |= {name: np.full(len(w), float(value)) for name, value in constants.items()}
    for buffer in rule.state:
        values[buffer] = trace.buffers[f"{optimizer}.{buffer}"]
        values[f"{buffer}_prev"] = np.concatenate([np.zeros((1, 2)), values[buffer][:-1]])
    return {name: np.asarray(value, dtype=np.float64) for name, value in (values | derived(optimizer, values)).items()}


def unclipped(grad: np.ndarray, norm: np.ndarray, clip: float) -> np.ndarray:
    """The gradient before clipping to norm τ = clip, from the one after it and the length before it."""
    return grad / np.minimum(1, clip / (norm + 1e-6))[:, None] if clip else grad


def derived(optimizer: str, values: dict[str, np.ndarray]) -> dict[str, np.ndarray]:
    """What a rule makes on its way from the buffers to the step: corrected moments, trust, size per coordinate."""
    made: dict[str, np.ndarray] = {}
    t, lr = values["t"], values["lr"]
    if "m" in values:
        corrected = values.get("correct", np.ones_like(t))
        for moment, beta in (("m", "beta1"), ("v", "beta2")):
            bias = np.where(corrected, 1 - values[beta] ** t, 1.0)
            made[f"{moment}_hat"] = values[moment] / bias[:, None]
    size = np.broadcast_to(lr[:, None], values["w"].shape)
    if "eps" in values:
        size = lr[:, None] / (np.sqrt(made.get("v_hat", values["v"])) + values["eps"][:, None])
    if optimizer == "radam":
        beta2 = float(values["beta2"][0])
        made["rho"], made["r"] = np.array([rectification(int(step), beta2) for step in t]).T
        made["rho_inf"] = np.full(len(t), 2 / (1 - beta2) - 1)
        trusted = (lr * made["r"] * np.sqrt(1 - beta2**t))[:, None] / (np.sqrt(values["v"]) + values["eps"][:, None])
        size = np.where(made["rho"][:, None] > 5, trusted, lr[:, None])
    if optimizer == "nesterov":
        before = np.concatenate([lr[:1], lr[:-1]])  # the rate at which the last step was made
        made["classical"] = values["w"] + (values["mu"] * before)[:, None] * values["v_prev"]
    return made | {"step_size": size}
