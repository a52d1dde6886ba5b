"""What lies below the fold of the lesson on visual question answering: why, the maths, code, check, numbers, reading."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from dlcore.topics.tables import numbers_csv
from dlcore.topics.vqa import checks, programs, run_programs
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.attribution import AttributionConfig
from dlcore.topics.vqa.distance import distance
from dlcore.topics.vqa.reading import ReadingConfig
from dlcore.topics.vqa.scenes import SCENES
from dlcore.ui import lesson, vqa_maths_text
from dlcore.ui.live import Run
from dlcore.ui.vqa_rail import DEFAULTS, shown
from dlcore.ui.vqa_settings import Config, asked_by, changed_of
from dlcore.ui.vqa_stages import snapshots_of

#: Arrays of two axes that are tables, not maps.
MATRICES = ("accuracy", "low", "high", "blind")
#: Programs of what only some networks do, by the network.
OF_FUSION = {"mcb": ("sketch",), "attention": ("attention",)}
READING = """
- S. Antol and others: [VQA: Visual question answering](https://arxiv.org/abs/1505.00468), 2015: the task, and the model of this lesson: CNN, recurrent net, point-wise product, classifier.
- S. Lobry, D. Marcos, J. Murray, D. Tuia: [RSVQA: Visual question answering for remote sensing data](https://arxiv.org/abs/2003.07333), 2020: questions made from maps, and a second test set from another city.
- A. Fukui and others: [Multimodal compact bilinear pooling](https://arxiv.org/abs/1606.01847), 2016: MCB.
- H. Ben-younes and others: [MUTAN: Multimodal Tucker fusion](https://arxiv.org/abs/1705.06676), 2017.
- Z. Yang and others: [Stacked attention networks](https://arxiv.org/abs/1511.02274), 2015; V. Kazemi, A. Elqursh: [Show, ask, attend, and answer](https://arxiv.org/abs/1704.03162), 2017: attention with glimpses.
- Y. Goyal and others: [Making the V in VQA matter](https://arxiv.org/abs/1612.00837), 2016: language bias, and balanced pairs of pictures against it.
- A. Agrawal, D. Batra, D. Parikh: [Analyzing the behavior of visual question answering models](https://arxiv.org/abs/1606.07356), 2016: do they read the whole question, and look at the picture?
- J. Johnson and others: [CLEVR](https://arxiv.org/abs/1612.06890), 2016: drawn scenes with a scene graph, and questions made from it.
- The lecture this lesson follows: Tuia and Lobry, visual question answering.
"""
WHY = {
    "read": (
        "Two networks that know nothing of one another make two lists of numbers: one from the picture, one from the question. Multiplied place by place, the question's list "
        "works as a set of switches: it lets through what it asks for. A classifier then chooses from a fixed list of answers. So every answer is a word that was an answer in training, "
        "and the network is never at a loss for one, whatever it is asked."
    ),
    "parts": (
        "An answer has two sources. Shapley's value divides its score fairly between picture and question; integrated gradients divide each share among pixels and among words. "
        "Both are exact in one sense: the parts add up to the whole. They say what the network used, not what it should have used."
    ),
    "change": (
        "To know what an answer rests on, change that thing and nothing else. The scene is drawn from a list of objects, so a boat can be taken away and every other pixel stays as it was; "
        "and the truth is counted in the same list. If the answer does not follow, it did not rest on the boats."
    ),
    "table": (
        "Presence asks for a yes or no, an area for one of five, a count for one of eleven numbers that lie side by side: counting is hardest. In another area roofs, fields and water look different, and there are more and "
        "smaller houses: the network meets features that it has never seen with these answers, and counting, which needs every single object, loses much."
    ),
    "shift": (
        "The slider mixes two areas: colours, sizes, density. The plan stays, and only a few things are added; and among scenes with the same true number fewer counts are right, too. "
        "So what is lost is mostly what the network had learnt of how things look at home."
    ),
    "fusions": (
        "A sum lets the question move every picture's numbers in the same way, and leaves it to the classifier to mix them. A product lets it choose what of the picture counts, which is what a question does. "
        "Richer fusions hold more pairs; whether that helps is a matter of measurement, and three trainings tell only large differences from luck."
    ),
    "train": (
        "The picture's network is frozen, so only the reader of the question, two layers and the classifier learn, and a training takes seconds. Which answers a question can have is learnt first, then yes-or-no questions, then areas; "
        "counting comes last."
    ),
    "data": (
        "If most boats in the world were asked about where there are some, “yes” would be right without looking. So the questions are drawn such that every question has its answers as evenly as the scenes "
        "allow. What remains is the blind ceiling: the score of one who knows the commonest answer to every question and sees no picture."
    ),
}


def parts(config: Config, values: Mapping[str, Any], run: Run | None) -> dict[str, Callable[[], object]]:
    """The tabs below the fold."""
    stage = shown(values)
    return {
        "Why it happens": lambda: _why(stage),
        "The maths": lambda: vqa_maths_text.write(stage, values),
        "The code": lambda: _code(config),
        "Check": lambda: _check(config, values),
        "Take it away": lambda: _take_away(stage, config, run),
        "Reading": lambda: st.markdown(READING),
    }


def _why(stage: str) -> None:
    st.markdown(WHY[stage])
    lesson.explain(scene for scene in SCENES if shown(DEFAULTS | dict(scene.values)) == stage)


def _code(config: Config) -> None:
    st.markdown("The same numbers from PyTorch, with the present settings:")
    match config:
        case ReadingConfig():
            for key in ("answer", *OF_FUSION.get(config.asked.model, ())):
                title, program = programs.PROGRAMS[key]
                st.markdown(f"**{title}**")
                st.code(program(config.asked), language="python")
        case AttributionConfig():
            st.code(programs.attribution(config.asked, config.answer, config.baseline), language="python")
        case _:
            st.code(run_programs.PROGRAMS[type(config)](config), language="python")


def _check(config: Config, values: Mapping[str, Any]) -> None:
    try:
        asked = asked_by(config) or changed_of(values)
    except ValueError:
        asked = changed_of({**DEFAULTS, "upload": None})
    for sentence, good in checks.facts(asked):
        lesson.badge(sentence, good=good)
    _distance(asked)
    st.markdown(
        "The tests hold MCB's FFT form equal to the count sketch of the outer product, MUTAN to the full Tucker contraction, the parts of words and pixels to captum's, "
        "and the scene graph's truth to what can be counted in the drawn picture."
    )


def _distance(asked: Asked) -> None:
    """How far the picture is from those that the network has learnt from."""
    found = distance(asked.sight)
    own, other = found.own_area, found.other_area
    st.markdown(
        f"This picture's features are {found.value:.3g} away from the training area's. Fresh scenes of that area are usually at {own.median:.3g} "
        f"(95 % of them nearer than {own.p95:.3g}), scenes of the other area at {other.median:.3g} (nearer than {other.p95:.3g})."
    )


def _take_away(stage: str, config: Config, run: Run | None) -> None:
    st.markdown("PNG and SVG of the picture: the two buttons at the end of the transport bar.")
    name = f"vqa-{stage}.csv"
    lesson.download("Numbers as CSV", lambda: numbers_csv(snapshots_of(config, run), MATRICES), name)
