"""Knows the short program behind each run of the lesson, with the present values; does not run it.

Each is plain PyTorch, takes of this project only its scenes, questions and networks, and leaves its numbers under the
names that the run's arrays have.
"""

from collections.abc import Callable
from typing import Any

from dlcore.topics.images.programs import literal
from dlcore.topics.vqa.census import CensusConfig
from dlcore.topics.vqa.changes import Change, ChangesConfig, read_changes
from dlcore.topics.vqa.comparing import ComparingConfig
from dlcore.topics.vqa.counted_programs import comparing, shift, table
from dlcore.topics.vqa.learning import LearningConfig
from dlcore.topics.vqa.learning_programs import learning
from dlcore.topics.vqa.shift import ShiftConfig
from dlcore.topics.vqa.sight import GREY, Sight
from dlcore.topics.vqa.table import TableConfig
from dlcore.topics.vqa.vocabulary import tokens

CHANGES = """
import torch

from dlcore.datasets.aerial import SceneConfig, edited, layout, picture, read_edits
from dlcore.datasets.aerial_questions import ANSWERS, answer, parse
from dlcore.topics.vqa.shipped import answerer, backbone  # the lab's trained networks
from dlcore.topics.vqa.vocabulary import shared

net, see = answerer({model}, {seed}), backbone()
{scene}
question, grey = {question}, {grey}
chances, truths = [], []
for change in {changes}:
    if change.startswith("ask "):
        question = change.removeprefix("ask ")
    elif change in ("grey", "colour"):
        grey = change == "grey"
    elif change:
        scene = edited(scene, read_edits(change))
    pixels = torch.full((96, 96, 3), {level}) if grey else torch.tensor(picture(scene))
    ids = torch.tensor([shared().encode(question)])
    with torch.no_grad():
        chances.append(net(see(pixels.permute(2, 0, 1)[None] / 255), ids).softmax(dim=1)[0])
    query = parse(question)
    truths.append(answer(query, scene) if query else None)
    best = int(chances[-1].argmax())
    print(f"{{change or question}}: {{ANSWERS[best]}} ({{chances[-1][best]:.1%}}), truth: {{truths[-1]}}")
chances = torch.stack(chances)  # (changes + 1, answers)
"""

OWN = """
import numpy as np
import torch
from PIL import Image

from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.topics.vqa.shipped import answerer, backbone  # the lab's trained networks
from dlcore.topics.vqa.sight import own
from dlcore.topics.vqa.vocabulary import shared

net, see = answerer({model}, {seed}), backbone()
picture = torch.from_numpy(own(np.asarray(Image.open("picture.png").convert("RGB"))).picture())  # your file
question, grey = {question}, {grey}
chances = []
for change in {changes}:
    if change.startswith("ask "):
        question = change.removeprefix("ask ")
    elif change:
        grey = change == "grey"
    pixels = torch.full_like(picture, {level}) if grey else picture
    ids = torch.tensor([shared().encode(question)])
    with torch.no_grad():
        chances.append(net(see(pixels.permute(2, 0, 1)[None] / 255), ids).softmax(dim=1)[0])
    best = int(chances[-1].argmax())
    print(f"{{change or question}}: {{ANSWERS[best]}} ({{chances[-1][best]:.1%}})")
chances = torch.stack(chances)  # (changes + 1, answers)
"""

CENSUS = """
import numpy as np

from dlcore.datasets.aerial import ScenesConfig, layout
from dlcore.datasets.aerial_questions import ANSWERS, ANSWERS_OF, TYPES, choose, table


def commonest(answers):
    return np.bincount(answers).argmax()


scenes = ScenesConfig(num={num_scenes}, seed={seed}, domain={domain!r})
true = table([layout(scenes.scene(number)) for number in range(scenes.num)])  # every answer to every question
asked = choose(true, seed={seed})  # of which these are asked, balanced
learnt, tested = choose(true[::2], seed={seed}), choose(true[1::2], seed={seed})

count, shares, majority, by_question = len(asked.answer), {{}}, [], []
for number, kind in enumerate(TYPES):
    answers = asked.answer[asked.type == number]
    shares[kind] = [100 * (answers == ANSWERS.index(answer)).double().mean() for answer in ANSWERS_OF[kind]]

    known, new = learnt.type == number, tested.type == number
    guess = commonest(learnt.answer[known])  # one answer for the whole type
    majority.append(100 * (tested.answer[new] == guess).double().mean())
    right = 0
    for query in tested.query[new].unique():  # one answer for each question
        before = learnt.answer[learnt.query == query]
        right += (tested.answer[tested.query == query] == (commonest(before) if len(before) else guess)).sum()
    by_question.append(100 * right / new.sum())
    print(f"{{kind}}: blind {{majority[-1]:.1f}} %, knowing the question {{by_question[-1]:.1f}} %")
"""


def changes(config: ChangesConfig) -> str:
    """The program of a reader's changes: leaves chances (changes + 1, answers), and truths of a drawn scene."""
    asked, sight = config.asked, config.asked.sight
    listed = [literal(text) for text in ("", *map(_written, read_changes(config.changes)))]
    values = {
        "model": literal(asked.model),
        "seed": asked.seed,
        "question": literal(_words(asked.question)),
        "grey": sight.grey,
        "level": GREY,
        "changes": _listed(listed),
        "scene": _scene(sight),
    }
    return (OWN if sight.pixels else CHANGES).format(**values).strip() + "\n"


def census(config: CensusConfig) -> str:
    """The program of the questions: leaves shares by type, majority and by_question, in percent, and count."""
    return CENSUS.format(**vars(config)).strip() + "\n"


def _written(change: Change) -> str:
    return f"ask {_words(change.question)}" if change.question else change.text


def _words(question: str) -> str:
    """As the grammar has it, whatever was typed between the words."""
    return " ".join(tokens(question))


def _scene(sight: Sight) -> str:
    scene = f"scene = layout(SceneConfig(seed={sight.seed}, domain={sight.domain!r}))"
    return scene + (f"\nscene = edited(scene, read_edits({literal(sight.edits)}))" if sight.edits else "")


def _listed(values: list[str]) -> str:
    """A list on one line, or on a line for each value where it would be long."""
    line = f"[{', '.join(values)}]"
    return line if len(line) < 90 else "[\n    " + ",\n    ".join(values) + ",\n]"


PROGRAMS: dict[type, Callable[[Any], str]] = {
    ChangesConfig: changes,
    CensusConfig: census,
    TableConfig: table,
    ShiftConfig: shift,
    ComparingConfig: comparing,
    LearningConfig: learning,
}
