"""What lies below the fold where the lesson on overfitting shows its map of widths and sizes."""

from collections.abc import Callable, Sequence

import numpy as np
import streamlit as st

from dlcore.figures.capacity import ERRORS
from dlcore.topics.capacity import CapacityConfig
from dlcore.topics.overfitting_programs import program
from dlcore.topics.overfitting_scenes import SCENES
from dlcore.training import Snapshot
from dlcore.ui import lesson
from dlcore.ui.live import Run
from dlcore.ui.overfitting_text import READING, check


def parts(config: CapacityConfig, run: Run | None) -> dict[str, Callable[[], object]]:
    """The tabs below the fold. run: what fills the map, None where there is no place for it now."""
    first = config.cell(config.widths[0], config.sizes[0])
    return {
        "Why it happens": _why,
        "The maths": lambda: _maths(config),
        "The code": lambda: st.code(program(first, "a"), language="python", height=460),
        "Check": lambda: check(first),
        "Take it away": lambda: _take_away(config, run),
        "Reading": lambda: st.markdown(READING),
    }


def _why() -> None:
    st.markdown(
        "A row is a capacity, a column an amount of data. To the right the test error falls: more samples leave less room for "
        "another rule. Upwards the training error falls, and the test error first falls with it, while the networks are too "
        "small for the rule (**underfitting**); where there are few samples it then rises, because the rest of the capacity "
        "is spent on what is wrong or accidental in them (**overfitting**). How wide a network should be is therefore no "
        "number: it depends on how many samples there are, on how noisy they are, and on how long one trains."
    )
    lesson.explain(scene for scene in SCENES if dict(scene.values).get("view") == "capacity")


def _maths(config: CapacityConfig) -> None:
    st.markdown(
        "The expected test error is what no network can avoid (noise), what all networks of that size miss (**bias**), and how "
        "much they differ with the samples that they happened to get (**variance**). For squared errors that is a sum:"
    )
    st.latex(
        r"\mathbb E\,(y-f(x))^2 = \underbrace{\sigma^2}_{\text{noise}} + \underbrace{(\bar f(x)-f^*(x))^2}_{\text{bias}^2} + "
        r"\underbrace{\mathbb E\,(f(x)-\bar f(x))^2}_{\text{variance}},\qquad \bar f = \mathbb E f"
    )
    small, large = (
        config.cell(width, config.sizes[0]).a()[0].architecture for width in (config.widths[0], config.widths[-1])
    )
    st.markdown(
        f"$f^*$ is the best answer there is. From the lowest row to the highest the networks have {small.num_params} to "
        f"{large.num_params:,} parameters; the samples are {config.sizes[0]} to {config.sizes[-1]}, "
        f"{100 * config.label_noise:.0f}% of their labels wrong. The errors of the map count wrong answers in percent."
    )


def _take_away(config: CapacityConfig, run: Run | None) -> None:
    st.markdown("Every cell as a row. The picture: PNG and SVG, beside the transport bar.")
    if run is not None:
        text = "Cells as CSV, those known by now"
        lesson.download(text, lambda: csv(config, run.snapshots()), "capacity.csv", key="overfitting.capacity-csv")


def csv(config: CapacityConfig, snapshots: Sequence[Snapshot]) -> str:
    """width, samples, and errors in percent: of the test (mean, lowest and highest of the seeds) and of training."""
    rows = ["width,samples,test_error,train_error,lowest_test_error,highest_test_error"]
    found = snapshots[-1].arrays if snapshots else {}
    for row, column in config.order:
        errors = [float(np.asarray(found[name])[row, column]) for name in ERRORS if found]
        if errors and np.isfinite(errors[0]):
            rows.append(
                ",".join([f"{config.widths[row]},{config.sizes[column]}", *(f"{error:.6g}" for error in errors)])
            )
    return "\n".join(rows) + "\n"
