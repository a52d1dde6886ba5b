"""The programs that are shown are run, and give the runs' own numbers."""

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from dlcore.topics.adversarial import curves, fooling, transfer, universal
from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.adversarial.counted_programs import PROGRAMS
from dlcore.topics.adversarial.settings import NORMS, AttackSettings

SETTINGS = {norm: AttackSettings(norm=norm, num_steps=3, step_share=0.4, seed=7) for norm in NORMS}
EPSILONS = {"linf": (0, 20, 51), "l2": (0, 100, 250.5)}
NORM = pytest.mark.parametrize("norm", NORMS)


def run(config: Any) -> Any:
    """What the config's program leaves."""
    scope: dict[str, Any] = {}
    exec(compile(PROGRAMS[type(config)](config), "program", "exec"), scope)
    return scope["found"]


@NORM
@pytest.mark.parametrize("random_start", [True, False])
def test_curves(norm: str, random_start: bool) -> None:
    config = curves.CurvesConfig(
        model="digits",
        attacks=tuple(ATTACKS),
        epsilons=EPSILONS[norm],
        epsilon=0,
        num_images=50,
        settings=replace(SETTINGS[norm], random_start=random_start),
        seed=2,
    )
    found, last = run(config), list(curves.frames(config))[-1].arrays
    assert set(found) == set(ATTACKS)
    for name, values in found.items():
        assert values.numpy() == pytest.approx(last[f"accuracy.{name}"], abs=1e-3)


def test_curves_of_shifted_drawings() -> None:
    config = curves.CurvesConfig(attacks=("fgsm",), epsilons=(2,), epsilon=2, num_images=20, shift=0.5)
    assert run(config)["fgsm"].numpy() == pytest.approx(list(curves.frames(config))[-1].arrays["accuracy.fgsm"])


@NORM
@pytest.mark.parametrize("attack", transfer.CHOICES)
def test_transfer(norm: str, attack: str) -> None:
    config = transfer.TransferConfig(
        data="digits", attack=attack, epsilon=EPSILONS[norm][-1], num_images=50, settings=SETTINGS[norm], seed=2
    )
    assert run(config).numpy() == pytest.approx(list(transfer.frames(config))[-1].arrays["fooled"], abs=1e-3)


@NORM
def test_universal(norm: str) -> None:
    config = universal.UniversalConfig(
        num_images=100, num_tests=60, epsilon=EPSILONS[norm][-1], num_epochs=2, settings=SETTINGS[norm], seed=1
    )
    assert float(run(config)) == pytest.approx(float(list(universal.frames(config))[-1].arrays["fooled.test.mean"]))


@pytest.mark.parametrize("start", fooling.STARTS)
@pytest.mark.parametrize("smoothing", [0.0, 1.0])
def test_fooling(start: str, smoothing: float) -> None:
    config = fooling.FoolingConfig(model="digits", target=4, start=start, smoothing=smoothing, most_steps=30, seed=3)
    chances = [float(frame.arrays["chance"]) for frame in fooling.frames(config)]
    assert np.array(run(config)) == pytest.approx(np.array(chances), abs=1e-5)


def test_a_program_has_no_line_for_what_is_not_chosen() -> None:
    text = PROGRAMS[curves.CurvesConfig](curves.CurvesConfig(attacks=("noise",)))
    assert "ascent" not in text
    assert "runner_up" not in text
    assert max(map(len, text.splitlines())) <= 110
