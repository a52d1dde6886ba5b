"""Makes the checkpoints that come with the app: `python -m dlcore.train objects digits digits_second digits_robust`.

`python -m dlcore.train aerial` makes all that answer questions about aerial scenes. Knows files and the progress bar;
what is trained, and how, is in dlcore.training and in topics.vqa.making. After each epoch all is kept in a file beside
the checkpoint, so that a run that was ended goes on where it was; of `aerial` the finished files are kept.
"""

import argparse
import os
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from tqdm import tqdm

from dlcore import checkpoints, manifest
from dlcore.device import generator
from dlcore.nets import ConvNet, fresh
from dlcore.topics.adversarial.defence import attacked_batches, withstood
from dlcore.topics.vqa import making
from dlcore.training.images import Fitting
from dlcore.training.recipes import RECIPES, Recipe, held_out, pictures

TEST_SEED = 1  # of the pictures that a checkpoint is measured on
NUM_ATTACKED = 500  # of these, where it has learnt to withstand attacks
OPTIONS = {
    "epochs": "how often each picture is seen",
    "images": "how many pictures are learnt from",
    "seed": "of the first weights and of the batches' order",
}
AERIAL = "aerial"  # many files by one plan
ABOUT = f"{AERIAL}: the networks that answer questions about aerial scenes"
GROUPS = {"objects": ("plain", "noiseless", "residual", "shortcut", "robust")}  # names for several


def main(argv: Sequence[str]) -> int:
    """Trains what is named, one after the other. Returns the exit status."""
    given = _parser().parse_args(argv)
    keys = dict.fromkeys(key for name in given.models for key in GROUPS.get(name, (name,)))
    try:
        for key in keys:
            (_ship_aerial if key == AERIAL else _ship)(key, given)
    except (ValueError, OSError) as error:
        print(error, file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("Stopped. The same command goes on from the last whole epoch, or file.", file=sys.stderr)
        return 130
    return 0


def _ship(key: str, given: argparse.Namespace) -> None:
    """Makes a checkpoint, says how good it is, and gives it its line where it is one of the app's."""
    changes = {"num_epochs": given.epochs, "num_images": given.images, "seed": given.seed}
    facts = make(key, RECIPES[key].with_changes(**changes), given.out)
    print(f"{key}: {', '.join(f'{name} {value}' for name, value in facts.items())}")
    if _is_the_apps(given.out):
        manifest.record({checkpoints.FOLDER / f"{key}.safetensors": {"command": _command(key, given), **facts}})


def _ship_aerial(key: str, given: argparse.Namespace) -> None:
    """Makes all networks that answer questions about aerial scenes, and says how good each is.

    Raises: ValueError for a seed, and for a run that diverged.
    """
    if given.seed is not None:
        raise ValueError(f"{key} takes no --seed: its networks have the seeds {', '.join(map(str, making.SEEDS))}.")
    plan = making.Plan().with_changes(num_epochs=given.epochs, num_images=given.images)
    with tqdm(unit="step", disable=None) as bar:
        for event in making.make(plan, given.out):
            if isinstance(event, making.Progress):
                bar.set_description(event.task, refresh=False)
                bar.total = event.total
                bar.update(event.done - bar.n)
                continue
            told = {name: value for name, value in event.facts.items() if name not in making.LONG}
            bar.write(f"{event.path.stem}: {', '.join(f'{name} {value}' for name, value in told.items())}")
            if _is_the_apps(given.out):
                manifest.record({checkpoints.FOLDER / event.path.name: {"command": _command(key, given), **told}})


def _is_the_apps(folder: Path) -> bool:
    return folder.resolve() == checkpoints.FOLDER.resolve()


def _command(key: str, given: argparse.Namespace) -> str:
    options = [f"--{name} {getattr(given, name)}" for name in OPTIONS if getattr(given, name) is not None]
    return " ".join(["python -m dlcore.train", key, *options])


def make(key: str, recipe: Recipe, folder: Path) -> dict[str, Any]:
    """Trains by a recipe and writes <key>.safetensors into the folder; returns what was measured of it.

    Raises: ValueError for a run that diverged.
    """
    kept, began = folder / f"{key}.part", time.process_time()
    perturb = attacked_batches(recipe.against, recipe.fit.seed) if recipe.against else None
    run = Fitting(_first_weights(recipe), pictures(recipe.data), recipe.fit, perturb)
    before = _resume(run, kept, recipe)
    with tqdm(total=run.num_steps, initial=run.step, desc=key, unit="step", disable=None) as bar:
        for frame in run.frames():
            if frame.diverged:
                step, quantity = frame.diverged
                raise ValueError(f"{key}: the {quantity} left the finite numbers at step {step}: lower the rate.")
            bar.update(frame.step - bar.n)
            bar.set_postfix(loss=f"{frame.loss:.3f}", refresh=False)
            if frame.step and frame.step % run.batches.per_epoch == 0:
                seconds = before + time.process_time() - began
                checkpoints.write(kept, run.state(), {"recipe": repr(recipe), "seconds": seconds})
    seconds = before + time.process_time() - began
    told, path = _told(recipe), folder / f"{key}.safetensors"
    measured = _measure(run, recipe, path, told)
    kept.unlink(missing_ok=True)
    return {**told, **measured, "cpu_seconds": round(seconds)}


def _first_weights(recipe: Recipe) -> ConvNet:
    """A network with drawn weights, or with those of the app's checkpoint that the recipe starts from."""
    if not recipe.start:
        return fresh(recipe.network, generator(recipe.seed))
    net = checkpoints.load(checkpoints.FOLDER / checkpoints.MODELS[recipe.start].file)
    net.requires_grad_(True)
    return net


def _told(recipe: Recipe) -> dict[str, Any]:
    """What is kept of the recipe beside the weights."""
    told: dict[str, Any] = {
        "num_images": recipe.num_images,
        "num_epochs": recipe.fit.num_epochs,
        "noise": recipe.fit.noise,
        "seed": recipe.seed,
    }
    if recipe.start:
        told["start"] = recipe.start
    if recipe.against:
        told["against"] = asdict(recipe.against)
    return told


def _measure(run: Fitting, recipe: Recipe, path: Path, told: dict[str, Any]) -> dict[str, Any]:
    """Writes the checkpoint, and then again with what is measured of the weights as they are in the file."""
    checkpoints.save(path, run.net, network=recipe.network, **told)
    net = checkpoints.load(path)
    measured = recipe.measure(net, TEST_SEED)
    if recipe.against:
        measured["withstood"] = _withstood(net, recipe)
    checkpoints.save(path, run.net, network=recipe.network, **told, **measured)
    return measured


def _withstood(net: ConvNet, recipe: Recipe) -> dict[str, dict[str, float]]:
    """Accuracy under attacks at half the ε that it learnt against, at that ε and at twice it: attack -> ε -> share."""
    assert recipe.against
    epsilons = [scale * recipe.against.epsilon for scale in (0.5, 1, 2)]
    data = held_out(recipe.data, TEST_SEED, NUM_ATTACKED)
    found: dict[str, dict[str, float]] = {}
    for name in ("fgsm", "pgd"):
        shares = withstood(name, net, data, epsilons).double().mean(dim=1)
        found[name] = {f"{epsilon:g}": share for epsilon, share in zip(epsilons, shares.tolist(), strict=True)}
    return found


def _resume(run: Fitting, kept: Path, recipe: Recipe) -> float:
    """Goes on from the file of a run with the same recipe, if there is one; returns the seconds it had taken."""
    if not kept.exists():
        return 0.0
    try:
        facts, state = checkpoints.read(kept)
    except ValueError as fault:
        print(f"{fault} The training begins anew.", file=sys.stderr)
        return 0.0
    if facts.get("recipe") != repr(recipe):
        print(f"{kept.name} is of a run with other settings. The training begins anew.", file=sys.stderr)
        return 0.0
    run.restore(state)
    return float(facts["seconds"])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m dlcore.train", description="Train the networks of the app.")
    names = "; ".join([", ".join(RECIPES), *(f"{name}: {', '.join(keys)}" for name, keys in GROUPS.items()), ABOUT])
    parser.add_argument("models", nargs="+", choices=[*RECIPES, *GROUPS, AERIAL], metavar="MODEL", help=names)
    for name, told in OPTIONS.items():
        parser.add_argument(f"--{name}", type=int, help=told)
    parser.add_argument("--out", type=Path, default=checkpoints.FOLDER, help="the folder of the checkpoint")
    return parser


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    sys.exit(main(sys.argv[1:]))
