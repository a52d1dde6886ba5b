"""Knows how many pictures go through a network at once: enough to be fast, and few enough for caches and memory.

On a processor 16 pictures of 64 × 64 are as fast as any number; at 224 × 224 an ImageNet network keeps about 30 MB of
activations a picture for the way back, so that four at a time stay far below 500 MB.
"""

from collections.abc import Iterator

from torch import Tensor

PIXELS = 16 * 64**2  # together in the network
FEWEST_BACKWARD, FEWEST_FORWARD = 4, 8  # large pictures, too, share the cost of a call


def backward_chunk(images: Tensor) -> int:
    """Pictures of that size (..., height, width) in one pass forward and back, which keeps every activation."""
    return max(FEWEST_BACKWARD, _fitting(images))


def forward_chunk(images: Tensor) -> int:
    """Pictures of that size (..., height, width) in one pass forward, which frees activations as it goes."""
    return max(FEWEST_FORWARD, _fitting(images))


def in_chunks(size: int, *tensors: Tensor) -> Iterator[tuple[Tensor, ...]]:
    """The first so many rows of all tensors, then the next, to the end."""
    yield from zip(*(tensor.split(size) for tensor in tensors), strict=True)


def _fitting(images: Tensor) -> int:
    return PIXELS // (images.shape[-1] * images.shape[-2])
