"""How far maps of one picture agree about the order of all pixels; does not know which of them is right.

Methods that agree may all be wrong; that they differ says that at most one of them shows what the network looks at.
"""

from torch import Tensor

from dlcore.topics.images.measures import ranks


def correlations(maps: Tensor) -> Tensor:
    """Spearman's ρ of each pair of maps (maps, height, width): (maps, maps); NaN where one is constant."""
    places = ranks(maps.flatten(1))
    apart = places - places.mean(dim=1, keepdim=True)
    lengths = apart.norm(dim=1)
    return apart @ apart.mT / (lengths[:, None] * lengths)
