"""The methods on many pictures that no network was trained on: how often, and by how much, is each of them right?

Knows which pictures are asked about and what is measured on each; does not know how the numbers are drawn. Explained is
always what the network answers. Every frame adds pictures, so that the means settle and their intervals shrink.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

import numpy as np
import torch
from torch import Tensor, nn

from dlcore import checkpoints, require
from dlcore.datasets.objects import Objects, ObjectsConfig, watermarked
from dlcore.device import generator
from dlcore.topics.images.arrays import Arrays, to_bytes
from dlcore.topics.images.measures import inside, pointing, precision, random_maps
from dlcore.topics.images.targets import Target
from dlcore.topics.intervals import Interval, of_means, of_shares
from dlcore.topics.saliency.baselines import baseline
from dlcore.topics.saliency.deletion import RANDOM, area, curves, places, shares
from dlcore.topics.saliency.methods import METHODS, answer
from dlcore.topics.saliency.question import Question
from dlcore.topics.saliency.settings import BASELINES, MethodSettings
from dlcore.training import Snapshot
from dlcore.training.recipes import MARKED

#: What is measured, and whether more of it is better.
MEASURES = {
    "pointing": ("Pointing game", True),
    "inside": ("Mass on the object", True),
    "precision": ("Strongest pixels on the object", True),
    "deleted": ("Deletion", False),
    "inserted": ("Insertion", True),
    "marked": ("Mass on the watermark", True),
}
SHOWN = ("gradient", "input", "smoothgrad", "smoothgrad_squared", "integrated", "gradcam", "guided", "occlusion")
SIMPLE = "gradient"  # with which every method is compared, picture by picture
BATCH = 10  # pictures that a frame adds: one of each class
NUM_SHARES = 10  # steps of the curves of deletion and insertion
MOST_IMAGES = 1000
HELD = 1000  # pictures come from the sets of seed 1000, 1001, ...: the networks were trained on others
MODELS = tuple(key for key, model in checkpoints.MODELS.items() if model.data == "objects")
Measured = Mapping[str, np.ndarray]  # by measure: (pictures, methods)


@dataclass(frozen=True, kw_only=True)
class StudyConfig:
    """Fresh pictures of drawn objects, and the methods that explain what a network answers.

    seed: of the set of pictures. shift: how unlike the training pictures they are, 0 to 1. marked: all have the
    watermark, and none is of the class that had it in training. filling: stands where a pixel is deleted.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    model: str = "plain"
    settings: MethodSettings = field(default_factory=MethodSettings)
    methods: tuple[str, ...] = SHOWN
    num_images: int = 120
    seed: int = 0
    shift: float = 0.0
    marked: bool = False
    filling: str = "grey"

    def __post_init__(self) -> None:
        require.one_of("model", self.model, MODELS)
        require.some_of("methods", self.methods, METHODS)
        require.whole("num_images", self.num_images, BATCH, MOST_IMAGES)
        require.whole("seed", self.seed, 0, 99_999)
        require.number("shift", self.shift, 0, 1)
        require.one_of("filling", self.filling, BASELINES)

    @property
    def names(self) -> tuple[str, ...]:
        """Whose maps are measured: the methods', and one that knows nothing."""
        return (*self.methods, RANDOM)

    @property
    def measures(self) -> tuple[str, ...]:
        """What is measured."""
        return tuple(measure for measure in MEASURES if self.marked or measure != "marked")

    @property
    def counts(self) -> tuple[int, ...]:
        """The pictures that are measured by each frame; none in the first."""
        return (*range(0, self.num_images, BATCH), self.num_images)

    @property
    def num_frames(self) -> int:
        """Of the run."""
        return len(self.counts)


def held(config: StudyConfig) -> Objects:
    """The pictures."""
    drawn = ObjectsConfig(num=config.num_images, seed=HELD + config.seed, shift=config.shift)
    if not config.marked:
        return drawn.make()
    # Of each ten pictures one is of the class that had the watermark in training, and is left out.
    more = replace(drawn, num=-(-config.num_images // 9) * 10).make()
    others = Objects(*(part[more.labels != MARKED][: config.num_images] for part in more))
    images, marks = watermarked(others.images, seed=config.seed)
    return others._replace(images=images, marks=marks)


def frames(config: StudyConfig) -> Iterator[Snapshot]:
    """Mean and interval of every measure and method over the pictures so far, and over the differences to SIMPLE."""
    net, pictures = checkpoints.network(config.model), held(config)
    chances = generator(config.seed)
    known = {measure: np.empty((0, len(config.names))) for measure in config.measures}
    yield _frame(config, known, pictures.images[0])
    for first in range(0, config.num_images, BATCH):
        part = Objects(*(values[first : first + BATCH] for values in pictures))
        found = measured(net, part, config, chances)
        known = {measure: np.concatenate([known[measure], found[measure]]) for measure in config.measures}
        yield _frame(config, known, part.images[-1])


def measured(net: nn.Module, part: Objects, config: StudyConfig, chances: torch.Generator) -> Measured:
    """Every measure of every method on each of these pictures, (pictures, methods)."""
    with torch.no_grad():
        labels = net(part.images).argmax(dim=1)
    question = Question(net, part.images, [Target(label) for label in labels.tolist()], config.settings)
    maps = [torch.stack([found.magnitude for found in answer(name, question)]) for name in config.methods]
    maps.append(random_maps(tuple(part.masks.shape), chances))
    fillings = baseline(part.images, replace(config.settings, baseline=config.filling))
    rows = [_of_maps(net, part, labels, fillings, values, chances) for values in maps]
    return {measure: np.stack([row[measure] for row in rows], axis=1) for measure in config.measures}


def _of_maps(
    net: nn.Module, part: Objects, labels: Tensor, fillings: Tensor, maps: Tensor, chances: torch.Generator
) -> Measured:
    """All measures of one method's maps (pictures, height, width), each (pictures,)."""
    at = shares(NUM_SHARES)
    lost, gained = curves(net, part.images, fillings, places(maps, chances), labels, at)
    found = {
        "pointing": pointing(maps, part.masks),
        "inside": inside(maps, part.masks),
        "precision": precision(maps, part.masks),
        "deleted": area(lost, at),
        "inserted": area(gained, at),
        "marked": inside(maps, part.marks),
    }
    return {measure: values.double().numpy() for measure, values in found.items()}


def _frame(config: StudyConfig, known: Measured, picture: Tensor) -> Snapshot:
    found: Arrays = {"picture": to_bytes(picture)}
    for measure, values in known.items():
        found["count"] = np.float32(len(values))
        interval = of_shares(values) if measure == "pointing" else of_means(values)
        found |= _named(measure, config.names, interval)
        found |= _named(f"difference.{measure}", config.names, of_means(to_simple(values, config.names)))
    return Snapshot(found)


def to_simple(values: np.ndarray, names: tuple[str, ...]) -> np.ndarray:
    """How much more each method has than SIMPLE on the same picture, (pictures, methods); NaN if that is not asked."""
    if SIMPLE not in names:
        return np.full_like(values, np.nan)
    return values - values[:, [names.index(SIMPLE)]]


def _named(measure: str, names: tuple[str, ...], interval: Interval) -> Arrays:
    found: Arrays = {}
    for number, name in enumerate(names):
        found[f"{measure}.{name}.mean"] = np.float32(interval.mean[number])
        edges = [interval.low[number], interval.high[number]]
        found[f"{measure}.{name}.interval"] = np.array(edges, np.float32)
    return found
