"""The surfaces of the lessons on descent: test functions from the literature, two real fits, and one's own formula.

Knows each surface's formula, picture, minima and a telling start; knows nothing of optimizers.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

import torch
from torch import Tensor
from torch.nn.functional import softplus

from dlcore import require
from dlcore.datasets.points import breast_cancer, diabetes
from dlcore.formula import parse
from dlcore.topics.formula_surface import formula_surface
from dlcore.topics.landscape import Surface
from dlcore.topics.minima import polish
from dlcore.topics.regression import least_squares, logistic


@dataclass(frozen=True, kw_only=True)
class SurfaceSettings:
    """What a reader may set of a surface: `condition` for the quadratic, `formula` for their own.

    Raises: ValueError where the condition number is not between 1 and 1e6.
    """

    condition: float = 20.0  # largest over smallest curvature
    formula: str = "x**2 + 10*y**2"

    def __post_init__(self) -> None:
        require.number("condition", self.condition, 1, 1e6)


def quadratic(settings: SurfaceSettings) -> Surface:
    """An elongated bowl whose Hessian has the eigenvalues 1 and `condition`."""
    condition = settings.condition

    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        return 0.5 * (x**2 + condition * y**2)

    number = int(condition) if condition == int(condition) else condition
    return Surface(
        name="quadratic",
        title="Elongated quadratic",
        latex=rf"f(x, y) = \tfrac{{1}}{{2}} \left(x^2 + {number}\, y^2\right)",
        code=f"0.5 * (x**2 + {number} * y**2)",
        loss=loss,
        bounds=(-10.0, 10.0, -4.0, 4.0),
        minima=((0.0, 0.0),),
        start=(-8.0, 1.5),
        lr=min(1.8 / condition, 0.5),  # 2/λ, less a tenth: the steep coordinate overshoots and still settles
        log_colour=False,
    )


def rosenbrock(_: SurfaceSettings) -> Surface:
    """A curved valley that is quick to enter and slow to follow. Rosenbrock (1960)."""

    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        return (1 - x) ** 2 + 100 * (y - x**2) ** 2

    return Surface(
        name="rosenbrock",
        title="Rosenbrock's valley",
        latex=r"f(x, y) = (1 - x)^2 + 100\left(y - x^2\right)^2",
        code="(1 - x)**2 + 100 * (y - x**2)**2",
        loss=loss,
        bounds=(-2.0, 2.0, -1.0, 3.0),
        minima=((1.0, 1.0),),
        start=(-1.2, 1.0),  # Rosenbrock's own
        lr=0.001,
        log_colour=True,
    )


def beale(_: SurfaceSettings) -> Surface:
    """Flat valleys between steep corners. Beale (1958)."""

    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        return (1.5 - x + x * y) ** 2 + (2.25 - x + x * y**2) ** 2 + (2.625 - x + x * y**3) ** 2

    return Surface(
        name="beale",
        title="Beale's function",
        latex=r"f(x, y) = (1.5 - x + xy)^2 + \left(2.25 - x + xy^2\right)^2 + \left(2.625 - x + xy^3\right)^2",
        code="(1.5 - x + x * y)**2 + (2.25 - x + x * y**2)**2 + (2.625 - x + x * y**3)**2",
        loss=loss,
        bounds=(-4.5, 4.5, -4.5, 4.5),
        minima=((3.0, 0.5),),
        start=(1.0, 1.5),
        lr=0.01,
        log_colour=True,
    )


def himmelblau(_: SurfaceSettings) -> Surface:
    """Four minima of value 0, so that the start decides. Himmelblau, Applied Nonlinear Programming (1972)."""

    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        return (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2

    return Surface(
        name="himmelblau",
        title="Himmelblau's function",
        latex=r"f(x, y) = \left(x^2 + y - 11\right)^2 + \left(x + y^2 - 7\right)^2",
        code="(x**2 + y - 11)**2 + (x + y**2 - 7)**2",
        loss=loss,
        bounds=(-5.0, 5.0, -5.0, 5.0),
        minima=polish(loss, ((3.0, 2.0), (-2.805118, 3.131313), (-3.779310, -3.283186), (3.584428, -1.848127))),
        start=(-0.5, -1.0),  # beside the summit, where all four basins are near
        lr=0.01,
        log_colour=True,
    )


def saddle(_: SurfaceSettings) -> Surface:
    """A saddle at the origin. The quartic term ends the fall: minima of value −2.5 at y = ±√10."""

    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        return 0.5 * (x**2 - y**2) + y**4 / 40

    return Surface(
        name="saddle",
        title="Saddle",
        latex=r"f(x, y) = \tfrac{1}{2}\left(x^2 - y^2\right) + \tfrac{1}{40}\, y^4",
        code="0.5 * (x**2 - y**2) + y**4 / 40",
        loss=loss,
        bounds=(-4.0, 4.0, -4.5, 4.5),
        minima=((0.0, math.sqrt(10)), (0.0, -math.sqrt(10))),
        start=(-3.0, 0.01),  # nearly on the ridge that leads to the saddle
        lr=0.1,
        log_colour=False,
    )


def rastrigin(_: SurfaceSettings) -> Surface:
    """A bowl under a grid of dents, about one a unit square; the lowest is the origin. Rastrigin (1974)."""

    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        return 20 + x**2 + y**2 - 10 * (torch.cos(2 * torch.pi * x) + torch.cos(2 * torch.pi * y))

    return Surface(
        name="rastrigin",
        title="Rastrigin's function",
        latex=r"f(x, y) = 20 + x^2 + y^2 - 10\left(\cos 2\pi x + \cos 2\pi y\right)",
        code="20 + x**2 + y**2 - 10 * (torch.cos(2 * torch.pi * x) + torch.cos(2 * torch.pi * y))",
        loss=loss,
        bounds=(-2.56, 2.56, -2.56, 2.56),  # half the customary square, so that single dents are seen
        minima=polish(loss, _lattice(0.995)),
        start=(-2.2, 1.7),
        lr=0.003,
        log_colour=False,
    )


def ackley(_: SurfaceSettings) -> Surface:
    """A funnel under ripples; at its bottom, the origin, a kink: the gradient there is taken as 0. Ackley (1987)."""

    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        # vector_norm, and not sqrt(x² + y²), whose gradient at the origin is 0/0.
        radius = torch.linalg.vector_norm(torch.stack([x, y]), dim=0) / 2**0.5
        ripples = torch.exp((torch.cos(2 * torch.pi * x) + torch.cos(2 * torch.pi * y)) / 2)
        return 20 * (1 - torch.exp(-radius / 5)) + torch.e - ripples

    around = [point for point in _lattice(0.97) if point != (0.0, 0.0)]
    return Surface(
        name="ackley",
        title="Ackley's function",
        latex=r"f(x, y) = 20\left(1 - e^{-0.2\sqrt{(x^2 + y^2)/2}}\right) + e - e^{(\cos 2\pi x + \cos 2\pi y)/2}",
        code=(
            "20 * (1 - torch.exp(-torch.linalg.vector_norm(torch.stack([x, y]), dim=0) / 2**0.5 / 5)) + torch.e"
            " - torch.exp((torch.cos(2 * torch.pi * x) + torch.cos(2 * torch.pi * y)) / 2)"
        ),
        loss=loss,
        bounds=(-2.5, 2.5, -2.5, 2.5),
        minima=((0.0, 0.0), *polish(loss, around)),
        start=(-2.2, 1.6),
        lr=0.02,
        log_colour=False,
    )


def camel(_: SurfaceSettings) -> Surface:
    """Two lowest minima of −1.0316 and four higher ones. Dixon and Szegő, Towards Global Optimisation 2 (1978)."""

    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        return (4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + 4 * (y**2 - 1) * y**2

    half = ((0.0898, -0.7126), (-1.7036, 0.7961), (1.6071, 0.5687))
    return Surface(
        name="camel",
        title="Six-hump camel",
        latex=r"f(x, y) = \left(4 - 2.1\,x^2 + \tfrac{1}{3}x^4\right)x^2 + xy + 4\left(y^2 - 1\right)y^2",
        code="(4 - 2.1 * x**2 + x**4 / 3) * x**2 + x * y + 4 * (y**2 - 1) * y**2",
        loss=loss,
        bounds=(-2.1, 2.1, -1.2, 1.2),
        minima=polish(loss, [(sign * x, sign * y) for x, y in half for sign in (1, -1)]),  # f(x, y) = f(−x, −y)
        start=(-1.9, 0.1),
        lr=0.02,
        log_colour=False,
    )


def cliff(_: SurfaceSettings) -> Surface:
    """A gentle cone beside a wall of slope 300: a gradient taken on the wall throws one far out of the picture.

    After the cliffs of Pascanu, Mikolov and Bengio, On the difficulty of training recurrent neural networks (2013).
    The cone's slope stays below 1, so that the way back is long.
    """

    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        cone = torch.sqrt(1 + (x + 2) ** 2 + y**2) - 1
        return cone + 300 * (softplus(x - 0.8, beta=1000) - softplus(x - 1.2, beta=1000))

    return Surface(
        name="cliff",
        title="Cliff",
        latex=(
            r"f(x, y) = \sqrt{1 + (x + 2)^2 + y^2} - 1 + 300\left(s(x - 0.8) - s(x - 1.2)\right),"
            r"\quad s(u) = \tfrac{1}{1000}\ln\left(1 + e^{1000u}\right)"
        ),
        code=(
            "torch.sqrt(1 + (x + 2)**2 + y**2) - 1 + 300 * (torch.nn.functional.softplus(x - 0.8, beta=1000)"
            " - torch.nn.functional.softplus(x - 1.2, beta=1000))"
        ),
        loss=loss,
        bounds=(-6.0, 4.0, -4.0, 4.0),
        minima=((-2.0, 0.0),),
        start=(2.5, 1.5),  # on the high ground: the first steps are small
        lr=0.1,
        log_colour=True,
    )


def plateau(_: SurfaceSettings) -> Surface:
    """A bowl in the middle of a plain where the gradient is nearly 0: small gradients, not small distances."""

    def loss(x: Tensor, y: Tensor, samples: Tensor | None = None) -> Tensor:
        return 1 - torch.exp(-(x**2 + 2 * y**2) / 4)

    return Surface(
        name="plateau",
        title="Plateau",
        latex=r"f(x, y) = 1 - e^{-(x^2 + 2y^2)/4}",
        code="1 - torch.exp(-(x**2 + 2 * y**2) / 4)",
        loss=loss,
        bounds=(-5.0, 5.0, -5.0, 5.0),
        minima=((0.0, 0.0),),
        start=(-3.5, 2.0),
        lr=0.1,
        log_colour=False,
    )


SURFACES: dict[str, Callable[[SurfaceSettings], Surface]] = {
    "quadratic": quadratic,
    "rosenbrock": rosenbrock,
    "beale": beale,
    "himmelblau": himmelblau,
    "saddle": saddle,
    "rastrigin": rastrigin,
    "ackley": ackley,
    "camel": camel,
    "cliff": cliff,
    "plateau": plateau,
    "least-squares": lambda _: least_squares(diabetes()),
    "logistic": lambda _: logistic(breast_cancer()),
    "formula": lambda settings: formula_surface(parse(settings.formula, ("x", "y"))),
}


@lru_cache(maxsize=64)
def make_surface(name: str, settings: SurfaceSettings = SurfaceSettings()) -> Surface:
    """The surface of that name, ready to walk on; equal arguments give the same object.

    Raises: ValueError where there is no such surface, or the formula is not one (`FormulaError`).
    """
    require.one_of("surface", name, SURFACES)
    return SURFACES[name](settings)


def _lattice(spacing: float) -> list[tuple[float, float]]:
    """The 25 points of a square lattice around the origin."""
    return [(spacing * i, spacing * j) for i in range(-2, 3) for j in range(-2, 3)]
