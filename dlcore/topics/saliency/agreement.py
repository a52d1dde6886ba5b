"""How far maps of one picture agree: the ranks of all pixels, and the few strongest; does not know which is right.

Maps: (maps, height, width), not negative. Methods that agree may all be wrong; that they differ says that at most one
of them shows what the network looks at.
"""

import torch
from torch import Tensor

from dlcore.topics.saliency.measures import rank_correlation

STRONGEST = 0.1  # of all pixels, which `overlaps` compares


def correlations(maps: Tensor) -> Tensor:
    """Spearman's ρ of each pair, (maps, maps); NaN where a map is constant."""
    return rank_correlation(maps[:, None].expand(-1, len(maps), -1, -1), maps[None].expand(len(maps), -1, -1, -1))


def overlaps(maps: Tensor, share: float = STRONGEST) -> Tensor:
    """Of the strongest pixels of one map, the share that is also among those of another, (maps, maps).

    Two maps that know nothing of one another overlap by `share`.
    """
    count = max(1, round(share * maps[0].numel()))
    chosen = torch.zeros(len(maps), maps[0].numel())
    chosen.scatter_(1, maps.flatten(1).topk(count, dim=1).indices, 1.0)
    return chosen @ chosen.mT / count
