"""The stage on which ways to join picture and question are compared: each trained more than once, on one budget.

Knows the axes and the numbers' names; does not know how any of them joins.
"""

from collections.abc import Mapping, Sequence

from dlcore.figures.stage import Plot, Readout, Stage
from dlcore.figures.vqa_looks import Run
from dlcore.figures.vqa_rows import Rows

SYMBOLS = ("circle-open", "square-open", "diamond-open", "triangle-up-open", "triangle-down-open")  # of seeds in turn
BELOW = 0.3  # of a row: seeds stand under their mean
LOW, HIGH = 20, 100  # percent: no way to answer is worse
WORSE, BETTER = -16, 8  # points of a difference that are seen
NOTE = (
    "Small: single trainings. Large: their mean, with its 95% interval. Differences are paired: the same seed on both "
    "sides. An interval that crosses the line says that neither is better for sure."
)


def comparing_stage(
    *,
    fusions: Mapping[str, str],
    seeds: Sequence[int],
    counts: Sequence[int],
    domain: float = 0,
    order: Sequence[str] | None = None,
    against: str = "product",
    apart: Sequence[str] = ("blind", "deaf"),
) -> Stage:
    """Frame k: what is known after counts[k] scenes; frame 0: nothing.

    fusions: titles by key, in the order of the arrays. order: of the rows, from the top; None: the same. against: whom
    the others are compared with. apart: those that lack the picture or the question, which have no place among the
    differences. domain: how far the scenes are from the area of training, 0 to 1.

    Raises: ValueError where order does not name each of them once.
    """
    ordered = list(fusions if order is None else order)
    if sorted(ordered) != sorted(fusions):
        raise ValueError(f"order is {', '.join(ordered)}: it must name each of {', '.join(fusions)} once.")
    run = Run(num_frames=len(counts))
    return Stage(
        views=[
            _means(run, fusions, seeds, ordered),
            _differences(run, fusions, ordered, against, apart),
        ],
        num_frames=len(counts),
        readouts=[Readout(label="questions", colour="", values=run("count"), counts=True)],
        quantity=f"area at {domain:g}",
        unit="batch",
        file_name="vqa-fusions",
        note=NOTE,
        rate=4.0,
        split=1.3,
    )


def _means(run: Run, fusions: Mapping[str, str], seeds: Sequence[int], ordered: Sequence[str]) -> Plot:
    """Each training, their mean and how sure it is."""
    rows = _rows(run, fusions, ordered)
    for row, key in enumerate(fusions):
        rows.whisker("accent", row, run(f"interval.{key}", 2))
    for number, seed in enumerate(seeds):
        symbol = SYMBOLS[number % len(SYMBOLS)]
        rows.dots("muted", f"seed {seed}", symbol, run(f"accuracy.{seed}", len(fusions)), below=BELOW, size=7)
    rows.dots("accent", "mean", "circle", run("mean", len(fusions)), size=10)
    return rows.plot(
        LOW,
        HIGH,
        quantity="right answers, all questions",
        above="● mean, with its 95% interval<br>below: one training each",
        key="accuracy",
        title="Accuracy",
        alt=f"Right answers of {', '.join(fusions.values())}: each training, their mean and its 95% interval.",
        area="main",
    )


def _differences(
    run: Run, fusions: Mapping[str, str], ordered: Sequence[str], against: str, apart: Sequence[str]
) -> Plot:
    """How much better than one of them the others are, seed by seed: a narrower interval, for it is paired."""
    compared = [key for key in ordered if key not in apart]
    rows = _rows(run, fusions, compared, " points")
    for row, key in enumerate(fusions):
        if key in compared:
            rows.whisker("ink", row, run(f"difference.interval.{key}", 2))
    rows.dots("ink", f"minus {fusions[against]}", "diamond", run("difference", len(fusions)), size=10)
    return rows.plot(
        WORSE,
        BETTER,
        quantity=f"points above {fusions[against]}",
        above="◆ mean over seeds, with its 95% interval",
        key="difference",
        title="Difference",
        alt=f"How many points better or worse than {fusions[against]} the others are, with 95% intervals.",
        zero=0,
    )


def _rows(run: Run, fusions: Mapping[str, str], shown: Sequence[str], unit: str = " %") -> Rows:
    places = [shown.index(key) if key in shown else None for key in fusions]
    return Rows(titles=[fusions[key] for key in shown], num_frames=run.num_frames, unit=unit, order=places)
