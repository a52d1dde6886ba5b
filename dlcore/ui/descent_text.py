"""What lies below the fold of the lesson on optimizers: why, maths, code, numbers, reading."""

import io
from collections.abc import Callable

import numpy as np
import streamlit as st

from dlcore.topics.checks import gradient_error
from dlcore.topics.descent import RaceConfig, RaceTrace
from dlcore.topics.optimizers import OPTIMIZERS, Hyper
from dlcore.topics.optimizers_scenes import SCENES
from dlcore.topics.programs import program
from dlcore.ui import lesson

READING = """
- L. Bottou, F. Curtis, J. Nocedal: [Optimization methods for large-scale machine learning](https://arxiv.org/abs/1606.04838), 2018.
- B. Polyak: Some methods of speeding up the convergence of iteration methods, 1964: the heavy ball.
- Y. Nesterov: A method for solving the convex programming problem with convergence rate O(1/k²), 1983.
- J. Duchi, E. Hazan, Y. Singer: [Adaptive subgradient methods](https://jmlr.org/papers/v12/duchi11a.html), 2011: AdaGrad.
- T. Tieleman, G. Hinton: Lecture 6.5, RMSProp, Neural Networks for Machine Learning, 2012.
- D. Kingma, J. Ba: [Adam](https://arxiv.org/abs/1412.6980), 2015. I. Loshchilov, F. Hutter: [Decoupled weight decay](https://arxiv.org/abs/1711.05101), 2019: AdamW.
- L. Liu et al.: [On the variance of the adaptive learning rate and beyond](https://arxiv.org/abs/1908.03265), 2020: RAdam.
- R. Pascanu, T. Mikolov, Y. Bengio: [On the difficulty of training recurrent neural networks](https://arxiv.org/abs/1211.5063), 2013: cliffs and clipping.
- G. Goh: [Why momentum really works](https://distill.pub/2017/momentum/), Distill, 2017.
- The lectures this lesson follows: Lobry (part on optimization), Boulch, Quénot, Deledalle (chapter III), Hannemose (training).
"""
SCHEDULE_MATHS = r"""
\eta_t = \eta\,\kappa^{\lfloor t/s \rfloor} \;\text{(step)} \qquad \eta\,e^{-\kappa t} \;\text{(exponential)} \qquad
\frac{\eta}{1+\kappa t} \;\text{(time-based)} \qquad \frac{\eta}{2}\left(1+\cos\frac{\pi t}{T}\right) \;\text{(cosine)}
"""


def parts(config: RaceConfig, trace: RaceTrace) -> dict[str, Callable[[], object]]:
    """The tabs below the fold."""
    return {
        "Why it happens": _why,
        "The maths": lambda: _maths(config, trace),
        "The code": lambda: _code(config),
        "Check": lambda: _check(config, trace),
        "Take it away": lambda: _take_away(config, trace),
        "Reading": lambda: st.markdown(READING),
    }


def _why() -> None:
    st.markdown(
        "A gradient says which way is down *here*; it does not say how far. The learning rate η answers that with one "
        "number for all directions, and a surface that is steep one way and flat the other has no good single answer: "
        "η must stay below 2/λ for the steepest curvature λ, and then the flat direction is slow. Momentum averages "
        "steps over time, so that what alternates cancels and what persists adds up. AdaGrad, RMSProp and Adam give "
        "each coordinate its own rate, from the size of its past gradients. Below is what each scene shows, and why."
    )
    lesson.explain(SCENES)


def _maths(config: RaceConfig, trace: RaceTrace) -> None:
    surface = config.make_surface()
    st.markdown(f"The surface, and its gradient $g = \\nabla f$ at the start {_pair(trace.w[0, 0])}:")
    st.latex(rf"{surface.latex} \qquad g = {_pair(trace.g[0, 0])}")
    st.markdown(
        "$w$ is the point, $\\eta$ the learning rate, $t = 1, 2, \\dots$ the update; squares, roots and quotients of "
        "vectors are taken coordinate by coordinate. The numbers of the present frame stand in the tab *Equations* "
        "beside the picture."
    )
    for name in config.optimizers:
        rule = OPTIMIZERS[name]
        settings = ", ".join(_setting(rule.hypers[key], value) for key, value in config.hyper_of(name).items())
        st.markdown(f"**{rule.title}**{' with ' + settings if settings else ''}")
        st.latex(rule.latex)
    st.markdown("Before the rule: noise is added, then the gradient is clipped to norm τ, then weight decay adds λw.")
    st.latex(
        r"g \leftarrow g + \mathcal N(0, \sigma_0^2/(1+t)^{2\kappa}) \qquad g \leftarrow g\,\min(1, \tau/\lVert g\rVert)"
    )
    st.latex(SCHEDULE_MATHS)
    st.markdown(
        "*Two forms.* The lecture writes momentum as $v \\leftarrow \\mu v - \\eta g$, torch as $v \\leftarrow \\mu v + g$ "
        "with the step $\\eta v$: the same path while η is constant, two paths when it changes. Nesterov's gradient is "
        "taken at the look-ahead point; torch keeps that point itself as $w$ (arrows: *Nesterov's look-ahead*). Adam's "
        "update needs its hats and its ε; a slide that drops them is not the algorithm."
    )


def _code(config: RaceConfig) -> None:
    st.markdown("This program makes the paths above with `torch.optim`, and prints where each optimizer ends.")
    st.code(program(config, config.make_surface()), language="python", height=460)


def _check(config: RaceConfig, trace: RaceTrace) -> None:
    error = gradient_error(config.make_surface(), trace.w)
    lesson.badge(
        f"Gradients by autograd agree with central finite differences to {error:.0e} (relative), "
        f"at every finite point of the paths on this page.",
        good=error < 1e-4,
    )
    st.markdown(
        "The update rules are held equal to `torch.optim` to 1e-9 over 200 steps, schedules to "
        "`torch.optim.lr_scheduler`, clipping to `clip_grad_norm_`, by the project's tests; the program under "
        "*The code* is run and compared there, too."
    )


def _take_away(config: RaceConfig, trace: RaceTrace) -> None:
    st.markdown(
        "The race as a table: one row a step and optimizer. The picture: PNG and SVG, beside the transport bar."
    )
    lesson.download("Download CSV", lambda: csv(config, trace), "optimizers.csv", key="optimizers.csv")
    ends = [
        {
            "optimizer": OPTIMIZERS[name].title,
            "last x": trace.w[-1, k, 0],
            "last y": trace.w[-1, k, 1],
            "loss": trace.loss[-1, k],
            "distance to minimum": trace.distance[-1, k],
            "diverged at step": str(trace.diverged[name][0]) if name in trace.diverged else "",
        }
        for k, name in enumerate(config.optimizers)
    ]
    st.dataframe(ends, hide_index=True, width="stretch")


def csv(config: RaceConfig, trace: RaceTrace) -> str:
    """The race as text: step, samples, optimizer, η, x, y, loss, gradient, step Δ, distance."""
    out = io.StringIO()
    out.write("step,samples,optimizer,lr,x,y,loss,gradient_x,gradient_y,delta_x,delta_y,distance\n")
    for k, name in enumerate(config.optimizers):
        columns = [trace.lr[:, k], *trace.w[:, k].T, trace.loss[:, k], *trace.g[:, k].T, *trace.delta[:, k].T]
        for row, numbers in enumerate(np.stack([*columns, trace.distance[:, k]], axis=1)):
            text = ",".join(f"{number:.17g}" for number in numbers)
            out.write(f"{trace.steps[row]},{trace.samples[row]},{name},{text}\n")
    return out.getvalue()


def _setting(hyper: Hyper, value: float) -> str:
    if hyper.kind == "switch":
        return f"{hyper.label} {'on' if value else 'off'}"
    return f"{hyper.symbol} = {value:g}"


def _pair(values: np.ndarray) -> str:
    return f"({values[0]:.4g}, {values[1]:.4g})"
