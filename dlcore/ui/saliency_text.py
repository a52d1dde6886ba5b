"""What lies below the fold of the lesson on saliency: why, the maths, code, check, numbers, reading."""

from collections.abc import Callable, Sequence

import streamlit as st

from dlcore.numerals import digits
from dlcore.topics.saliency.checks import PIXELS, against_differences, completeness
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.explain import MapsConfig
from dlcore.topics.saliency.methods import METHODS
from dlcore.topics.saliency.programs import program
from dlcore.topics.saliency.scenes import SCENES
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.topics.saliency.tables import maps_csv
from dlcore.topics.tables import numbers_csv
from dlcore.ui import lesson
from dlcore.ui.live import Run
from dlcore.ui.saliency_settings import Config, explained_by

CLOSE = 1e-4  # relative: the gradient in float32 against differences in float64
COMPLETE = 0.02  # relative: what a sum of fifty steps may miss
READING = """
- K. Simonyan, A. Vedaldi, A. Zisserman: [Deep inside convolutional networks](https://arxiv.org/abs/1312.6034), 2013: the gradient with respect to the pixels.
- D. Smilkov, N. Thorat, B. Kim, F. Viégas, M. Wattenberg: [SmoothGrad: removing noise by adding noise](https://arxiv.org/abs/1706.03825), 2017.
- M. Sundararajan, A. Taly, Q. Yan: [Axiomatic attribution for deep networks](https://arxiv.org/abs/1703.01365), 2017: integrated gradients and completeness.
- R. Selvaraju and others: [Grad-CAM](https://arxiv.org/abs/1610.02391), 2016. J. Springenberg and others: [Striving for simplicity](https://arxiv.org/abs/1412.6806), 2014: guided backpropagation.
- M. Zeiler, R. Fergus: [Visualizing and understanding convolutional networks](https://arxiv.org/abs/1311.2901), 2013: occlusion.
- M. Ribeiro, S. Singh, C. Guestrin: ["Why should I trust you?"](https://arxiv.org/abs/1602.04938), 2016: LIME. S. Lundberg, S.-I. Lee: [A unified approach to interpreting model predictions](https://arxiv.org/abs/1705.07874), 2017: SHAP.
- J. Adebayo and others: [Sanity checks for saliency maps](https://arxiv.org/abs/1810.03292), 2018: what is left of a map when the weights are random.
- V. Petsiuk, A. Das, K. Saenko: [RISE](https://arxiv.org/abs/1806.07421), 2018: deletion and insertion. J. Zhang and others: [Top-down neural attention by excitation backprop](https://arxiv.org/abs/1608.00507), 2016: the pointing game.
- S. Hooker and others: [A benchmark for interpretability methods in deep neural networks](https://arxiv.org/abs/1806.10758), 2018: why deleting pixels alone can mislead.
- The lecture this lesson follows: Hannemose, Deep learning in computer vision (saliency maps, SmoothGrad with σ at 10 % of the pixel range, 50 samples, clipped at the 99th percentile).
"""
WHY = {
    "maps": (
        "All maps answer one question, what in the picture the score rests on, and mean different things by it. The gradient asks what a "
        "tiny change would do; occlusion, LIME and SHAP ask what happens when something is gone; integrated gradients and SHAP share out the "
        "score so that the shares add up; Grad-CAM asks the last convolution, which has only a coarse grid of places. So they need not agree, "
        "and none is the truth by itself: the other views measure them."
    ),
    "forming": (
        "The gradient of a ReLU network jumps wherever a unit switches on or off, and there are many such places around any picture. SmoothGrad "
        "averages over a small cloud of pictures: what jumps cancels, at a rate of one over the root of n, and what stays is the slope that the "
        "network has there on the whole. Too little noise changes nothing, too much shows the network pictures it has never seen. Integrated "
        "gradients average along a path instead; since they sum a derivative, they give back the difference at its ends."
    ),
    "truth": (
        "Here the object is known pixel by pixel, because it was drawn. A map that lies elsewhere is wrong about the object, though perhaps not about "
        "the network: one that has learnt a shortcut looks elsewhere. So there are two kinds of measure. Pointing, inside and precision compare with the "
        "object; deletion asks the network itself, by taking away what the map calls important. Deleting makes pictures that the network "
        "was never trained on, so these curves, too, are to be read with care."
    ),
    "sanity": (
        "If a map explains what a network has learnt, it must change when that is destroyed. Weights are drawn anew from the head downwards, and each "
        "map is compared with the one of the trained network. Guided backpropagation sees edges by its construction: it passes back only what is "
        "positive, so most of what it shows is the picture."
    ),
    "training": (
        "Before training a network answers by chance, and its maps show what its random filters like: edges. While it learns, the score comes to rest on "
        "what tells the classes apart. A map can look convincing long before the network is any good."
    ),
}


def parts(config: Config, view: str, run: Run | None, names: Sequence[str]) -> dict[str, Callable[[], object]]:
    """The tabs below the fold; names: the methods whose code is shown, the first one first."""
    subject, settings = explained_by(config), config.settings
    return {
        "Why it happens": lambda: _why(view),
        "The maths": lambda: _maths(subject, settings),
        "The code": lambda: _code(subject, settings, names),
        "Check": lambda: _check(subject, settings),
        "Take it away": lambda: _take_away(config, run),
        "Reading": lambda: st.markdown(READING),
    }


def _why(view: str) -> None:
    st.markdown(WHY[view])
    lesson.explain(scene for scene in SCENES if dict(scene.values).get("view", "maps") == view)


def _maths(subject: Subject, settings: MethodSettings) -> None:
    target = subject.target()
    name = rf"z_\text{{{subject.classes[target.label]}}}"
    if target.against is not None:
        name += rf" - z_\text{{{subject.classes[target.against]}}}"
    st.markdown(
        "The score that is explained is a logit, or the difference of two, of the picture $x$ with pixels from 0 to 1:"
    )
    st.latex(rf"S(x) = {name} = {float(subject.score()):.4g}")
    st.latex(
        r"G = \frac{\partial S}{\partial x} \qquad G \odot x \qquad"
        rf"\hat G = \frac1n \sum_{{i=1}}^n \frac{{\partial S}}{{\partial x}}\Bigl(x + \varepsilon_i\Bigr),\;"
        rf"\varepsilon_i \sim \mathcal N(0, \sigma^2),\; \sigma = {settings.noise:g},\; n = {settings.num_samples}"
    )
    st.markdown(
        "SmoothGrad² takes the mean of the squares, VarGrad the variance. Integrated gradients, from a baseline $x'$:"
    )
    st.latex(
        r"\mathrm{IG} = (x - x') \odot \int_0^1 \frac{\partial S}{\partial x}\bigl(x' + \alpha (x - x')\bigr)\, d\alpha"
        r"\qquad \sum_{pixels} \mathrm{IG} = S(x) - S(x')"
    )
    st.markdown(
        "Grad-CAM, with the maps $A_k$ of the last convolution; guided backpropagation through a ReLU $y = \\max(x, 0)$:"
    )
    st.latex(
        r"\mathrm{CAM} = \mathrm{ReLU}\Bigl(\sum_k \bar g_k A_k\Bigr),\quad \bar g_k = \operatorname*{mean}_{places} \frac{\partial S}{\partial A_k}"
        r"\qquad\qquad \frac{\partial S}{\partial x} := \mathbf 1[x > 0]\;\max\Bigl(\frac{\partial S}{\partial y}, 0\Bigr)"
    )
    st.markdown(
        "LIME and SHAP switch regions on and off, $m \\in \\{0, 1\\}^R$, and fit $S(m) \\approx w_0 + w \\cdot m$; they differ in how much each "
        "$m$ counts. SHAP's weights make $w$ the Shapley values, whose sum is $S(x) - S(x')$. A map's **sign** is the sum over the colour channels, "
        "its **size** the sum of absolute values; full colour begins at the chosen percentile of the sizes."
    )


def _code(subject: Subject, settings: MethodSettings, names: Sequence[str]) -> None:
    st.markdown("The same numbers from PyTorch, with the present settings:")
    for name in names:
        st.markdown(f"**{METHODS[name].title}**")
        st.code(program(name, subject, subject.target(), settings), language="python")


def _check(subject: Subject, settings: MethodSettings) -> None:
    error, smooth = against_differences(subject)
    kinks = "" if smooth == PIXELS else f" At {PIXELS - smooth} more the score has a kink, as where pixels are equal."
    lesson.badge(
        f"At {smooth} pixels the gradient agrees with central differences in float64 to {digits(error, 2)} of its largest value.{kinks}",
        good=error <= CLOSE,
    )
    found = completeness(subject, settings)
    lesson.badge(
        f"Integrated gradients add up to {digits(found.total)}; the score rises by {digits(found.rise)} from the baseline to "
        f"the picture: {digits(100 * found.error, 2)} % apart with {settings.num_steps} steps.",
        good=found.error <= COMPLETE,
    )
    st.markdown(
        "The tests hold gradient, SmoothGrad, SmoothGrad² and VarGrad equal to captum's given the same noise, and the methods that captum computes "
        "to functions that can be solved by hand."
    )


def _take_away(config: Config, run: Run | None) -> None:
    st.markdown("PNG and SVG of the picture: the two buttons at the end of the transport bar.")
    if run is None:
        return
    if isinstance(config, MapsConfig):
        methods = config.methods
        lesson.download("Maps as CSV", lambda: maps_csv(methods, run.snapshots()), "saliency-maps.csv")
    lesson.download("Numbers as CSV", lambda: numbers_csv(run.snapshots()), "saliency-numbers.csv")
