"""What the controls of the lesson on saliency mean: the picture, the question, and the run of each view."""

from collections.abc import Mapping
from typing import Any

import numpy as np

from dlcore.figures.saliency_sheet import Display, Explained
from dlcore.topics.saliency.cascade import CascadeConfig
from dlcore.topics.saliency.completeness import ErrorsConfig, PathConfig
from dlcore.topics.saliency.config import Subject
from dlcore.topics.saliency.deletion import DeletionConfig
from dlcore.topics.saliency.explain import MapsConfig, methods_for
from dlcore.topics.saliency.forming import NoiseConfig, SamplesConfig
from dlcore.topics.saliency.retraining import RetrainingConfig
from dlcore.topics.saliency.settings import MethodSettings
from dlcore.topics.saliency.study import MODELS as STUDIED
from dlcore.topics.saliency.study import StudyConfig
from dlcore.ui.image_settings import picture_of

Config = (
    MapsConfig
    | SamplesConfig
    | NoiseConfig
    | PathConfig
    | ErrorsConfig
    | DeletionConfig
    | StudyConfig
    | CascadeConfig
    | RetrainingConfig
)
NUM_SETS = 100_000
SIDE = 64  # pixels, of the pictures that a window is set for
METHOD_FIELDS = (
    *("noise", "num_samples", "num_steps", "rule", "baseline"),
    *("window", "stride", "regions", "num_regions", "num_masks"),
)


def subject_of(values: Mapping[str, Any]) -> Subject:
    """The picture, the network and the class asked about. Raises: ValueError for what cannot be."""
    subject = Subject(picture=picture_of(values), model=values["model"])
    label, against = (_class(subject, values[name]) for name in ("label", "against"))
    return Subject(picture=subject.picture, model=subject.model, label=label, against=against)


def _class(subject: Subject, name: str) -> int | None:
    """The number of a class of this name; None for "", and for a name that the network does not know."""
    return subject.classes.index(name) if name in subject.classes else None


def unknown_classes(values: Mapping[str, Any]) -> list[str]:
    """One sentence for each class asked about that the network does not know."""
    known = Subject(model=values["model"]).classes
    names = [values[name] for name in ("label", "against")]
    return [
        f"“{name[:30]}” is no class of this network: it is not asked about."
        for name in names
        if name not in ("", *known)
    ]


def settings_of(values: Mapping[str, Any], subject: Subject) -> MethodSettings:
    """The methods' settings; a window of a larger picture is as large as it looks on one of 64 pixels a side."""
    fields = {name: values[name] for name in METHOD_FIELDS}
    side = subject.shape[1]
    if side > SIDE:
        fields |= {name: round(fields[name] * side / SIDE) for name in ("window", "stride")}
    return MethodSettings(**fields | {"window": min(fields["window"], side)}, seed=values["noise_seed"])


def config_of(values: Mapping[str, Any]) -> Config:
    """The run of the view that is looked at. Raises: ValueError, one sentence, for what cannot be."""
    subject = subject_of(values)
    common: dict[str, Any] = {"subject": subject, "settings": settings_of(values, subject)}
    able = methods_for(subject)
    compared = tuple(name for name in values["methods"] if name in able)
    seed = values["seed"]
    match values["view"], values["forming"], values["truth"]:
        case "maps", _, _:
            return MapsConfig(methods=able, **common)
        case "forming", "samples", _:
            return SamplesConfig(**common)
        case "forming", "noise", _:
            return NoiseConfig(**common)
        case "forming", "path", _:
            return PathConfig(**common)
        case "forming", _, _:
            return ErrorsConfig(**common)
        case "truth", _, "deletion":
            return DeletionConfig(methods=compared, filling=values["filling"], way=values["way"], **common)
        case "truth", _, _:
            return study_of(values, compared, common["settings"])
        case "sanity", _, _:
            return CascadeConfig(methods=compared, independent=values["independent"], seed=seed, **common)
        case _:
            chosen = {name: values[name] for name in ("num_train", "num_epochs", "lr")}
            return RetrainingConfig(seed=seed, **chosen, **common)


def study_of(values: Mapping[str, Any], methods: tuple[str, ...], settings: MethodSettings) -> StudyConfig:
    """Many pictures of the same kind; which one is on screen does not matter to it.

    Raises: ValueError where there are no such pictures.
    """
    if values["model"] not in STUDIED:
        raise ValueError("Only drawn objects can be drawn in any number: choose a network for them.")
    return StudyConfig(
        model=values["model"],
        settings=settings,
        methods=methods,
        num_images=values["num_images"],
        seed=values["seed"] % NUM_SETS,
        shift=values["shift"],
        marked=values["mark"],
    )


def explained_by(config: Config) -> Subject:
    """What a run explains; one on many pictures is spoken of with the opening one."""
    return Subject(model=config.model) if isinstance(config, StudyConfig) else config.subject


def display_of(values: Mapping[str, Any]) -> Display:
    """How maps look."""
    return Display(
        signed=values["signs"] == "signed",
        clip=values["clip"],
        overlay=values["overlay"],
        outline=values["outline"],
        mark=values["peak"],
    )


def explained_of(subject: Subject) -> Explained:
    """The picture, what is known of it, and what the network answers."""
    logits, target = subject.logits(), subject.target()
    return Explained(
        picture=subject.bytes(),
        classes=subject.classes,
        label=target.label,
        against=target.against,
        truth=subject.truth,
        mask=subject.mask(),
        chances=np.asarray(logits.softmax(0)),
        logits=np.asarray(logits),
    )
