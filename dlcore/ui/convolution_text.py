"""What lies below the fold of the lesson on convolution, for the window and the picture: why, maths, code, reading."""

import io
from collections.abc import Callable

import numpy as np
import streamlit as st

from dlcore.figures.animation import gif
from dlcore.figures.convolution import window_lattice
from dlcore.numerals import digits
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.convolution_facts import as_convolution
from dlcore.topics.convolution_scenes import SCENES
from dlcore.topics.sliding import Slide, check
from dlcore.topics.window import program_of
from dlcore.ui import lesson

EXACT = 1e-9  # up to which differences of sums in float64 are rounding
READING = """
- V. Dumoulin, F. Visin: [A guide to convolution arithmetic for deep learning](https://arxiv.org/abs/1603.07285), 2016: all the cases of size, stride and padding, with their transposes.
- Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: [Gradient-based learning applied to document recognition](https://doi.org/10.1109/5.726791), 1998: convolution, sub-sampling, shared weights.
- A. Krizhevsky, I. Sutskever, G. Hinton: [ImageNet classification with deep convolutional neural networks](https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks), 2012.
- F. Yu, V. Koltun: [Multi-scale context aggregation by dilated convolutions](https://arxiv.org/abs/1511.07122), 2016.
- A. Odena, V. Dumoulin, C. Olah: [Deconvolution and checkerboard artifacts](https://doi.org/10.23915/distill.00003), Distill, 2016.
- F. Chollet: [Xception: deep learning with depthwise separable convolutions](https://arxiv.org/abs/1610.02357), 2017.
- D. Gabor: Theory of communication, 1946; J. Daugman: [Uncertainty relation for resolution in space, spatial frequency, and orientation](https://doi.org/10.1364/JOSAA.2.001160), 1985: the two-dimensional filters.
- The lectures this lesson follows: Boulch (correlation, padding, stride), Quénot (true convolution, parameters and connections, AlexNet), Hannemose (stacks of 3×3).
"""


def parts(config: WindowConfig, slide: Slide, layout: str) -> dict[str, Callable[[], object]]:
    """The tabs below the fold of the Window view."""
    return {
        "Why it happens": _why,
        "The maths": lambda: _maths(config),
        "The code": lambda: _code(config),
        "Check": lambda: _check(slide),
        "Take it away": lambda: _take_away(config, slide, layout),
        "Reading": lambda: st.markdown(READING),
    }


def _why() -> None:
    st.markdown(
        "A convolutional layer asks the same question at every place: *how well does what lies under the window agree "
        "with the kernel?* The answer is a sum of products, one weight a cell, and the weights are the same wherever the window "
        "stands. Three consequences: the layer has few weights, however large the picture; what it finds in one corner it finds "
        "in every other; and an output knows only what lies under its window. Everything else on this page, padding, stride, "
        "dilation, groups, says where the window stands and which cells it skips. Backward nothing new happens: the gradients "
        "are sums over the same pairs of cells, so they are sliding windows, too."
    )
    lesson.explain(scene for scene in SCENES if dict(scene.values).get("view", "window") != "stack")


def _maths(config: WindowConfig) -> None:
    st.markdown(
        "The lectures write it in two ways: correlation, as torch computes it, and true convolution, which turns the kernel by "
        "180° first. $x$ is the input with its padding, $w$ the kernel, $b$ the bias, $s$ the stride, $d$ the dilation, $c$ "
        "the input maps of the group:"
    )
    st.latex(
        r"y_{o,i,j} = b_o + \sum_{c}\sum_{k,l} w_{o,c,k,l}\; x_{c,\;s i + d k,\;s j + d l}"
        r"\qquad\text{(correlation)}\qquad y_{i,j} = \sum_{m,n} w_{m,n}\; x_{i-m,\;j-n}\qquad\text{(convolution)}"
    )
    st.markdown("Along an axis with $n$ cells, kernel $k$ and padding $p$ and $q$ on its two sides:")
    st.latex(
        r"n_{out} = \Bigl\lfloor \frac{n + p + q - d(k-1) - 1}{s} \Bigr\rfloor + 1"
        r"\qquad\text{transposed: } n_{out} = (n-1)s - p - q + d(k-1) + 1 + \text{output padding}"
    )
    _present_size(config)
    st.markdown(
        "Flattened, a convolution is a matrix: $y = Cx$. Each row of $C$ holds the kernel's weights where the window meets $x$, "
        "and zeros elsewhere. So the gradient to the input is $C^\\top$ times that to the output, which is what a *transposed* "
        "convolution computes forward. Both gradients are sliding windows themselves:"
    )
    st.latex(
        r"\frac{\partial E}{\partial x_{c,u,v}} = \sum_{o}\;\sum_{\substack{i,k:\; s i + d k = u\\ j,l:\; s j + d l = v}} "
        r"\frac{\partial E}{\partial y_{o,i,j}}\; w_{o,c,k,l}"
        r"\qquad\qquad \frac{\partial E}{\partial w_{o,c,k,l}} = \sum_{i,j} \frac{\partial E}{\partial y_{o,i,j}}\; "
        r"x_{c,\;s i + d k,\;s j + d l}"
    )
    st.markdown(
        "A layer from $C$ maps to $C'$ maps with $g$ groups has $C' \\cdot C/g \\cdot k^2$ weights, and as many multiply-adds for "
        "every place of the output. A multiply-add counts as two operations. A Gabor kernel, with $x', y'$ turned by $\\theta$:"
    )
    st.latex(
        r"g(x, y) = \exp\Bigl(-\frac{x'^2 + \gamma^2 y'^2}{2\sigma^2}\Bigr)\cos\frac{2\pi x'}{\lambda}"
        r"\qquad x' = x\cos\theta + y\sin\theta \qquad y' = -x\sin\theta + y\cos\theta"
    )


def _present_size(config: WindowConfig) -> None:
    """The formula with this layer's numbers in it."""
    conv = as_convolution(config.layer)
    for axis, size in enumerate(conv.output_size):
        n, k, s, d = (numbers[axis] for numbers in (conv.size, conv.kernel, conv.stride, conv.dilation))
        p, q = conv.pads[axis]
        name = ("length",) if len(conv.size) == 1 else ("height", "width")
        if conv.transposed:
            more = conv.output_padding[axis]
            formula = rf"({n}-1)\cdot {s} - {p} - {q} + {d}\cdot({k}-1) + 1 + {more} = {size}"
        else:
            formula = rf"\Bigl\lfloor \frac{{{n} + {p} + {q} - {d}\cdot({k}-1) - 1}}{{{s}}} \Bigr\rfloor + 1 = {size}"
        st.latex(rf"\text{{{name[axis]}: }}\; {formula}")


def _code(config: WindowConfig) -> None:
    st.markdown("The same numbers from PyTorch alone; run it and compare. Indices count from 0, as in the picture.")
    st.code(program_of(config), language="python")


def _check(slide: Slide) -> None:
    difference = check(slide)
    lesson.badge(
        f"All {slide.result.size} cells agree with PyTorch to {digits(difference, 2)}: the products under the window, added up, "
        f"against its own operation{' and autograd' if slide.names[2] != 'y' else ''}.",
        good=difference <= EXACT,
    )
    st.markdown(
        "The picture is made of pairs of cells that meet, found by index arithmetic; the numbers in the output come from "
        "`torch.nn.functional` and `torch.autograd` in float64. Tests hold sizes, pairs and gradients equal to torch for "
        "thousands of layers drawn at random: strides, dilations, groups, all padding modes, one axis and two."
    )


def _take_away(config: WindowConfig, slide: Slide, layout: str) -> None:
    st.markdown("PNG and SVG of the picture: the two buttons at the end of the transport bar.")
    with st.container(horizontal=True, gap="small"):
        lesson.download("Cells as CSV", cells_csv(slide), "convolution-cells.csv")
        lesson.download("Products as CSV", products_csv(slide), "convolution-products.csv")
        lesson.download(
            "Animation as GIF",
            lambda: gif(window_lattice(config, slide, layout)),
            "convolution.gif",
            "image/gif",
        )


def cells_csv(slide: Slide) -> str:
    """One line a cell of ground, window and result, with all of its digits."""
    rows = io.StringIO()
    rows.write("role,map,row,column,value\n")
    for role in ("ground", "window", "result"):
        for (number, row, col), value in np.ndenumerate(getattr(slide, role)):
            rows.write(f"{role},{number},{row},{col},{float(value)!r}\n")
    return rows.getvalue()


def products_csv(slide: Slide) -> str:
    """One line a product: which cells meet (flat indices), and what comes of it."""
    rows = io.StringIO()
    rows.write("result,ground,window,product\n")
    taps = np.stack([slide.tap_result, slide.tap_ground, slide.tap_window], axis=1)
    for (result, ground, window), product in zip(taps.tolist(), slide.product.tolist(), strict=True):
        rows.write(f"{result},{ground},{window},{product!r}\n")
    return rows.getvalue()
