"""The programs that are shown are run, and give the numbers of the runs beside them."""

from typing import Any

import numpy as np
import pytest

from dlcore.topics.adversarial import hardening, twins
from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.defence_programs import PROGRAMS
from dlcore.topics.adversarial.hardening import HardeningConfig
from dlcore.topics.adversarial.settings import AttackSettings
from dlcore.topics.adversarial.twins import TwinsConfig
from dlcore.topics.images.pictures import Picture
from dlcore.training import Snapshot

FEW = AttackSettings(num_steps=3, step_share=0.5, seed=7)


def run(config: Any) -> dict[str, Any]:
    scope: dict[str, Any] = {}
    exec(compile(PROGRAMS[type(config)](config), "program", "exec"), scope)
    return scope


def last_of(frames: Any) -> Snapshot:
    *_, last = frames
    return last


def digits(attack: str, settings: AttackSettings) -> TwinsConfig:
    victim = Victim(picture=Picture(kind="digit", seed=3), model="digits", settings=settings)
    return TwinsConfig(victim=victim, attack=attack, epsilons=(0, 20.0, 30.6), num_images=20, seed=1)


@pytest.mark.parametrize("attack", ATTACKS)
@pytest.mark.parametrize("norm", ["linf", "l2"])
def test_the_twins_program_gives_the_run_s_numbers(attack: str, norm: str) -> None:
    config = digits(attack, AttackSettings(norm=norm, num_steps=3, step_share=0.5, seed=7))
    scope, last = run(config), last_of(twins.frames(config)).arrays
    for name, key in config.keys.items():
        assert scope["found"][key].numpy() == pytest.approx(
            np.asarray(last[f"accuracy.{name}"]), abs=5.001
        )  # a picture
        assert float(scope["aligned"][key]) == pytest.approx(float(last[f"aligned.{name}.mean"]), rel=1e-4)


def test_the_hardening_program_trains_the_same_networks(capsys: pytest.CaptureFixture[str]) -> None:
    config = HardeningConfig(num_epochs=3, num_train=320, num_test=50, share=0.75, test_epsilons=(0,), seed=3)
    scope, last = run(config), last_of(hardening.frames(config)).arrays
    for name, (clean, pgd) in scope["found"].items():
        assert clean == pytest.approx(float(last[f"accuracy.{name}.clean"]), abs=2.001)  # a picture
        assert pgd == pytest.approx(float(last[f"accuracy.{name}.pgd"]), abs=2.001)
    assert "robust: " in capsys.readouterr().out


@pytest.mark.parametrize("config", [digits("pgd", FEW), TwinsConfig(), HardeningConfig(), HardeningConfig(seed=5)])
def test_every_line_fits_and_nothing_seeds_all_of_torch(config: Any) -> None:
    text = PROGRAMS[type(config)](config)
    assert max(map(len, text.splitlines())) <= 120
    assert "torch.manual_seed(" not in text
    assert "{{" not in text
