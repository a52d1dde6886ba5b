"""The formulas of the lesson on adversarial examples, view by view, in the lecture's symbols."""

import math
from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from dlcore.topics.adversarial.linear import LinearConfig

SYMBOLS = (
    "Here $x$ is the picture with pixels from 0 to 1, $y$ its class, $E$ the cross-entropy of the network's answer, $\\varepsilon$ the radius "
    "(given in levels: $\\varepsilon = 4$ means $4/255$), and $\\delta$ the perturbation; $\\mathrm{clip}$ keeps pixels in $[0, 1]$."
)
PGD = (
    r"$$\text{PGD}\quad x_{k+1} = \Pi_\varepsilon\bigl(x_k + \alpha\,\mathrm{sign}\,\nabla_x E(x_k, y)\bigr)\qquad"
    r"\Pi_\varepsilon(z) = \mathrm{clip}\bigl(\min(\max(z, x - \varepsilon), x + \varepsilon)\bigr)$$"
)
LINES: dict[str, tuple[str, ...]] = {
    "sweep": (
        SYMBOLS,
        r"$$\text{FGSM}\quad x' = \mathrm{clip}\bigl(x + \varepsilon\,\mathrm{sign}\,\nabla_x E(x, y)\bigr)\qquad"
        r"\text{targeted at } t\quad x' = \mathrm{clip}\bigl(x - \varepsilon\,\mathrm{sign}\,\nabla_x E(x, t)\bigr)$$",
        PGD,
        "In $L_2$ the sign is replaced by the gradient divided by its length. One gradient serves every $\\varepsilon$ of FGSM; PGD is run anew for each. "
        "Random noise is $\\delta_i = \\pm\\varepsilon$ with equal chances, or a random direction of length $\\varepsilon$ in $L_2$.",
    ),
    "path": (
        SYMBOLS,
        PGD,
        "The slice is $E(x + a\\,u + b\\,v)$ with $u$ the whole perturbation at the end and $v$ random signs of size $\\varepsilon$. Cut so, the box of $\\pm\\varepsilon$ is a diamond.",
    ),
    "boundary": (
        SYMBOLS,
        r"$$w_k = \nabla z_k - \nabla z_{\hat y},\quad f_k = z_k - z_{\hat y},\quad l = \operatorname*{argmin}_{k \ne \hat y}"
        r"\frac{|f_k|}{\lVert w_k\rVert_2},\quad r = \frac{|f_l|}{\lVert w_l\rVert_2^2}\,w_l$$",
        "with logits $z$ and the answer $\\hat y$. Each step adds $r$; at the end all of it is made 2 % longer, to be across.",
    ),
    "curves": (
        r"$$\text{accuracy}(\varepsilon) = \frac1m \sum_{i=1}^m \mathbf 1\bigl[\operatorname{argmax} z(x_i + \delta_i(\varepsilon)) = y_i\bigr]$$",
        "Wilson's interval of a share $p$ of $m$ pictures, with $q = 1.96$:",
        r"$$\frac{p + \frac{q^2}{2m} \pm q\sqrt{\frac{p(1-p)}{m} + \frac{q^2}{4m^2}}}{1 + \frac{q^2}{m}}$$",
    ),
    "transfer": (
        r"$$\text{lost}(A \to B) = \frac{\#\{i : B(x_i) = y_i \text{ and } B(x_i + \delta^A_i) \ne y_i\}}{\#\{i : B(x_i) = y_i\}}$$",
        "where $\\delta^A_i$ was made with the gradients of network $A$.",
    ),
    "universal": (
        r"$$\delta \leftarrow \mathrm{clip}_{[-\varepsilon, \varepsilon]}\Bigl(\delta + \alpha\,\mathrm{sign}\sum_{i \in \text{batch}} \nabla_x E(x_i + \delta, y_i)\Bigr)$$",
        "One $\\delta$ for all pictures, learnt on some and counted on others.",
    ),
    "fooling": (
        r"$$x \leftarrow \mathrm{clip}\bigl(x - \text{Adam}(\nabla_x E(x, t))\bigr),\qquad \text{until } p_t(x) > 0.99$$",
        "Smoothing blurs the gradient, so that neighbouring pixels move together.",
    ),
    "twins": (
        r"$$\min_\theta\; \sum_i \max_{\lVert\delta_i\rVert_\infty \le \varepsilon} E_\theta(x_i + \delta_i, y_i)$$",
        "The inner maximum is approximated by an attack. The maps are $\\sum_{\\text{channels}} |\\partial z_{\\hat y} / \\partial x|$; *inside* is the share of "
        "a map that lies on the object, or at most 1/32 of the picture beside it.",
    ),
    "linear": (
        r"$$w \cdot (x + \varepsilon\,\mathrm{sign}\,w) - w \cdot x = \varepsilon\,\lVert w\rVert_1 \approx \varepsilon\,\sqrt{\tfrac{2n}{\pi}}\quad\text{for } \lVert w\rVert_2 = 1,"
        r"\text{ Gaussian } w$$",
        "and with random signs $s$: $\\;\\mathbb E\\,(w \\cdot \\varepsilon s)^2 = \\varepsilon^2 \\lVert w\\rVert_2^2$, whatever $n$ is.",
    ),
    "directions": (
        r"$$\cos\angle(u, w) \sim \mathcal N\bigl(0, \tfrac1n\bigr) \text{ nearly, for a random } u,\qquad"
        r"P(\text{across}) = P\Bigl(\cos\angle(u, w) > \tfrac{d}{\varepsilon}\Bigr)$$",
        "with $d$ the distance to the border and $\\varepsilon$ the length of the step.",
    ),
    "plane": (
        SYMBOLS,
        r"$$x' = x + \varepsilon\,\mathrm{sign}\,\nabla_x E\ \ (L_\infty\text{: to a corner of the square})\qquad"
        r"x' = x + \varepsilon\,\frac{\nabla_x E}{\lVert\nabla_x E\rVert_2}\ \ (L_2\text{: to the circle})$$",
    ),
    "illusion": (
        "What reaches the eye is the product of what a surface reflects and of the light that falls on it:",
        r"$$\text{light sent} = \text{reflectance} \times \text{illumination}$$",
        "The dark square in the light and the light square in the shadow have equal products. The eye divides the illumination out, as it should.",
    ),
}
LINES["hardening"] = LINES["twins"]


def write(stage: str, values: Mapping[str, Any]) -> None:
    """The formulas of a stage, and the present numbers in them."""
    for line in LINES[stage]:
        st.markdown(line)
    if stage in NOW:
        st.markdown(f"**Now:** {NOW[stage](values)}")


def _pgd(values: Mapping[str, Any]) -> str:
    start = "a random place in the ball" if values["random_start"] else "the picture itself"
    return f"PGD takes {values['num_steps']} steps of $\\alpha = {values['step_share']:g}\\,\\varepsilon$ from {start}."


def _sweep(values: Mapping[str, Any]) -> str:
    most = values["most_l2"] if values["norm"] == "l2" else values["most"]
    upto = f"$\\varepsilon$ goes up to {most:g} levels, $\\varepsilon/255 = {most / 255:.4f}$ of the range of a pixel."
    return upto if values["method"] == "fgsm" else f"{upto} {_pgd(values)}"


def _path(values: Mapping[str, Any]) -> str:
    epsilon = values["epsilon_l2"] if values["norm"] == "l2" else values["epsilon"]
    return f"$\\varepsilon = {epsilon:g}$ levels, so $\\alpha = {values['step_share'] * epsilon:.3g}$. {_pgd(values)}"


def _linear(values: Mapping[str, Any]) -> str:
    epsilon, n = values["epsilon"], LinearConfig().most_dimension
    aimed = epsilon * math.sqrt(2 * n / math.pi)
    return rf"$\varepsilon = {epsilon:g}$ and $n = {n}$ give $\varepsilon\sqrt{{2n/\pi}} = {aimed:.0f}$ levels."


def _directions(values: Mapping[str, Any]) -> str:
    times = values["times"]
    return rf"$\varepsilon = {times:g}\,d$, so $\cos\angle(u, w)$ must be above ${1 / times:.3g}$."


def _hardening(values: Mapping[str, Any]) -> str:
    return (
        f"$\\varepsilon = {values['fit_epsilon']:g}$ levels, the inner maximum by {values['fit_steps']} steps of PGD."
    )


#: Where the formulas have settings in them: what these are at present.
NOW: dict[str, Callable[[Mapping[str, Any]], str]] = {
    "sweep": _sweep,
    "path": _path,
    "curves": _pgd,
    "transfer": _path,
    "linear": _linear,
    "directions": _directions,
    "hardening": _hardening,
}
