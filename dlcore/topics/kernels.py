"""The kernels of the textbooks, for windows of any size, as they lie on the image: the sum is not turned around first.

Knows their numbers; does not know images, nor how a window slides. Rows count downwards, columns to the right.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from dlcore import require

MOST = 64  # cells along an axis
GAMMA = 0.5  # of Gabor filters: the envelope is twice as long along the stripes as across them
LAPLACE = ((0, 1, 0), (1, -4, 1), (0, 1, 0))  # ∂²/∂x² + ∂²/∂y², each as x₋₁ − 2x₀ + x₁
SHARPEN = ((0, -1, 0), (-1, 5, -1), (0, -1, 0))  # the image minus its Laplacian
EMBOSS = ((-2, -1, 0), (-1, 1, 1), (0, 1, 2))  # the image, lit from the lower right


@dataclass(frozen=True, kw_only=True)
class Look:
    """What Gabor's kernel and the random one are made of; lengths in cells, the angle in degrees.

    orientation: of the direction in which the stripes follow one another; 0 is rightwards, 90 downwards.
    """

    wavelength: float = 4.0
    orientation: float = 0.0
    sigma: float = 2.0
    generator: torch.Generator | None = None

    def __post_init__(self) -> None:
        require.number("wavelength", self.wavelength, 0.1, 1000)
        require.number("orientation", self.orientation, -360, 360)
        require.number("sigma", self.sigma, 0.1, 1000)


@dataclass(frozen=True, kw_only=True)
class KernelPreset:
    """A kernel's title, and the function that makes it for a number of rows and columns."""

    title: str
    make: Callable[[tuple[int, int], Look], Tensor]


def kernel(
    name: str,
    shape: tuple[int, ...],
    *,
    wavelength: float = 4.0,
    orientation: float = 0.0,
    sigma: float = 2.0,
    generator: torch.Generator | None = None,
) -> Tensor:
    """A kernel of one or two axes, float64. A single cell has no neighbour to be compared with: every kernel is 1 then.

    Along one axis a kernel is that of one row, and both of Sobel's are the derivative. The random kernel is drawn from
    `generator`, without one from a generator with seed 0.

    Raises: ValueError for an unknown name, a shape without or with too many cells, a look that cannot be.
    """
    require.one_of("the kernel", name, KERNELS)
    look = Look(wavelength=wavelength, orientation=orientation, sigma=sigma, generator=generator)
    if len(shape) not in (1, 2):
        raise ValueError(f"shape is {shape}: a kernel has one axis or two, so give one number or two.")
    for cells in shape:
        require.whole("the kernel's size", cells, 1, MOST)
    if math.prod(shape) == 1 and name != "random":
        return torch.ones(shape, dtype=torch.float64)
    if len(shape) == 1:
        row = "sobel-x" if name == "sobel-y" else name
        return KERNELS[row].make((1, shape[0]), look)[0]
    return KERNELS[name].make((shape[0], shape[1]), look)


def identity(shape: tuple[int, int], _: Look) -> Tensor:
    """A 1 in the middle, in the later one of two middle cells: with half padding the image itself."""
    weights = torch.zeros(shape, dtype=torch.float64)
    weights[shape[0] // 2, shape[1] // 2] = 1
    return weights


def box(shape: tuple[int, int], _: Look) -> Tensor:
    """The mean of all cells."""
    return torch.full(shape, 1 / math.prod(shape), dtype=torch.float64)


def gaussian(shape: tuple[int, int], _: Look) -> Tensor:
    """Binomials, which come near a Gaussian of variance (k − 1)/4; their sum is 1."""
    weights = torch.outer(*map(binomials, shape))
    return weights / weights.sum()


def sobel_x(shape: tuple[int, int], _: Look) -> Tensor:
    """The derivative from left to right, smoothed along the columns: positive where it gets brighter to the right."""
    return torch.outer(binomials(shape[0]), differences(shape[1]))


def sobel_y(shape: tuple[int, int], _: Look) -> Tensor:
    """The derivative from top to bottom: positive where it gets brighter below."""
    return torch.outer(differences(shape[0]), binomials(shape[1]))


def laplacian(shape: tuple[int, int], _: Look) -> Tensor:
    """The sum of the second derivatives, in kernels larger than 3×3 of the image smoothed by binomials."""
    rows, columns = (_smoothed(cells) if cells > 3 else _middle(cells) for cells in shape)
    return rows @ torch.tensor(LAPLACE, dtype=torch.float64) @ columns.T


def sharpen(shape: tuple[int, int], _: Look) -> Tensor:
    """The image minus its Laplacian, in the middle of zeros where there is room; the sum is 1."""
    return _middle(shape[0]) @ torch.tensor(SHARPEN, dtype=torch.float64) @ _middle(shape[1]).T


def emboss(shape: tuple[int, int], _: Look) -> Tensor:
    """The image plus its slope along the diagonal, in the middle of zeros where there is room; the sum is 1."""
    return _middle(shape[0]) @ torch.tensor(EMBOSS, dtype=torch.float64) @ _middle(shape[1]).T


def gabor(shape: tuple[int, int], look: Look) -> Tensor:
    """A wave under a Gaussian: exp(−(x'² + γ²y'²)/2σ²) · cos(2πx'/λ), its middle at the kernel's; four decimals."""
    theta = math.radians(look.orientation)
    y, x = torch.meshgrid(*map(_from_middle, shape), indexing="ij")
    along = x * math.cos(theta) + y * math.sin(theta)
    across = -x * math.sin(theta) + y * math.cos(theta)
    envelope = torch.exp(-(along**2 + GAMMA**2 * across**2) / (2 * look.sigma**2))
    return _rounded(envelope * torch.cos(2 * math.pi * along / look.wavelength), 4)


def drawn(shape: tuple[int, int], look: Look) -> Tensor:
    """Numbers from a standard normal distribution, rounded to tenths."""
    generator = look.generator or torch.Generator().manual_seed(0)
    return _rounded(torch.randn(shape, dtype=torch.float64, generator=generator), 1)


def binomials(cells: int) -> Tensor:
    """1; 1 1; 1 2 1; 1 3 3 1; ..."""
    return torch.tensor([math.comb(cells - 1, i) for i in range(cells)], dtype=torch.float64)


def differences(cells: int) -> Tensor:
    """The derivative smoothed by binomials: −1 1; −1 0 1; −1 −1 1 1; −1 −2 0 2 1; ... Of one cell there is none: 1."""
    if cells == 1:
        return binomials(1)
    smooth = torch.nn.functional.pad(binomials(cells - 1), (1, 1))
    return smooth[:-1] - smooth[1:]


def _rounded(weights: Tensor, decimals: int) -> Tensor:
    """Numbers as short as they are shown, and none that is −0."""
    return weights.round(decimals=decimals) + 0.0


def _from_middle(cells: int) -> Tensor:
    return torch.arange(cells, dtype=torch.float64) - (cells - 1) / 2


def _middle(cells: int) -> Tensor:
    """Where each of three cells comes to lie, (cells, 3): around the middle; what would lie outside, on the edge."""
    places = torch.arange(cells // 2 - 1, cells // 2 + 2).clamp(0, cells - 1)
    return torch.nn.functional.one_hot(places, cells).T.double()


def _smoothed(cells: int) -> Tensor:
    """Each of three cells spread by binomials, (cells, 3)."""
    spread = torch.zeros(cells, 3, dtype=torch.float64)
    for column in range(3):
        spread[column : column + cells - 2, column] = binomials(cells - 2)
    return spread


KERNELS: dict[str, KernelPreset] = {
    "identity": KernelPreset(title="Identity", make=identity),
    "blur": KernelPreset(title="Blur (box)", make=box),
    "gaussian": KernelPreset(title="Blur (Gaussian)", make=gaussian),
    "sharpen": KernelPreset(title="Sharpen", make=sharpen),
    "sobel-x": KernelPreset(title="Sobel, vertical edges", make=sobel_x),
    "sobel-y": KernelPreset(title="Sobel, horizontal edges", make=sobel_y),
    "laplacian": KernelPreset(title="Laplacian", make=laplacian),
    "emboss": KernelPreset(title="Emboss", make=emboss),
    "gabor": KernelPreset(title="Gabor", make=gabor),
    "random": KernelPreset(title="Random", make=drawn),
}
