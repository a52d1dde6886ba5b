"""A sanity check of methods: the network's weights are drawn anew, layer by layer, and a good map does not stay.

Knows which layers are destroyed and how alike the maps remain; does not know how they are drawn. What a method shows
although nothing learnt is left cannot be what the network has learnt. Maps of different pictures are somewhat alike,
too, for what the picture's edge does to a gradient is the same in all: that is the floor, below which nothing stays.
Source: Adebayo et al., Sanity checks for saliency maps (2018), section 4.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import torch
from torch import Tensor, nn

from dlcore import checkpoints, require
from dlcore.datasets.objects import ObjectsConfig
from dlcore.device import generator
from dlcore.nets import ConvNet, redraw
from dlcore.topics.images.arrays import Arrays
from dlcore.topics.images.measures import rank_correlation
from dlcore.topics.images.targets import Target
from dlcore.topics.intervals import of_means
from dlcore.topics.saliency.case import Case
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.methods import METHODS, Attribution, answer
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.training import Snapshot
from dlcore.training.recipes import DIGITS, digits

SHOWN = ("gradient", "smoothgrad", "integrated", "gradcam", "guided")
NUM_OTHERS = 3  # pictures whose maps by the trained network are the floor
HELD = 999  # the set of drawings that they come from, which no network was trained on


@dataclass(frozen=True, kw_only=True)
class CascadeConfig:
    """One picture, explained by networks of which less and less is trained.

    independent: in each frame one layer alone is drawn anew, and not all from the head down to it. seed: of the first
    of `num_draws` draws, which is the one that is shown; the others say how much of it is chance.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    subject: Subject = field(default_factory=Subject)
    settings: MethodSettings = field(default_factory=MethodSettings)
    methods: tuple[str, ...] = SHOWN
    independent: bool = False
    seed: int = 0
    num_draws: int = 5

    def __post_init__(self) -> None:
        require.some_of("methods", self.methods, METHODS)
        require.whole("seed", self.seed, 0, 2**31 - 1)
        require.whole("num_draws", self.num_draws, 1, 20)

    def layers(self) -> tuple[str, ...]:
        """What was drawn anew last in each frame; nothing in the first.

        Raises: ValueError where the network has no list of its layers.
        """
        return ("nothing", *(words for words, _ in _known(self.subject.network()).layers()))

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.layers())


def _known(net: nn.Module) -> ConvNet:
    if not isinstance(net, ConvNet):
        raise ValueError("The layers of this network are not known: choose one of those trained for the lessons.")
    return net


def destroyed(net: ConvNet, independent: bool, chances: torch.Generator) -> Iterator[ConvNet]:
    """Copies of a network with one more layer drawn anew each, from the head to the first convolution.

    Convolutions and linear layers get He's N(0, 2/fan_in), as before training; batch norm begins anew, too: scale 1,
    shift 0, mean 0, variance 1. independent: the layers above are as trained.
    """
    random = copy.deepcopy(net)
    for number, (_, layer) in enumerate(random.layers()):
        begin_anew(layer, chances)
        found = copy.deepcopy(net)
        for k, ((_, new), (_, drawn)) in enumerate(zip(found.layers(), random.layers(), strict=True)):
            if k == number or (k < number and not independent):
                new.load_state_dict(drawn.state_dict())
        yield found


def begin_anew(layer: nn.Module, chances: torch.Generator) -> None:
    """Forgets all that a layer has learnt."""
    redraw(layer, chances)
    for part in layer.modules():
        if isinstance(part, nn.BatchNorm2d):
            part.reset_parameters()  # draws nothing


def frames(config: CascadeConfig) -> Iterator[Snapshot]:
    """The maps of the trained network, and then of those that are destroyed further and further."""
    case = Case(config.subject)
    net, trained = _known(case.net), explained(case.net, case.image, case.target, config)
    low = floor(net, trained, config)
    draws = [generator((config.seed + k) % 2**31) for k in range(config.num_draws)]
    yield _frame(case, net, trained, np.ones((config.num_draws, len(trained))), low)
    for nets in zip(*(destroyed(net, config.independent, chances) for chances in draws), strict=True):
        maps = [explained(each, case.image, case.target, config) for each in nets]
        alike = np.array([[alike_as(found[name], trained[name]) for name in config.methods] for found in maps])
        yield _frame(case, nets[0], maps[0], alike, low)


def explained(net: nn.Module, image: Tensor, target: Target, config: CascadeConfig) -> dict[str, Attribution]:
    """What each method says of an image, if this is the network."""
    question = Question(net, image[None], [target], config.settings)
    return {name: answer(name, question)[0] for name in config.methods}


def floor(net: nn.Module, trained: dict[str, Attribution], config: CascadeConfig) -> Arrays:
    """How alike each method's map is to its maps of other pictures: the mean of Spearman's ρ."""
    images = others(config.subject.model)
    with torch.no_grad():
        answers = net(images).argmax(dim=1).tolist()
    maps = [explained(net, image, Target(label), config) for image, label in zip(images, answers, strict=True)]
    alike = [[alike_as(found[name], trained[name]) for name in config.methods] for found in maps]
    means = of_means(np.array(alike)).mean
    return {f"floor.{name}": np.float32(mean) for name, mean in zip(config.methods, means, strict=True)}


def others(model: str) -> Tensor:
    """Pictures that this model of the menu can look at, (NUM_OTHERS, channels, height, width)."""
    if checkpoints.MODELS[model].data == "digits":
        return digits(DIGITS, "test").images[:NUM_OTHERS]
    return ObjectsConfig(num=NUM_OTHERS, seed=HELD).make().images


def alike_as(found: Attribution, trained: Attribution) -> float:
    """Spearman's ρ of the two magnitudes; NaN where one is the same everywhere."""
    return float(rank_correlation(found.magnitude, trained.magnitude))


def _frame(case: Case, net: nn.Module, maps: dict[str, Attribution], alike: np.ndarray, low: Arrays) -> Snapshot:
    """alike: (draws, methods), of which mean, lowest and highest are sent; NaN is left out."""
    chances = _chances(net, case.image)
    found: Arrays = {"chances": chances, "chance": chances[case.target.label], **low}
    edges = {"mean": of_means(alike).mean, "low": np.fmin.reduce(alike), "high": np.fmax.reduce(alike)}
    for number, (name, attribution) in enumerate(maps.items()):
        found[f"signed.{name}"] = attribution.signed.numpy().copy()
        found[f"magnitude.{name}"] = attribution.magnitude.numpy().copy()
        found |= {f"rank.{name}.{edge}": np.float32(values[number]) for edge, values in edges.items()}
    return Snapshot(found)


def _chances(net: nn.Module, image: Tensor) -> np.ndarray:
    with torch.no_grad():
        return net(image[None])[0].softmax(dim=0).numpy()
