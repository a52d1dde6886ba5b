"""What lies below the fold where the lesson on convolution lays filters over a picture: why, maths, code, reading."""

import io
from collections.abc import Callable

import numpy as np
import streamlit as st

from dlcore.numerals import digits
from dlcore.topics.convolution_scenes import SCENES
from dlcore.topics.filter_config import FilterConfig
from dlcore.topics.filter_programs import filter_program
from dlcore.topics.filtering import luminance
from dlcore.ui import lesson
from dlcore.ui.convolution_text import READING

ROUNDING = 1e-5  # of sums in float32


def parts(config: FilterConfig, name: str, image: np.ndarray, responses: np.ndarray) -> dict[str, Callable[[], object]]:
    """The tabs below the fold of the Picture view; name: the picture's, "" of an upload; responses: (filters, rows, columns)."""
    return {
        "Why it happens": _why,
        "The maths": _maths,
        "The code": lambda: _code(config, name),
        "Check": lambda: _check(config, image, responses),
        "Take it away": lambda: _take_away(responses, config.filters().titles),
        "Reading": lambda: st.markdown(READING),
    }


def _why() -> None:
    st.markdown(
        "The same sum as under the small window, some 50,000 times. Where the picture looks like the kernel, the products have one "
        "sign and the answer is large; where it looks like the kernel's negative, it is as large with the other sign; where it is flat and "
        "the weights sum to zero, nothing is left. A network's first layer learns such kernels by itself: edges, waves of several "
        "directions and widths, blobs. What comes behind combines their answers."
    )
    lesson.explain(scene for scene in SCENES if dict(scene.values).get("view") == "picture")


def _maths() -> None:
    st.markdown(
        "Brightness $x$ from 0 to 1, of red, green and blue; the filter's answer $y$ at each place; zeros around the picture:"
    )
    st.latex(
        r"x = 0.299\,R + 0.587\,G + 0.114\,B \qquad y_{i,j} = \sum_{k,l} w_{k,l}\; x_{s i + d k - p,\; s j + d l - p}"
    )
    st.markdown(
        "A Gabor kernel is a wave of length $\\lambda$ that runs in the direction $\\theta$, under a bell of width $\\sigma$:"
    )
    st.latex(
        r"g(x, y) = \exp\Bigl(-\frac{x'^2 + \gamma^2 y'^2}{2\sigma^2}\Bigr)\cos\frac{2\pi x'}{\lambda}"
        r"\qquad x' = x\cos\theta + y\sin\theta \qquad y' = -x\sin\theta + y\cos\theta \qquad \gamma = \tfrac12"
    )


def _code(config: FilterConfig, name: str) -> None:
    st.markdown("The same answers from PyTorch:")
    st.code(filter_program(name, config), language="python")


def _check(config: FilterConfig, image: np.ndarray, responses: np.ndarray) -> None:
    """One place after another, by hand: the cells under the window times the kernel, in float64."""
    difference = _difference(config, image, responses)
    lesson.badge(
        f"At 200 places of every filter the answer agrees with the cells under the window times the kernel to {digits(difference, 2)}.",
        good=difference <= ROUNDING * max(1.0, float(np.abs(responses).max())),
    )
    st.markdown("The answers are `torch.nn.functional.conv2d` in float32; the check is a sum of products in float64.")


def _difference(config: FilterConfig, image: np.ndarray, responses: np.ndarray) -> float:
    kernels = config.filters().kernels.numpy()
    rows, cols = kernels.shape[1:]
    extents = [config.dilation * (n - 1) + 1 for n in (rows, cols)]
    around = [((extent - 1) // 2, extent // 2) for extent in extents]
    ground = np.pad(luminance(image).numpy(), around)
    places = np.random.default_rng(0).integers(0, responses.shape[1:], (200, 2))
    errors = []
    for i, j in places:
        top, left = config.stride * i, config.stride * j
        under = ground[top : top + extents[0] : config.dilation, left : left + extents[1] : config.dilation]
        errors.append(np.abs((kernels * under).sum(axis=(1, 2)) - responses[:, i, j]).max())
    return float(max(errors))


def _take_away(responses: np.ndarray, titles: tuple[str, ...]) -> None:
    st.markdown("PNG and SVG of the picture: the two buttons at the end of the transport bar.")
    lesson.download("Answers as CSV", lambda: csv(responses, titles), "filter-answers.csv")


def csv(responses: np.ndarray, titles: tuple[str, ...]) -> str:
    """One block of lines a filter: its title, then its answers, a row a line."""
    text = io.StringIO()
    for title, answers in zip(titles, responses, strict=True):
        text.write(f"# {title}\n")
        np.savetxt(text, answers, fmt="%.5g", delimiter=",")
    return text.getvalue()
