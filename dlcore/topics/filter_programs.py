"""Knows the short program that lays the page's filters over a picture, with their present numbers; does not run it."""

from dataclasses import replace

from numpy.typing import ArrayLike

from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_programs import line, literal
from dlcore.topics.filter_config import ONE, FilterConfig
from dlcore.topics.filtering import BLOBS, BRIGHTNESS, ORIENTATIONS, WAVELENGTHS, WIDEST
from dlcore.topics.kernels import GAMMA, kernel
from dlcore.uploads import LONGEST

PHOTOGRAPHS = ("china", "flower")
WIDTH = 0.7  # of a wavelength: the width σ of the filters in six wavelengths
GABOR = f'''\
def gabor(size, wavelength, degrees, sigma):
    """A wave under a Gaussian, which is twice as long along the stripes as across them."""
    places = torch.arange(size, dtype=torch.float64) - size // 2
    y, x = torch.meshgrid(places, places, indexing="ij")
    theta = math.radians(degrees)
    along, across = x * math.cos(theta) + y * math.sin(theta), y * math.cos(theta) - x * math.sin(theta)
    envelope = torch.exp(-(along**2 + {GAMMA}**2 * across**2) / (2 * sigma**2))
    return (envelope * torch.cos(2 * math.pi * along / wavelength)).round(decimals=4)
'''
GAUSSIAN = f'''\
def gaussian(sigma):
    """Weights that sum to 1."""
    places = torch.arange({WIDEST}, dtype=torch.float64) - {WIDEST // 2}
    row = torch.exp(-(places**2) / (2 * sigma**2))
    return torch.outer(row, row) / row.sum() ** 2
'''
BALANCED = """\
# A flat picture gets the answer 0, and the positive weights sum to 1.
kernels = torch.stack(kernels)
kernels = kernels - kernels.mean(dim=(1, 2), keepdim=True)
kernels = kernels / kernels.clamp(min=0).sum(dim=(1, 2), keepdim=True)
"""


def filter_program(picture: str, config: FilterConfig) -> str:
    """The program for a photograph of PICTURES; for any other name it reads the picture from a file.

    It prints every filter's smallest and largest answer, and leaves all of them as `answers`, (filters, rows, columns).
    """
    name = config.name
    definitions = {"gabor": [GABOR], "waves": [GABOR], "blobs": [GAUSSIAN]}.get(name, [])
    mathematics = "import math\n\n" if name in ("edges", "gabor", "waves") else ""
    photograph = picture in PHOTOGRAPHS
    imports = ["import numpy as np", "import torch", "from PIL import Image"]
    imports += ["from sklearn.datasets import load_sample_image"] if photograph else []
    head = mathematics + "\n".join([*imports, "from torch import nn"])
    body = "\n".join([_image(picture), _kernels(config), _answers(config)])
    gap = "\n\n\n" if definitions else "\n\n"
    return gap.join(part.strip("\n") for part in (head, *definitions, body)) + "\n"


def _image(picture: str) -> str:
    """The picture's brightness as x."""
    opened = 'Image.open("picture.png").convert("RGB")  # the picture, saved under this name'
    if picture in PHOTOGRAPHS:
        opened = f'Image.fromarray(load_sample_image("{picture}.jpg"))'
    return f"""\
image = {opened}
image.thumbnail(({LONGEST}, {LONGEST}), Image.Resampling.LANCZOS)
colours = torch.tensor(np.array(image), dtype=torch.float64) / 255  # (height, width, 3)
x = colours @ torch.tensor({list(BRIGHTNESS)}, dtype=torch.float64)  # brightness
"""


def _kernels(config: FilterConfig) -> str:
    """The filters as `kernels`, (filters, rows, columns)."""
    if config.name == ONE:
        made = _set("kernels", replace(config, flip=False).filters().kernels)
    else:
        made = BANK_SOURCES[config.name](config) + BALANCED
    return made + ("kernels = kernels.flip(-2, -1)  # true convolution: turned by 180°\n" if config.flip else "")


def _edges(config: FilterConfig) -> str:
    shape = (max(config.size, 2),) * 2
    return f"""\
{_set("across", kernel("sobel-x", shape))}\
{_set("laplacian", kernel("laplacian", shape))}\
angles = [math.radians(degrees) for degrees in (0, 45, 90, 135)]
kernels = [math.cos(angle) * across + math.sin(angle) * across.T for angle in angles] + [laplacian]
"""


def _gabors(config: FilterConfig) -> str:
    cells = len(config.filters().kernels[0])
    angles = [f"{180 * number / ORIENTATIONS:g}" for number in range(ORIENTATIONS)]
    call = f"gabor({cells}, {config.wavelength!r}, degrees, {config.sigma!r})"
    return f"kernels = [{call} for degrees in ({', '.join(angles)})]\n"


def _waves(_: FilterConfig) -> str:
    return f"kernels = [gabor({WIDEST}, length, 0, {WIDTH} * length) for length in {WAVELENGTHS}]\n"


def _blobs(_: FilterConfig) -> str:
    return f"kernels = [gaussian(sigma) - gaussian(1.6 * sigma) for sigma in {BLOBS}]\n"


BANK_SOURCES = {"edges": _edges, "gabor": _gabors, "waves": _waves, "blobs": _blobs}


def _set(name: str, values: ArrayLike) -> str:
    return literal(values, f"{name} = torch.tensor(", ", dtype=torch.float64)\n")


def _answers(config: FilterConfig) -> str:
    """The layer, and what it gives."""
    kernels = config.filters().kernels
    layer = line(
        Conv(
            size=(LONGEST, LONGEST),
            kernel=(kernels.shape[1], kernels.shape[2]),
            stride=(config.stride, config.stride),
            padding="same",
            dilation=(config.dilation, config.dilation),
            out_channels=len(kernels),
        )
    )
    conv = "layer[1]" if layer.startswith("nn.Sequential") else "layer"
    return f"""\
layer = {layer}.double()
{conv}.weight.data = kernels[:, None]
with torch.no_grad():
    answers = layer(x[None])
for answer in answers:
    print(f"from {{answer.min():.4g}} to {{answer.max():.4g}}")
"""
