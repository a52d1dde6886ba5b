"""The pictures that are at most ε away from a picture, and what an attack does with them: step, go back inside, start.

Knows the two norms of `settings.NORMS`; knows neither networks nor losses. ε is in levels of a pixel, one for all
pictures or one for each, (batch,). Pictures are (batch, channels, height, width) in [0, 1].
"""

import torch
from torch import Tensor

from dlcore.device import generator
from dlcore.topics.adversarial.settings import LEVEL

Epsilon = float | Tensor


def radius(epsilon: Epsilon, images: Tensor) -> Tensor:
    """ε in pixels, one for each picture, (batch, 1, 1, 1)."""
    levels = torch.as_tensor(epsilon, dtype=images.dtype, device=images.device)
    return (LEVEL * levels).expand(len(images)).view(-1, 1, 1, 1)


def steepest(gradient: Tensor, norm: str) -> Tensor:
    """The step of length 1 along which what has this gradient grows fastest, as long as it is linear.

    L∞: its signs, and 0 where it is 0. L₂: the gradient itself, made as long as 1; 0 where it is 0 everywhere.
    """
    return gradient.sign() if norm == "linf" else unit(gradient)


def unit(values: Tensor) -> Tensor:
    """Each row divided by its L₂ norm; rows of zeros stay."""
    largest = values.abs().amax(dim=(1, 2, 3), keepdim=True)
    scaled = values / largest.where(largest > 0, 1)  # squares of tiny numbers would be rounded to 0
    length = scaled.square().sum(dim=(1, 2, 3), keepdim=True).sqrt()
    return scaled / length.where(length > 0, 1)


def within(moved: Tensor, images: Tensor, epsilon: Epsilon, norm: str) -> Tensor:
    """The nearest to `moved` of all that is at most ε from the images; then cut to [0, 1], which is nearer still.

    What is added is never more than ε, not even by rounding: the ball is smaller than ε by more than all rounding.
    """
    delta = moved - images
    if norm == "linf":
        most = _safe(epsilon, images, 1)
        return (images + delta.clamp(-most, most)).clamp(0, 1)
    most = _safe(epsilon, images, images.shape[1:].numel())
    length = delta.square().sum(dim=(1, 2, 3), keepdim=True).sqrt()
    return (images + delta * (most / length.clamp(min=1e-30)).clamp(max=1)).clamp(0, 1)


def _safe(epsilon: Epsilon, images: Tensor, numbers: int) -> Tensor:
    """A radius from which no sum of so many numbers is rounded to more than ε: in float32 0.00003 levels less for one.

    Rounding makes a radius, a length or a product wrong by a share of it, and what is added to a pixel by eps/4.
    """
    eps = torch.finfo(images.dtype).eps
    return (radius(epsilon, images) * (1 - 4 * eps) - eps * numbers**0.5).clamp(min=0)


def along(images: Tensor, directions: Tensor, epsilon: Epsilon, norm: str) -> Tensor:
    """x' = clip(x + ε d): as far as ε allows in directions of length 1."""
    return within(images + radius(epsilon, images) * directions, images, epsilon, norm)


def random_directions(images: Tensor, norm: str, seed: int) -> Tensor:
    """A direction of length 1 for each picture: random signs in L∞, any direction alike in L₂.

    The k-th picture of a batch has the k-th draw of the seed, whichever pictures stand beside it.
    """
    draws, drawn = generator(seed), torch.empty(images.shape, dtype=images.dtype)
    for one in drawn:
        one.normal_(generator=draws)
    drawn = drawn.to(images.device)
    return torch.ones_like(drawn).copysign(drawn) if norm == "linf" else unit(drawn)


def random_points(images: Tensor, norm: str, seed: int) -> Tensor:
    """A point for each picture in the ball of radius 1 around 0, all its points alike; the k-th has the k-th draw."""
    draws, drawn = generator(seed), torch.empty(images.shape, dtype=images.dtype)
    for one in drawn:
        one.copy_(_in_cube(one, draws) if norm == "linf" else _in_unit_ball(one, draws))
    return drawn.to(images.device)


def _in_cube(like: Tensor, draws: torch.Generator) -> Tensor:
    return 2 * torch.rand(like.shape, generator=draws) - 1


def _in_unit_ball(like: Tensor, draws: torch.Generator) -> Tensor:
    """In n dimensions the share u of the ball is nearer to the middle than u^(1/n)."""
    length = torch.rand((), generator=draws) ** (1 / like.numel())
    return length * unit(torch.randn((1, *like.shape), generator=draws))[0]


def amounts(delta: Tensor) -> tuple[Tensor, Tensor]:
    """How much was changed, in levels: L∞ and L₂ of each δ, both (batch,)."""
    flat = delta.flatten(1).double() / LEVEL
    return flat.abs().amax(dim=1), flat.norm(dim=1)
