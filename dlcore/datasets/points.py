"""Real measurements with one or two features, small enough to be followed number by number.

Knows where each set comes from and how it is standardised; knows nothing of losses or of fitting.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

import numpy as np
import torch
from torch import Tensor


@dataclass(frozen=True, kw_only=True)
class PointSet:
    """A data set of a few standardised features and one target, and the source lines that load it."""

    title: str
    input_names: tuple[str, ...]
    target_name: str
    inputs: Tensor  # (samples,) for one feature, (samples, features) for several; float64, mean 0, variance 1
    targets: Tensor  # (samples,), float64: standardised numbers, or labels (−1 and +1, 0 and 1)
    setup: str  # a Python program that defines the same `inputs` and `targets`

    def __len__(self) -> int:
        return len(self.targets)


@cache
def diabetes() -> PointSet:
    """442 patients: body mass index and the progress of their diabetes a year later, both standardised.

    Source: Efron, Hastie, Johnstone and Tibshirani, Least angle regression (2004), section 1.
    """
    from sklearn.datasets import load_diabetes

    table, progress = map(np.asarray, load_diabetes(return_X_y=True))
    return PointSet(
        title="diabetes",
        input_names=("body mass index",),
        target_name="progress of the disease",
        inputs=_standardise(torch.tensor(table[:, 2])),
        targets=_standardise(torch.tensor(progress)),
        setup="""\
import torch
from sklearn.datasets import load_diabetes

table, progress = load_diabetes(return_X_y=True)
bmi, progress = torch.tensor(table[:, 2]), torch.tensor(progress)
inputs = (bmi - bmi.mean()) / bmi.std(correction=0)
targets = (progress - progress.mean()) / progress.std(correction=0)
""",
    )


@cache
def breast_cancer() -> PointSet:
    """569 tumours: mean radius and mean texture of the cell nuclei, standardised; +1 malignant, −1 benign.

    Source: Street, Wolberg and Mangasarian, Nuclear feature extraction for breast tumor diagnosis (1993).
    """
    from sklearn.datasets import load_breast_cancer

    table, benign = map(np.asarray, load_breast_cancer(return_X_y=True))
    return PointSet(
        title="breast cancer",
        input_names=("mean radius", "mean texture"),
        target_name="malignant",
        inputs=_standardise(torch.tensor(table[:, :2])),
        targets=1.0 - 2.0 * torch.tensor(benign, dtype=torch.float64),
        setup="""\
import torch
from sklearn.datasets import load_breast_cancer

table, benign = load_breast_cancer(return_X_y=True)
features = torch.tensor(table[:, :2])  # mean radius, mean texture
inputs = (features - features.mean(dim=0)) / features.std(dim=0, correction=0)
targets = 1.0 - 2.0 * torch.tensor(benign, dtype=torch.float64)  # +1 malignant, -1 benign
""",
    )


@cache
def iris() -> PointSet:
    """20 flowers, every fifth of two species: petal length and width, standardised; 0 versicolor, 1 virginica.

    Source: Fisher, The use of multiple measurements in taxonomic problems (1936); Anderson's measurements.
    """
    from sklearn.datasets import load_iris

    table, species = map(np.asarray, load_iris(return_X_y=True))
    return PointSet(
        title="iris",
        input_names=("petal length", "petal width"),
        target_name="virginica",
        inputs=_standardise(torch.tensor(table[50::5, 2:])),
        targets=torch.tensor(species[50::5], dtype=torch.float64) - 1.0,
        setup="""\
import torch
from sklearn.datasets import load_iris

table, species = load_iris(return_X_y=True)
petals = torch.tensor(table[50::5, 2:])  # length, width: every fifth versicolor and virginica
inputs = (petals - petals.mean(dim=0)) / petals.std(dim=0, correction=0)
targets = torch.tensor(species[50::5], dtype=torch.float64) - 1.0  # 0 versicolor, 1 virginica
""",
    )


POINT_SETS: dict[str, Callable[[], PointSet]] = {"diabetes": diabetes, "breast-cancer": breast_cancer, "iris": iris}


def _standardise(values: Tensor) -> Tensor:
    """(values − mean) / standard deviation over dimension 0, the deviation being the population's (divide by n)."""
    return (values - values.mean(dim=0)) / values.std(dim=0, correction=0)
