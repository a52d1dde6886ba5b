"""The formulas of the lesson on visual question answering, view by view, in the lecture's symbols."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dlcore.topics.vqa.fusions import BLIND, DEAF

SYMBOLS = (
    "Here $x$ is the picture, $w_1 \\dots w_T$ are the question's words, $e$ their embeddings, $h_t$ the state of the recurrent net after $t$ words, "
    "$v$ and $q$ the two vectors that are fused, $f$ what comes of it, and $z$ the scores of the answers."
)
ENCODERS = (
    r"$$v = \tanh\bigl(W_v\,\mathrm{CNN}(x) + b_v\bigr)\qquad h_t = \mathrm{GRU}(h_{t-1}, e_{w_t}),\quad h_0 = 0\qquad "
    r"q = \tanh(W_q\,h_T + b_q)$$"
)
CLASSIFIER = r"$$z = \mathrm{MLP}(f)\qquad p_a = \frac{e^{z_a}}{\sum_b e^{z_b}}$$"
FUSIONS = {
    "add": r"$$f = v + q$$",
    "concatenate": r"$$f = [\,v\,;\,q\,]$$",
    "product": r"$$f_i = v_i\,q_i$$",
    "mcb": (
        r"$$\Psi(a)_j = \sum_{i:\,h(i) = j} s(i)\,a_i\qquad f = \Psi(v) * \Psi'(q) = "
        r"\mathrm{FFT}^{-1}\bigl(\mathrm{FFT}(\Psi(v)) \circ \mathrm{FFT}(\Psi'(q))\bigr)$$"
    ),
    "mutan": (
        r"$$f_k = \sum_{i,j} T_{ijk}\,v_i\,q_j,\quad T_{ijk} = \sum_{r=1}^R A_{ri k}\,B_{rjk}\quad\Longleftrightarrow\quad "
        r"f = \sum_{r=1}^R (A_r v) \circ (B_r q)$$"
    ),
    "attention": (
        r"$$\alpha_c = \frac{e^{a(v_c, q)}}{\sum_d e^{a(v_d, q)}}\qquad \bar v = \sum_c \alpha_c\,v_c\qquad f = \tanh(W\bar v) \circ q$$"
    ),
    BLIND: r"$$f = q\qquad\text{the picture is not seen}$$",
    DEAF: r"$$f = v\qquad\text{the question is not read}$$",
}
REMARKS = {
    "mcb": "Random $h$ and $s = \\pm 1$, drawn once: a count sketch. The circular convolution $*$ of two sketches is the sketch of the outer product $v\\,q^\\top$, whose every pair $v_i q_j$ is there without ever being written down.",
    "mutan": "All pairs $v_i q_j$ are weighed, by a tensor of rank $R$, instead of by one with a number for every triple.",
    "product": "Only pairs of the same place: the layers before it learn to put there what belongs together.",
    "attention": "One $\\alpha$ for each glimpse, over the 36 cells of the feature map.",
    "add": "No pair at all: the question can only move the scores, the same way for every picture, until the classifier's hidden layer mixes them.",
    "concatenate": "No pair either; the classifier's hidden layer has to find them.",
}
LINES: dict[str, tuple[str, ...]] = {
    "parts": (
        r"$$a_i = (u_i - u^0_i)\int_0^1 \frac{\partial z_a}{\partial u_i}\bigl(u^0 + t\,(u - u^0)\bigr)\,dt\qquad \sum_i a_i = z_a(u) - z_a(u^0)$$",
        "Integrated gradients, over pixels and word embeddings $u$ at once, from a grey picture and no words $u^0$; a word's part is the sum over its embedding.",
        r"$$\varphi_{\text{picture}} = \tfrac12\bigl[z(\text{p}) - z(\varnothing)\bigr] + \tfrac12\bigl[z(\text{p, q}) - z(\text{q})\bigr]$$",
        "The Shapley value of two players, exact with four questions to the network; $\\varphi_{\\text{question}}$ likewise, and both add up to the whole.",
    ),
    "change": (
        "Nothing is estimated here: the scene is drawn again after each change, and the network asked again. A *flip* is another likeliest answer. "
        "The truth is counted in the scene graph, so it changes with the scene, and one sees whether the answer followed.",
    ),
    "table": (
        r"$$\mathrm{AA} = \frac15 \sum_{\text{types } t} \mathrm{acc}_t\qquad \mathrm{OA} = \frac{\#\{\text{right answers}\}}{\#\{\text{questions}\}}$$",
        "± is the standard deviation over three trainings of the same recipe. The majority line answers each type with its commonest answer in training.",
    ),
    "shift": (
        "The bands are Wilson's 95 % intervals over the questions so far:",
        r"$$\frac{p + \frac{q^2}{2m} \pm q\sqrt{\frac{p(1-p)}{m} + \frac{q^2}{4m^2}}}{1 + \frac{q^2}{m}},\quad q = 1.96$$",
    ),
    "fusions": (
        r"$$\bar d \pm t_{0.975,\,n-1}\,\frac{s_d}{\sqrt n},\qquad d_s = \mathrm{OA}_{\text{fusion}, s} - \mathrm{OA}_{\text{product}, s}$$",
        "Pairs share the seed of training, hence scenes, questions and their order. With $n = 3$ the factor $t$ is 4.30: only large or very steady differences stand out.",
    ),
    "train": (
        SYMBOLS,
        r"$$E = -\frac1m \sum_{i=1}^m \log p_{a_i}(x_i, w_i)$$",
        "AdamW on everything but the CNN, which is frozen; the rate follows one cycle.",
    ),
    "data": (
        r"$$\text{blind ceiling} = \frac1m \sum_{i=1}^m \mathbf 1\bigl[a_i = \text{the commonest answer to this very question in training}\bigr]$$",
        "No network that does not see the picture can be expected to do better than that.",
    ),
}


def write(stage: str, values: Mapping[str, Any]) -> None:
    """The formulas of a stage."""
    fusion = values["fusion"]
    lines = LINES.get(stage) or (SYMBOLS, ENCODERS, FUSIONS[fusion], REMARKS.get(fusion, ""), CLASSIFIER)
    for line in filter(None, lines):
        st.markdown(line)
