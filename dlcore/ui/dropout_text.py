"""What lies below the fold of the lesson on dropout: why it works, the maths, code, check, numbers, reading."""

import io
from collections.abc import Callable, Sequence

import streamlit as st

from dlcore.numerals import digits
from dlcore.topics.dropout_config import NUM_SEEDS, DropoutConfig, MasksConfig, ScalingConfig
from dlcore.topics.dropout_programs import masks_program, scaling_program, training_program
from dlcore.topics.dropout_scaling import BOTH, ScalingTrace, expectation_error
from dlcore.topics.dropout_scenes import SCENES
from dlcore.training import Snapshot, check_against_torch
from dlcore.ui import lesson
from dlcore.ui.live import Run

CHECKED = 20  # steps of training that are held against torch
EXACT = 1e-4  # up to which float32 sums in another order are rounding
READING = """
- G. Hinton, N. Srivastava, A. Krizhevsky, I. Sutskever, R. Salakhutdinov: [Improving neural networks by preventing co-adaptation of feature detectors](https://arxiv.org/abs/1207.0580), 2012.
- N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov: [Dropout: a simple way to prevent neural networks from overfitting](https://jmlr.org/papers/v15/srivastava14a.html), 2014: section 10 has both ways of scaling, and p is there the probability to keep.
- P. Baldi, P. Sadowski: [Understanding dropout](https://papers.nips.cc/paper/4878-understanding-dropout), 2013: what the scaled network computes is close to the normalised geometric mean over all masks.
- S. Wager, S. Wang, P. Liang: [Dropout training as adaptive regularization](https://arxiv.org/abs/1307.1493), 2013: for linear models dropout is, to first order, an L2 penalty that adapts to the features.
- Y. Gal, Z. Ghahramani: [Dropout as a Bayesian approximation](https://arxiv.org/abs/1506.02142), 2016: masks at test time, and what their spread is taken for.
- The lectures this lesson follows: Lobry (keep and drop), Quénot (training and test), Deledalle (chapter on regularisation).
"""


def parts(config: DropoutConfig | MasksConfig, run: Run | None, view: str) -> dict[str, Callable[[], object]]:
    """The tabs below the fold where networks are trained."""
    return {
        "Why it happens": lambda: _why(view),
        "The maths": lambda: _maths(config),
        "The code": lambda: _code(config),
        "Check": lambda: _check(config),
        "Take it away": lambda: _take_away(run),
        "Reading": lambda: st.markdown(READING),
    }


def layer_parts(config: ScalingConfig, trace: ScalingTrace) -> dict[str, Callable[[], object]]:
    """The tabs below the fold of the Scaling view."""
    return {
        "Why it happens": lambda: _why("scaling"),
        "The maths": lambda: _scaling_maths(config, trace),
        "The code": lambda: st.code(scaling_program(config), language="python"),
        "Check": lambda: _layer_check(config, trace),
        "Take it away": lambda: _layer_csv(trace),
        "Reading": lambda: st.markdown(READING),
    }


def _why(view: str) -> None:
    st.markdown(
        "In every training step each hidden unit is dropped with probability p, for every point anew. So a unit cannot "
        "count on any other one being there to correct it, and what it learns must be of use beside many different "
        "companies. That is noise, and noise hinders: training fits worse. Where there is something one should not fit, "
        "such as wrong labels, the test gains by that; where there is not, it loses. One can read it as training very many "
        "thinned networks that share their weights; at test the one network with all units, rightly scaled, stands in for "
        "their average."
    )
    lesson.explain(scene for scene in SCENES if dict(scene.values).get("view", "train") == view)


def _maths(config: DropoutConfig | MasksConfig) -> None:
    p = (config.training if isinstance(config, MasksConfig) else config).p
    st.markdown(
        "A hidden layer with outputs $a$, weights $W$ behind it, and a mask $m$, drawn for each point and step:"
    )
    st.latex(
        r"m_i = \begin{cases} 1 & \text{with probability } 1 - p\\ 0 & \text{with probability } p \end{cases}"
        r"\qquad \tilde a_i = \frac{m_i}{1-p}\, a_i \qquad z = W \tilde a + b \qquad"
        r"\mathbb E[\tilde a_i] = a_i,\quad \mathrm{Var}[\tilde a_i] = \frac{p}{1-p}\, a_i^2"
    )
    st.markdown(
        f"Here $p$ is {digits(p, 2)}, the probability to **drop**, as in torch; the lecture's $p$ is the probability to keep, "
        f"{digits(1 - p, 2)}. A kept output is multiplied by {digits(1 / (1 - p))}, and at test nothing is scaled. "
        "Backward the same mask multiplies the gradient: a dropped unit learns nothing in this step."
    )
    st.markdown("The average over masks of the network's probability is an ensemble; the scaled network is one pass:")
    st.latex(
        r"\bar P = \frac1M\sum_{k=1}^M \sigma\bigl(z^{(k)}\bigr) \qquad "
        r"P_{geo} = \sigma\Bigl(\frac1M\sum_k z^{(k)}\Bigr) \qquad "
        r"P_{scaled} = \sigma\bigl(z(\tilde a = a)\bigr) \qquad "
        r"s^2 = \frac1M\sum_k \bigl(\sigma(z^{(k)}) - \bar P\bigr)^2"
    )
    st.markdown(
        "For one linear layer before the sigmoid $P_{geo}$ is $P_{scaled}$ exactly, with all masks; hidden ReLUs in between "
        "make it an approximation. How alike two hidden units $i, j$ answer is Pearson's $r$ over the test points; the page "
        "shows the mean of $|r|$ over all pairs of a layer."
    )


def _scaling_maths(config: ScalingConfig, trace: ScalingTrace) -> None:
    layer, keep = trace.layer, 1 - config.p
    st.markdown("Scaled while training (torch), and scaled at test (lecture):")
    st.latex(
        r"z_{train} = \sum_i w_i\,\frac{m_i a_i}{1-p},\;\; z_{test} = \sum_i w_i a_i \qquad\qquad "
        r"z_{train} = \sum_i w_i\, m_i a_i,\;\; z_{test} = (1-p)\sum_i w_i a_i"
    )
    st.markdown(
        "In both, $\\mathbb E[m_i] = 1 - p$ makes the mean over masks what the test computes. With the present numbers:"
    )
    terms = " + ".join(f"({w:g})\\cdot {a:g}" for w, a in zip(layer.w.tolist(), layer.a.tolist(), strict=True))
    st.latex(
        rf"\mathbb E[z] = {terms} = {trace.expected:.4g} \qquad \text{{lecture: }} {keep:.3g}\cdot {trace.expected:.4g}"
    )
    st.markdown(
        "The units are drawn apart, so the variances add up, and the mean of $M$ masks is off by about $\\sigma/\\sqrt M$:"
    )
    st.latex(
        rf"\sigma^2 = \frac{{p}}{{1-p}}\sum_i (w_i a_i)^2 \qquad \sigma = {trace.spread:.4g}, \quad "
        rf"\frac{{\sigma}}{{\sqrt{{{config.num_masks}}}}} = {trace.spread / config.num_masks**0.5:.3g}"
    )


def _code(config: DropoutConfig | MasksConfig) -> None:
    st.markdown(
        "The page's numbers from plain PyTorch, seed after seed (the page trains all of them at once). `nn.Dropout` draws "
        "from torch's one global generator; here the masks come from a generator of their own, to be the page's. Rounding grows "
        "over hundreds of steps, so the last digits may differ. Save it in the app's folder, whose data it uses."
    )
    text = masks_program(config) if isinstance(config, MasksConfig) else training_program(config)
    st.code(text, language="python")


def _check(config: DropoutConfig | MasksConfig) -> None:
    training = config.training if isinstance(config, MasksConfig) else config
    difference = check_against_torch(training.runs(training.p)[0], CHECKED)
    steps = min(CHECKED, training.num_steps)
    lesson.badge(
        f"After each of {steps} steps B's weights agree with torch.nn and torch.optim to {digits(difference, 2)}, given the "
        "same first weights, points and masks.",
        good=difference <= EXACT,
    )
    st.markdown(
        f"All {2 * NUM_SEEDS} runs, A and B with {NUM_SEEDS} seeds each, train as one stacked computation; every run draws "
        "from generators made of its own seed, so A and B of one seed begin with the same weights and see the same points. "
        "Accuracy is measured on 1000 test points whose labels are all right."
    )


def _layer_check(config: ScalingConfig, trace: ScalingTrace) -> None:
    error = expectation_error(config)
    lesson.badge(
        f"The mean over all {len(trace.sums)} masks is what the test computes, unit by unit, both ways: to {digits(error, 2)}.",
        good=error <= 1e-12,
    )
    apart = abs(trace.ways["inverted"].mean_z[-1] - trace.expected)
    st.markdown(
        f"After {config.num_masks} masks the mean of z is off by {digits(apart)}; σ/√m is "
        f"{digits(trace.spread / config.num_masks**0.5)}."
    )


def _take_away(run: Run | None) -> None:
    if run is None:
        st.markdown("There is no run: the server had no place for it.")
        return
    st.markdown("PNG and SVG of the picture: the two buttons at the end of the transport bar.")
    lesson.download(
        "Curves as CSV",
        lambda: curves_csv(run.snapshots()),
        "dropout.csv",
        help="As far as the run has come",
    )


def curves_csv(snapshots: Sequence[Snapshot]) -> str:
    """One line a frame: every single number of it, with all of its digits."""
    names = [name for name, value in snapshots[0].arrays.items() if value.ndim == 0] if snapshots else []
    rows = io.StringIO()
    rows.write(",".join(["frame", *names]) + "\n")
    for k, snapshot in enumerate(snapshots):
        rows.write(",".join([str(k), *(repr(float(snapshot.arrays[name])) for name in names)]) + "\n")
    return rows.getvalue()


def _layer_csv(trace: ScalingTrace) -> None:
    lesson.download("Masks and sums as CSV", lambda: masks_csv(trace), "dropout-masks.csv")


def masks_csv(trace: ScalingTrace) -> str:
    """One line a mask: which units stay, and what both ways give; the first is the reader's own."""
    rows = io.StringIO()
    units = [f"unit {k + 1}" for k in range(trace.masks.shape[1])]
    rows.write(",".join(["frame", *units, *(f"{what} {name}" for name in BOTH for what in ("z", "mean"))]) + "\n")
    for k, mask in enumerate(trace.masks):
        sums = (number for name in BOTH for number in (trace.ways[name].z[k], trace.ways[name].mean_z[k]))
        rows.write(",".join([str(k), *(str(int(one)) for one in mask), *map(repr, map(float, sums))]) + "\n")
    return rows.getvalue()
