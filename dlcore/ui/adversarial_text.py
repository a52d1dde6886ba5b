"""What lies below the fold of the lesson on adversarial examples: why, the maths, code, check, numbers, reading."""

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st

from dlcore.topics.adversarial import checks, counted_programs, defence_programs, programs, why_programs
from dlcore.topics.adversarial.attacks import ATTACKS
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.scenes import SCENES
from dlcore.topics.tables import numbers_csv
from dlcore.ui import adversarial_maths_text, lesson
from dlcore.ui.adversarial_rail import DEFAULTS, shown
from dlcore.ui.adversarial_settings import Config, epsilon_of, settings_of, victim_of
from dlcore.ui.live import Run

PROGRAMS = programs.PROGRAMS | counted_programs.PROGRAMS | defence_programs.PROGRAMS | why_programs.PROGRAMS
#: Arrays of two axes that are tables, not maps.
MATRICES = ("fooled", "accuracy", "low", "high", *(f"flow.{name}" for name in ATTACKS))
READING = """
- C. Szegedy and others: [Intriguing properties of neural networks](https://arxiv.org/abs/1312.6199), 2013: the first adversarial examples, and that they transfer.
- I. Goodfellow, J. Shlens, C. Szegedy: [Explaining and harnessing adversarial examples](https://arxiv.org/abs/1412.6572), 2014: FGSM, the linear explanation, training on adversarial examples.
- A. Kurakin, I. Goodfellow, S. Bengio: [Adversarial examples in the physical world](https://arxiv.org/abs/1607.02533), 2016: iterated and targeted attacks.
- A. Madry and others: [Towards deep learning models resistant to adversarial attacks](https://arxiv.org/abs/1706.06083), 2017: PGD, and training against it.
- S.-M. Moosavi-Dezfooli, A. Fawzi, P. Frossard: [DeepFool](https://arxiv.org/abs/1511.04599), 2015; and with O. Fawzi: [Universal adversarial perturbations](https://arxiv.org/abs/1610.08401), 2016.
- A. Nguyen, J. Yosinski, J. Clune: [Deep neural networks are easily fooled](https://arxiv.org/abs/1412.1897), 2014: pictures of nothing.
- D. Tsipras and others: [Robustness may be at odds with accuracy](https://arxiv.org/abs/1805.12152), 2018: what defended networks look at.
- A. Athalye, N. Carlini, D. Wagner: [Obfuscated gradients give a false sense of security](https://arxiv.org/abs/1802.00420), 2018: why a weak attack proves nothing.
- A. Ilyas and others: [Adversarial examples are not bugs, they are features](https://arxiv.org/abs/1905.02175), 2019.
- E. Adelson: [Checkershadow illusion](https://persci.mit.edu/gallery/checkershadow), 1995.
- The lectures this lesson follows: Deledalle (adversarial examples), Hannemose (fooling networks).
"""
WHY = {
    "sweep": (
        "Training made the loss small at the pictures; it says nothing of how steep the loss is around them. The gradient by the pixels points where the "
        "loss grows fastest, and a step of ε in **every** pixel along its signs adds up thousands of tiny gains, all of one sign. The same amount of noise "
        "adds up thousands of gains of either sign, which cancel. So it is not the amount of change that fools, but its direction."
    ),
    "path": (
        "FGSM believes that the loss is a plane. PGD takes smaller steps, asks for the gradient again after each, and goes back into the box of ±ε "
        "whenever it has left it. So it finds its way where the surface bends. The slice shows the loss along the attack and along a random direction: "
        "steep one way, flat the other."
    ),
    "boundary": (
        "DeepFool asks how far it is to where another answer begins. It takes the network for linear, goes straight to the nearest border, and asks "
        "again there. What it finds is a small change, in the Euclidean sense, though not the smallest that brings another answer."
    ),
    "curves": (
        "One fooled picture proves little. Over a set that no network has learnt from, accuracy under attack falls to nothing while the same amount of "
        "noise takes few answers, or none. An attack is a lower bound on how weak a network is: a stronger one may find more, so PGD counts and FGSM flatters. "
        "The bands are Wilson's 95 % intervals over the pictures so far."
    ),
    "transfer": (
        "Networks that learn the same task from the same pictures have gradients that partly agree, so a perturbation made on one often fools another, though less "
        "reliably: nobody has to know a network's weights to attack it."
    ),
    "universal": (
        "A perturbation for one picture uses that picture's gradient. One for all pictures needs directions in which most of them are weak. "
        "On digits there are such directions; on the drawn objects, which are placed anywhere, it takes a change that everybody sees: where attacks made for each picture take every answer, one for all takes none."
    ),
    "fooling": (
        "A classifier has to choose one of its classes, and it was never shown anything else. Going uphill on one class's score, nothing holds the "
        "picture near what is real: the network is sure, and there is nothing to be seen. A high probability is not knowledge."
    ),
    "twins": (
        "The defended network has learnt from attacked pictures. It keeps most answers up to the ε that it was trained for, at the cost of training time "
        "and, on digits, of some clean ones; beyond, it falls like the other. Since pixels that mean nothing can be turned against it, it has learnt to do without them: "
        "its gradient lies more on the object."
    ),
    "hardening": (
        "Adversarial training solves a game: the attack makes each batch as hard as ε allows, then the weights learn from that batch. It needs one "
        "gradient by the pixels for each step of the attack, and so costs several times as much as plain training."
    ),
    "linear": (
        "A linear score w·x moves by ε‖w‖₁ if every input moves by ε along the sign of its weight. With more inputs that sum has more terms, all positive: "
        "at a fixed length of w it grows like √n. Random signs give a sum whose terms cancel, and which does not grow. Pictures have many inputs."
    ),
    "directions": (
        "In many dimensions nearly every random direction is nearly at right angles to the one that matters. A step of twice the distance to the border "
        "crosses it if it is aimed, and nearly never if it is not."
    ),
    "plane": (
        "In the plane one sees what cannot be seen in 12,288 dimensions: the border lies close to some points, the attack walks straight to it, and noise "
        "needs luck. In so few dimensions noise has luck often enough; that is what changes with the dimension."
    ),
    "illusion": (
        "Eyes are fooled, too, by other pictures. They judge a surface by its surroundings and allow for shadows, which is right nearly always: the two "
        "squares send the same light, and would not be of the same paint. No network is needed for that, and no gradient."
    ),
}


def parts(config: Config, values: Mapping[str, Any], run: Run | None) -> dict[str, Callable[[], object]]:
    """The tabs below the fold."""
    stage = shown(values)
    return {
        "Why it happens": lambda: _why(stage),
        "The maths": lambda: adversarial_maths_text.write(stage, values),
        "The code": lambda: _code(config),
        "Check": lambda: _check(values),
        "Take it away": lambda: _take_away(stage, run),
        "Reading": lambda: st.markdown(READING),
    }


def _why(stage: str) -> None:
    st.markdown(WHY[stage])
    lesson.explain(scene for scene in SCENES if shown(DEFAULTS | dict(scene.values)) == stage)


def _code(config: Config) -> None:
    st.markdown("The same numbers from PyTorch, with the present settings:")
    st.code(PROGRAMS[type(config)](config), language="python")


def _check(values: Mapping[str, Any]) -> None:
    try:
        victim = victim_of(values)
    except ValueError:
        victim = Victim(settings=settings_of(values))
    for sentence, good in checks.facts(victim, epsilon_of(values)):
        lesson.badge(sentence, good=good)
    st.markdown(
        "The tests hold FGSM and PGD equal to their formulas and to an independent attack library on these very networks; on a linear score "
        "the attack gains exactly ε‖w‖₁, and PGD in one full step without a random start is FGSM."
    )


def _take_away(stage: str, run: Run | None) -> None:
    st.markdown("PNG and SVG of the picture: the two buttons at the end of the transport bar.")
    if run is not None:
        name = f"adversarial-{stage}.csv"
        lesson.download("Numbers as CSV", lambda: numbers_csv(run.snapshots(), MATRICES), name)
