"""A convolution, max-pooling and a linear unit on one small image, cell by cell.

Knows the network's graph, its numbers and where each cell is drawn; does not know how it is trained.
"""

from itertools import chain

from dlcore.topics.backprop import Graph
from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.scalar_net import Module, Net, Place, leaves, linear, loss

#: A bright stroke from the upper left to the lower right.
IMAGE = (
    (0.9, 0.3, 0.1, 0.0, 0.2),
    (0.4, 1.0, 0.2, 0.1, 0.0),
    (0.1, 0.5, 0.8, 0.3, 0.1),
    (0.0, 0.2, 0.3, 0.9, 0.4),
    (0.1, 0.0, 0.1, 0.2, 0.7),
)
KERNEL = {"k11": 0.5, "k12": -0.3, "k21": -0.4, "k22": 0.6}  # it answers to such a stroke
LINEAR = {"w1": 0.4, "w2": -0.2, "w3": 0.1, "w4": 0.3}
Cells = list[list[int]]  # indices of nodes, row by row


def conv(_: BackpropConfig) -> Net:
    """5×5 image, 2×2 kernel, 4×4 map, 2×2 max-pooling with stride 2, one linear output, half the squared error."""
    graph = Graph()
    image = [leaves(graph, names, "input") for names in names_of("x", 5)]
    k11, k12, k21, k22, b = leaves(graph, [*KERNEL, "b"])
    *w, d = leaves(graph, [*LINEAR, "d"])
    y = graph.leaf("y", "target")
    kernel = [[k11, k12], [k21, k22]]
    conved = _slide(graph, "affine", image, "c", stride=1, shared=(k11, k12, k21, k22, b))
    pooled = _slide(graph, "max", conved, "h", stride=2)
    flat = [h for row in pooled for h in row]
    o = graph.apply("affine", *flat, *w, d, name="o")
    e = graph.apply("half-square", o, y, name="E")
    pixels = {f"x{i}{j}": value for i, row in enumerate(IMAGE, 1) for j, value in enumerate(row, 1)}
    return Net(
        graph=graph,
        start={**KERNEL, "b": 0.1, **LINEAR, "d": 0.0},
        data=({**pixels, "y": 1.0},),
        places=_grid(image, 0, 0)
        | _grid(kernel, 5.2, 0.9)
        | {b: (5.7, 3.3)}
        | _grid(conved, 7.5, 0.5)
        | _grid(pooled, 11.8, 1.5)
        | {o: (14.9, 2), y: (14.9, 3.2), e: (16, 2)},
        modules=_modules(),
        detached=frozenset(flat),
        quiet=True,
        # Around the right-hand cells of the pooled map.
        bends={"h11→o": ((12.8, 0.7),), "h21→o": ((12.8, 3.3),)},
        prediction=("o",),
    )


def names_of(stem: str, size: int) -> list[list[str]]:
    """Names of the cells of a square, row by row: x11, x12, ..."""
    return [[f"{stem}{i}{j}" for j in range(1, size + 1)] for i in range(1, size + 1)]


def _slide(graph: Graph, op: str, cells: Cells, stem: str, *, stride: int, shared: tuple[int, ...] = ()) -> Cells:
    """An op of every 2×2 window and what all of them share; the windows are `stride` apart."""
    corners = range(0, len(cells) - 1, stride)
    made = []
    for i, names in zip(corners, names_of(stem, len(corners)), strict=True):
        windows = [(*cells[i][j : j + 2], *cells[i + 1][j : j + 2]) for j in corners]
        made.append([graph.apply(op, *u, *shared, name=name) for u, name in zip(windows, names, strict=True)])
    return made


def _grid(cells: Cells, left: float, top: float) -> dict[int, Place]:
    """Places of the cells as in an image."""
    return {cell: (left + j, top + i) for i, row in enumerate(cells) for j, cell in enumerate(row)}


def _modules() -> tuple[Module, ...]:
    """Convolution, max-pooling, linear, squared error; images as (channels, height, width)."""
    x, c, h = (tuple(chain.from_iterable(names_of(stem, size))) for stem, size in (("x", 5), ("c", 4), ("h", 2)))
    return (
        Module(
            kind="conv",
            title="Convolution 2×2",
            inputs=x,
            outputs=c,
            weights=tuple(KERNEL),
            biases=("b",),
            input_shape=(1, 5, 5),
            output_shape=(1, 4, 4),
            weight_shape=(1, 1, 2, 2),
        ),
        Module(
            kind="max-pool",
            title="Max-pooling 2×2",
            inputs=c,
            outputs=h,
            input_shape=(1, 4, 4),
            output_shape=(1, 2, 2),
        ),
        linear(h, ("o",), tuple(LINEAR), ("d",)),
        loss("half-square", ("o",), ("y",)),
    )
