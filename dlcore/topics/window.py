"""One scene of a sliding window as the page shows it: its numbers, its program; knows layers and pooling alike."""

from dlcore.topics import convolution_programs as programs
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.convolution_inputs import operands
from dlcore.topics.pooling import Pool, slide_pool
from dlcore.topics.sliding import Slide, slide


def slid(config: WindowConfig) -> Slide:
    """The window's whole way over the ground."""
    x, weight, bias, grad = operands(config)
    if isinstance(config.layer, Pool):
        return slide_pool(config.layer, x, config.direction, grad)
    assert weight is not None
    return slide(config.layer, x, weight, bias, config.direction, grad, config.flip)


def lines(config: WindowConfig) -> list[str]:
    """What stands beside the picture: the layer in torch, and what is asked of it."""
    return programs.lines(config.layer, config.direction, config.flip)


def program_of(config: WindowConfig) -> str:
    """The program of the code panel, with all present numbers."""
    x, weight, bias, grad = operands(config)
    if isinstance(config.layer, Pool):
        return programs.pool_program(config.layer, x, config.direction, grad)
    assert weight is not None
    return programs.program(config.layer, x, weight, bias, config.direction, grad, config.flip)
