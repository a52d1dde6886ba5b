"""What lies below the fold of the lesson on overfitting: why, maths, code, check, numbers, reading."""

import io
from collections.abc import Callable, Sequence

import streamlit as st
import torch

from dlcore import device
from dlcore.datasets.digits import DigitsConfig
from dlcore.figures.overfitting import titles
from dlcore.numerals import digits
from dlcore.topics.overfitting import shown_steps
from dlcore.topics.overfitting_config import OverfittingConfig
from dlcore.topics.overfitting_programs import program
from dlcore.topics.overfitting_scenes import SCENES
from dlcore.training import Snapshot, TrainConfig, check_against_torch
from dlcore.ui import lesson
from dlcore.ui.live import Run

EXACT = 1e-4  # by how much float32 may differ after the steps of the check
READING = """
- C. Zhang, S. Bengio, M. Hardt, B. Recht, O. Vinyals: [Understanding deep learning requires rethinking generalization](https://arxiv.org/abs/1611.03530), 2017: networks learn random labels by heart.
- A. Krogh, J. Hertz: [A simple weight decay can improve generalization](https://proceedings.neurips.cc/paper/1991/hash/8eefcfdf5990e441f0fb6f3fad709e21-Abstract.html), 1992.
- L. Prechelt: [Early stopping — but when?](https://doi.org/10.1007/3-540-49430-8_3), 1998.
- N. Srivastava, G. Hinton, A. Krizhevsky, I. Sutskever, R. Salakhutdinov: [Dropout: a simple way to prevent neural networks from overfitting](https://jmlr.org/papers/v15/srivastava14a.html), 2014.
- C. Bishop: [Training with noise is equivalent to Tikhonov regularization](https://doi.org/10.1162/neco.1995.7.1.108), 1995.
- I. Loshchilov, F. Hutter: [Decoupled weight decay regularization](https://arxiv.org/abs/1711.05101), 2019: why AdamW is not Adam with L2.
- M. Belkin, D. Hsu, S. Ma, S. Mandal: [Reconciling modern machine-learning practice and the classical bias–variance trade-off](https://arxiv.org/abs/1812.11118), 2019: beyond the width at which everything fits, more of it can help again.
- D. Smilkov, S. Carter: [TensorFlow Playground](https://playground.tensorflow.org), 2016.
- E. Alpaydin, C. Kaynak: [Optical recognition of handwritten digits](https://doi.org/10.24432/C50P49), 1998: the digits.
- The lectures this lesson follows: Lobry (capacity, regularisation), Deledalle (chapter III).
"""


def parts(config: OverfittingConfig, run: Run | None) -> dict[str, Callable[[], object]]:
    """The tabs below the fold. run: what trains the networks, None where there is no place for it now."""
    return {
        "Why it happens": _why,
        "The maths": lambda: _maths(config, run.snapshots() if run else []),
        "The code": lambda: _code(config),
        "Check": lambda: check(config),
        "Take it away": lambda: _take_away(config, run),
        "Reading": lambda: st.markdown(READING),
    }


def _why() -> None:
    st.markdown(
        "Training lowers the loss on the samples that the network is given, and nothing else. What is common to all "
        "samples of a class helps with many of them at once, so it is learned first; what only one of them has, such as a "
        "wrong label, can be learned, too, if there are enough weights and steps. From there on the training loss falls "
        "while the loss on new samples rises: the network knows its samples instead of the rule. **Regularisation** is "
        "whatever makes learning by heart dearer than learning the rule: fewer weights, smaller weights, less time, or "
        "samples that are never twice the same. **More data** does it without any trick."
    )
    lesson.explain(SCENES)


def _maths(config: OverfittingConfig, snapshots: Sequence[Snapshot]) -> None:
    st.markdown(
        "$n$ training samples $x_i$ with labels $y_i$; $p_\\theta(y\\mid x)$ is what the network answers; $w$ are its "
        "weights without the biases. What is minimised is the mean **cross-entropy** with the penalties:"
    )
    st.latex(
        r"E(\theta) = -\frac1n \sum_{i=1}^{n} \log p_\theta(y_i \mid x_i) \;+\; \lambda_1 \lVert w \rVert_1 "
        r"\;+\; \frac{\lambda_2}{2} \lVert w \rVert_2^2"
    )
    st.markdown(
        "The gradient of the last term is $\\lambda_2 w$, which is what torch's `weight_decay` adds to the gradient (there of "
        "the biases, too): each step of plain SGD multiplies $w$ by $1-\\eta\\lambda_2$. In Adam that term is divided by "
        "$\\sqrt{\\hat v}$ like all of the gradient, so it is no longer a decay; **AdamW** shrinks $w$ itself, by $\\eta\\lambda_2$. "
        "L1's gradient is $\\lambda_1\\,\\mathrm{sign}(w)$, the same for small weights as for large ones: they reach 0."
    )
    st.markdown(
        "**Dropout** multiplies each hidden unit's output by a mask $m$ in training, and by nothing in testing; **input noise** "
        "and **augmentation** move the samples anew in every step; for small σ noise acts as a penalty on the network's slopes "
        "(Bishop, 1995). The **generalisation gap** is what new samples cost more:"
    )
    st.latex(
        r"a \leftarrow \frac{m}{1-p}\, a,\quad m \sim \mathrm{Bernoulli}(1-p) \qquad x \leftarrow x + \sigma\,\varepsilon,\quad "
        r"\varepsilon \sim \mathcal N(0, I) \qquad \text{gap} = E_{\text{test}} - E_{\text{train}}"
    )
    _settings(config)
    if snapshots:
        _numbers(config, snapshots[-1], int(shown_steps(config)[len(snapshots) - 1]))


def _settings(config: OverfittingConfig) -> None:
    """λ, p and σ of both columns."""
    firsts = {"A": config.a()[0], **({"B": config.b()[0]} if "b" in config.columns else {})}
    for name, one in firsts.items():
        shown = (
            f"n = {one.data.num_train}, λ₁ = {one.l1:g}, λ₂ = {one.l2:g}, p = {one.dropout:g}, σ = {one.input_noise:g}"
        )
        st.markdown(f"{name}: {shown}, {_num_parameters(one)} parameters.")


def _num_parameters(one: TrainConfig) -> str:
    return f"{one.architecture.num_params:,}"


def _numbers(config: OverfittingConfig, last: Snapshot, step: int) -> None:
    """Losses and gap of the latest step that has been computed."""
    for column in config.columns:
        train, test, gap = (
            digits(float(last.arrays[f"{column}.{name}.mean"])) for name in ("loss.train", "loss.test", "gap")
        )
        sentence = (
            f"After step {step}, {column.upper()}: {test} − {train} = {gap} nats, means of {config.num_seeds} seeds."
        )
        st.markdown(sentence, unsafe_allow_html=True)


def _code(config: OverfittingConfig) -> None:
    shown = titles(config)
    column = st.segmented_control(
        "Program of",
        list(shown),
        default="a",
        required=True,
        format_func=shown.__getitem__,
        key="overfitting.program",
        label_visibility="collapsed",
    )
    st.markdown(
        "The drawn run in PyTorch, with the present settings: it prints the numbers of the picture, up to "
        "rounding, which grows over hundreds of steps. Save it in the app's folder, whose data it uses."
    )
    st.code(program(config, column or "a"), language="python", height=460)


def check(config: OverfittingConfig) -> None:
    """Each column's drawn run against a plain loop of torch's own modules and optimizers, and where it ran."""
    runs = {"A": config.a()[0], **({"B": config.b()[0]} if "b" in config.columns and not config.early else {})}
    found = {name: _difference(one) for name, one in runs.items()}
    told = ", ".join(f"{name}'s by at most {difference:.0e}" for name, difference in found.items())
    good = max(found.values()) < EXACT
    grown = "" if good else " Steps this large, or batches this small, let rounding grow: the two have parted."
    lesson.badge(f"After 20 steps the weights differ from those of a plain torch loop, {told}.{grown}", good=good)
    st.markdown(
        f"All {len(config.columns) * config.num_seeds} networks are trained as one stacked computation, in float32, on the "
        f"{device.describe(torch.device(config.device))}. The check trains the drawn ones again with torch.nn, torch.optim and "
        "autograd, from the same first weights, with the same batches, masks and noise."
    )


@st.cache_data(max_entries=100, show_spinner=False)
def _difference(one: TrainConfig) -> float:
    return check_against_torch(one)


def _take_away(config: OverfittingConfig, run: Run | None) -> None:
    st.markdown(
        "Every curve, one row a shown step, and the points or digits' labels. The picture: beside the transport bar."
    )
    if run is None:
        return
    left, right = st.columns(2)
    with left:
        lesson.download(
            "Curves as CSV",
            lambda: curves_csv(config, run.snapshots()),
            "overfitting.csv",
            key="overfitting.csv",
            help="As far as the run has come",
        )
    with right:
        if config.is_plane:
            text = "Points as CSV"
            lesson.download(text, lambda: points_csv(config), "points.csv", key="overfitting.points-csv")


def curves_csv(config: OverfittingConfig, snapshots: Sequence[Snapshot]) -> str:
    """step, and every number of every column that has one value a frame."""
    names = [name for name, array in snapshots[0].arrays.items() if array.ndim == 0] if snapshots else []
    rows = [
        ",".join([str(step), *(f"{float(snapshot.arrays[name]):.9g}" for name in names)])
        for step, snapshot in zip(shown_steps(config), snapshots, strict=False)
    ]
    return "\n".join([",".join(["step", *names]), *rows]) + "\n"


def points_csv(config: OverfittingConfig) -> str:
    """x, y, label as trained on, the split, and whether the label is wrong on purpose, of A's drawn run."""
    drawn = config.a()[0].data
    assert not isinstance(drawn, DigitsConfig)
    data = drawn.places()
    out = io.StringIO()
    out.write("x,y,label,split,wrong\n")
    for split in ("train", "validation", "test"):
        inputs, labels = getattr(data, split)
        for number, ((x, y), label) in enumerate(zip(inputs.tolist(), labels.tolist(), strict=True)):
            wrong = split == "train" and bool(data.flipped[number])
            out.write(f"{x:.9g},{y:.9g},{label},{split},{int(wrong)}\n")
    return out.getvalue()
