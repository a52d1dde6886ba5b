"""Knows how a race of optimizers runs: its settings, its frames, its trace; not what is drawn of it, nor who watches.

One update, in the order in which a torch program writes it:

    gradient on the batch of this step  →  + noise  →  clipping  →  + weight decay  →  the rule  →  w ← w + Δ

All optimizers and all starts are rows of one tensor. They see the same batches and the same noise (common random
numbers), so what differs between two paths is the rule and nothing else.
"""

import math
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
import torch
from torch import Tensor

from dlcore import require
from dlcore.formula import parse
from dlcore.topics.landscape import Surface, gradient, nearest_minimum
from dlcore.topics.optimizers import OPTIMIZERS, State
from dlcore.topics.schedules import SCHEDULES, factor
from dlcore.topics.surfaces import SURFACES, SurfaceSettings, make_surface

FAR_AWAY = 1e8  # a coordinate beyond this has diverged, and is taken for infinite
LR_RANGE = (1e-8, 1000.0)


@dataclass(frozen=True, kw_only=True)
class RaceConfig:
    """Every setting of a race; equal configs give equal numbers.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    surface: str = "quadratic"
    condition: float = 20.0  # largest over smallest curvature of the quadratic
    formula: str = "x**4 - 4*x**2 + x + 3*y**2"  # used by the surface "formula": two minima of different depth
    x0: float = -8.0
    y0: float = 1.5
    optimizers: tuple[str, ...] = ("sgd", "momentum", "rmsprop", "adam")
    rates: str = "same"  # "same": lr for all; "own": each its own; "best": each the best of a sweep
    lr: float = 0.05
    num_steps: int = 150
    batch_size: int = 0  # samples per gradient; 0 = all
    seed: int = 0
    weight_decay: float = 0.0  # λ
    clip: float = 0.0  # τ, the longest gradient let through; 0 = off
    noise: float = 0.0  # σ0: gradient noise has standard deviation σ0/(1+t)^κ at update t = 0, 1, ...
    noise_decay: float = 0.55  # κ
    schedule: str = "constant"
    decay: float = 0.01
    period: int = 50
    hyper: tuple[tuple[str, float], ...] = ()  # what differs from the defaults: ("adam.beta1", 0.8), ("sgd.lr", 0.3)

    def __post_init__(self) -> None:
        require.one_of("surface", self.surface, SURFACES)
        require.number("condition", self.condition, 1, 1000)
        if self.surface == "formula":
            parse(self.formula, ("x", "y"))
        require.number("x0", self.x0, -1e6, 1e6)
        require.number("y0", self.y0, -1e6, 1e6)
        require.some_of("optimizers", self.optimizers, OPTIMIZERS)
        require.one_of("rates", self.rates, ("same", "own", "best"))
        require.number("lr", self.lr, *LR_RANGE)
        require.whole("num_steps", self.num_steps, 1, 1000)
        require.whole("batch_size", self.batch_size, 0, 100_000)
        require.whole("seed", self.seed, 0, 2**31 - 1)
        require.number("weight_decay", self.weight_decay, 0, 10)
        require.number("clip", self.clip, 0, 1e6)
        require.number("noise", self.noise, 0, 1e6)
        require.number("noise_decay", self.noise_decay, 0, 10)
        require.one_of("schedule", self.schedule, SCHEDULES)
        require.number("decay", self.decay, 0, 1)
        require.whole("period", self.period, 1, 1000)
        object.__setattr__(self, "hyper", tidy(self.hyper))

    def hyper_of(self, optimizer: str) -> dict[str, float]:
        """The rule's settings by name, defaults filled in."""
        chosen = dict(self.hyper)
        hypers = OPTIMIZERS[optimizer].hypers.items()
        return {name: chosen.get(f"{optimizer}.{name}", hyper.default) for name, hyper in hypers}

    def rate_of(self, optimizer: str) -> float:
        """The learning rate before any schedule: in an "own" race hyper's "<optimizer>.lr" where given, else lr."""
        own = dict(self.hyper) if self.rates == "own" else {}
        return own.get(f"{optimizer}.lr", self.lr)

    def make_surface(self) -> Surface:
        """The surface of this race, with its settings."""
        return make_surface(self.surface, SurfaceSettings(condition=self.condition, formula=self.formula))


def tidy(hyper: Iterable[tuple[str, float]]) -> tuple[tuple[str, float], ...]:
    """Only what differs from the defaults, sorted: two ways to say the same settings become one.

    Raises: ValueError for a setting that does not exist, is named twice, or is out of its range.
    """
    kept: dict[str, float] = {}
    for key, value in hyper:
        name, _, setting = key.partition(".")
        if name not in OPTIMIZERS or setting not in ("lr", *OPTIMIZERS[name].hypers):
            raise ValueError(f"hyper has {key!r}: it must be an optimizer's setting, such as 'adam.beta1' or 'sgd.lr'.")
        if key in kept:
            raise ValueError(f"hyper has {key!r} twice: a setting has one value.")
        known = OPTIMIZERS[name].hypers.get(setting)
        require.number(key, value, *(LR_RANGE if known is None else (known.low, known.high)))
        kept[key] = value
        if known is not None and value == known.default:
            del kept[key]
    return tuple(sorted(kept.items()))


class Frame(NamedTuple):
    """The state before update `step`, and all that this update uses and makes, for K optimizers and S starts."""

    step: int  # 0 = before any update
    samples: int  # gradient samples that every optimizer has used so far
    w: Tensor  # (optimizers, starts, 2)
    loss: Tensor  # (optimizers, starts), over all samples
    g: Tensor  # (optimizers, starts, 2): the gradient after noise and clipping, before weight decay
    norm: Tensor | None  # (optimizers, starts): the gradient's length before clipping; None without clipping
    lr: Tensor  # (optimizers,), or (optimizers, starts) where every start has a rate of its own
    state: dict[str, State]  # optimizer -> buffer -> (starts, 2), after the update
    delta: Tensor  # (optimizers, starts, 2): the next frame's w is w + delta


def frames(config: RaceConfig, starts: Tensor | None = None, rates: Tensor | None = None) -> Iterator[Frame]:
    """Run the race, one frame before each update and one after the last: num_steps + 1 frames.

    starts: (starts, 2), by default the config's one; rates: (optimizers,) or (optimizers, starts), by default the
    config's. A row that leaves the numbers, or goes beyond 1e8, is NaN from there on; the others do not notice.
    """
    surface = config.make_surface()
    if starts is None:
        starts = torch.tensor([[config.x0, config.y0]], dtype=torch.float64)
    if rates is None:
        rates = learning_rates(config)
    names = config.optimizers
    rules = [(name, OPTIMIZERS[name].update, config.hyper_of(name)) for name in names]
    etas = [rate[:, None] if rate.dim() else rate.item() for rate in rates]
    state = {name: {buffer: torch.zeros_like(starts) for buffer in OPTIMIZERS[name].state} for name in names}
    decoupled = torch.tensor([OPTIMIZERS[name].decoupled for name in names])[:, None, None]
    generator = torch.Generator().manual_seed(config.seed)
    batches = minibatches(surface.num_samples, config.batch_size, generator)
    w = starts.expand(len(names), *starts.shape)
    samples = 0
    for step, (slow, lr) in enumerate(scheduled(config, rates)):
        batch = next(batches)
        loss, g = gradient(surface, w.reshape(-1, 2), batch)
        if batch is not None:  # what is learned from is the batch; what is reported is the whole
            loss = surface.loss(*w.reshape(-1, 2).unbind(-1))
        with torch.inference_mode():  # autograd has done its part; without its bookkeeping each operation costs less
            g, norm = disturb(config, g.view_as(w), step, generator)
            # λw enters the rule with the gradient; where decay is decoupled, it shrinks w past the rule.
            pull = config.weight_decay * w if config.weight_decay else None
            rows = (g if pull is None else g + pull.where(~decoupled, 0)).unbind()
            state = {name: dict(buffers) for name, buffers in state.items()}  # earlier frames keep theirs
            steps = [
                rule(g_n, state[name], slow * eta, step + 1, **hypers)
                for (name, rule, hypers), g_n, eta in zip(rules, rows, etas, strict=True)
            ]
            delta = torch.stack(steps)
            if pull is not None:
                delta = delta - lr.view(len(names), -1, 1) * pull.where(decoupled, 0)
        yield Frame(step, samples, w, loss.view(w.shape[:-1]), g, norm, lr, state, delta)
        samples += surface.num_samples if batch is None else len(batch)
        w = lose_far_rows(w + delta, loss.view(w.shape[:-1]))


def scheduled(config: RaceConfig, rates: Tensor) -> Iterator[tuple[float, Tensor]]:
    """For every frame: what the schedule multiplies by, and the rates multiplied by it."""
    settings = {"decay": config.decay, "period": config.period, "num_steps": config.num_steps}
    slow = [factor(config.schedule, t, **settings) for t in range(config.num_steps + 1)]
    lr = torch.tensor(slow, dtype=torch.float64).view(-1, *[1] * rates.dim()) * rates
    return zip(slow, lr.unbind(), strict=True)


def learning_rates(config: RaceConfig) -> Tensor:
    """Every optimizer's learning rate before any schedule, (optimizers,)."""
    if config.rates == "best":
        from dlcore.topics.rates import with_best_rates  # here, because a sweep is itself made of frames

        config = with_best_rates(config)
    return torch.tensor([config.rate_of(name) for name in config.optimizers], dtype=torch.float64)


def minibatches(num_samples: int, batch_size: int, generator: torch.Generator) -> Iterator[Tensor | None]:
    """Endless batches of sample indices, a fresh permutation every epoch; None means all samples."""
    while True:
        if 0 < batch_size < num_samples:
            yield from torch.randperm(num_samples, generator=generator).split(batch_size)
        else:
            yield None


def disturb(config: RaceConfig, g: Tensor, step: int, generator: torch.Generator) -> tuple[Tensor, Tensor | None]:
    """Add the step's noise, one vector for all rows, then clip each row to norm τ as torch's clip_grad_norm_ does.

    Source: Neelakantan et al., Adding gradient noise improves learning, 2015; Pascanu et al., 2013, algorithm 1.
    """
    if config.noise:
        sigma = config.noise / (1 + step) ** config.noise_decay
        g = g + sigma * torch.randn(2, generator=generator, dtype=torch.float64)
    if not config.clip:
        return g, None
    norm = g.norm(dim=-1)
    return g * (config.clip / (norm + 1e-6)).clamp(max=1)[..., None], norm


def lose_far_rows(w: Tensor, loss: Tensor) -> Tensor:
    """NaN for both coordinates of every row that is not finite or beyond FAR_AWAY, or whose loss had no value."""
    if w.abs().max().item() <= FAR_AWAY and math.isfinite(loss.sum().item()):  # the usual case; false when any is NaN
        return w
    kept = (w.abs() <= FAR_AWAY).all(-1) & loss.isfinite()
    return w.where(kept[..., None], torch.nan)


@dataclass(frozen=True, kw_only=True, eq=False)
class RaceTrace:
    """A race from one start, stacked: F frames, K optimizers in the config's order, float64."""

    optimizers: tuple[str, ...]
    steps: np.ndarray  # (F,) int: 0, 1, ..., num_steps
    samples: np.ndarray  # (F,) int: gradient samples used before this frame
    w: np.ndarray  # (F, K, 2)
    loss: np.ndarray  # (F, K), over all samples
    g: np.ndarray  # (F, K, 2), after noise and clipping, before weight decay
    norm: np.ndarray  # (F, K): length of the gradient before clipping
    delta: np.ndarray  # (F, K, 2): w[t + 1] is w[t] + delta[t]
    lr: np.ndarray  # (F, K)
    buffers: dict[str, np.ndarray]  # "adam.m" -> (F, 2), after the update
    distance: np.ndarray  # (F, K), to the nearest minimum
    diverged: dict[str, tuple[int, str]]  # optimizer -> first step without finite numbers, and what left first


def race(config: RaceConfig) -> RaceTrace:
    """Run the whole race and stack its frames."""
    return stack(config, frames(config))


def stack(config: RaceConfig, run: Iterable[Frame]) -> RaceTrace:
    """Frames of a race from one start as arrays; the run may have been stopped early, but has at least one frame."""
    run = list(run)
    names = config.optimizers
    w, g, delta = (
        torch.stack(parts)[:, :, 0].numpy() for parts in zip(*((f.w, f.g, f.delta) for f in run), strict=True)
    )
    loss = torch.stack([frame.loss for frame in run])[:, :, 0].numpy()
    buffers = {
        f"{name}.{buffer}": torch.cat([frame.state[name][buffer] for frame in run]).numpy()
        for name in names
        for buffer in OPTIMIZERS[name].state
    }
    norms = [frame.norm[:, 0] for frame in run if frame.norm is not None]  # none of them where nothing is clipped
    return RaceTrace(
        optimizers=names,
        steps=np.array([frame.step for frame in run]),
        samples=np.array([frame.samples for frame in run]),
        w=w,
        loss=loss,
        g=g,
        norm=torch.stack(norms).numpy() if norms else np.hypot(g[..., 0], g[..., 1]),
        delta=delta,
        lr=torch.stack([frame.lr for frame in run]).numpy(),
        buffers=buffers,
        distance=nearest_minimum(config.make_surface(), w)[0],
        diverged=find_divergence(names, w, loss, g, buffers),
    )


def find_divergence(
    names: tuple[str, ...], w: np.ndarray, loss: np.ndarray, g: np.ndarray, buffers: dict[str, np.ndarray]
) -> dict[str, tuple[int, str]]:
    """For every optimizer that left the finite numbers: the frame where it did, and which quantity was first.

    Within one frame the order is that of the computation: w, then the loss, the gradient, and the rule's buffers.
    """
    diverged = {}
    for k, name in enumerate(names):
        watched = {"w": w[:, k], "loss": loss[:, k, None], "gradient": g[:, k]}
        watched |= {buffer: buffers[f"{name}.{buffer}"] for buffer in OPTIMIZERS[name].state}
        lost = {quantity: ~np.isfinite(values).all(axis=-1) for quantity, values in watched.items()}
        first = [(int(flags.argmax()), quantity) for quantity, flags in lost.items() if flags.any()]
        if first:
            diverged[name] = min(first, key=lambda found: found[0])
    return diverged
