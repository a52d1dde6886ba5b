"""The surfaces: textbook values and minima, derivatives against independent ones, code against loss."""

import math

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from torch import Tensor
from torch.autograd.functional import hessian as torch_hessian

from dlcore.topics.landscape import Surface, gradient, height_map, hessian
from dlcore.topics.minima import find_minima
from dlcore.topics.surfaces import SURFACES, SurfaceSettings, make_surface

TYPED = SurfaceSettings(formula="x**4 - 4*x**2 + x + 3*y**2 + sin(x*y)")
REAL = ("least-squares", "logistic")
ANALYTIC = tuple(name for name in SURFACES if name not in (*REAL, "formula"))

fractions = st.floats(0, 1)
every_surface = pytest.mark.parametrize("name", SURFACES)
some_surface = st.sampled_from(sorted(SURFACES))


def surface_of(name: str) -> Surface:
    return make_surface(name, TYPED)


def points(*rows: tuple[float, float]) -> Tensor:
    return torch.tensor(rows, dtype=torch.float64)


def random_points(surface: Surface, rows: int, seed: int = 0) -> Tensor:
    """Points spread evenly over the picture."""
    xmin, xmax, ymin, ymax = surface.bounds
    u = torch.rand(rows, 2, generator=torch.Generator().manual_seed(seed), dtype=torch.float64)
    return torch.tensor([xmin, ymin]) + u * torch.tensor([xmax - xmin, ymax - ymin])


def heights(surface: Surface, w: Tensor) -> Tensor:
    return surface.loss(w[:, 0], w[:, 1])


def smooth_minima(surface: Surface) -> Tensor:
    """All minima but Ackley's lowest, which is a kink."""
    return points(*surface.minima[1 if surface.name == "ackley" else 0 :])


def test_the_menu_is_complete() -> None:
    assert list(SURFACES) == [
        *("quadratic", "rosenbrock", "beale", "himmelblau", "saddle", "rastrigin", "ackley", "camel"),
        *("cliff", "plateau", "least-squares", "logistic", "formula"),
    ]


@every_surface
def test_a_surface_says_of_itself_what_a_picture_needs(name: str) -> None:
    surface = surface_of(name)
    xmin, xmax, ymin, ymax = surface.bounds
    assert surface.name == name
    assert surface.title
    assert surface.latex.startswith("f(")
    assert surface.latex.count("{") == surface.latex.count("}")
    assert xmin < surface.start[0] < xmax
    assert ymin < surface.start[1] < ymax
    assert 0 < surface.lr <= 1
    assert all(xmin < x < xmax and ymin < y < ymax for x, y in surface.minima)
    assert (surface.num_samples > 1) == (name in REAL) == bool(surface.setup)


# The lowest value, and points where it is taken, as the literature gives them.
TEXTBOOK = {
    "quadratic": (0, [(0, 0)]),
    "rosenbrock": (0, [(1, 1)]),
    "beale": (0, [(3, 0.5)]),
    "himmelblau": (0, [(3, 2), (-2.805118, 3.131312), (-3.779310, -3.283186), (3.584428, -1.848126)]),
    "saddle": (-2.5, [(0, math.sqrt(10)), (0, -math.sqrt(10))]),
    "rastrigin": (0, [(0, 0)]),
    "ackley": (0, [(0, 0)]),
    "camel": (-1.0316284535, [(0.0898, -0.7126), (-0.0898, 0.7126)]),
    "cliff": (0, [(-2, 0)]),
    "plateau": (0, [(0, 0)]),
}


@pytest.mark.parametrize("name", ANALYTIC)
def test_the_lowest_minima_are_the_textbooks(name: str) -> None:
    surface = make_surface(name)
    lowest, known = TEXTBOOK[name]
    values = heights(surface, points(*surface.minima))
    assert values[: len(known)].tolist() == pytest.approx([lowest] * len(known), abs=1e-10)
    assert (values[len(known) :] > lowest + 0.1).all()
    assert sorted(surface.minima[: len(known)]) == pytest.approx(np.array(sorted(known)), abs=1e-4)


@pytest.mark.parametrize(
    ("name", "point", "value"),
    [
        ("quadratic", (2, 1), 12),
        ("rosenbrock", (-1.2, 1), 24.2),
        ("rosenbrock", (0, 0), 1),
        ("beale", (0, 0), 1.5**2 + 2.25**2 + 2.625**2),
        ("beale", (1, 1), 14.203125),
        ("himmelblau", (0, 0), 170),
        ("himmelblau", (-0.270845, -0.923039), 181.616521),  # its summit
        ("saddle", (3, 0), 4.5),
        ("rastrigin", (0.5, 0.5), 40.5),
        ("rastrigin", (1, 1), 2),
        ("ackley", (1, 0), 20 * (1 - math.exp(-0.2 / math.sqrt(2)))),
        ("camel", (0, 0), 0),
        ("camel", (1, 1), 3.2333333333),
        ("plateau", (0, 1), 1 - math.exp(-0.5)),
    ],
)
def test_known_values(name: str, point: tuple[float, float], value: float) -> None:
    assert heights(make_surface(name), points(point)).item() == pytest.approx(value, abs=1e-6)


def test_the_camel_has_six_minima_in_three_pairs() -> None:
    camel = make_surface("camel")
    values = heights(camel, points(*camel.minima)).tolist()
    assert values == pytest.approx([-1.0316, -1.0316, -0.2155, -0.2155, 2.1043, 2.1043], abs=1e-4)
    assert {(round(-x, 6), round(-y, 6)) for x, y in camel.minima} == {
        (round(x, 6), round(y, 6)) for x, y in camel.minima
    }


def test_rastrigins_minima_are_a_grid_of_nearly_whole_numbers() -> None:
    rastrigin = make_surface("rastrigin")
    assert len(rastrigin.minima) == 25
    assert {(round(x), round(y)) for x, y in rastrigin.minima} == {(i, j) for i in range(-2, 3) for j in range(-2, 3)}
    assert rastrigin.minima[0] == pytest.approx((0, 0), abs=1e-12)
    assert max(abs(x) for x, _ in rastrigin.minima) == pytest.approx(1.98991, abs=1e-5)


@every_surface
def test_minima_have_no_slope_and_curve_upward_everywhere(name: str) -> None:
    surface = surface_of(name)
    w = smooth_minima(surface)
    assert gradient(surface, w)[1].abs().max() < 1e-8
    assert torch.linalg.eigvalsh(hessian(surface, w)).min() > 1e-3


def test_ackleys_lowest_minimum_is_a_kink_where_the_gradient_counts_as_zero() -> None:
    ackley = make_surface("ackley")
    _, g = gradient(ackley, points((0, 0), (1e-9, 0), (0, -1e-9)))
    assert g[0].tolist() == [0, 0]
    # Beside it the slope is 20·0.2/√2, whatever the distance.
    assert g[1].tolist() == pytest.approx([2 * math.sqrt(2), 0], abs=1e-5)
    assert g[2].tolist() == pytest.approx([0, -2 * math.sqrt(2)], abs=1e-5)


@every_surface
def test_nothing_in_the_picture_is_lower_than_the_first_minimum_and_they_are_in_order(name: str) -> None:
    surface = surface_of(name)
    values = heights(surface, points(*surface.minima))
    assert height_map(surface, 200)[2].min() >= values[0].item() - 1e-12
    assert (values.diff() >= -1e-9).all()


@every_surface
def test_a_blind_search_finds_the_minima_listed_and_no_others(name: str) -> None:
    surface = surface_of(name)
    found = find_minima(surface.loss, surface.bounds)
    assert sorted(found) == pytest.approx(np.array(sorted(surface.minima)), abs=1e-6)


@given(some_surface, fractions, fractions)
def test_gradients_agree_with_central_differences(name: str, u: float, v: float) -> None:
    surface = surface_of(name)
    xmin, xmax, ymin, ymax = surface.bounds
    w = points((xmin + u * (xmax - xmin), ymin + v * (ymax - ymin)))
    h = 1e-6
    if name == "ackley" and w.norm() < 1e-3:
        return  # the kink: differences across it say nothing
    loss, g = gradient(surface, w)
    offsets = points((h, 0), (-h, 0), (0, h), (0, -h))
    right, left, up, down = heights(surface, w + offsets).tolist()
    expected = [(right - left) / (2 * h), (up - down) / (2 * h)]
    assert loss.item() == heights(surface, w).item()
    assert g[0].tolist() == pytest.approx(expected, rel=1e-5, abs=1e-4)


@every_surface
def test_hessians_agree_with_torchs_own(name: str) -> None:
    surface = surface_of(name)
    w = random_points(surface, 6)
    for row, ours in zip(w, hessian(surface, w), strict=True):
        theirs = torch_hessian(lambda point: surface.loss(point[:1], point[1:]).sum(), row)
        torch.testing.assert_close(ours, theirs, rtol=1e-9, atol=1e-9)


@every_surface
def test_every_row_is_on_its_own(name: str) -> None:
    surface = surface_of(name)
    w = random_points(surface, 9)
    loss, g = gradient(surface, w)
    spoiled = w.clone()
    spoiled[1::2] = torch.tensor([math.nan, math.inf])
    beside_nan, g_beside_nan = gradient(surface, spoiled)
    curvature = hessian(surface, spoiled)
    for row in range(0, 9, 2):
        alone, g_alone = gradient(surface, w[row : row + 1])
        torch.testing.assert_close(alone[0], loss[row], rtol=1e-13, atol=1e-13)
        torch.testing.assert_close(g_alone[0], g[row], rtol=1e-12, atol=1e-12)
        torch.testing.assert_close(beside_nan[row], loss[row], rtol=1e-13, atol=1e-13)
        torch.testing.assert_close(g_beside_nan[row], g[row], rtol=1e-12, atol=1e-12)
        assert curvature[row].isfinite().all()


@every_surface
def test_the_code_is_the_loss(name: str) -> None:
    surface = surface_of(name)
    w = random_points(surface, 7)
    if surface.setup:
        code = f"{surface.setup}\ndef f(x, y, batch=slice(None)):\n    return {surface.code}"
        namespace: dict = {}
        exec(code, namespace)
        values = torch.stack([namespace["f"](x, y) for x, y in w])
        batch = torch.tensor([3, 1, 4, 1, 5])
        on_batch = torch.stack([namespace["f"](x, y, batch) for x, y in w])
        torch.testing.assert_close(on_batch, surface.loss(w[:, 0], w[:, 1], batch), rtol=1e-12, atol=1e-12)
    else:
        namespace = {"torch": torch, "x": w[:, 0], "y": w[:, 1]}
        exec(f"values = {surface.code}", namespace)
        values = namespace["values"]
    torch.testing.assert_close(values, heights(surface, w), rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("name", ANALYTIC)
def test_samples_change_nothing_where_there_are_none(name: str) -> None:
    surface = make_surface(name)
    x, y = random_points(surface, 5).unbind(dim=1)
    assert torch.equal(surface.loss(x, y), surface.loss(x, y, torch.tensor([0])))


def test_equal_settings_give_the_same_object() -> None:
    assert make_surface("himmelblau") is make_surface("himmelblau")
    assert make_surface("quadratic", SurfaceSettings(condition=5)) is make_surface(
        "quadratic", SurfaceSettings(condition=5)
    )
    assert make_surface("quadratic", SurfaceSettings(condition=5)) is not make_surface("quadratic")


def test_what_is_no_surface_is_refused() -> None:
    with pytest.raises(ValueError, match=r"surface is 'hill': it must be one of quadratic, rosenbrock"):
        make_surface("hill")
    with pytest.raises(ValueError, match=r"'z' is not known"):
        make_surface("formula", SurfaceSettings(formula="x + z"))


@pytest.mark.parametrize("condition", [0, 0.5, -1, 1e7, math.nan, math.inf])
def test_a_condition_number_out_of_range_is_refused(condition: float) -> None:
    with pytest.raises(ValueError, match=r"^condition is .*: it must be a number from 1 to 1e\+06"):
        SurfaceSettings(condition=condition)
