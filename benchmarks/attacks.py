"""The lesson on adversarial examples: one FGSM step, PGD with ten, and a curve of accuracy over 200 pictures.

fgsm_ms, pgd10_ms: from a picture of 64 × 64 to the attacked one, default settings, the best of 30. curve_s: the whole
run behind the curve of FGSM at 8 values of ε, with the drawing of its pictures.
"""

import json
import time

import torch

from benchmarks.backprop import best
from dlcore.topics.adversarial.attacks import perturb
from dlcore.topics.adversarial.config import Victim
from dlcore.topics.adversarial.curves import EPSILONS, CurvesConfig, frames

EPSILON = 4


def milliseconds(name: str) -> float:
    """Of an attack on the opening scene's picture."""
    victim = Victim()
    net, image, label = victim.network(), victim.image()[None], torch.tensor([victim.label])
    return 1000 * best(lambda: perturb(name, net, image, label, EPSILON, victim.settings))


def curve() -> float:
    """Seconds of FGSM on 200 pictures."""
    config = CurvesConfig(attacks=("fgsm",), epsilons=EPSILONS["objects"], num_images=200)
    begin = time.perf_counter()
    for _ in frames(config):
        pass
    return time.perf_counter() - begin


def main(_: list[str]) -> None:
    """Measure it all."""
    torch.set_num_threads(1)
    figures = {"fgsm_ms": milliseconds("fgsm"), "pgd10_ms": milliseconds("pgd"), "curve_s": curve()}
    print(json.dumps({name: round(value, 1) for name, value in figures.items()}))
