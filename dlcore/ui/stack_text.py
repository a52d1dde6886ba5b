"""What lies below the fold where the lesson on convolution shows a stack of layers: why, maths, code, numbers, reading."""

import io
from collections.abc import Callable, Sequence

import streamlit as st

from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.convolution_scenes import SCENES
from dlcore.topics.layer_notes import bytes_text
from dlcore.topics.layer_stack import Row, Stack, size_text, totals
from dlcore.topics.stack_checks import compare
from dlcore.topics.stack_modules import program
from dlcore.ui import lesson

READING = """
- Y. LeCun, L. Bottou, Y. Bengio, P. Haffner: [Gradient-based learning applied to document recognition](https://doi.org/10.1109/5.726791), 1998: LeNet-5.
- A. Krizhevsky, I. Sutskever, G. Hinton: [ImageNet classification with deep convolutional neural networks](https://papers.nips.cc/paper/4824-imagenet-classification-with-deep-convolutional-neural-networks), 2012: AlexNet, and its two groups.
- K. Simonyan, A. Zisserman: [Very deep convolutional networks for large-scale image recognition](https://arxiv.org/abs/1409.1556), 2015: VGG; section 2.3 on stacks of 3×3.
- C. Szegedy et al.: [Going deeper with convolutions](https://arxiv.org/abs/1409.4842), 2015: Inception.
- K. He, X. Zhang, S. Ren, J. Sun: [Deep residual learning for image recognition](https://arxiv.org/abs/1512.03385), 2016: ResNet.
- A. Araujo, W. Norris, J. Sim: [Computing receptive fields of convolutional neural networks](https://doi.org/10.23915/distill.00021), Distill, 2019.
- W. Luo, Y. Li, R. Urtasun, R. Zemel: [Understanding the effective receptive field](https://arxiv.org/abs/1701.04128), 2016: how much of the field has any weight.
- The lectures this lesson follows: Quénot (parameters and connections, AlexNet), Hannemose (stacks of 3×3, architectures).
"""
COLUMNS = {
    "layer": lambda row: row.index,
    "what": lambda row: "\u2003" * row.depth + row.text,
    "branch": lambda row: row.branch,
    "output": lambda row: size_text(row.shape),
    "parameters": lambda row: row.num_parameters,
    "multiply-adds": lambda row: row.multiply_adds,
    "memory (bytes)": lambda row: row.memory,
    "sees (pixels)": lambda row: _both(row.fields[0].size, row.fields[1].size),
    "jump": lambda row: _both(row.fields[0].jump, row.fields[1].jump),
    "first centre": lambda row: _both(row.fields[0].centre, row.fields[1].centre),
}


def parts(stack: Stack, rows: Sequence[Row]) -> dict[str, Callable[[], object]]:
    """The tabs below the fold; rows: the stack's trace."""
    return {
        "Why it happens": lambda: _why(stack),
        "The maths": lambda: _maths(rows),
        "The code": lambda: _code(stack),
        "Check": lambda: _check(stack, rows),
        "Take it away": lambda: _take_away(rows),
        "Reading": lambda: st.markdown(READING),
    }


def _why(stack: Stack) -> None:
    for known in ARCHITECTURES.values():
        if (known.input, known.layers) == (stack.input, stack.layers):
            st.markdown(f"**{known.title}.** {known.note}")
    st.markdown(
        "A unit of the first layer sees what lies under its window. A unit of the second sees a window of *such* units: "
        "their fields overlap, and together they reach a little further. So the field grows by a few pixels a layer; "
        "behind every stride neighbours lie further apart in the input, and from there on each layer adds more. That is "
        "how AlexNet’s last map sees 195 pixels and VGG-16’s 212 with windows of 3×3."
    )
    st.markdown(
        "**Small kernels, many layers.** Two 3×3 see 5×5, three see 7×7, and cost less, with a nonlinearity more for "
        "each layer. With $C$ channels in and out, and a multiply-add counted as two operations, every output value of "
        "one map costs:\n\n"
        "| stack | sees | weights, $C$ in and out | operations an output value, $C = 1$ |\n|---|--:|--:|--:|\n"
        "| one 5×5 | 5×5 | $25\\,C^2$ | $2\\cdot 5^2 = 50$ |\n"
        "| two 3×3 | 5×5 | $18\\,C^2$ | $2\\cdot 2\\cdot 3^2 = 36$ |\n"
        "| one 7×7 | 7×7 | $49\\,C^2$ | $2\\cdot 7^2 = 98$ |\n"
        "| three 3×3 | 7×7 | $27\\,C^2$ | $2\\cdot 3\\cdot 3^2 = 54$ |\n\n"
        "*(The slide has 5² where 7² belongs.)* What does not shrink is the memory: each layer’s output is kept for the "
        "way back, and three layers keep three times as much as one."
    )
    st.markdown(
        "**Where it goes.** In the early layers maps are large and few numbers are weights: they cost multiply-adds and "
        "memory. In the late, and above all in the first fully connected layer, it is the other way round: 103 of "
        "VGG-16’s 138 million parameters are in one layer, with less than a hundredth of its multiply-adds. ResNet and "
        "Inception do without: they average each map, and use 1×1 convolutions to have fewer channels where the windows "
        "are larger."
    )
    st.markdown(
        "**AlexNet’s conv5.** The lecture counts 43,264 units, 884,736 weights and 149,520,384 connections. That is the "
        "layer without groups; the published network has two, so 442,368 weights and 74,760,192 connections. Both are in "
        "the menu."
    )
    lesson.explain(scene for scene in SCENES if dict(scene.values).get("view") == "stack")


def _maths(rows: Sequence[Row]) -> None:
    st.markdown(
        "Along each axis, with kernel $k$, stride $s$, dilation $d$, padding $p$ before: $r$ is the receptive field, $j$ "
        "the *jump* from a unit’s field to its neighbour’s, $u$ where the first unit’s field begins. The input has "
        "$r = j = 1$ and $u = 0$; each window makes of them"
    )
    st.latex(r"r \leftarrow r + d\,(k - 1)\,j \qquad u \leftarrow u - p\,j \qquad j \leftarrow s\,j")
    st.markdown(
        "in this order: the window’s steps are those of the layer *below* it. Unit $i$ sees the pixels from $u + ij$ to "
        "$u + ij + r$; what lies outside is padding. Pooling is a window like any other; what works on every number by "
        "itself changes nothing; a fully connected layer and global pooling see everything below, "
        "$r \\leftarrow r + (n - 1)\\,j$. Where branches meet, the larger field counts. The formula says which pixels "
        "*can* matter: in the middle of the field many paths meet, at its border few."
    )
    st.markdown(_recurrence(rows))
    st.markdown("A convolution from $C$ to $C'$ channels in $g$ groups, whose maps come out as $H'\\times W'$, has")
    st.latex(
        r"k_h k_w \tfrac{C}{g}\, C' + C' \text{ parameters} \qquad "
        r"k_h k_w \tfrac{C}{g}\, C'\, H' W' \text{ multiply-adds} \qquad 4\, C' H' W' \text{ bytes of output}"
    )
    st.markdown(
        "FLOPs are twice the multiply-adds. As in the papers those of convolutions and fully connected layers are counted, "
        "those that meet padding included. Memory is what is kept of one image for the way back, if every layer keeps its "
        "output as float32; for a batch it is so many times as much, the parameters are not."
    )


def _recurrence(rows: Sequence[Row]) -> str:
    """The present windows along the height, one a line."""
    lines = []
    for row in rows:
        if row.conv is None:
            continue
        before, now = rows[row.sources[0]].fields[0], row.fields[0]
        lines.append(
            f"| {row.index} | {row.text} | {before.size} + {row.conv.extent[0] - 1}·{before.jump} = **{now.size}** "
            f"| {row.conv.stride[0]}·{before.jump} = **{now.jump}** | {str(now.start).replace('-', '−')} |"
        )
    if not lines:
        return "The present stack has no window."
    head = "The present stack, along the height:\n\n| | layer | $r$ | $j$ | $u$ |\n|--:|---|--:|--:|--:|\n"
    return head + "\n".join(lines)


def _code(stack: Stack) -> None:
    st.markdown(
        "The stack as PyTorch modules. On the device “meta” tensors have shapes and no numbers, so that it costs neither "
        "time nor memory; it prints the page’s own shapes and totals."
    )
    st.code(program(stack), language="python", height=460)


def _check(stack: Stack, rows: Sequence[Row]) -> None:
    found, sums = compare(stack), totals(rows)
    if found.good:
        sentence = (
            f"All {len(rows) - 1} shapes, {sums.num_parameters:,} parameters and {sums.multiply_adds:,} multiply-adds are "
            "those of torch’s own modules, and every middle unit has its gradient where its field is."
        )
    else:
        sentence = (
            f"Torch’s own modules say otherwise: {found.shapes} shapes and {found.fields} fields differ, parameters by "
            f"{found.num_parameters:,}, multiply-adds by {found.multiply_adds:,}."
        )
    lesson.badge(sentence, good=found.good)
    st.markdown(
        "Computed now: the modules run once without numbers, and each output is multiplied by the weights that it sums "
        "over. For the fields, the same windows with all weights equal are run in float64 along each axis, and backward "
        "from the middle unit of every layer: the pixels with a gradient are compared with the table. The project’s tests "
        "compare with torch’s own counter of FLOPs, too, and run the program under *The code*."
    )


def _take_away(rows: Sequence[Row]) -> None:
    sums = totals(rows)
    st.markdown(
        f"Every layer as a table: {sums.num_parameters:,} parameters, {sums.multiply_adds:,} multiply-adds, "
        f"{bytes_text(sums.memory)} of activations in all. The picture: PNG and SVG, beside the transport bar."
    )
    lesson.download("Layers as CSV", lambda: csv(rows), "layers.csv", key="convolution.layers-csv")
    st.dataframe([{name: of(row) for name, of in COLUMNS.items()} for row in rows], hide_index=True, width="stretch")


def csv(rows: Sequence[Row]) -> str:
    """A row a layer: its output, costs, and along both axes its field, jump, first field's start and units."""
    out = io.StringIO()
    axes = [f"{name}_{axis}" for axis in ("height", "width") for name in ("field", "jump", "start", "units")]
    out.write(",".join(["layer", "what", "depth", "branch", "output", "parameters", "multiply_adds", "memory", *axes]))
    for row in rows:
        numbers = [row.num_parameters, row.multiply_adds, row.memory, *row.fields[0], *row.fields[1]]
        out.write(
            "\n" + ",".join(map(str, [row.index, row.text, row.depth, row.branch, size_text(row.shape), *numbers]))
        )
    return out.getvalue() + "\n"


def _both(down: float, across: float) -> str:
    """Of height and width, once where they are alike."""
    return f"{down:g}" if down == across else f"{down:g} × {across:g}"
