"""What lies below the fold of the lesson on batch norm, for its live views: why, maths, code, check, numbers."""

import io
from collections.abc import Callable, Iterable

import numpy as np
import streamlit as st

from dlcore.topics.batchnorm import NORMS
from dlcore.topics.batchnorm_checks import difference
from dlcore.topics.batchnorm_net_programs import program
from dlcore.topics.batchnorm_runs import NetConfig, SizesConfig, frame_steps, trained_norms
from dlcore.topics.batchnorm_scenes import RUNS
from dlcore.training import Snapshot
from dlcore.ui import lesson
from dlcore.ui.batchnorm_text import EXACT, READING
from dlcore.ui.live import Run


def parts(config: NetConfig, run: Run | None) -> dict[str, Callable[[], object]]:
    """The tabs below the fold of a live view; run: None where there is no place for it now."""
    return {
        "Why it happens": _why,
        "The maths": _maths,
        "The code": lambda: _code(config),
        "Check": lambda: _check(config),
        "Take it away": lambda: _take_away(config, run),
        "Reading": lambda: st.markdown(READING),
    }


def _why() -> None:
    st.markdown(
        "Ioffe and Szegedy gave a reason for batch norm that is still in many slides: it keeps the layers' inputs from shifting. "
        "What holds up better is about **scale**. A normalised layer gives the same for weights twice as large, so first "
        "weights that are too small or too large do not matter, and signal and gradients neither die nor explode from layer to "
        "layer. That is why rates ten times as large work, and why sigmoid layers train at all. It is bought with "
        "a **batch**: in training each sample's answer depends on the others, at test time on averages; both suffer when "
        "batches are small. On these digits, with good first weights and a good rate, little of the lead is left."
    )
    lesson.explain(RUNS)


def _maths() -> None:
    st.markdown(
        "A layer computes $z = Wa + b$, and the next one gets $\\varphi(\\gamma\\hat z + \\beta)$. Up to $\\varepsilon$:"
    )
    st.latex(
        r"\mathrm{BN}(cWa) = \mathrm{BN}(Wa) \qquad "
        r"\frac{\partial\, \mathrm{BN}(cWa)}{\partial (cW)} = \frac1c\,\frac{\partial\, \mathrm{BN}(Wa)}{\partial W} \qquad (c > 0)"
    )
    st.markdown(
        "So a step that makes $W$ larger makes the next gradient smaller: the rate corrects itself. $b$ has no effect at all, "
        "since the mean takes it away again; β does its work. Without, weights of standard deviation $s$ multiply the spread of "
        "a ReLU layer's inputs by about $s\\sqrt{n/2}$: 1 for He's $s^2 = 2/n$, and $1/\\sqrt6 \\approx 0.41$ for torch's own "
        "$s^2 = 1/(3n)$. Five layers of that make 0.01."
    )
    st.markdown(
        "*Layer* and *group norm* take the mean over units of one sample instead of over samples of one unit. "
        "A unit's own mean may then differ from 0, so they do less for the first weights, but need no batch."
    )


def _code(config: NetConfig) -> None:
    which = "at each batch size" if isinstance(config, SizesConfig) else "of each curve"
    st.markdown(
        f"The first network {which}, by torch's own modules, from the same weights on the same batches; the picture "
        "shows the mean over its seeds. Rounding grows from step to step, most of all with batches of 2 to 4 and with group norm, so that the last points may differ; Check shows that both are the same at first."
    )
    st.code(program(config), language="python", height=460)


def _check(config: NetConfig) -> None:
    found = {norm: _difference(config, norm) for norm in trained_norms(config)}
    told = ", ".join(f"{NORMS.get(norm, 'without')} {value:.0e}" for norm, value in found.items())
    lesson.badge(
        f"After ten updates the first network's test logits differ from those of a plain torch loop, relatively, by: {told}.",
        good=max(found.values()) < EXACT,
    )
    st.markdown(
        "The picture's networks are trained side by side as rows of one tensor, in float32; the check trains one of them so, in "
        "float64, and once more with torch.nn's modules and autograd, from the same weights on the same batches."
    )


@st.cache_data(max_entries=100, show_spinner=False)
def _difference(config: NetConfig, norm: str) -> float:
    return difference(config, norm)


def _take_away(config: NetConfig, run: Run | None) -> None:
    st.markdown("PNG and SVG of the picture: the two buttons at the end of the transport bar.")
    if run is not None:
        name = type(config).__name__.removesuffix("Config").lower()
        lesson.download(
            "All numbers as CSV",
            lambda: numbers_csv(frame_steps(config).tolist(), run.snapshots()),
            f"batchnorm-{name}.csv",
            key=f"batchnorm.{name}-csv",
            help="As far as the run has come",
        )


def numbers_csv(steps: Iterable[int], snapshots: Iterable[Snapshot]) -> str:
    """update,quantity,place,value: a row a number; place: the layer, rate, batch size or bin, counted from 0."""
    out = io.StringIO()
    out.write("update,quantity,place,value\n")
    for step, snapshot in zip(steps, snapshots, strict=False):
        for name, values in snapshot.arrays.items():
            for place, value in enumerate(np.ravel(values).tolist()):
                out.write(f"{step},{name},{place},{value:.7g}\n")
    return out.getvalue()
