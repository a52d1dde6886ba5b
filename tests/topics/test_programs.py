"""The program that is shown is run, and walks the race's own paths."""

import dataclasses

import numpy as np
import pytest
import torch

from dlcore.topics.descent import RaceConfig, race
from dlcore.topics.optimizers import OPTIMIZERS
from dlcore.topics.programs import program
from dlcore.topics.surfaces import SURFACES

EVERYONE = tuple(OPTIMIZERS)


def run(config: RaceConfig) -> dict[str, np.ndarray]:
    """The paths that the program for this race leaves."""
    scope: dict = {}
    exec(compile(program(config, config.make_surface()), "program", "exec"), scope)
    return {name: path.numpy() for name, path in scope["paths"].items()}


def base(surface: str, **settings) -> RaceConfig:
    """A race of all optimizers on a surface, slow enough to be calm."""
    telling = RaceConfig(surface=surface).make_surface()
    x0, y0 = telling.start
    lr = {"beale": 1e-3, "cliff": 1e-3, "rastrigin": 1e-4, "ackley": 1e-3}.get(surface, telling.lr / 10)
    return RaceConfig(
        **{"surface": surface, "x0": x0, "y0": y0, "lr": lr, "optimizers": EVERYONE, "num_steps": 80} | settings
    )


DATA = {"surface": "logistic", "batch_size": 32, "seed": 7}
CONFIGS = {
    **{surface: base(surface) for surface in SURFACES},
    "condition": base("quadratic", condition=7.5),
    "another formula": base("formula", formula="log(1 + x^2) + sin(y)^2 + max(x, y/3) + abs(y)"),
    "a formula of x alone": base("formula", formula="(x-1)^2"),
    **{
        f"schedule {name}": base("quadratic", schedule=name, decay=0.3 if name == "step" else 0.02, period=17)
        for name in ("constant", "step", "exponential", "time-based", "cosine", "warm-restarts")
    },
    "weight decay": base("rosenbrock", weight_decay=0.3),
    "clipping": base("beale", clip=0.5, lr=0.01),
    "noise": base("quadratic", noise=1.5, seed=11),
    "noise that stays": base("quadratic", noise=0.3, noise_decay=0.0),
    "mini-batches": base(**DATA),
    "single samples": base("least-squares", batch_size=1, seed=2),
    "the last batch of an epoch is smaller": base("least-squares", batch_size=200),
    "a batch of more than all": base("least-squares", batch_size=9999),
    "a batch of nothing": base("quadratic", batch_size=9),
    "own rates": base("quadratic", rates="own", hyper=(("adam.lr", 0.3), ("sgd.lr", 0.01))),
    "best rates": base("quadratic", rates="best", num_steps=30),
    "best rates on batches": base(**DATA, rates="best", num_steps=30, optimizers=("sgd", "adam", "momentum")),
    "adam without correction": base("quadratic", hyper=(("adam.correct", 0.0),), weight_decay=0.1),
    "lecture's momentum on a schedule": base(
        "quadratic", optimizers=("momentum-lecture",), schedule="step", decay=0.1, period=20, weight_decay=0.1
    ),
    "no momentum": base(
        "quadratic", hyper=tuple((f"{name}.mu", 0.0) for name in ("momentum", "momentum-lecture", "nesterov"))
    ),
    "other settings": base(
        "quadratic",
        hyper=(
            ("adagrad.eps", 0.01),
            ("adam.beta1", 0.5),
            ("adamw.beta2", 0.9),
            ("momentum.mu", 0.99),
            ("nesterov.mu", 0.5),
            ("radam.beta2", 0.9),
            ("rmsprop.gamma", 0.5),
            ("rmsprop.eps", 0.1),
        ),
    ),
    "everything on": base(
        **DATA,
        weight_decay=0.02,
        clip=0.3,
        noise=0.1,
        schedule="exponential",
        rates="own",
        hyper=(("adam.correct", 0.0), ("radam.lr", 0.2)),
    ),
    "one step": base("quadratic", num_steps=1, schedule="cosine"),
}


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS)
def test_the_program_walks_the_races_paths(config: RaceConfig, capsys: pytest.CaptureFixture[str]) -> None:
    paths, trace = run(config), race(config)
    assert tuple(paths) == config.optimizers
    for k, name in enumerate(config.optimizers):
        assert paths[name].shape == (config.num_steps + 1, 2)
        assert np.isfinite(paths[name]).all()
        np.testing.assert_allclose(paths[name], trace.w[:, k], rtol=0, atol=1e-9, err_msg=name)
    printed = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in printed] == list(config.optimizers)
    for k, line in enumerate(printed):
        point, _, loss = line.partition(": ")[2].partition(", f = ")
        np.testing.assert_allclose(
            [float(number) for number in point.strip("()").split(", ")], trace.w[-1, k], 1e-5, 1e-8
        )
        np.testing.assert_allclose(float(loss), trace.loss[-1, k], 1e-5, 1e-8)


def test_a_path_that_diverges_is_the_same_until_it_does() -> None:
    config = RaceConfig(optimizers=("sgd",), lr=0.2, num_steps=60)
    trace = race(config)
    step = trace.diverged["sgd"][0]
    np.testing.assert_allclose(run(config)["sgd"][:step], trace.w[:step, 0], rtol=1e-9)


def test_the_program_leaves_torch_as_it_was() -> None:
    state, dtype = torch.get_rng_state(), torch.get_default_dtype()
    run(CONFIGS["everything on"])
    assert torch.equal(torch.get_rng_state(), state)
    assert torch.get_default_dtype() == dtype


def test_what_is_off_has_no_line() -> None:
    config = RaceConfig(optimizers=("sgd",))
    text = program(config, config.make_surface())
    for absent in ("scheduler", "generator", "batch", "clip_grad_norm_", "weight_decay", "class ", "math", "momentum"):
        assert absent not in text
    assert len(text.splitlines()) < 30


def test_the_present_values_are_filled_in() -> None:
    config = dataclasses.replace(CONFIGS["everything on"], optimizers=("adamw", "rmsprop"))
    text = program(config, config.make_surface())
    for present in (
        "weight_decay=0.02",
        "max_norm=0.3",
        "0.1 / (1 + step) ** 0.55",
        "math.exp(-0.01)",
        "split(32)",
        "manual_seed(7)",
        "num_steps = 80",
        "alpha=0.99",
        "betas=(0.9, 0.999)",
    ):
        assert present in text


def test_adamw_is_told_not_to_decay_where_nothing_decays() -> None:
    config = RaceConfig(optimizers=("adamw",))  # torch's own default would be 0.01
    assert "weight_decay=0.0" in program(config, config.make_surface())
