"""Two columns of networks trained side by side, A and B, as frames of a live picture.

Knows which moments are shown, which runs are trained as one, and how early stopping holds a run. Does not know what is
shown of a moment, nor who watches.
"""

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dlcore.topics.overfitting_config import OverfittingConfig
from dlcore.topics.overfitting_view import Moment, arrays, measured
from dlcore.training import Snapshot, TrainConfig, train
from dlcore.training.config import check_alike
from dlcore.training.frames import sentence

MOST_FRAMES = 160
DENSER = 1.5  # how much denser the frames are in the beginning, where most happens; 1: evenly


def shown_steps(config: OverfittingConfig) -> np.ndarray:
    """The steps that have a frame, (frames,): 0, the last, and between them the fewer the later."""
    even = np.linspace(0, 1, min(MOST_FRAMES, config.num_steps + 1))
    return np.unique(np.rint(config.num_steps * even**DENSER).astype(int))


def shapes(config: OverfittingConfig) -> dict[str, tuple[tuple[int, ...], str]]:
    """Name -> (shape, dtype) of every array in a frame, from the frame before the first update."""
    return {name: (array.shape, str(array.dtype)) for name, array in next(frames(config)).arrays.items()}


def frames(config: OverfittingConfig) -> Iterator[Snapshot]:
    """Trains A and B; one snapshot for each of `shown_steps`. A run that diverges stays as it last was.

    A name is the column's letter, a dot, and a name of `overfitting_view.arrays`.
    """
    drawn = dict(zip(config.columns, (runs[0] for runs in (config.a(), config.b()) if runs), strict=True))
    best = {column: Best() for column in config.columns}
    for moments in moments_of(config, shown_steps(config)):
        shown = {}
        for column, moment in moments.items():
            found = arrays(drawn[column], moment, best[column].follow(moment))
            shown |= {f"{column}.{name}": array for name, array in found.items()}
        yield Snapshot(shown, _said(moments))


class Best:
    """Follows runs, and holds each where its validation loss was lowest so far: what early stopping would return."""

    def __init__(self) -> None:
        self.held: Moment | None = None

    def follow(self, moment: Moment) -> Moment:
        """The best moment of each run, this one included; of equal ones the first."""
        held = self.held = moment if self.held is None else _better(moment, self.held)
        return held


def _better(new: Moment, old: Moment) -> Moment:
    """Run by run the moment with the lower validation loss."""
    is_better = new.values["loss.validation"] < old.values["loss.validation"]

    def chosen(this: np.ndarray, that: np.ndarray) -> np.ndarray:
        return np.where(is_better.reshape(-1, *[1] * (this.ndim - 1)), this, that)

    frame = new.frame._replace(
        params=chosen(new.frame.params, old.frame.params),
        running=chosen(new.frame.running, old.frame.running),
        diverged={},  # what is held has not
    )
    return Moment(frame, {name: chosen(values, old.values[name]) for name, values in new.values.items()})


def moments_of(config: OverfittingConfig, steps: np.ndarray) -> Iterator[dict[str, Moment]]:
    """Every column after each of these steps; A and B are one stack where they can be."""
    a, b = config.a(), config.b()
    if config.early:
        best = Best()
        for moment in trained(a, steps):
            yield {"a": moment, "b": best.follow(moment)}
    elif b and _alike(a[0], b[0]):
        for moment in trained(a + b, steps):
            yield {"a": moment.rows(slice(len(a))), "b": moment.rows(slice(len(a), None))}
    else:
        for moments in zip(*(trained(runs, steps) for runs in (a, b) if runs), strict=True):
            yield dict(zip(config.columns, moments, strict=True))


def _alike(a: TrainConfig, b: TrainConfig) -> bool:
    try:
        check_alike([a, b])
    except ValueError:
        return False
    return True


def trained(configs: Sequence[TrainConfig], steps: np.ndarray) -> Iterator[Moment]:
    """The runs after each of these steps; when all have diverged, as they last were."""
    run = train(configs, steps=steps.tolist())
    frame = next(run)
    for step in steps:
        if frame.step < step:
            frame = next(run, frame)
        yield measured(frame, configs)


def _said(moments: Mapping[str, Moment]) -> str:
    """How many networks of each column have diverged; of the first one, what left the numbers, and when."""
    parts = []
    for column, moment in moments.items():
        if lost := moment.frame.diverged:
            title = f"{column.upper()}, the first of {len(lost)} networks that diverged"
            parts.append(sentence(min(lost.values()), title))
    return " ".join(parts)
