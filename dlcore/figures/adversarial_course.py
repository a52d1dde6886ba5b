"""How chances and loss go while a perturbation grows, or is searched for; knows neither an attack nor a network."""

from dataclasses import dataclass

import numpy as np

from dlcore.figures.adversarial_sheet import ATTACK_STYLES, NOISE, AttackStyle, Sheet
from dlcore.figures.bands import Curve, Scale, bands
from dlcore.figures.stage import Plot

CHANCE = Scale(quantity="chance", low=0, high=1)
LOSS = Scale(quantity="cross-entropy, nats", low=1e-6, high=100, log=True, decades=2)


@dataclass(frozen=True, kw_only=True, eq=False)
class Course:
    """One run of an attack, by `steps` (frames,), which are `across`; noisy: as much noise is beside it."""

    sheet: Sheet
    style: AttackStyle
    steps: np.ndarray
    across: str
    noisy: bool = False

    def chances(self) -> Plot:
        """The label's chance and its rival's, by which one sees where the network is fooled: they cross."""
        label, rival = self.sheet.case.name, self.sheet.case.rival
        caption = f"solid: {label} · dashed: {rival}" + (f"<br>dotted: {label}, with noise" if self.noisy else "")
        return bands(
            [self._curve("chance", label), self._curve("rival", rival, "dash"), *self._noise("chance", label)],
            self.steps,
            CHANCE,
            key="chance",
            title="Chances",
            caption=caption,
            alt=f"The chances of {label} and of {rival}, by {self.across}.",
            across=self.across,
        )

    def losses(self) -> Plot:
        """What the attack makes as large as it can, or as small where it has a goal."""
        asked = self.sheet.case.asked
        way = "raised" if self.sheet.case.goal is None else "lowered"
        caption = f"solid: of {asked}, {way} by the attack" + ("<br>dotted: with noise" if self.noisy else "")
        return bands(
            [self._curve("loss", asked), *self._noise("loss", asked)],
            self.steps,
            LOSS,
            key="loss",
            title="Loss",
            caption=caption,
            alt=f"The cross-entropy of {asked}, by {self.across}, on a logarithmic axis.",
            across=self.across,
        )

    def _curve(self, name: str, label: str, dash: str = "solid") -> Curve:
        said = f"{label}, {self.style.short}"
        return Curve(label=said, colour=self.style.meaning, mean=self.sheet.live(name), dash=dash)

    def _noise(self, name: str, label: str) -> list[Curve]:
        if not self.noisy:
            return []
        look = ATTACK_STYLES[NOISE]
        mean = self.sheet.live(f"noise.{name}")
        return [Curve(label=f"{label}, noise", colour=look.meaning, mean=mean, dash=look.dash)]
