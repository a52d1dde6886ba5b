"""Knows every setting of filters over a picture, and what they answer; does not draw it."""

from dataclasses import dataclass

import numpy as np
from torch import Tensor

from dlcore import require
from dlcore.topics.convolution import Conv
from dlcore.topics.convolution_config import WindowConfig
from dlcore.topics.convolution_inputs import operands
from dlcore.topics.filtering import BANKS, Bank, bank, respond
from dlcore.topics.kernels import KERNELS, Look

ONE = "one"


@dataclass(frozen=True, kw_only=True)
class FilterConfig:
    """One kernel, with the cells changed by hand, or a bank; and how they step over a picture.

    name: "one", or one of BANKS. kernel, size and edits are the single kernel's; wavelength, orientation, sigma of
    Gabor's, in pixels and degrees.
    """

    name: str = ONE
    kernel: str = "sobel-x"
    size: int = 3
    flip: bool = False
    wavelength: float = 4.0
    orientation: float = 0.0
    sigma: float = 2.0
    edits: str = ""
    seed: int = 0
    stride: int = 1
    dilation: int = 1

    def __post_init__(self) -> None:
        """Raises: ValueError, one sentence, for what cannot be."""
        require.one_of("the bank of filters", self.name, (ONE, *BANKS))
        require.one_of("the kernel", self.kernel, KERNELS)
        require.whole("the kernel's size", self.size, 1, 15)
        require.whole("stride", self.stride, 1, 8)
        require.whole("dilation", self.dilation, 1, 8)
        Look(wavelength=self.wavelength, orientation=self.orientation, sigma=self.sigma)
        self._scene()

    def filters(self) -> Bank:
        """The kernels as they slide: true convolution turns them first."""
        if self.name != ONE:
            made = bank(self.name, size=self.size, wavelength=self.wavelength, sigma=self.sigma)
        else:
            made = Bank((KERNELS[self.kernel].title,), self._single())
        return made._replace(kernels=made.kernels.flip(-1, -2)) if self.flip else made

    def answers(self, picture: np.ndarray) -> np.ndarray:
        """What they answer to a picture, (filters, rows, columns); picture: (height, width, 3) bytes."""
        return respond(picture, self.filters().kernels, stride=self.stride, dilation=self.dilation)

    def _single(self) -> Tensor:
        """The kernel, (1, rows, columns)."""
        weight = operands(self._scene()).weight
        assert weight is not None
        return weight[0]

    def _scene(self) -> WindowConfig:
        """The Window view with this kernel over an input of its size: there its cells are changed by hand.

        Raises: ValueError, one sentence, for changes or a seed that cannot be.
        """
        return WindowConfig(
            layer=Conv(size=(self.size, self.size), kernel=(self.size, self.size)),
            kernel=self.kernel,
            wavelength=self.wavelength,
            orientation=self.orientation,
            sigma=self.sigma,
            edits=self.edits,
            seed=self.seed,
        )
