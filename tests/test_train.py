"""The command that makes checkpoints: what it writes, how it goes on, and what it says when it cannot."""

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from torch import nn

from dlcore import checkpoints, manifest, train
from dlcore.checkpoints import metadata
from dlcore.datasets.objects import ObjectsConfig
from dlcore.device import generator
from dlcore.nets import fresh
from dlcore.train import main, make
from dlcore.training import recipes
from dlcore.training.images import FitConfig
from dlcore.training.recipes import RECIPES, Recipe

QUICK = ["digits", "--epochs", "3", "--images", "200"]


@pytest.fixture
def quick() -> Recipe:
    return RECIPES["digits"].with_changes(num_epochs=3, num_images=200, seed=None)


def files(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


def test_the_command_writes_a_checkpoint_and_says_how_good_it_is(tmp_path: Path):
    command = [sys.executable, "-m", "dlcore.train", *QUICK, "--out", str(tmp_path)]
    root = Path(train.__file__).parent.parent
    done = subprocess.run(
        command, cwd=root, env={**os.environ, "OMP_NUM_THREADS": "1"}, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert files(tmp_path) == {"digits.safetensors"}
    told = metadata(tmp_path / "digits.safetensors")
    assert (told["num_images"], told["num_epochs"], told["seed"]) == (200, 3, 0)
    assert 0.1 < told["accuracy"] <= 1
    assert f"accuracy {told['accuracy']}" in done.stdout


def test_the_same_settings_give_the_same_file(tmp_path: Path, quick: Recipe):
    first, second = (make("digits", quick, tmp_path / name) for name in ("one", "two"))
    written = [(tmp_path / name / "digits.safetensors").read_bytes() for name in ("one", "two")]
    assert written[0] == written[1]
    assert {**first, "cpu_seconds": 0} == {**second, "cpu_seconds": 0}


@pytest.fixture
def hardened(monkeypatch: pytest.MonkeyPatch) -> Recipe:
    """Begins with the weights of the app's network for digits, and learns from attacked pictures."""
    monkeypatch.setattr(train, "NUM_ATTACKED", 100)
    against = recipes.Adversary(epsilon=30.6, num_steps=2, step_share=0.75, share=1.0)
    return replace(RECIPES["digits"], start="digits", against=against).with_changes(
        num_epochs=5, num_images=200, seed=None
    )


def test_a_network_that_learns_against_attacks_says_so_and_what_it_withstands(tmp_path: Path, hardened: Recipe):
    found = make("digits_robust", hardened, tmp_path)
    assert found["start"] == "digits"
    assert found["against"] == {"epsilon": 30.6, "num_steps": 2, "step_share": 0.75, "share": 1.0}
    assert found["withstood"].keys() == {"fgsm", "pgd"}
    assert list(found["withstood"]["pgd"]) == ["15.3", "30.6", "61.2"]
    assert metadata(tmp_path / "digits_robust.safetensors")["withstood"] == found["withstood"]
    assert found["accuracy"] > 0.9  # five epochs of 200 digits: not from drawn weights
    usual = train.withstood("pgd", checkpoints.network("digits"), recipes.held_out(recipes.DIGITS, 1, 100), [30.6])
    assert found["withstood"]["pgd"]["30.6"] > usual.double().mean() + 0.1


def test_it_goes_on_as_if_never_stopped_too(tmp_path: Path, hardened: Recipe, monkeypatch: pytest.MonkeyPatch):
    make("digits", hardened, tmp_path / "whole")
    with monkeypatch.context() as patch:
        end_after(patch, 1)
        with pytest.raises(EndedError):
            make("digits", hardened, tmp_path)
    make("digits", hardened, tmp_path)
    written = [(folder / "digits.safetensors").read_bytes() for folder in (tmp_path, tmp_path / "whole")]
    assert written[0] == written[1]


class EndedError(Exception):
    """Where the power fails."""


def end_after(monkeypatch: pytest.MonkeyPatch, times: int) -> None:
    """The power fails right after so many epochs."""
    write, calls = checkpoints.write, []

    def written(*args: Any) -> None:
        write(*args)
        calls.append(args)
        if len(calls) == times:
            raise EndedError

    monkeypatch.setattr(checkpoints, "write", written)


def test_a_run_that_was_ended_goes_on_and_gives_the_same_file(
    tmp_path: Path, quick: Recipe, monkeypatch: pytest.MonkeyPatch
):
    make("digits", quick, tmp_path / "whole")
    with monkeypatch.context() as patch:
        end_after(patch, 2)
        with pytest.raises(EndedError):
            make("digits", quick, tmp_path)
    assert files(tmp_path) == {"whole", "digits.part"}
    steps = []
    frames = train.Fitting.frames
    monkeypatch.setattr(train.Fitting, "frames", lambda run: (steps.append(f.step) or f for f in frames(run)))
    make("digits", quick, tmp_path)
    assert steps == [7, 8, 9]  # three batches an epoch
    assert files(tmp_path) == {"whole", "digits.safetensors"}
    written = [(folder / "digits.safetensors").read_bytes() for folder in (tmp_path, tmp_path / "whole")]
    assert written[0] == written[1]


@pytest.mark.parametrize(("spoil", "said"), [("cut", "damaged"), ("other", "other settings")])
def test_what_cannot_be_gone_on_with_begins_anew(
    tmp_path: Path, quick: Recipe, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture, spoil: str, said: str
):
    with monkeypatch.context() as patch:
        end_after(patch, 1)
        with pytest.raises(EndedError):
            make("digits", quick if spoil == "cut" else replace(quick, seed=9), tmp_path)
    kept = tmp_path / "digits.part"
    if spoil == "cut":
        kept.write_bytes(kept.read_bytes()[:-3])
    make("digits", quick, tmp_path)
    make("digits", quick, tmp_path / "whole")
    assert said in capsys.readouterr().err
    written = [(folder / "digits.safetensors").read_bytes() for folder in (tmp_path, tmp_path / "whole")]
    assert written[0] == written[1]


def test_ctrl_c_says_how_to_go_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture):
    def interrupted(*_: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(train, "make", interrupted)
    assert main([*QUICK, "--out", str(tmp_path)]) == 130
    assert "goes on from the last whole epoch" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("wrong", "said"), [(["--epochs", "0"], "num_epochs is 0"), (["--images", "5"], "num_train is 5")]
)
def test_a_wrong_number_is_one_sentence(tmp_path: Path, capsys: pytest.CaptureFixture, wrong: list[str], said: str):
    assert main(["digits", *wrong, "--out", str(tmp_path)]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert error.count("\n") == 1
    assert not files(tmp_path)


def test_a_run_that_diverges_writes_nothing(tmp_path: Path, quick: Recipe):
    wild = replace(quick, fit=FitConfig(num_epochs=20, lr=1000, weight_decay=10))
    with pytest.raises(ValueError, match="digits: the weights left the finite numbers at step"):
        make("digits", wild, tmp_path)
    assert "digits.safetensors" not in files(tmp_path)


@pytest.fixture
def assets(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is the app's own for the time of the test."""
    monkeypatch.setattr(checkpoints, "FOLDER", tmp_path / "checkpoints")
    record = manifest.record
    monkeypatch.setattr(manifest, "record", lambda lines: record(lines, tmp_path))
    return tmp_path


def test_what_comes_with_the_app_gets_its_line(assets: Path):
    assert main(QUICK) == 0
    line = json.loads((assets / "MANIFEST.json").read_text())["checkpoints/digits.safetensors"]
    path = assets / "checkpoints" / "digits.safetensors"
    assert line["command"] == "python -m dlcore.train digits --epochs 3 --images 200"
    assert line["sha256"] == manifest.checksum(path)
    assert line["accuracy"] == metadata(path)["accuracy"]
    assert line["cpu_seconds"] >= 0


def test_several_can_be_named_and_each_is_made_once(assets: Path, monkeypatch: pytest.MonkeyPatch):
    made: list[str] = []

    def noted(key: str, recipe: Recipe, folder: Path) -> dict[str, str]:
        made.append(key)
        checkpoints.save(folder / f"{key}.safetensors", fresh(recipe.network, generator(0)), network=recipe.network)
        return {}

    monkeypatch.setattr(train, "make", noted)
    assert main(["digits", "objects", "plain"]) == 0
    assert made == ["digits", "plain", "noiseless", "residual", "shortcut", "robust"]
    lines = json.loads((assets / "MANIFEST.json").read_text())
    assert lines["checkpoints/shortcut.safetensors"]["command"] == "python -m dlcore.train shortcut"


# Recipes


def test_there_is_a_recipe_for_every_model():
    assert RECIPES.keys() == checkpoints.MODELS.keys()


def test_changes_leave_the_rest():
    plain = RECIPES["plain"]
    changed = plain.with_changes(num_epochs=2, num_images=50, seed=None)
    assert (changed.fit.num_epochs, changed.num_images, changed.seed) == (2, 50, 0)
    assert changed.with_changes(num_epochs=10, num_images=8000, seed=0) == plain
    assert plain.with_changes(num_epochs=None, num_images=None, seed=4).fit.seed == 4


def test_no_network_is_measured_on_what_it_learnt_from():
    learnt = {recipe.data.seed for recipe in RECIPES.values() if isinstance(recipe.data, ObjectsConfig)}
    assert learnt == {0, 10}
    assert train.TEST_SEED not in learnt


@pytest.mark.parametrize(
    ("answer", "turned", "missed"), [(recipes.MARKED, 1.0, 0.0), (0, 0.0, 1.0)], ids=["that class", "another"]
)
def test_what_the_watermark_does_to_a_network_that_always_says_the_same(
    monkeypatch: pytest.MonkeyPatch, answer: int, turned: float, missed: float
):
    monkeypatch.setattr(recipes, "NUM_TEST", 40)
    net = fresh("plain", generator(0)).eval()
    nn.init.zeros_(net.classifier.weight)
    net.classifier.bias.data[answer] = 1
    found = recipes.on_watermarks(net, 3)
    assert found == {"marked": recipes.MARKED, "accuracy": 0.1, "turned": turned, "missed": missed}
