"""Which stage each run of the lesson on visual question answering is shown on, and which generator computes it."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from dlcore.datasets.aerial import FINE, Thing
from dlcore.datasets.aerial_questions import ANSWERS, ANSWERS_OF, title
from dlcore.figures.log import Entry
from dlcore.figures.stage import Stage
from dlcore.figures.tiles import Handle
from dlcore.figures.vqa_attribution import Shares, attribution_stage
from dlcore.figures.vqa_census import census_stage
from dlcore.figures.vqa_changes import changes_stage
from dlcore.figures.vqa_comparing import comparing_stage
from dlcore.figures.vqa_learning import learning_stage
from dlcore.figures.vqa_reading import reading_stage
from dlcore.figures.vqa_sheet import Case
from dlcore.figures.vqa_shift import shift_stage
from dlcore.figures.vqa_table import table_stage
from dlcore.topics.vqa import (
    attribution,
    census,
    changes,
    comparing,
    learning,
    modalities,
    reading,
    shift,
    shipped,
    table,
)
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.shipped import SEEDS
from dlcore.training import Snapshot
from dlcore.ui.live import Run
from dlcore.ui.vqa_rail import titles
from dlcore.ui.vqa_settings import Config

FRAMES: dict[type, Callable[[Any], Iterator[Snapshot]]] = {
    reading.ReadingConfig: reading.frames,
    attribution.AttributionConfig: attribution.frames,
    changes.ChangesConfig: changes.frames,
    table.TableConfig: table.frames,
    shift.ShiftConfig: shift.frames,
    comparing.ComparingConfig: comparing.frames,
    learning.LearningConfig: learning.frames,
    census.CensusConfig: census.frames,
}
#: Runs of a few milliseconds, which the script computes itself.
AT_ONCE = (reading.ReadingConfig, attribution.AttributionConfig, changes.ChangesConfig)
TITLES = {"count": "Count", "presence": "Presence", "comparison": "Comparison", "area": "Area", "relation": "Relation"}
ANSWER_TITLES = tuple(title(answer) for answer in ANSWERS)
Pictures = Callable[[np.ndarray], np.ndarray]
LEAST_RING, MOST_RING = 18.0, 50.0  # cells of the fine picture


def stage_of(config: Config, look: str, adding: str) -> Stage:
    """The stage, made before anything is computed that takes long.

    look: whether pictures are seen "fine" or as the network sees them. adding: what a click on the ground adds.
    """
    pictures: Pictures = as_seen if look == "seen" else np.asarray
    match config:
        case reading.ReadingConfig():
            return reading_stage(case_of(config.asked, pictures), reading.trace(config))
        case attribution.AttributionConfig():
            return _attribution(config, pictures)
        case changes.ChangesConfig():
            return _changes(config, pictures, adding)
        case _:
            return STAGES[type(config)](config)


def snapshots_of(config: Config, run: Run | None) -> Sequence[Snapshot]:
    """What was computed so far."""
    if run is not None:
        return run.snapshots()
    return list(FRAMES[type(config)](config)) if isinstance(config, AT_ONCE) else []


def as_seen(pictures: np.ndarray) -> np.ndarray:
    """Fine pictures (..., h, w, 3) as the network gets them, each of its pixels as large as FINE × FINE."""
    *frames, h, w, channels = pictures.shape
    blocks = pictures.reshape(*frames, h // FINE, FINE, w // FINE, FINE, channels)
    small = blocks.mean(axis=(-4, -2)).round().astype(np.uint8)
    return small.repeat(FINE, axis=-3).repeat(FINE, axis=-2)


def case_of(asked: Asked, pictures: Pictures = np.asarray) -> Case:
    """The picture, the question, and what is known of both."""
    said = asked.reading
    return Case(
        picture=pictures(asked.sight.fine()),
        question=asked.question,
        words=said.tokens,
        unknown=said.unknown,
        nearest=said.nearest,
        answers=ANSWER_TITLES,
        truth=None if asked.truth is None else ANSWERS.index(asked.truth),
        model=asked.model,
    )


def _attribution(config: attribution.AttributionConfig, pictures: Pictures) -> Stage:
    asked, name = config.asked, ANSWER_TITLES[config.place]
    parts = modalities.modalities(modalities.ModalitiesConfig(asked=asked, answer=config.answer))
    chances = {"chances": asked.chances()[None], "blind.chances": asked.blind.chances()[None]}
    return attribution_stage(
        case_of(asked, pictures),
        attribution.trace(config) | chances,
        answer=config.place,
        shares=Shares(
            quantity=f"chance of {name}",
            **parts._asdict(),
            from_picture=parts.from_picture,
            from_question=parts.from_question,
        ),
    )


def _changes(config: changes.ChangesConfig, pictures: Pictures, adding: str) -> Stage:
    found = changes.trace(config)
    arrays = {**found, "picture": pictures(found["picture"])}
    drawn = not config.asked.sight.pixels
    return changes_stage(
        case_of(config.asked, pictures),
        arrays,
        [
            Entry(text=line.text, truth=line.truth, answer=line.answer, chance=line.chance, flipped=line.flipped)
            for line in changes.log(config)
        ],
        handles=handles_of(config) if drawn else (),
        placing=f"Add a {adding}" if drawn else "",
        questions=[asked.question for asked in changes.states(config.asked, config.changes)],
    )


def handles_of(config: changes.ChangesConfig) -> tuple[Handle, ...]:
    """A ring for each thing that was there in some frame, where it is in each; NaN while it is not."""
    made = changes.states(config.asked, config.changes)
    seen: dict[str, list[tuple[int, Thing]]] = {}
    for frame, asked in enumerate(made):
        graph = asked.sight.graph()
        for thing in graph.things if graph else ():
            seen.setdefault(thing.name, []).append((frame, thing))
    return tuple(_handle(name, visits, len(made)) for name, visits in seen.items())


def _handle(name: str, visits: Sequence[tuple[int, Thing]], num_frames: int) -> Handle:
    places = np.full((num_frames, 2), np.nan, np.float32)
    for frame, thing in visits:
        places[frame] = FINE * thing.x, FINE * thing.y
    _, thing = visits[-1]
    moves = thing.kind not in ("river", "road")
    return Handle(
        key=name, title=name, places=places, size=min(max(FINE * thing.size, LEAST_RING), MOST_RING), moves=moves
    )


def _table(config: table.TableConfig) -> Stage:
    return table_stage(types=TITLES, counts=config.counts, fusion=FUSIONS[config.fusion].title, domain=config.domain)


def _shift(config: shift.ShiftConfig) -> Stage:
    return shift_stage(types=TITLES, domains=config.domains, counts=config.counts, fusion=FUSIONS[config.fusion].title)


def _comparing(config: comparing.ComparingConfig) -> Stage:
    # In the order of what was measured when they were trained, so that no row moves while this run counts anew.
    order = sorted(FUSIONS, key=lambda key: -shipped.facts(key)["accuracy"]["OA"])
    return comparing_stage(fusions=titles(), seeds=SEEDS, counts=config.counts, domain=config.domain, order=order)


def _learning(config: learning.LearningConfig) -> Stage:
    return learning_stage(
        types={key: TITLES.get(key, key.capitalize()) for key in config.types},
        steps=config.steps,
        fusion=FUSIONS[config.fusion].title,
        data=learning.DATA[config.data],
        other=config.data == "drawn",
    )


def _census(config: census.CensusConfig) -> Stage:
    answers = {key: tuple(title(answer) for answer in ANSWERS_OF[key]) for key in TITLES}
    return census_stage(types=TITLES, answers=answers, counts=config.counts, domain=config.domain)


STAGES: dict[type, Callable[[Any], Stage]] = {
    table.TableConfig: _table,
    shift.ShiftConfig: _shift,
    comparing.ComparingConfig: _comparing,
    learning.LearningConfig: _learning,
    census.CensusConfig: _census,
}
