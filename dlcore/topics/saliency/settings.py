"""Every setting of the methods that explain a prediction; does not know what they compute."""

from dataclasses import dataclass

from dlcore import require

RULES = ("gausslegendre", "riemann_left", "riemann_middle", "riemann_right", "riemann_trapezoid")  # captum's names
BASELINES = ("black", "grey", "blurred", "noise")
REGIONS = ("superpixels", "patches")
LARGEST_SIDE = 1024


@dataclass(frozen=True, kw_only=True)
class MethodSettings:
    """What a reader can set; each method reads what concerns it.

    Raises: ValueError naming the first field out of its range, its value and the rule.
    """

    num_samples: int = 50  # noisy pictures of SmoothGrad, SmoothGrad², VarGrad
    noise: float = 0.10  # their standard deviation σ, in the range of a pixel, 0 to 1
    seed: int = 0  # of that noise, of the masks, of the noise baseline
    num_steps: int = 50  # points on the path of integrated gradients
    rule: str = "gausslegendre"  # how they are spaced and weighted
    baseline: str = "grey"  # the picture without information: where the path begins, what covers a window or region
    window: int = 10  # pixels along a side of what occlusion covers
    stride: int = 4  # pixels from one position of it to the next
    regions: str = "superpixels"  # what LIME and SHAP switch on and off
    num_regions: int = 40  # about so many
    num_masks: int = 400  # pictures with some regions covered that LIME and SHAP ask about

    def __post_init__(self) -> None:
        require.whole("num_samples", self.num_samples, 1, 500)
        require.number("noise", self.noise, 0, 1)
        require.whole("seed", self.seed, 0, 2**31 - 1)
        require.whole("num_steps", self.num_steps, 2, 500)
        require.one_of("rule", self.rule, RULES)
        require.one_of("baseline", self.baseline, BASELINES)
        require.whole("window", self.window, 1, LARGEST_SIDE)
        require.whole("stride", self.stride, 1, self.window)
        require.one_of("regions", self.regions, REGIONS)
        require.whole("num_regions", self.num_regions, 2, 400)
        require.whole("num_masks", self.num_masks, 10, 5000)
