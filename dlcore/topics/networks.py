"""Knows which function builds each network of the lesson on backpropagation; does not know what is in them."""

from collections.abc import Callable

from dlcore.topics.backprop_config import BackpropConfig
from dlcore.topics.conv_net import conv
from dlcore.topics.formula_net import formula
from dlcore.topics.neuron_nets import mlp, neuron, softmax, textbook
from dlcore.topics.scalar_net import Net

BUILDERS: dict[str, Callable[[BackpropConfig], Net]] = {
    "neuron": neuron,
    "textbook": textbook,
    "mlp": mlp,
    "softmax": softmax,
    "conv": conv,
    "formula": formula,
}


def build(config: BackpropConfig) -> Net:
    """The network that a Config names.

    Raises: ValueError for a formula that cannot be read or drawn.
    """
    return BUILDERS[config.network](config)
