"""The stage on which a perturbation grows: the scrubber is its strength ε, and as much noise stands beside it.

Made before anything is computed: what is known then is the picture, the attack and every ε.
"""

from collections.abc import Sequence

import numpy as np

from dlcore.figures.adversarial_course import Course
from dlcore.figures.adversarial_sheet import ATTACK_STYLES, COLUMNS, NOISE, Case, Look, Sheet, aimed
from dlcore.figures.marks import Mark
from dlcore.figures.stage import Stage, View
from dlcore.figures.tiles import Tiles


def sweep_stage(*, case: Case, look: Look, epsilons: Sequence[float], attack: str, norm: str = "linf") -> Stage:
    """Frame k: the attack, a key of ATTACK_STYLES, with ε = epsilons[k] levels, and noise that changes as much.

    A mark on the scrubber says where the attack succeeds first. Where the attack is noise itself, it stands alone.
    norm: what ε bounds, a key of NORMS.
    """
    style, steps, noisy = ATTACK_STYLES[attack], np.array(epsilons, dtype=float), attack != NOISE
    sheet = Sheet(case=aimed(case, style), look=look, num_frames=len(epsilons), norm=norm)
    course = Course(sheet=sheet, style=style, steps=steps, across="ε, levels of 255", noisy=noisy)
    noise = [sheet.outcome("noise", "noise.")] if noisy else []
    return Stage(
        views=[_pictures(sheet, style.short) if noisy else sheet.closeup(style.short), *_answers(sheet, course)],
        num_frames=len(epsilons),
        steps=steps,
        unit="ε",
        readouts=[sheet.outcome(style.short), *noise, *sheet.lengths()],
        marks=[Mark(at=sheet.live("least"), text="fooled from ε")],
        file_name="adversarial-sweep",
        split=1.6,
    )


def _pictures(sheet: Sheet, attack: str) -> Tiles:
    """The picture, what is added to it, and what comes of it; below them the same for noise."""
    tiles = [
        sheet.original(),
        sheet.delta(f"+ δ, {attack}"),
        sheet.attacked("= attacked"),
        sheet.original("again"),
        sheet.delta("+ δ, noise", "noise."),
        sheet.attacked("= with noise", "noise."),
    ]
    alt = f"The picture of {sheet.case.name}, what {attack} adds to it, and what comes of it; below, as much noise."
    return sheet.tiles(tiles, alt=alt, columns=COLUMNS)


def _answers(sheet: Sheet, course: Course) -> list[View]:
    """What the network answers at the present ε, above; below it the same at every ε, and what it answers to noise."""
    plots = [course.chances(), course.losses()]
    noise = [sheet.bars("With noise", "noise.")] if course.noisy else []
    return [sheet.bars(area="head"), *plots, *noise]
