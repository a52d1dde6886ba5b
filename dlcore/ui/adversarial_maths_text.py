"""The formulas of the lesson on adversarial examples, view by view, in the lecture's symbols."""

from collections.abc import Callable

import streamlit as st

SYMBOLS = (
    "Here $x$ is the picture with pixels from 0 to 1, $y$ its class, $E$ the cross-entropy of the network's answer, $\\varepsilon$ the radius "
    "(given in levels: $\\varepsilon = 4$ means $4/255$), and $\\delta$ the perturbation; $\\mathrm{clip}$ keeps pixels in $[0, 1]$."
)
LINES: dict[str, tuple[str, ...]] = {
    "sweep": (
        SYMBOLS,
        r"$$\text{FGSM}\quad x' = \mathrm{clip}\bigl(x + \varepsilon\,\mathrm{sign}\,\nabla_x E(x, y)\bigr)\qquad"
        r"\text{targeted at } t\quad x' = \mathrm{clip}\bigl(x - \varepsilon\,\mathrm{sign}\,\nabla_x E(x, t)\bigr)$$",
        "In $L_2$ the sign is replaced by the gradient divided by its length. One gradient serves every $\\varepsilon$ of FGSM; PGD is run anew for each. "
        "Random noise is $\\delta_i = \\pm\\varepsilon$ with equal chances, or a random direction of length $\\varepsilon$ in $L_2$.",
    ),
    "path": (
        SYMBOLS,
        r"$$x_{k+1} = \Pi_\varepsilon\bigl(x_k + \alpha\,\mathrm{sign}\,\nabla_x E(x_k, y)\bigr)\qquad"
        r"\Pi_\varepsilon(z) = \mathrm{clip}\bigl(\min(\max(z, x - \varepsilon), x + \varepsilon)\bigr)$$",
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


def _written(stage: str) -> Callable[[], None]:
    def write() -> None:
        for line in LINES[stage]:
            st.markdown(line)

    return write


#: By stage, what writes its formulas.
MATHS: dict[str, Callable[[], None]] = {stage: _written(stage) for stage in LINES}
