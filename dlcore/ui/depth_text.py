"""What lies below the fold where the lesson on backpropagation shows depth: why, maths, code, numbers, reading."""

import io
from collections.abc import Callable

import numpy as np
import streamlit as st

from dlcore.figures.layer_curves import TITLES
from dlcore.numerals import digits
from dlcore.topics.backprop_config import ACTIVATIONS
from dlcore.topics.backprop_scenes import SCENES
from dlcore.topics.depth import NUM_SEEDS, DepthConfig, DepthTrace, expected_ratios
from dlcore.topics.depth_checks import differences
from dlcore.topics.depth_programs import program
from dlcore.ui import lesson

READING = """
- S. Hochreiter: *Untersuchungen zu dynamischen neuronalen Netzen*, diploma thesis, Munich, 1991: gradients that vanish or explode, first worked out; [a summary in English](https://people.idsia.ch/~juergen/fundamentaldeeplearningproblem.html).
- X. Glorot, Y. Bengio: [Understanding the difficulty of training deep feedforward neural networks](https://proceedings.mlr.press/v9/glorot10a.html), 2010: sigmoid and tanh by depth, and Xavier's weights.
- K. He, X. Zhang, S. Ren, J. Sun: [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852), 2015: the √2 for ReLU, section 2.2.
- B. Poole et al.: [Exponential expressivity in deep neural networks through transient chaos](https://arxiv.org/abs/1606.05340), 2016: the variances, forward.
- S. Schoenholz, J. Gilmer, S. Ganguli, J. Sohl-Dickstein: [Deep information propagation](https://arxiv.org/abs/1611.01232), 2017: the same, backward; the dotted line.
- R. Fisher: The use of multiple measurements in taxonomic problems, 1936: the flowers.
- The lectures this lesson follows: Boulch, Deledalle (chapter III), Hannemose: gradients by depth, and the first weights.
"""


def parts(config: DepthConfig, trace: DepthTrace) -> dict[str, Callable[[], object]]:
    """The tabs below the fold."""
    return {
        "Why it happens": _why,
        "The maths": lambda: _maths(config, trace),
        "The code": lambda: _code(config),
        "Check": lambda: _check(config, trace),
        "Take it away": lambda: _take_away(trace),
        "Reading": lambda: st.markdown(READING),
    }


def _why() -> None:
    st.markdown(
        "On its way back the gradient meets the same two things in every layer: the weights, and the slope of the "
        "activation. So each layer multiplies it by about the same factor, and many equal factors are a power: a "
        "little below 1 it *vanishes*, a little above 1 it *explodes*, and the more so the deeper the network. A "
        "sigmoid's slope is at most 1/4, so only large weights could make up for it; tanh's is 1 near 0 and less where it "
        "saturates; ReLU's is 1 or 0, and where all of a layer's units are *dead*, nothing at all gets through. "
        "Good first weights bring the factor close to 1. These networks are not trained yet: training will change it."
    )
    lesson.explain(scene for scene in SCENES if dict(scene.values).get("view") == "depth")


def _maths(config: DepthConfig, trace: DepthTrace) -> None:
    st.markdown(
        "Layer $l$ computes $z_l = W_l a_{l-1} + b$ and $a_l = \\varphi(z_l)$; $L$ is the last hidden layer, $W_{out}$ "
        "the readout, $p$ the softmax's output, $y$ the target. With $\\delta_l = \\partial E/\\partial z_l$, and "
        "$\\odot$ for entry by entry, the chain rule says"
    )
    st.latex(
        r"\delta_l = \bigl(W_{l+1}^{\top}\,\delta_{l+1}\bigr) \odot \varphi'(z_l) \qquad "
        r"\delta_L = \bigl(W_{out}^{\top}(p - y)\bigr) \odot \varphi'(z_L) \qquad "
        r"\frac{\partial E}{\partial W_l} = \delta_l\, a_{l-1}^{\top}"
    )
    st.markdown(
        "From the last layer to the first that is a product of $L - 1$ Jacobians, $D_l$ being the diagonal matrix of "
        "$\\varphi'(z_l)$:"
    )
    st.latex(
        r"\delta_1 = \bigl(D_1 W_2^{\top}\bigr)\bigl(D_2 W_3^{\top}\bigr)\cdots\bigl(D_{L-1} W_L^{\top}\bigr)\,\delta_L"
    )
    st.markdown(
        "How large is each factor? Draw the weights from $\\mathcal N(0, g^2/n)$, $n$ being the fan-in and $g$ the gain. "
        "In wide layers $z_l$ is normal with mean $b$ and a variance $v_l$ that follows from the layer below; the mean "
        "square of $\\delta_l$ follows from the layer above:"
    )
    st.latex(
        r"v_{l+1} = g^2\,\mathbb E\bigl[\varphi(z_l)^2\bigr] \qquad\qquad "
        r"\mathbb E\bigl[\delta_l^2\bigr] = g^2\,\mathbb E\bigl[\varphi'(z_l)^2\bigr]\;\mathbb E\bigl[\delta_{l+1}^2\bigr]"
    )
    _bounds(config)
    _numbers(config, trace)
    _beginnings()


def _bounds(config: DepthConfig) -> None:
    """What the slopes alone say about a layer's factor, at the present gain."""
    st.markdown("The slopes bound the factor of $\\delta$ in root mean square, $g\\sqrt{\\mathbb E[\\varphi'^2]}$:")
    st.latex(
        r"\sigma' = \sigma(1-\sigma) \le \tfrac14 \;\Rightarrow\; \le \tfrac g4 \qquad "
        r"\tanh' = 1 - \tanh^2 \le 1 \;\Rightarrow\; \le g \qquad "
        r"\mathrm{ReLU}' = [z > 0] \;\Rightarrow\; \tfrac{g}{\sqrt2} \text{ for } b = 0"
    )
    gain, steps = config.gain, config.depth - 1
    text = (
        f"At the present gain, g = {digits(gain)}: sigmoid at most {digits(gain / 4)}, tanh at most {digits(gain)}, "
        f"ReLU without bias {digits(gain / 2**0.5)}."
    )
    if steps:
        text += (
            f" From layer {config.depth} to layer 1 that is for sigmoid at most "
            f"{digits(gain / 4)}<sup>{steps}</sup> = {digits((gain / 4) ** steps)}."
        )
    st.markdown(text, unsafe_allow_html=True)


def _numbers(config: DepthConfig, trace: DepthTrace) -> None:
    """Theory and measurement side by side, for the present settings."""
    if config.depth == 1:
        st.markdown("With one hidden layer there is no factor to measure: add layers.")
        return
    first, last = trace.typical[:, 0], trace.typical[:, -1]
    measured = np.divide(first, last, out=np.full_like(first, np.nan), where=last > 0)
    steps = config.depth - 1
    rows = [
        f"| {TITLES[name]} | {_or_dash(theory ** (1 / steps))} | {_or_dash(ratio ** (1 / steps))} "
        f"| {_or_dash(theory)} | {_or_dash(ratio)} |"
        for name, theory, ratio in zip(ACTIVATIONS, expected_ratios(config)[:, 0], measured, strict=True)
    ]
    head = "| | factor a layer: theory | measured | layer 1 ÷ layer {0}: theory | measured |\n|---|--:|--:|--:|--:|\n"
    st.markdown(
        f"The present numbers, g = {digits(config.gain)}, b = {digits(config.bias)}, {config.depth} layers of "
        f"{config.width} units. Factors are geometric means over the layers; measured is the median of {NUM_SEEDS} "
        f"networks:\n\n{head.format(config.depth)}" + "\n".join(rows),
        unsafe_allow_html=True,
    )
    if any("—" in row for row in rows):
        st.markdown("A dash: theory does not see that all units of a layer may die, or nothing came back at all.")


def _beginnings() -> None:
    """How weights are begun, in this lesson's gain."""
    st.markdown(
        "*Where to begin.* **He**: $g = \\sqrt2$, so that ReLU's factor $g/\\sqrt2$ is 1. **Xavier** (Glorot): variance "
        "$2/(n_{in} + n_{out})$, a compromise between forward ($1/n_{in}$) and backward ($1/n_{out}$); between layers of "
        "equal width that is $g = 1$, right for tanh near 0, where its slope is 1. torch's `nn.Linear` draws from "
        "$\\mathcal U(-1/\\sqrt{n}, 1/\\sqrt{n})$: variance $1/(3n)$, so $g = 1/\\sqrt3 \\approx 0.58$."
    )


def _code(config: DepthConfig) -> None:
    st.markdown(
        f"Network 1 of the {NUM_SEEDS} with {TITLES[config.activation]} in PyTorch, with the page's own weights: a thin "
        "line of the picture. It prints what each layer has; the numbers are those in the CSV."
    )
    st.code(program(config), language="python", height=460)


def _check(config: DepthConfig, trace: DepthTrace) -> None:
    found = differences(config, trace)
    lesson.badge(
        f"∂E/∂z and ∂E/∂W of network 1 with {TITLES[config.activation]}, in all layers, differ from the .grad of a plain "
        f"nn.Sequential by at most {found.module:.1g}, from the chain rule by hand by at most {found.by_hand:.1g} "
        "(relative).",
        good=found.module < 1e-9 and found.by_hand < 1e-6,
    )
    st.markdown(
        "Both are computed now, in float64: the one by one `backward()` through torch's own modules, the other by the "
        "first formula under *The maths*, without autograd. Where a tanh is all but 1, its slope 1 − tanh² has few "
        "digits left, and the two may agree less well. Finite differences would be no judge here: a gradient of 10⁻¹² "
        "moves the loss by less than float64 resolves. The program under *The code* is run and compared with this page "
        "by the project's tests."
    )


def _take_away(trace: DepthTrace) -> None:
    st.markdown(
        f"All three activations, {NUM_SEEDS} networks each, layer by layer: root mean square of a and of ∂E/∂z, norm of "
        "∂E/∂W, dead ReLUs. The picture: PNG and SVG, beside the transport bar."
    )
    lesson.download("Layers as CSV", lambda: csv(trace), "depth.csv", key="backprop.depth-csv")


def csv(trace: DepthTrace) -> str:
    """layer, activation, network, rms_a, rms_grad_z, norm_grad_w, dead (ReLU's alone): a row a layer and network."""
    out = io.StringIO()
    out.write("layer,activation,network,rms_a,rms_grad_z,norm_grad_w,dead\n")
    for k, name in enumerate(ACTIVATIONS):
        for network, layer in np.ndindex(trace.dead.shape):
            numbers = (measure[k, network, layer] for measure in (trace.a, trace.grad_z, trace.grad_w))
            text = ",".join(f"{number:.17g}" for number in numbers)
            dead = trace.dead[network, layer] if name == "relu" else ""
            out.write(f"{layer + 1},{name},{network + 1},{text},{dead}\n")
    return out.getvalue()


def _or_dash(value: float) -> str:
    return digits(value) if np.isfinite(value) else "—"
