"""How well a map of importance agrees with what is known: where the object is, or another map.

Knows maps and masks as arrays of numbers; does not know which method made a map, nor which network.
All measures take batches: maps (..., height, width), not negative; masks bool of the same shape.
Sources: Zhang et al., Top-down neural attention by excitation backprop (2016), section 4.2, on the pointing game;
Spearman, The proof and measurement of association between two things (1904).
"""

import torch
from torch import Tensor
from torch.nn.functional import max_pool2d

#: So far outside an object its edge still counts as the object, for edges are what networks see: 2 pixels of 64, and
#: none of 8.
MARGIN = 1 / 32


def grown(masks: Tensor, margin: int | None = None) -> Tensor:
    """The masks (..., height, width) with all pixels that are at most so far away, across, down, or both.

    margin: in pixels; None: as far as an edge reaches in a picture of this size, MARGIN of its height.
    """
    margin = round(MARGIN * masks.shape[-2]) if margin is None else margin
    planes = masks.reshape(-1, 1, *masks.shape[-2:]).float()
    return max_pool2d(planes, 2 * margin + 1, stride=1, padding=margin).bool().view_as(masks)


def pointing(maps: Tensor, masks: Tensor) -> Tensor:
    """Whether the strongest pixel is on the object or within the margin, bool (...); a map of zeros points nowhere."""
    flat = maps.flatten(-2)
    strongest = flat.argmax(dim=-1, keepdim=True)
    hit = grown(masks).flatten(-2).gather(-1, strongest).squeeze(-1)
    return hit & (flat.amax(dim=-1) > 0)


def inside(maps: Tensor, masks: Tensor, margin: int | None = None) -> Tensor:
    """The share of all importance that is on the object or within the margin, (...); NaN for a map of zeros."""
    return (maps * grown(masks, margin)).sum(dim=(-2, -1)) / maps.sum(dim=(-2, -1))


def precision(maps: Tensor, masks: Tensor) -> Tensor:
    """Of the k strongest pixels, the share on the object, (...), where k is the number of the object's pixels.

    Where pixels are equally strong and not all of them are among the k, it is the mean over every way to choose.
    """
    flat, known = maps.flatten(-2), masks.flatten(-2)
    k = known.sum(dim=-1, keepdim=True)
    weakest = flat.sort(dim=-1, descending=True).values.gather(-1, (k - 1).clamp(min=0))
    above, equal = flat > weakest, flat == weakest
    chosen = (k - above.sum(dim=-1, keepdim=True)) / equal.sum(dim=-1, keepdim=True)  # of those equally strong
    hits = (above & known) + chosen * (equal & known)
    return hits.sum(dim=-1) / k.squeeze(-1)


def ranks(values: Tensor) -> Tensor:
    """1 for the smallest of the last axis, 2 for the next, ...; equal values share the mean of their ranks."""
    ordered = values.sort(dim=-1).values.contiguous()
    values = values.contiguous()
    before = torch.searchsorted(ordered, values)
    up_to = torch.searchsorted(ordered, values, right=True)
    return (before + 1 + up_to).double() / 2


def rank_correlation(maps: Tensor, others: Tensor) -> Tensor:
    """Spearman's ρ of two maps (..., height, width), (...): Pearson's r of the ranks; NaN where a map is constant."""
    a, b = (ranks(maps.flatten(-2)), ranks(others.flatten(-2)))
    a, b = (a - a.mean(dim=-1, keepdim=True), b - b.mean(dim=-1, keepdim=True))
    return (a * b).sum(dim=-1) / (a.norm(dim=-1) * b.norm(dim=-1))


def distance(maps: Tensor, others: Tensor) -> Tensor:
    """|map − other| / |other| of values (..., channels, height, width), (...); NaN where the other one is zero."""
    return (maps - others).flatten(-3).norm(dim=-1) / others.flatten(-3).norm(dim=-1)


def random_maps(shape: tuple[int, ...], generator: torch.Generator) -> Tensor:
    """Maps that know nothing, drawn evenly from 0 to 1: what is not better than they are has found nothing."""
    return torch.rand(shape, generator=generator)
