"""The stage on which a network learns to answer: right answers by type, at home and in another area, while it learns.

Made from the settings alone: every number comes with the run.
"""

from collections.abc import Mapping, Sequence

import numpy as np

from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.stage import Area, Plot, Readout, Stage
from dlcore.figures.vqa_looks import OVERALL_STYLE, TEST_STYLES, TYPE_STYLES, Run

RIGHT = Scale(quantity="right answers", low=0, high=100, unit=" %")
LOSS = Scale(quantity="loss, nats", low=1e-2, high=10, log=True)
ACROSS = "update"
#: What is asked on the whole: how that is told, its colour's meaning, its dash.
WHOLE = {
    "train": ("training questions", "train", "solid"),
    "overall": ("test 1", TEST_STYLES["1"].meaning, "dash"),
    "overall.other": ("test 2", TEST_STYLES["2"].meaning, "dot"),
}
DRAWN = {"solid": "solid", "dash": "dashed", "dot": "dotted"}


def learning_stage(
    *, types: Mapping[str, str], steps: Sequence[int], fusion: str, data: str = "drawn scenes", other: bool = True
) -> Stage:
    """Frame k: after steps[k] updates; frame 0: before the first.

    types: titles by key, keys of TYPE_STYLES. fusion: title of what joins picture and question. data: what it learns
    from, in a few words. other: whether there is a test in another area.
    """
    run, at = Run(num_frames=len(steps)), np.asarray(steps)
    readouts = [Readout(label="pictures", colour="", values=run("scenes"), counts=True)]
    readouts += [
        Readout(
            label=TYPE_STYLES[name].short,
            colour=TYPE_STYLES[name].colour,
            dash=TYPE_STYLES[name].dash,
            values=run(f"accuracy.{name}"),
        )
        for name in types
    ]
    readouts.append(Readout(label="All", colour=OVERALL_STYLE.colour, dash=OVERALL_STYLE.dash, values=run("overall")))
    elsewhere = [_by_type(run, at, types, "other", "overall.other", "Test 2", "another area")] if other else []
    return Stage(
        views=[
            _by_type(run, at, types, "accuracy", "overall", "Test 1", "the area that it learns from", area="main"),
            *elsewhere,
            _whole(run, at, [name for name in WHOLE if other or name != "overall.other"]),
            _loss(run, at),
        ],
        num_frames=len(at),
        steps=at,
        readouts=readouts,
        quantity=f"{fusion}, {data}; right in test 1, %",
        unit=ACROSS,
        file_name="vqa-learning",
        split=1.3,
    )


def _by_type(
    run: Run,
    steps: np.ndarray,
    types: Mapping[str, str],
    name: str,
    whole: str,
    title: str,
    where: str,
    area: Area = "side",
) -> Plot:
    """A line a type, and all questions."""
    curves = [
        Curve(label=title, colour=TYPE_STYLES[key].meaning, dash=TYPE_STYLES[key].dash, mean=run(f"{name}.{key}"))
        for key, title in types.items()
    ]
    curves.append(Curve(label="All questions", colour=OVERALL_STYLE.meaning, mean=run(whole)))
    return bands(
        curves,
        steps,
        RIGHT,
        key=name,
        title=title,
        caption=f"{title.lower()}: {where}",
        alt=f"Right answers in {title.lower()}, {where}, by update: {', '.join(types.values())} and all questions.",
        across=ACROSS,
        area=area,
    )


def _whole(run: Run, steps: np.ndarray, shown: Sequence[str]) -> Plot:
    """All questions: those of training, and of the tests that there are."""
    known = {name: WHOLE[name] for name in shown}
    curves = [Curve(label=said, colour=hue, dash=dash, mean=run(name)) for name, (said, hue, dash) in known.items()]
    named = " · ".join(f"{DRAWN[dash]}: {said}" for said, _, dash in known.values())
    return bands(
        curves,
        steps,
        RIGHT,
        key="whole",
        title="All questions",
        caption=named,
        alt=f"Right answers to all questions by update: {', '.join(said for said, _, _ in known.values())}.",
        across=ACROSS,
    )


def _loss(run: Run, steps: np.ndarray) -> Plot:
    return bands(
        [Curve(label="training loss", colour="loss", mean=run("loss"))],
        steps,
        LOSS,
        key="loss",
        title="Loss",
        caption="on the questions that it learns from",
        alt="Training loss by update, on a logarithmic axis.",
        across=ACROSS,
    )
