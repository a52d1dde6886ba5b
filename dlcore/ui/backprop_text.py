"""What lies below the fold of the lesson on backpropagation: why, maths, code, numbers, reading."""

import io
from collections.abc import Callable

import numpy as np
import streamlit as st

from dlcore.numerals import digits
from dlcore.topics.backprop_programs import program
from dlcore.topics.backprop_scenes import SCENES
from dlcore.topics.graph_checks import EXACT, NUMERIC
from dlcore.topics.scalar_net import label
from dlcore.topics.timeline import Training
from dlcore.topics.walk import Walk
from dlcore.ui import lesson

READING = """
- S. Linnainmaa: *The representation of the cumulative rounding error of an algorithm as a Taylor expansion of the local rounding errors*, master's thesis, Helsinki, 1970: reverse accumulation.
- D. Rumelhart, G. Hinton, R. Williams: [Learning representations by back-propagating errors](https://doi.org/10.1038/323533a0), Nature, 1986.
- A. Baydin, B. Pearlmutter, A. Radul, J. Siskind: [Automatic differentiation in machine learning: a survey](https://arxiv.org/abs/1502.05767), 2018.
- M. Mazur: [A step by step backpropagation example](https://mattmazur.com/2015/03/17/a-step-by-step-backpropagation-example/), 2015: the numbers of the textbook network. He leaves the biases as they are, so his error after one update is 0.291; here they learn, too: 0.286.
- X. Glorot, Y. Bengio: [Understanding the difficulty of training deep feedforward neural networks](https://proceedings.mlr.press/v9/glorot10a.html), 2010; K. He et al.: [Delving deep into rectifiers](https://arxiv.org/abs/1502.01852), 2015: gradients by depth, and how to begin.
- C. Olah: [Calculus on computational graphs: backpropagation](https://colah.github.io/posts/2015-08-Backprop/), 2015.
- R. Fisher: The use of multiple measurements in taxonomic problems, 1936: the flowers.
- The lectures this lesson follows: Boulch, Quénot (layer modules), Deledalle (chapter III).
"""


def parts(walk: Walk, training: Training) -> dict[str, Callable[[], object]]:
    """The tabs below the fold."""
    return {
        "Why it happens": _why,
        "The maths": lambda: _maths(walk),
        "The code": lambda: _code(walk),
        "Check": lambda: _check(walk),
        "Take it away": lambda: _take_away(walk, training),
        "Reading": lambda: st.markdown(READING),
    }


def _why() -> None:
    st.markdown(
        "Backpropagation is the chain rule, done once for every edge, in an order that wastes nothing. Forward, each node "
        "computes its value and could tell its *local derivative*: how it answers to each of its inputs. Backward, each "
        "node receives ∂E/∂(itself) from all who used it, **adds** what arrives, and sends to each input that sum times "
        "the local derivative. A node can send only once all its own contributions are in: until then its gradient is "
        "not zero, it is not yet known. One backward pass costs about as much as one forward pass, however many "
        "parameters there are."
    )
    lesson.explain(scene for scene in SCENES if dict(scene.values).get("view") != "depth")


def _maths(walk: Walk) -> None:
    st.markdown(
        "A node $v = f(u_1, \\dots, u_n)$ is used by the nodes $w_1, \\dots, w_m$. $E$ is the loss, $\\eta$ the learning rate:"
    )
    st.latex(
        r"\frac{\partial E}{\partial v} = \sum_{k=1}^{m} \frac{\partial E}{\partial w_k}\,\frac{\partial w_k}{\partial v}"
        r"\qquad\qquad \theta \leftarrow \theta - \eta\,\frac{\partial E}{\partial \theta}"
    )
    st.markdown(
        "The same with layers, as in the lecture. Gradients are row vectors, $X_{out} = F(W, X_{in})$; for a linear layer "
        "$X_{out} = W X_{in} + b$ the Jacobian is $W$ itself, and $\\partial E/\\partial W$ is an outer product:"
    )
    st.latex(
        r"\frac{\partial E}{\partial X_{in}} = \frac{\partial E}{\partial X_{out}}\,\frac{\partial X_{out}}{\partial X_{in}}"
        r"\qquad \frac{\partial E}{\partial W} = \frac{\partial E}{\partial X_{out}}\,\frac{\partial X_{out}}{\partial W}"
        r"= \Bigl(\frac{\partial E}{\partial X_{out}}\Bigr)^{\!\top} X_{in}^{\top}"
    )
    st.markdown("Local derivatives (where a slide writes the sigmoid as $1/(1+e^{y})$, it has lost a sign):")
    st.latex(
        r"\sigma(z) = \frac{1}{1+e^{-z}},\;\; \sigma' = \sigma(1-\sigma) \le \tfrac14 \qquad \tanh' = 1-\tanh^2 \qquad "
        r"\mathrm{ReLU}'(z) = [z>0] \qquad \frac{\partial}{\partial z_i}\Bigl(-\sum_c y_c\log p_c\Bigr) = p_i - y_i"
    )
    _numbers(walk)


def _numbers(walk: Walk) -> None:
    """The gradients of the first walked iteration, in the lesson's symbols."""
    if not walk.passes:
        return
    graph = walk.net.graph
    found = {graph.nodes[i].name: total for i, total in graph.gradients(walk.passes[0].done.arrivals).items()}
    told = {name: digits(found[name]) if name in found else "None" for name in list(walk.net.start)[:12]}
    loss = label(graph.nodes[-1].name)
    shown = ", ".join(f"∂{loss}/∂{label(name)} = {number}" for name, number in told.items())
    st.markdown(f"With the present numbers, at the first sample of this walk: {shown}.", unsafe_allow_html=True)


def _code(walk: Walk) -> None:
    st.markdown(
        "The same network in PyTorch. It makes the updates before this walk and the walk's own, and prints losses, gradients "
        "and parameters: the numbers above."
    )
    st.code(program(walk.config, walk.net), language="python", height=460)


def _check(walk: Walk) -> None:
    exact, numeric = walk.differences()
    if not np.isnan(exact):
        lesson.badge(
            f"Every gradient of this walk differs from torch.autograd's by at most {exact:.0e}, "
            f"from central finite differences by at most {numeric:.0e} (relative where larger than 1).",
            good=exact < EXACT and numeric < NUMERIC,
        )
    st.markdown(
        "torch.autograd runs on the same graph, built again from torch's own operations in float64; a finite difference moves "
        "each node by ±6·10⁻⁶ and computes the loss again. At a kink (ReLU at 0, equal maxima) finite differences may "
        "disagree. The engine is held equal to autograd to 1e-12 on random graphs by the project's tests, the layer "
        "modules to the scalars, and the program under *The code* is run and compared with this page."
    )


def _take_away(walk: Walk, training: Training) -> None:
    st.markdown("Every node of the walked passes as a table. The picture: PNG and SVG, beside the transport bar.")
    left, right = st.columns(2)
    with left:
        lesson.download("Gradients as CSV", lambda: csv(walk), "backprop.csv", key="backprop.csv")
    with right:
        lesson.download("Training as CSV", lambda: losses_csv(training), "training.csv", key="backprop.training-csv")


def csv(walk: Walk) -> str:
    """update, sample, node, operation, value, gradient, torch.autograd's, finite differences': one row a node and pass."""
    out = io.StringIO()
    out.write("update,sample,node,operation,value,gradient,autograd,finite_difference\n")
    for done in walk.passes:
        found = walk.net.graph.gradients(done.done.arrivals, done.done.seed)
        for i, node in enumerate(walk.net.graph.nodes):
            numbers = [done.done.values[i], found.get(i, np.nan), done.exact[i], done.numeric[i]]
            text = ",".join("" if np.isnan(number) else f"{number:.17g}" for number in numbers)
            out.write(f"{done.update},{done.done.sample},{node.name},{node.op or node.role},{text}\n")
    return out.getvalue()


def losses_csv(training: Training) -> str:
    """update, loss and every parameter: one row a state."""
    names = list(training.states[0].parameters)
    rows = [
        ",".join([str(update), f"{loss:.17g}", *(f"{state.parameters[name]:.17g}" for name in names)])
        for update, (loss, state) in enumerate(zip(training.loss, training.states, strict=True))
    ]
    return "\n".join([",".join(["update", "loss", *names]), *rows]) + "\n"
