"""The stages of the lesson on optimizers: which views stand together, made from a race's config and trace."""

import re

import numpy as np

from dlcore.figures import basins, optimizers, rates
from dlcore.figures.landscape import (
    Landscape,
    Paths,
    Style,
    optimizer_style,
    path_on_contour,
    path_on_surface,
    readouts,
)
from dlcore.figures.stage import Equations, Readout, Stage
from dlcore.topics import stability
from dlcore.topics.arrows import displacements
from dlcore.topics.basins import BasinConfig, snapshots
from dlcore.topics.batches import BatchRace
from dlcore.topics.descent import RaceConfig, RaceTrace
from dlcore.topics.equations import equations, substitutions
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.topics.rates import Sweep

BATCH_STYLES = (
    Style("#c23b00", "solid", "circle"),
    Style("#0072b1", "dash", "square"),
    Style("#007f5f", "dot", "diamond"),
)
MOST_MAP_STEPS = 300
LEFT = {"w": "w passed 10⁸ in size", "loss": "loss has no finite value"}  # how a quantity leaves


def styles(config: RaceConfig) -> list[Style]:
    """The looks of the race's optimizers."""
    return [optimizer_style(name) for name in config.optimizers]


def titles(config: RaceConfig) -> list[str]:
    """The titles of the race's optimizers."""
    return [OPTIMIZERS[name].title for name in config.optimizers]


def race_stage(
    config: RaceConfig, trace: RaceTrace, land: Landscape, sharpness: np.ndarray, layers: tuple[str, ...], against: str
) -> Stage:
    """The race itself: contour, curves, 3-D, equations, sharpness (F, K) against rate."""
    paths = Paths(
        titles=titles(config),
        styles=styles(config),
        w=trace.w,
        loss=trace.loss,
        distance=trace.distance,
        across=trace.samples if against == "samples" else trace.steps,
        across_title="samples seen" if against == "samples" else "step",
        vectors={layer: displacements(config, trace, layer) for layer in layers},
    )
    table = Equations(
        key="equations",
        title="Equations",
        rows=[
            (OPTIMIZERS[name].title, optimizer_style(name).colour, equations(config, name))
            for name in config.optimizers
        ],
        values=[substitutions(config, trace, name) for name in config.optimizers],
        note="g: gradient; v, m: memories; Δ: the step; w: the point. Pairs are (x, y); ², √, / act on each.",
    )
    views = [
        path_on_contour(land, paths),
        optimizers.loss_and_distance(land, paths),
        path_on_surface(land, paths),
        table,
        optimizers.sharpness_against_rate(paths, np.asarray(stability.highest_rate(sharpness)), trace.lr),
    ]
    notes = {config.optimizers.index(name): f"diverged at step {step}" for name, (step, _) in trace.diverged.items()}
    return Stage(
        views=views,
        num_frames=len(trace.steps),
        readouts=readouts(paths, land, notes),
        quantity=land.quantity,
        file_name="optimizers",
        note=_divergence(trace),
        note_from=min((step for step, _ in trace.diverged.values()), default=0),
    )


def _divergence(trace: RaceTrace) -> str:
    """One sentence for those who left the finite numbers; their last finite frames stay on the picture."""
    if not trace.diverged:
        return ""
    parts = [
        f"{OPTIMIZERS[name].title} diverged at step {step}: its {LEFT.get(what, what + ' is no finite number')} first"
        for name, (step, what) in trace.diverged.items()
    ]
    return "; ".join(parts) + ". The last finite point stays."


def batch_stage(config: RaceConfig, run: BatchRace, land: Landscape) -> Stage:
    """One optimizer with three batch sizes, side by side at equal samples seen."""
    paths = Paths(
        titles=[f"batch {size or 'all'}" for size in run.sizes],
        styles=BATCH_STYLES[: len(run.sizes)],
        w=run.w,
        loss=run.loss,
        distance=run.distance,
        across=run.samples,
        across_title="samples seen",
    )
    views = [path_on_contour(land, paths), optimizers.loss_and_distance(land, paths), path_on_surface(land, paths)]
    name = OPTIMIZERS[config.optimizers[0]].title
    updates = ", ".join(
        f"{count} with batch {size or 'all'}" for size, count in zip(run.sizes, run.updates[-1], strict=True)
    )
    return Stage(
        views=views,
        num_frames=len(run.samples),
        readouts=readouts(paths, land, {}),
        quantity=land.quantity,
        unit="samples",
        steps=run.samples,
        file_name="batches",
        note=f"{name}, the same number of samples for each. Updates made in the end: {updates}.",
    )


def rates_stage(config: RaceConfig, found: Sweep, used: dict[str, float]) -> Stage:
    """What each optimizer reaches at each learning rate, with the present rates marked."""
    rates_used, rates_best = (np.array([by[name] for name in config.optimizers]) for by in (used, found.best))
    view = rates.sensitivity(found.lrs, found.final_loss, titles(config), styles(config), rates_used, rates_best)
    legend = [
        Readout(
            label=OPTIMIZERS[name].title,
            colour=optimizer_style(name).colour,
            dash=optimizer_style(name).dash,
            note=_best(found, k, name),
        )
        for k, name in enumerate(config.optimizers)
    ]
    note = (
        f"Each optimizer ran {config.num_steps} steps at each of {len(found.lrs)} rates. "
        "Symbols: the present η. Rings: the best one. ✕: it diverges above."
    )
    return Stage(views=[view], readouts=legend, file_name="learning-rates", note=note)


def _best(found: Sweep, k: int, name: str) -> str:
    """The best rate of one optimizer, and a warning where it is the edge of what was tried."""
    edge = " (the edge of the sweep)" if found.best[name] in (found.lrs[0], found.lrs[-1]) else ""
    return f"best η {found.best[name]:.3g}{edge}, ends at {_small(float(np.min(found.final_loss[k])))}"


def _small(loss: float) -> str:
    """A loss in three digits; below 1e-16 only rounding is left to tell."""
    return "below 10<sup>−16</sup>" if loss < 1e-16 else re.sub(r"e-0?(\d+)", r"·10<sup>−\1</sup>", f"{loss:.3g}")


def basins_stage(config: RaceConfig, land: Landscape, used: dict[str, float]) -> Stage:
    """Maps of the minimum that every start reaches; their frames are those of `basins.frames`."""
    size = map_size(config)
    steps = np.array(snapshots(map_steps(config)))
    shown = [f"{OPTIMIZERS[name].title}, η = {used[name]:.3g}" for name in config.optimizers]
    return Stage(
        views=[basins.maps(land, shown, size, len(steps))],
        num_frames=len(steps),
        steps=steps,
        file_name="basins",
        note=f"{size * size:,} starts each. Hue: which minimum was reached; strong: soon, pale: late; grey: none yet.",
    )


def map_steps(config: RaceConfig) -> int:
    """How many steps a map runs: the race's, within what a server can give."""
    return min(config.num_steps, MOST_MAP_STEPS)


def map_size(config: RaceConfig) -> int:
    """Starts a side: fewer where every one of them must read all the patients."""
    return 40 if config.surface == "logistic" else 100


def basin_configs(config: RaceConfig, used: dict[str, float]) -> tuple[BasinConfig, ...]:
    """The settings of each optimizer's map."""
    return tuple(
        BasinConfig(
            surface=config.surface,
            condition=config.condition,
            formula=config.formula,
            optimizer=name,
            lr=used[name],
            num_steps=map_steps(config),
            size=map_size(config),
            clip=config.clip,
            hyper=tuple(
                (key, value) for key, value in config.hyper if key.startswith(f"{name}.") and key != f"{name}.lr"
            ),
        )
        for name in config.optimizers
    )


def stability_stage(
    config: RaceConfig,
    trace: RaceTrace,
    eigenvalues: tuple[float, float],
    found: stability.RateMap,
    lr: float,
    mu: float,
) -> Stage:
    """The plane of learning rate and momentum; measured rates beside theory's, for the plane and for the race."""
    row = int(np.argmin(np.abs(found.mus - mu)))
    views = [
        rates.rate_map(found.lrs, found.mus, found.measured, found.boundary, (lr, mu)),
        rates.rate_slice(found.lrs, found.measured[row], found.theory[row], found.mus[row], lr),
    ]
    legend = []
    for k, name in enumerate(config.optimizers):
        if name not in ("sgd", "momentum"):
            continue
        own = config.hyper_of(name).get("mu", 0.0)
        measured = float(stability.measured_rate(trace.distance[:, k]))
        theory = float(stability.theoretical_rate(eigenvalues, float(trace.lr[0, k]), own))
        text = (
            f"measured {measured:.4f}, theory {theory:.4f} per step"
            if np.isfinite(measured)
            else f"theory {theory:.4f}"
        )
        legend.append(
            Readout(
                label=OPTIMIZERS[name].title,
                colour=optimizer_style(name).colour,
                dash=optimizer_style(name).dash,
                note=text,
            )
        )
    low, high = eigenvalues
    note = (
        f"Curvatures {low:.3g} and {high:.3g}: 2/λmax = {2 / high:.3g}. Dashed: theory's border η = 2(1 + μ)/λmax; "
        "colours: by how much one step shrinks the distance, measured by running momentum on this quadratic; "
        "below 1 it converges. Rules that adapt have no such theory."
    )
    return Stage(views=views, readouts=legend, file_name="stability", note=note)
