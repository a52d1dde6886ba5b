"""The transform's arithmetic in words and numbers: what each step does, and how each number comes about, as HTML."""

from collections.abc import Sequence

import numpy as np

from dlcore.numerals import bracketed, digits
from dlcore.topics.batchnorm_tables import members_of, set_of
from dlcore.topics.batchnorm_walk import Walk

#: What a step is called, and its formula.
TITLES = {
    "x": ("The mini-batch", "Rows are samples, columns are features. Click a number and change it."),
    "mean": ("1. The mean", "μ = (1/m) Σ x, over the m numbers that share it."),
    "variance": ("2. The variance", "σ² = (1/m) Σ (x − μ)², biased: divided by m, not by m − 1."),
    "normal": ("3. Normalised", "x̂ = (x − μ)/√(σ² + ε): mean 0 and variance 1, up to ε."),
    "y": ("4. Scale and shift", "y = γ x̂ + β: both are learnt, one pair a feature, so that nothing is lost for good."),
    "running": (
        "5. The running statistics",
        "μₜ = (1 − α) μₜ₋₁ + α μ, for test time, and so σ²ₜ with the unbiased variance. α is torch’s momentum.",
    ),
    "dy": ("What comes back", "∂E/∂y, from the layers behind. Click a number and change it."),
    "dgamma": ("1. To γ", "∂E/∂γ = Σ ∂E/∂y · x̂, over the samples."),
    "dbeta": ("2. To β", "∂E/∂β = Σ ∂E/∂y, over the samples."),
    "dnormal": ("3. To x̂", "∂E/∂x̂ = γ · ∂E/∂y"),
    "dvariance": ("4. To σ²", "∂E/∂σ² = −½ (σ² + ε)<sup>−3/2</sup> Σ ∂E/∂x̂ · (x − μ)"),
    "dmean": ("5. To μ", "∂E/∂μ = −Σ ∂E/∂x̂ / √(σ² + ε). Through σ² comes nothing, since Σ(x − μ) = 0."),
    "dx": ("6. To x", "∂E/∂x = ∂E/∂x̂ / √(σ² + ε) + ∂E/∂σ² · 2(x − μ)/m + ∂E/∂μ / m"),
}
GIVEN = {
    "x": (
        "The batch at test time",
        "μ and σ² do not come from it: the running statistics μₜ and σ²ₜ stand in for them.",
    ),
    "normal": ("1. Normalised", "x̂ = (x − μₜ)/√(σ²ₜ + ε): each sample by itself."),
    "y": ("2. Scale and shift", "y = γ x̂ + β"),
    "dnormal": ("3. To x̂", "∂E/∂x̂ = γ · ∂E/∂y"),
    "dx": ("4. To x", "∂E/∂x = ∂E/∂x̂ / √(σ²ₜ + ε): the running statistics are constants."),
}


def step_note(found: Walk, step: str) -> tuple[str, str]:
    """A step's title and what it does."""
    return (GIVEN if found.config.uses_given and step in GIVEN else TITLES)[step]


def cell_lines(found: Walk, key: str, row: int, column: int) -> Sequence[str]:
    """How this number comes about; nothing for a number that is given."""
    write = WRITTEN.get(key)
    return write(found, row, column) if write else ()


def _sum(terms: Sequence[float]) -> str:
    first, *others = terms
    return digits(first) + "".join(f" {'−' if term < 0 else '+'} {digits(abs(term))}" for term in others)


def _products(left: Sequence[float], right: Sequence[float]) -> str:
    return " + ".join(f"{bracketed(a)}·{bracketed(b)}" for a, b in zip(left, right, strict=True))


def _set(found: Walk, row: int, column: int) -> tuple[np.ndarray, float, float]:
    """The numbers of a set, their mean and variance."""
    cells = members_of(found, row, column)
    number = row * found.config.sets.shape[1] + column
    mean, variance = (float(found.forward[k][number, 0]) for k in (1, 2))
    return np.array([float(found.given.x[cell]) for cell in cells]), mean, variance


def _spread(found: Walk, variance: float) -> str:
    return f"√({digits(variance)} + {digits(found.config.eps)})"


def _mean(found: Walk, row: int, column: int) -> Sequence[str]:
    x, mean, _ = _set(found, row, column)
    return (f"m = {len(x)}", f"({_sum(x.tolist())})/{len(x)}", f"= <b>{digits(mean)}</b>")


def _variance(found: Walk, row: int, column: int) -> Sequence[str]:
    x, mean, variance = _set(found, row, column)
    squares = " + ".join(f"{bracketed(value)}²" for value in (x - mean).tolist())
    return (f"x − μ squared, m = {len(x)}", f"({squares})/{len(x)}", f"= <b>{digits(variance)}</b>")


def _normal(found: Walk, row: int, column: int) -> Sequence[str]:
    _, mean, variance = _set(found, *set_of(found, row, column))
    x, normal = float(found.given.x[row, column]), float(found.forward.normal[row, column])
    return (f"({digits(x)} − {bracketed(mean)})/{_spread(found, variance)}", f"= <b>{digits(normal)}</b>")


def _y(found: Walk, row: int, column: int) -> Sequence[str]:
    gamma, beta = (float(part[column]) for part in (found.given.gamma, found.given.beta))
    normal, y = float(found.forward.normal[row, column]), float(found.forward.y[row, column])
    return (f"{digits(gamma)}·{bracketed(normal)} + {bracketed(beta)}", f"= <b>{digits(y)}</b>")


def _running(found: Walk, column: int, part: int) -> Sequence[str]:
    assert found.before is not None
    before = float(found.before[part][column])
    if found.after is None:
        return (f"after {found.config.seen} such batches: <b>{digits(before)}</b>",)
    alpha, members = found.config.momentum, found.config.sets.members
    batch = float(found.forward[1 + part][column, 0])
    lines = []
    if part:
        unbiased = batch * members / (members - 1)
        lines.append(f"unbiased: {digits(batch)}·{members}/{members - 1} = {digits(unbiased)}")
        batch = unbiased
    lines.append(f"{digits(1 - alpha)}·{bracketed(before)} + {digits(alpha)}·{bracketed(batch)}")
    return (*lines, f"= <b>{digits(float(found.after[part][column]))}</b>")


def _dgamma(found: Walk, row: int, column: int) -> Sequence[str]:
    grad, normal = (part[:, column].tolist() for part in (found.given.grad, found.forward.normal))
    return (_products(grad, normal), f"= <b>{digits(float(found.backward.gamma[column]))}</b>")


def _dbeta(found: Walk, row: int, column: int) -> Sequence[str]:
    total = float(found.backward.beta[column])
    return (_sum(found.given.grad[:, column].tolist()), f"= <b>{digits(total)}</b>")


def _dnormal(found: Walk, row: int, column: int) -> Sequence[str]:
    gamma, grad = float(found.given.gamma[column]), float(found.given.grad[row, column])
    return (f"{digits(gamma)}·{bracketed(grad)} = <b>{digits(float(found.backward.normal[row, column]))}</b>",)


def _grads(found: Walk, row: int, column: int) -> list[float]:
    return [float(found.backward.normal[cell]) for cell in members_of(found, row, column)]


def _dvariance(found: Walk, row: int, column: int) -> Sequence[str]:
    x, mean, variance = _set(found, row, column)
    assert found.backward.variance is not None
    result = float(found.backward.variance.reshape(found.config.sets.shape)[row, column])
    spread = f"({digits(variance)} + {digits(found.config.eps)})<sup>−3/2</sup>"
    return (
        f"−½·{spread}·({_products(_grads(found, row, column), (x - mean).tolist())})",
        f"= <b>{digits(result)}</b>",
    )


def _dmean(found: Walk, row: int, column: int) -> Sequence[str]:
    _, _, variance = _set(found, row, column)
    assert found.backward.mean is not None
    result = float(found.backward.mean.reshape(found.config.sets.shape)[row, column])
    return (f"−({_sum(_grads(found, row, column))})/{_spread(found, variance)}", f"= <b>{digits(result)}</b>")


def _dx(found: Walk, row: int, column: int) -> Sequence[str]:
    at = set_of(found, row, column)
    _, mean, variance = _set(found, *at)
    grad, result = float(found.backward.normal[row, column]), float(found.backward.x[row, column])
    direct = f"{bracketed(grad)}/{_spread(found, variance)}"
    if found.backward.variance is None or found.backward.mean is None:
        return (direct, f"= <b>{digits(result)}</b>")
    shape, m = found.config.sets.shape, found.config.sets.members
    dvariance, dmean = (float(part.reshape(shape)[at]) for part in (found.backward.variance, found.backward.mean))
    centred = float(found.given.x[row, column]) - mean
    return (
        f"by itself: {direct} = {digits(grad / (variance + found.config.eps) ** 0.5)}",
        f"through σ²: {bracketed(dvariance)}·2·{bracketed(centred)}/{m} = {digits(dvariance * 2 * centred / m)}",
        f"through μ: {bracketed(dmean)}/{m} = {digits(dmean / m)}",
        f"together <b>{digits(result)}</b>",
    )


WRITTEN = {
    "mean": _mean,
    "variance": _variance,
    "normal": _normal,
    "y": _y,
    "running_mean": lambda found, _, column: _running(found, column, 0),
    "running_variance": lambda found, _, column: _running(found, column, 1),
    "dgamma": _dgamma,
    "dbeta": _dbeta,
    "dnormal": _dnormal,
    "dvariance": _dvariance,
    "dmean": _dmean,
    "dx": _dx,
}
