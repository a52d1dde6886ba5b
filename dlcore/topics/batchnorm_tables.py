"""The numbers of the transform as tables, each with its symbol and the names of its cells; draws none of them."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from dlcore.topics.batchnorm_config import name_of
from dlcore.topics.batchnorm_walk import Walk

SYMBOLS = {
    "x": "x",
    "mean": "μ",
    "variance": "σ²",
    "normal": "x̂",
    "gamma": "γ",
    "beta": "β",
    "y": "y",
    "running_mean": "μₜ",
    "running_variance": "σ²ₜ",
    "dy": "∂E/∂y",
    "dgamma": "∂E/∂γ",
    "dbeta": "∂E/∂β",
    "dnormal": "∂E/∂x̂",
    "dvariance": "∂E/∂σ²",
    "dmean": "∂E/∂μ",
    "dx": "∂E/∂x",
}
EDITED = ("x", "dy", "gamma", "beta")  # what a reader may change
OF_SETS = ("mean", "variance", "dmean", "dvariance")
OF_FEATURES = ("gamma", "beta", "dgamma", "dbeta", "running_mean", "running_variance")


@dataclass(frozen=True, kw_only=True, eq=False)
class Table:
    """One quantity: values (rows, columns) as they lie in the picture; names and edits of its cells."""

    key: str
    values: np.ndarray
    names: list[list[str]]
    edits: list[list[str]] | None

    @property
    def symbol(self) -> str:
        """Plain text."""
        return SYMBOLS[self.key]


def tables(found: Walk) -> dict[str, Table]:
    """All that the picture of this direction shows, by key."""
    forward, back, given = found.forward, found.backward, found.given
    if found.config.direction == "backward":
        every = {
            "dx": back.x,
            "dmean": back.mean,
            "dvariance": back.variance,
            "dnormal": back.normal,
            "dgamma": back.gamma,
            "dbeta": back.beta,
            "dy": given.grad,
        }
    else:
        told = None if found.config.uses_given else (forward.mean, forward.variance)
        every = {"x": given.x, **dict(zip(("mean", "variance"), told or (None, None), strict=True))}
        every |= {"normal": forward.normal, "gamma": given.gamma, "beta": given.beta, "y": forward.y}
        statistics = found.before if found.config.uses_given else found.after
        if statistics is not None:
            every |= {"running_mean": statistics.mean, "running_variance": statistics.variance}
    return {key: _table(found, key, values) for key, values in every.items() if values is not None}


def _table(found: Walk, key: str, values: Tensor) -> Table:
    sets = found.config.sets
    if key in OF_SETS:
        shape = sets.shape
    else:
        shape = (1, sets.features) if key in OF_FEATURES else (sets.samples, sets.features)
    table = values.reshape(shape).numpy()
    places = [[place_of(found, key, row, column) for column in range(shape[1])] for row in range(shape[0])]
    symbol = SYMBOLS[key]
    edits = [[name_of(key, place) for place in row] for row in places] if key in EDITED else None
    names = [[f"{symbol}[{', '.join(map(str, place))}]" for place in row] for row in places]
    return Table(key=key, values=table, names=names, edits=edits)


def place_of(found: Walk, key: str, row: int, column: int) -> tuple[int, ...]:
    """What a cell is counted by: its sample and feature, or only what there is more than one of by its nature."""
    if key in OF_FEATURES:
        return (column,)
    if key in OF_SETS:
        return {"batch": (column,), "layer": (row,), "group": (row, column)}[found.config.norm]
    return (row, column)


def set_of(found: Walk, sample: int, feature: int) -> tuple[int, int]:
    """Row and column, in the tables of sets, of the set that this number belongs to."""
    sets = found.config.sets
    rows, columns = sets.shape
    return (sample if rows > 1 else 0, feature * columns // sets.features)


def members_of(found: Walk, row: int, column: int) -> list[tuple[int, int]]:
    """Sample and feature of all numbers of this set."""
    sets = found.config.sets
    cells = np.ndindex(sets.samples, sets.features)
    return [cell for cell in cells if set_of(found, *cell) == (row, column)]
