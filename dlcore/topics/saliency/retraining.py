"""A network of the menu learns anew, and explains the picture at many moments of its training.

Knows which moments and which methods; the loop is the one that the shipped networks were trained with.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import lru_cache

import numpy as np
import torch
from torch import Tensor, nn

from dlcore import require
from dlcore.datasets.objects import ObjectsConfig
from dlcore.device import generator
from dlcore.nets import fresh
from dlcore.topics.images.measures import inside
from dlcore.topics.images.targets import Target
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.methods import answer
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.training import Snapshot, sentence
from dlcore.training.image_batches import Labelled, Pictures
from dlcore.training.images import FitFrame, fit
from dlcore.training.recipes import DIGITS, RECIPES, Data, Recipe, digits, pictures

METHODS = ("gradient", "smoothgrad", "gradcam", "guided")
BATCH = 64
MOMENTS = 40  # about so many are shown
NUM_TEST = 200
HELD = 1  # the seed of the set of drawings for tests


@dataclass(frozen=True, kw_only=True)
class RetrainingConfig:
    """How the subject's network is trained anew; which pictures it learns from is the network's own affair.

    Raises: ValueError naming the first field out of its range, its value and the rule; for a network that is too large
    to be trained while one waits, and for one that learnt from attacked pictures.
    """

    subject: Subject = field(default_factory=Subject)
    settings: MethodSettings = field(default_factory=MethodSettings)
    num_train: int = 1600
    num_epochs: int = 12
    lr: float = 3e-3
    seed: int = 0

    def __post_init__(self) -> None:
        if self.subject.model not in RECIPES:
            raise ValueError("This network is too large to be trained here: choose one for drawn objects or digits.")
        if RECIPES[self.subject.model].against:
            raise ValueError(
                "This network learnt to withstand attacks, as the lesson on adversarial examples shows: here, choose "
                "one that did not."
            )
        require.whole("num_train", self.num_train, BATCH, 8000)
        require.whole("num_epochs", self.num_epochs, 1, 20)
        require.number("lr", self.lr, 1e-5, 10)
        require.whole("seed", self.seed, 0, 2**31 - 1)

    @property
    def recipe(self) -> Recipe:
        """The way the shipped network was trained, with fewer pictures and epochs."""
        known = RECIPES[self.subject.model]
        fewer = min(self.num_train, known.num_images)
        recipe = known.with_changes(num_epochs=self.num_epochs, num_images=fewer, seed=self.seed)
        return replace(recipe, fit=replace(recipe.fit, lr=self.lr, batch_size=BATCH))

    @property
    def steps(self) -> tuple[int, ...]:
        """The moments that are shown: 0, before any update, and more of them early, when most happens."""
        last = self.num_epochs * (self.recipe.num_images // BATCH)
        return tuple(sorted({round(last * (k / MOMENTS) ** 1.5) for k in range(MOMENTS + 1)}))

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.steps)


def frames(config: RetrainingConfig) -> Iterator[Snapshot]:
    """Trains, and yields at `config.steps`: how well it does, what it answers to the picture, and why."""
    net, wanted = fresh(config.recipe.network, generator(config.seed)), set(config.steps)
    train, test = learnt_from(config), tested_on(config)
    for frame in fit(net, train, config.recipe.fit):
        if frame.step in wanted or frame.diverged:
            yield _moment(config, net, frame, test)


@lru_cache(maxsize=4)
def _pictures(data: Data) -> Pictures:
    return pictures(data)


def learnt_from(config: RetrainingConfig) -> Pictures:
    """The first of the pictures that the shipped network learnt from."""
    return _pictures(config.recipe.data)


def tested_on(config: RetrainingConfig) -> Pictures:
    """Pictures that no network has learnt from."""
    if isinstance(config.recipe.data, ObjectsConfig):
        return _pictures(replace(config.recipe.data, num=NUM_TEST, seed=HELD))
    images, labels = digits(DIGITS, "test")
    return Labelled(images[:NUM_TEST], labels[:NUM_TEST])


def _moment(config: RetrainingConfig, net: nn.Module, frame: FitFrame, test: Pictures) -> Snapshot:
    asked = copy.deepcopy(net).requires_grad_(False)
    logits = _answers(asked, config.subject.image()[None])[0]
    chosen = config.subject.target()
    target = Target(chosen.label, chosen.against)
    numbers = {
        "step": np.int32(frame.step),
        "loss": np.float32(frame.loss),
        "accuracy.train": np.float32(100 * frame.accuracy),
        "accuracy.test": np.float32(100 * (_answers(asked, test.images).argmax(1) == test.labels).float().mean()),
        "chances": logits.softmax(0).numpy(),
        "logits": logits.numpy(),
    }
    said = sentence(frame.diverged, "The network") if frame.diverged else ""
    return Snapshot({**numbers, **_maps(config, asked, target)}, said=said)


def _maps(config: RetrainingConfig, net: nn.Module, target: Target) -> dict[str, np.ndarray | np.generic]:
    """What the network of this moment says of the picture, by each of METHODS."""
    question = Question(net, config.subject.image()[None], [target], config.settings)
    known = config.subject.mask()
    found: dict[str, np.ndarray | np.generic] = {}
    for name in METHODS:
        (attribution,) = answer(name, question)
        share = np.nan if known is None else inside(attribution.magnitude, torch.from_numpy(known))
        found |= {
            f"signed.{name}": attribution.signed.numpy(),
            f"magnitude.{name}": attribution.magnitude.numpy(),
            f"inside.{name}": np.float32(share),
        }
    return found


def _answers(net: nn.Module, images: Tensor) -> Tensor:
    with torch.no_grad():
        return net(images)
