"""The update rules against torch.optim, and against what can be said of each by hand."""

import inspect
import itertools
import math
from collections.abc import Callable

import pytest
import torch
from torch import Tensor

from dlcore.topics.landscape import Surface, gradient
from dlcore.topics.optimizers import OPTIMIZERS, rectification
from dlcore.topics.surfaces import make_surface

NUM_STEPS = 100


def walk(
    name: str, surface: Surface, w: Tensor, lr: float | Tensor, num_steps: int, **hypers: float | Tensor
) -> tuple[Tensor, list[dict[str, Tensor]]]:
    """Follow a rule from w (rows, 2): the points (num_steps + 1, rows, 2), and the buffers after every update."""
    state = {buffer: torch.zeros_like(w) for buffer in OPTIMIZERS[name].state}
    points, states = [w], []
    for t in range(1, num_steps + 1):
        w = w + OPTIMIZERS[name].update(gradient(surface, w)[1], state, lr, t, **hypers)
        points.append(w)
        states.append(dict(state))
    return torch.stack(points), states


def walk_with_torch(make: Callable[[list[Tensor]], torch.optim.Optimizer], surface: Surface, num_steps: int) -> Tensor:
    """The points (num_steps + 1, 2) of torch's own optimizer, from the surface's start."""
    w = torch.tensor(surface.start, dtype=torch.float64, requires_grad=True)
    optimizer = make([w])
    points = [w.detach().clone()]
    for _ in range(num_steps):
        optimizer.zero_grad()
        surface.loss(w[:1], w[1:]).sum().backward()
        optimizer.step()
        points.append(w.detach().clone())
    return torch.stack(points)


def defaults(name: str) -> dict[str, float]:
    return {key: hyper.default for key, hyper in OPTIMIZERS[name].hypers.items()}


def start(surface: Surface) -> Tensor:
    return torch.tensor([surface.start], dtype=torch.float64)


SURFACE_RATES = {"quadratic": 0.02, "rosenbrock": 2e-4, "himmelblau": 2e-3, "saddle": 0.05, "logistic": 0.01}
MOMENTA = [{"mu": mu} for mu in (0.0, 0.5, 0.9, 0.99)]
BETAS = [
    {"beta1": beta1, "beta2": beta2, "eps": eps}
    for beta1, beta2, eps in [
        (0.9, 0.999, 1e-8),
        (0.0, 0.9, 1e-3),
        (0.5, 0.99, 1e-8),
        (0.99, 0.5, 1e-8),
        (0.9, 0.0, 1.0),
    ]
]
GRID: list[tuple[str, dict[str, float]]] = [
    ("sgd", {}),
    *[("momentum", hypers) for hypers in MOMENTA],
    *[("nesterov", hypers) for hypers in MOMENTA],
    *[("adagrad", {"eps": eps}) for eps in (1e-10, 1e-3, 1.0)],
    *[
        ("rmsprop", {"gamma": gamma, "eps": eps})
        for gamma, eps in [(0.99, 1e-8), (0.9, 1e-3), (0.0, 1.0), (0.999, 1e-8)]
    ],
    *[(name, hypers) for name in ("adam", "adamw", "radam") for hypers in BETAS],
]


def torch_twin(name: str, lr: float, hypers: dict[str, float]) -> Callable[[list[Tensor]], torch.optim.Optimizer]:
    """The same optimizer made by torch.optim."""
    mu, eps = hypers.get("mu", 0.0), hypers.get("eps", 0.0)
    betas = hypers.get("beta1", 0.0), hypers.get("beta2", 0.0)
    return {
        "sgd": lambda w: torch.optim.SGD(w, lr=lr),
        "momentum": lambda w: torch.optim.SGD(w, lr=lr, momentum=mu),
        "nesterov": lambda w: torch.optim.SGD(w, lr=lr, momentum=mu, nesterov=mu > 0),
        "adagrad": lambda w: torch.optim.Adagrad(w, lr=lr, eps=eps),
        "rmsprop": lambda w: torch.optim.RMSprop(w, lr=lr, alpha=hypers["gamma"], eps=eps),
        "adam": lambda w: torch.optim.Adam(w, lr=lr, betas=betas, eps=eps),
        "adamw": lambda w: torch.optim.AdamW(w, lr=lr, betas=betas, eps=eps, weight_decay=0.0),
        "radam": lambda w: torch.optim.RAdam(w, lr=lr, betas=betas, eps=eps),
    }[name]


@pytest.mark.parametrize("surface_name", SURFACE_RATES)
@pytest.mark.parametrize(("name", "hypers"), GRID)
def test_walks_the_path_of_torch_optim(name: str, hypers: dict[str, float], surface_name: str) -> None:
    surface, lr = make_surface(surface_name), SURFACE_RATES[surface_name]
    ours, _ = walk(name, surface, start(surface), lr, NUM_STEPS, **hypers)
    theirs = walk_with_torch(torch_twin(name, lr, hypers), surface, NUM_STEPS)
    assert torch.isfinite(theirs).all()
    torch.testing.assert_close(ours[:, 0], theirs, rtol=0, atol=1e-9)


def test_every_rule_that_torch_has_is_in_the_grid() -> None:
    assert {name for name, _ in GRID} == {name for name, rule in OPTIMIZERS.items() if rule.torch}
    assert all(hasattr(torch.optim, rule.torch) for rule in OPTIMIZERS.values() if rule.torch)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_rows_are_independent(name: str) -> None:
    surface = make_surface("himmelblau")
    generator = torch.Generator().manual_seed(0)
    crowd = torch.rand(20, 2, generator=generator, dtype=torch.float64) * 4 - 2
    together, _ = walk(name, surface, crowd, 0.003, 60, **defaults(name))
    for row in (0, 7, 19):
        alone, _ = walk(name, surface, crowd[row : row + 1], 0.003, 60, **defaults(name))
        torch.testing.assert_close(together[:, row], alone[:, 0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_rule_declares_its_buffers_and_never_writes_into_the_old_ones(name: str) -> None:
    surface = make_surface("quadratic")
    _, states = walk(name, surface, start(surface), 0.01, 3, **defaults(name))
    assert all(set(state) == set(OPTIMIZERS[name].state) for state in states)
    for buffer in OPTIMIZERS[name].state:
        values = [state[buffer] for state in states]
        assert len({value.data_ptr() for value in values}) == 3
        assert not torch.equal(values[0], values[1])


@pytest.mark.parametrize("name", ["momentum", "momentum-lecture", "nesterov"])
def test_settings_may_differ_from_row_to_row(name: str) -> None:
    surface = make_surface("quadratic")
    mus, lrs = (
        torch.tensor([[0.0], [0.5], [0.9]], dtype=torch.float64),
        torch.tensor([[0.01], [0.02], [0.03]], dtype=torch.float64),
    )
    together, _ = walk(name, surface, start(surface).expand(3, 2), lrs, 50, mu=mus)
    for row in range(3):
        alone, _ = walk(name, surface, start(surface), lrs[row].item(), 50, mu=mus[row].item())
        torch.testing.assert_close(together[:, row], alone[:, 0], rtol=0, atol=1e-12)


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_rule_is_at_most_ten_lines(name: str) -> None:
    rule = OPTIMIZERS[name].update
    body = inspect.getsource(rule).replace(f'"""{rule.__doc__}"""', "").partition(":\n")[2]
    assert 1 <= len([line for line in body.splitlines() if line.strip()]) <= 10


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_settings_have_sensible_ranges(name: str) -> None:
    for hyper in OPTIMIZERS[name].hypers.values():
        assert hyper.low <= hyper.default <= hyper.high
        assert hyper.kind in ("linear", "log", "switch")
        assert hyper.kind != "log" or hyper.low > 0


def first_step(name: str, g: Tensor, lr: float, **changed: float) -> Tensor:
    state = {buffer: torch.zeros_like(g) for buffer in OPTIMIZERS[name].state}
    return OPTIMIZERS[name].update(g, state, lr, 1, **{**defaults(name), **changed})


GRADIENTS = torch.tensor([[1e-3, -1e6], [3.0, -0.2], [-41.0, 1e3]], dtype=torch.float64)


@pytest.mark.parametrize("lr", [1e-3, 0.1, 2.0])
@pytest.mark.parametrize("name", ["adam", "adamw", "adagrad"])
def test_the_first_step_is_lr_in_every_coordinate_whatever_the_gradient(name: str, lr: float) -> None:
    torch.testing.assert_close(first_step(name, GRADIENTS, lr), -lr * GRADIENTS.sign(), rtol=2e-5, atol=0)


def test_without_bias_correction_adams_first_step_is_three_times_lr() -> None:
    expected = -0.1 * (1 - 0.9) / math.sqrt(1 - 0.999) * GRADIENTS.sign()
    torch.testing.assert_close(first_step("adam", GRADIENTS, 0.1, correct=0), expected, rtol=5e-4, atol=0)


def test_rmsprops_first_step_is_ten_times_lr() -> None:
    torch.testing.assert_close(first_step("rmsprop", GRADIENTS, 0.1), -GRADIENTS.sign(), rtol=2e-4, atol=0)


def constant_slope(name: str, num_steps: int, **hypers: float) -> Tensor:
    """The steps of a rule that always meets the gradient (1, −5), at lr = 0.1: (num_steps, 2)."""
    g = torch.tensor([[1.0, -5.0]], dtype=torch.float64)
    state = {buffer: torch.zeros_like(g) for buffer in OPTIMIZERS[name].state}
    return torch.cat([OPTIMIZERS[name].update(g, state, 0.1, t, **hypers) for t in range(1, num_steps + 1)])


@pytest.mark.parametrize("name", ["momentum", "momentum-lecture", "nesterov"])
@pytest.mark.parametrize("mu", [0.5, 0.9])
def test_on_a_constant_slope_momentum_multiplies_the_step_by_one_over_one_minus_mu(name: str, mu: float) -> None:
    terminal = constant_slope(name, 600, mu=mu)[-1]
    torch.testing.assert_close(terminal, torch.tensor([-0.1, 0.5], dtype=torch.float64) / (1 - mu), rtol=1e-9, atol=0)


def test_on_a_constant_slope_adagrad_slows_down_with_the_root_of_time() -> None:
    steps = constant_slope("adagrad", 100, eps=1e-10)
    t = torch.arange(1, 101, dtype=torch.float64)
    torch.testing.assert_close(steps[:, 0], -0.1 / t.sqrt(), rtol=1e-8, atol=0)
    torch.testing.assert_close(steps[:, 1], 0.1 / t.sqrt(), rtol=1e-8, atol=0)


def test_on_a_constant_slope_adam_keeps_stepping_by_lr() -> None:
    steps = constant_slope("adam", 300, **defaults("adam"))
    torch.testing.assert_close(
        steps, torch.tensor([[-0.1, 0.1]], dtype=torch.float64).expand(300, 2), rtol=1e-6, atol=0
    )


@pytest.mark.parametrize("name", ["momentum", "momentum-lecture", "nesterov"])
def test_without_momentum_it_is_gradient_descent(name: str) -> None:
    surface = make_surface("rosenbrock")
    plain, _ = walk("sgd", surface, start(surface), 1e-3, 100)
    other, _ = walk(name, surface, start(surface), 1e-3, 100, mu=0.0)
    torch.testing.assert_close(other, plain, rtol=0, atol=0)


def test_the_two_forms_of_momentum_walk_the_same_path() -> None:
    surface = make_surface("rosenbrock")
    torchs, _ = walk("momentum", surface, start(surface), 2e-4, NUM_STEPS, mu=0.9)
    lectures, _ = walk("momentum-lecture", surface, start(surface), 2e-4, NUM_STEPS, mu=0.9)
    torch.testing.assert_close(lectures, torchs, rtol=0, atol=1e-9)


@pytest.mark.parametrize("surface_name", ["quadratic", "rosenbrock"])
@pytest.mark.parametrize("mu", [0.5, 0.9])
def test_torchs_nesterov_is_the_textbooks_seen_from_the_look_ahead_point(surface_name: str, mu: float) -> None:
    surface, lr = make_surface(surface_name), SURFACE_RATES[surface_name]
    ours, _ = walk("nesterov", surface, start(surface), lr, NUM_STEPS, mu=mu)
    w, u = start(surface), torch.zeros(1, 2, dtype=torch.float64)
    for t in range(NUM_STEPS + 1):
        torch.testing.assert_close(ours[t], w + mu * u, rtol=0, atol=1e-9)
        u = mu * u - lr * gradient(surface, w + mu * u)[1]
        w = w + u


def test_adamw_is_adam_until_weights_decay() -> None:
    assert OPTIMIZERS["adamw"].update is OPTIMIZERS["adam"].update
    assert [name for name, rule in OPTIMIZERS.items() if rule.decoupled] == ["adamw"]


def test_radam_trusts_its_second_moment_from_the_sixth_step_on_and_ever_more() -> None:
    trust = [rectification(t, 0.999)[1] for t in range(1, 5001)]
    assert trust[:5] == [0] * 5
    assert trust[5] > 0
    assert all(0 < earlier < later < 1 for earlier, later in itertools.pairwise(trust[5:]))
    assert trust[-1] > 0.97


def test_radam_starts_as_a_plain_average_of_gradients() -> None:
    steps = constant_slope("radam", 5, beta1=0.9, beta2=0.999, eps=1e-8)
    torch.testing.assert_close(steps, torch.tensor([[-0.1, 0.5]], dtype=torch.float64).expand(5, 2), rtol=1e-12, atol=0)
