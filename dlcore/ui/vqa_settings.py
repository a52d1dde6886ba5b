"""What the controls of the lesson on visual question answering mean: what is asked about what, and each view's run."""

from collections.abc import Mapping
from typing import Any

from dlcore.datasets.aerial import SINGLE
from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.attribution import AttributionConfig
from dlcore.topics.vqa.census import CensusConfig
from dlcore.topics.vqa.changes import ChangesConfig, after
from dlcore.topics.vqa.comparing import ComparingConfig
from dlcore.topics.vqa.distance import distance
from dlcore.topics.vqa.learning import LearningConfig
from dlcore.topics.vqa.reading import ReadingConfig
from dlcore.topics.vqa.shift import ShiftConfig
from dlcore.topics.vqa.sight import Sight, own
from dlcore.topics.vqa.table import TableConfig
from dlcore.ui.vqa_rail import ASKING, shown

Config = (
    ReadingConfig
    | AttributionConfig
    | ChangesConfig
    | TableConfig
    | ShiftConfig
    | ComparingConfig
    | LearningConfig
    | CensusConfig
)
NUM_SETS = 100_000
MOST_UNKNOWN = 3  # words that are named


def sight_of(values: Mapping[str, Any]) -> Sight:
    """The picture as it is before any change; without an upload the drawn scene stands in."""
    if values["picture"] == "own" and values["upload"] is not None:
        return own(values["upload"])
    return Sight(seed=values["seed"] % SINGLE, domain=values["domain"])


def asked_of(values: Mapping[str, Any]) -> Asked:
    """The picture, the question and the network. Raises: ValueError for a question that is none."""
    return Asked(
        sight=sight_of(values),
        question=values["asked"],
        model=values["fusion"],
        seed=int(values["training"]),
    )


def changed_of(values: Mapping[str, Any]) -> Asked:
    """The same after all that the reader has changed. Raises: ValueError naming what cannot be."""
    return after(asked_of(values), values["changes"])


def config_of(values: Mapping[str, Any]) -> Config:
    """The run of the view that is looked at. Raises: ValueError, one sentence, for what cannot be."""
    return RUNS[shown(values)](values)


def unknown_words(values: Mapping[str, Any]) -> dict[str, tuple[str, ...]]:
    """The words of the question that the network has never read, and known words that are like each."""
    try:
        reading = asked_of(values).reading
    except ValueError:
        return {}
    words = [reading.tokens[place] for place in reading.unknown][:MOST_UNKNOWN]
    return {word: reading.nearest.get(word, ()) for word in words}


def has_no_truth(values: Mapping[str, Any]) -> bool:
    """Whether the question is none of those whose answer can be counted in a scene."""
    try:
        asked = asked_of(values)
    except ValueError:
        return False
    return not asked.sight.pixels and asked.truth is None


def how_far(values: Mapping[str, Any]) -> list[str]:
    """A warning where a picture of the reader's own is unlike all that the network has learnt from."""
    sight = sight_of(values)
    if shown(values) not in ASKING or not sight.pixels:
        return []
    found = distance(sight)
    if not found.far:
        return ["Nobody knows what is true of your picture. Its features lie where the training area's do."]
    return [
        f"Your picture is far from all that this network has learnt from: its features are {found.value:.3g} away, and "
        f"95 % of the training area's scenes lie within {found.own_area.p95:.3g}. It answers all the same, as it must."
    ]


def _reading(values: Mapping[str, Any]) -> ReadingConfig:
    return ReadingConfig(asked=changed_of(values))


def _attribution(values: Mapping[str, Any]) -> AttributionConfig:
    answer = values["explain"] if values["explain"] in ANSWERS else ""
    return AttributionConfig(asked=changed_of(values), answer=answer)


def _changes(values: Mapping[str, Any]) -> ChangesConfig:
    return ChangesConfig(asked=asked_of(values), changes=values["changes"])


def _table(values: Mapping[str, Any]) -> TableConfig:
    return TableConfig(
        fusion=values["fusion"],
        num_scenes=values["num_scenes"],
        domain=values["other"],
        seed=values["seed"] % NUM_SETS,
    )


def _shift(values: Mapping[str, Any]) -> ShiftConfig:
    return ShiftConfig(fusion=values["fusion"], num_scenes=values["num_scenes"], seed=values["seed"] % NUM_SETS)


def _comparing(values: Mapping[str, Any]) -> ComparingConfig:
    return ComparingConfig(num_scenes=values["num_scenes"], domain=values["domain"], seed=values["seed"] % NUM_SETS)


def _learning(values: Mapping[str, Any]) -> LearningConfig:
    return LearningConfig(
        fusion=values["fusion"],
        data=values["data"],
        num_scenes=values["train_scenes"],
        num_steps=int(values["num_steps"]),
        lr=values["lr"],
        dropout=values["dropout"],
        seed=values["seed"] % NUM_SETS,
    )


def _census(values: Mapping[str, Any]) -> CensusConfig:
    return CensusConfig(num_scenes=values["num_scenes"], domain=values["domain"], seed=values["seed"] % NUM_SETS)


RUNS = {
    "read": _reading,
    "parts": _attribution,
    "change": _changes,
    "table": _table,
    "shift": _shift,
    "fusions": _comparing,
    "train": _learning,
    "data": _census,
}


def asked_by(config: Config) -> Asked | None:
    """What a run asks; None where it is about many questions."""
    match config:
        case ReadingConfig() | AttributionConfig() | ChangesConfig():
            return config.asked
        case _:
            return None
