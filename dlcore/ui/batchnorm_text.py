"""What lies below the fold of the lesson on batch norm, for the transform: why, maths, code, check, reading."""

import io
from collections.abc import Callable

import numpy as np
import streamlit as st

from dlcore.numerals import digits
from dlcore.topics.batchnorm import MODULES
from dlcore.topics.batchnorm_programs import program
from dlcore.topics.batchnorm_scenes import TRANSFORM
from dlcore.topics.batchnorm_tables import tables
from dlcore.topics.batchnorm_walk import Walk, check
from dlcore.ui import lesson

EXACT = 1e-9  # up to which differences in float64 are rounding, of numbers that may be 100
READING = """
- S. Ioffe, C. Szegedy: [Batch normalization: accelerating deep network training by reducing internal covariate shift](https://arxiv.org/abs/1502.03167), 2015: the transform, its backward pass, the running statistics.
- S. Santurkar, D. Tsipras, A. Ilyas, A. Mądry: [How does batch normalization help optimization?](https://arxiv.org/abs/1805.11604), 2018: not by keeping the distributions still, but by a smoother loss.
- J. Bjorck, C. Gomes, B. Selman, K. Weinberger: [Understanding batch normalization](https://arxiv.org/abs/1806.02375), 2018: larger learning rates are most of it.
- S. Ioffe: [Batch renormalization](https://arxiv.org/abs/1702.03275), 2017: small batches, and why training and testing differ there.
- J. L. Ba, J. R. Kiros, G. Hinton: [Layer normalization](https://arxiv.org/abs/1607.06450), 2016.
- Y. Wu, K. He: [Group normalization](https://arxiv.org/abs/1803.08494), 2018: the error of batch norm as the batches shrink.
- K. He, X. Zhang, S. Ren, J. Sun: [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852), 2015: the first weights.
- E. Alpaydin, C. Kaynak: [Optical recognition of handwritten digits](https://doi.org/10.24432/C50P49), 1998: the digits.
- The lectures this lesson follows: Lobry, Boulch, Deledalle (chapter III), Hannemose.
"""


def parts(found: Walk) -> dict[str, Callable[[], object]]:
    """The tabs below the fold of the Transform view."""
    return {
        "Why it happens": _why,
        "The maths": lambda: _maths(found),
        "The code": lambda: _code(found),
        "Check": lambda: _check(found),
        "Take it away": lambda: _take_away(found),
        "Reading": lambda: st.markdown(READING),
    }


def _why() -> None:
    st.markdown(
        "A layer learns best from numbers around 0 with a spread of about 1, and while the layers before it learn, too, its "
        "inputs wander. Batch norm sees to it in every step: each feature loses the mean of the mini-batch and is divided by "
        "its standard deviation, and two learnt numbers, γ and β, set spread and centre anew. Because mean and deviation are "
        "made of the batch, **samples depend on one another** in training: forward through μ and σ², and backward through their "
        "gradients. At test time that is not wanted, so running averages take their place. **Layer norm** and **group norm** "
        "take their means within a sample, over all of its features or a group of them: no batch, no running averages."
    )
    lesson.explain(TRANSFORM)


def _maths(found: Walk) -> None:
    config, sets = found.config, found.config.sets
    st.markdown(
        f"$m$ numbers share a mean: here {sets.members}, "
        f"{'one feature of all samples' if config.norm == 'batch' else 'features of one sample'}. $E$ is the loss. Forward:"
    )
    st.latex(
        r"\mu = \frac1m \sum_{i=1}^m x_i \qquad \sigma^2 = \frac1m \sum_{i=1}^m (x_i - \mu)^2 \qquad "
        r"\hat x_i = \frac{x_i - \mu}{\sqrt{\sigma^2 + \varepsilon}} \qquad y_i = \gamma\,\hat x_i + \beta"
    )
    st.markdown(
        "Backward, step by step as in the picture; γ and β have one gradient a feature, summed over the samples:"
    )
    st.latex(
        r"\frac{\partial E}{\partial \gamma} = \sum_i \frac{\partial E}{\partial y_i}\hat x_i \quad "
        r"\frac{\partial E}{\partial \beta} = \sum_i \frac{\partial E}{\partial y_i} \quad "
        r"\frac{\partial E}{\partial \hat x_i} = \gamma \frac{\partial E}{\partial y_i} \quad "
        r"\frac{\partial E}{\partial \sigma^2} = -\tfrac12 (\sigma^2+\varepsilon)^{-3/2} \sum_i \frac{\partial E}{\partial \hat x_i}(x_i-\mu) "
        r"\quad \frac{\partial E}{\partial \mu} = \frac{-1}{\sqrt{\sigma^2+\varepsilon}} \sum_i \frac{\partial E}{\partial \hat x_i}"
    )
    st.latex(
        r"\frac{\partial E}{\partial x_i} = \frac{1}{\sqrt{\sigma^2+\varepsilon}}\frac{\partial E}{\partial \hat x_i} + "
        r"\frac{\partial E}{\partial \sigma^2}\frac{2(x_i-\mu)}{m} + \frac1m\frac{\partial E}{\partial \mu} "
        r"= \frac{1}{\sqrt{\sigma^2+\varepsilon}}\Bigl(g_i - \bar g - \hat x_i\,\overline{g \hat x}\Bigr), \quad "
        r"g_i = \frac{\partial E}{\partial \hat x_i}"
    )
    st.markdown(
        "The last form says it at a glance, bars being means over the $m$ numbers: the gradient loses its own mean, and what of "
        "it points along $\\hat x$. So the gradients of a set add up to 0, and shifting or stretching the whole set changes nothing."
    )
    _running(found)


def _running(found: Walk) -> None:
    """The two conventions of the running averages, with the present numbers."""
    config = found.config
    st.markdown(
        "**Running statistics**, two ways to write one thing. The lecture: $\\mu_t = \\gamma\\mu_{t-1} + (1-\\gamma)\\mu_B$ with "
        "$\\gamma = 0.9$; torch: momentum $\\alpha = 1 - \\gamma = 0.1$. The variance that is averaged is the *unbiased* one, "
        "$\\sigma^2\\, m/(m-1)$, while $\\hat x$ is made with the biased one:"
    )
    st.latex(
        r"\mu \leftarrow (1-\alpha)\mu + \alpha\mu_B \qquad \sigma^2 \leftarrow (1-\alpha)\sigma^2 + \alpha\,\tfrac{m}{m-1}\sigma_B^2 "
        r"\qquad \text{after } t \text{ equal batches } 1 - (1-\alpha)^t \text{ of the way is done}"
    )
    if config.norm == "batch" and config.seen:
        done = 1 - (1 - config.momentum) ** config.seen
        st.markdown(
            f"Here: 1 − {digits(1 - config.momentum)}<sup>{config.seen}</sup> = {digits(100 * done)} %.",
            unsafe_allow_html=True,
        )


def _code(found: Walk) -> None:
    st.markdown(
        f"The same numbers by hand and from `nn.{MODULES[found.config.norm]}`; the program compares them itself. "
        "Indices count from 0, as in the picture."
    )
    st.code(program(found), language="python")


def _check(found: Walk) -> None:
    largest = check(found)
    if found.refusal:
        lesson.badge(f"torch was asked, and refuses: “{found.refusal}”.", good=False)
        st.markdown("The zeros in the picture are computed by the formulas all the same.")
        return
    lesson.badge(
        f"y, ∂E/∂x, ∂E/∂γ and ∂E/∂β{' and the running statistics' if found.after is not None else ''} differ from "
        f"torch.nn.{MODULES[found.config.norm]} and autograd by at most {largest:.1g}.",
        good=largest <= EXACT,
    )
    st.markdown(
        "Both are computed now, in float64: the one by the formulas under *The maths*, the other by torch's own layer and its "
        "`backward()`. Tests hold them equal for batches, γ, β and ε drawn at random, in training and in evaluation mode."
    )


def _take_away(found: Walk) -> None:
    st.markdown("PNG and SVG of the picture: the two buttons at the end of the transport bar.")
    lesson.download("Cells as CSV", lambda: cells_csv(found), "batchnorm.csv", key="batchnorm.cells-csv")


def cells_csv(found: Walk) -> str:
    """table,row,column,value: a row a cell of the picture, with all of its digits."""
    out = io.StringIO()
    out.write("table,row,column,value\n")
    for table in tables(found).values():
        for (row, column), value in np.ndenumerate(table.values):
            out.write(f"{table.symbol},{row},{column},{float(value)!r}\n")
    return out.getvalue()
