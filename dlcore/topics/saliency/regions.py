"""Cuts a picture into regions that LIME and SHAP switch on and off; does not know what for.

Superpixels: k-means on place and colour from a grid of centres, the idea of SLIC (Achanta et al., 2012). No chance.
"""

import math
from typing import Any

import numpy as np
import torch
from torch import Tensor

COMPACTNESS = 0.3  # how many units of colour (0 to 1) a step from one centre to the next counts
NUM_ITERATIONS = 10  # as SLIC


def partition(image: Tensor, kind: str, num_regions: int) -> Tensor:
    """Which region each pixel of an image (channels, height, width) belongs to: int64 (height, width), 0, 1, ...

    Raises:
        ValueError: the picture has fewer pixels than there are to be regions.
    """
    height, width = image.shape[1:]
    if num_regions > height * width:
        raise ValueError(f"num_regions is {num_regions}: the picture has only {height * width} pixels.")
    patches = grid(height, width, num_regions)
    return patches if kind == "patches" else superpixels(image, patches)


def grid(height: int, width: int, num_regions: int) -> Tensor:
    """About so many rectangles of about the same sides, numbered row by row, int64 (height, width)."""
    num_rows = min(height, max(1, round(math.sqrt(num_regions * height / width))))
    num_columns = min(width, max(1, round(num_regions / num_rows)))
    rows, columns = torch.arange(height) * num_rows // height, torch.arange(width) * num_columns // width
    return rows[:, None] * num_columns + columns


def superpixels(image: Tensor, patches: Tensor) -> Tensor:
    """Regions that follow the colours of an image, begun from patches (height, width), as many or fewer."""
    from sklearn.cluster import KMeans

    features = _features(image, int(patches.max()) + 1)
    starts = np.stack([features[patches.flatten() == number].mean(axis=0) for number in patches.unique()])
    settings: dict[str, Any] = {"init": starts, "n_init": 1, "max_iter": NUM_ITERATIONS}
    found = KMeans(len(starts), **settings).fit_predict(features)
    _, numbers = np.unique(found, return_inverse=True)
    return torch.from_numpy(numbers.astype(np.int64)).view_as(patches)


def _features(image: Tensor, num_regions: int) -> np.ndarray:
    """Of each pixel its colour and its place, in units in which both count, (pixels, channels + 2)."""
    height, width = image.shape[1:]
    places = torch.stack(torch.meshgrid(torch.arange(height), torch.arange(width), indexing="ij"))
    spacing = math.sqrt(height * width / num_regions)
    return torch.cat([image.cpu(), COMPACTNESS / spacing * places]).flatten(1).T.double().numpy()
