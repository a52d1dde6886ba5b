"""How an attack works, whatever it attacks; every radius is in levels of a pixel, of which 255 make black white."""

from dataclasses import dataclass

from dlcore import require

LEVEL = 1 / 255  # of a pixel from 0 to 1: ε = 4 means that no pixel changes by more than 4/255
NORMS = {"linf": "every pixel by at most ε (L∞)", "l2": "all pixels together by at most ε (L₂)"}
MOST_EPSILON = {"linf": 255.0, "l2": 100_000.0}  # L₂ of all pixels of a large picture, from black to white
MOST_STEPS = 100


@dataclass(frozen=True, kw_only=True)
class AttackSettings:
    """What an attack may choose beside ε.

    norm: what ε bounds, a key of NORMS. num_steps, step_share: of PGD, whose step size is α = step_share · ε.
    random_start: whether PGD begins somewhere in the ball, or at the picture. seed: of that, and of random noise.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    norm: str = "linf"
    num_steps: int = 10
    step_share: float = 0.25
    random_start: bool = True
    seed: int = 0

    def __post_init__(self) -> None:
        require.one_of("norm", self.norm, NORMS)
        require.whole("num_steps", self.num_steps, 1, MOST_STEPS)
        require.number("step_share", self.step_share, 0.001, 2)
        require.whole("seed", self.seed, 0, 2**31 - 1)
