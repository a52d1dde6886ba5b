"""Knows every setting of the lesson on backpropagation, and which are possible; does not build or run anything."""

import re
from dataclasses import dataclass

from dlcore import require

NETWORKS = {
    "neuron": "One neuron",
    "textbook": "Textbook network, 2-2-2",
    "mlp": "Multi-layer perceptron on real flowers",
    "softmax": "Softmax and cross-entropy",
    "conv": "Convolution, max-pooling, linear",
    "formula": "Your own formula",
}
ACTIVATIONS = ("tanh", "sigmoid", "relu")
LOSSES = {"half-square": "squared error ½(p − y)²", "cross-entropy": "cross-entropy"}
#: What may be wrong with the training loop: key -> title.
FAULTS = {
    "none": "nothing",
    "no-zero-grad": "zero_grad() is missing",
    "detach": "detach() before the last layer",
    "bias-fan-in": "bias steps times fan-in",
    "wrong-sign": "the step has the wrong sign",
}
MOST_UPDATES = 2000
WALKED = 2  # turns of the loop that a walk goes through
MOST_LAYERS, MOST_WIDTH = 4, 6


@dataclass(frozen=True, kw_only=True)
class BackpropConfig:
    """What is differentiated, from where, and how the loop goes. The defaults are the opening scene.

    shape: widths of the hidden layers of the perceptron. updates: how many were made before the walk begins.
    edits: changes by hand, such as "w1=0.5, x2=-1@3": names of leaves, new values, and before which update (0).
    """

    network: str = "neuron"
    activation: str = "tanh"  # of the neuron and of the perceptron's hidden layers
    shape: tuple[int, ...] = (3, 2)
    loss: str = "cross-entropy"  # of the perceptron
    formula: str = "tanh(w*x + b) * x"
    lr: float = 0.1
    batch_size: int = 1  # of the perceptron
    updates: int = 0
    fault: str = "none"
    edits: str = ""
    seed: int = 0

    def __post_init__(self) -> None:
        """Raises: ValueError, one sentence, for what cannot be."""
        require.one_of("network", self.network, NETWORKS)
        require.one_of("activation", self.activation, ACTIVATIONS)
        require.one_of("loss", self.loss, LOSSES)
        require.one_of("fault", self.fault, FAULTS)
        require.number("lr", self.lr, 1e-4, 100.0)
        require.whole("batch_size", self.batch_size, 1, 4)
        require.whole("updates", self.updates, 0, MOST_UPDATES)
        require.whole("seed", self.seed, 0, 2**31 - 1)
        require.whole("the number of hidden layers", len(self.shape), 1, MOST_LAYERS)
        for width in self.shape:
            require.whole("a layer's width", width, 1, MOST_WIDTH)


def read_shape(text: str) -> tuple[int, ...]:
    """Widths as typed, such as "3, 2" or "6-6-6".

    Raises: ValueError for what is not a list of whole numbers.
    """
    parts = [part for part in re.split(r"[\s,;x×-]+", text.strip()) if part]
    if not parts or not all(part.isdigit() and len(part) < 4 for part in parts):
        raise ValueError(f"hidden layers is {text!r}: it must be one to four widths, such as 3, 2.")
    return tuple(int(part) for part in parts)
