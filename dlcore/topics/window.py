"""One scene of a sliding window as the page shows it: its numbers, its program; knows layers and pooling alike."""

from dlcore.topics import convolution_programs
from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.convolution_inputs import operands
from dlcore.topics.convolution_programs import pool_program, program
from dlcore.topics.pooling import Pool, slide_pool
from dlcore.topics.sliding import Slide, slide


def slid(config: WindowConfig) -> Slide:
    """The window's whole way over the ground. Raises: ValueError where the numbers are too large for a sum."""
    numbers = operands(config)
    if isinstance(config.layer, Conv):
        assert numbers.weight is not None
        return slide(config.layer, numbers.x, numbers.weight, numbers.bias, config.direction, numbers.grad, config.flip)
    return slide_pool(config.layer, numbers.x, config.direction, numbers.grad)


def lines(config: WindowConfig) -> list[str]:
    """What stands beside the picture: the layer in torch, and what is asked of it."""
    return convolution_programs.lines(config.layer, config.direction, config.flip)


def program_of(config: WindowConfig) -> str:
    """The program of the code panel, with all present numbers."""
    numbers = operands(config)
    grad = None if config.direction == "forward" else numbers.grad
    if isinstance(config.layer, Pool):
        return pool_program(config.layer, numbers.x, config.direction, grad)
    assert numbers.weight is not None
    return program(config.layer, numbers.x, numbers.weight, numbers.bias, config.direction, grad, config.flip)
