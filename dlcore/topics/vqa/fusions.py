"""How the vector of a picture and the vector of a question become one: sums, products, and cheap outer products.

Knows two vectors of equal length, both out of a tanh; does not know what made them, nor what is read from the result.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from dlcore.device import generator

SKETCH = 512  # places of the count sketch
RANK = 5  # of the slices of the Tucker core
SLICES = 24  # of the Tucker core: one for each number of the result


class Add(nn.Module):
    """v + q: the picture's part never depends on the question."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, v: Tensor, q: Tensor) -> Tensor:
        """v, q: (batch, size) -> (batch, size)."""
        return v + q


class Concatenate(nn.Module):
    """[v, q]: what belongs together is left to the classifier."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = 2 * size

    def forward(self, v: Tensor, q: Tensor) -> Tensor:
        """v, q: (batch, size) -> (batch, 2 size)."""
        return torch.cat([v, q], dim=1)


class Product(nn.Module):
    """v ∘ q: each number of the question lets one of the picture through, or not, or turns its sign.

    Source: Antol et al., VQA: visual question answering (2015), section 4.
    """

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, v: Tensor, q: Tensor) -> Tensor:
        """v, q: (batch, size) -> (batch, size)."""
        return v * q


class Compact(nn.Module):
    """The count sketch of the outer product v qᵀ, without ever making that product: the sketches are convolved.

    A sketch throws each number, with a sign, into one of SKETCH places. Both are drawn once, and never learnt. The
    square root with its sign and the scale keep a few large numbers from ruling the rest.

    Source: Fukui et al., Multimodal compact bilinear pooling (2016), section 3.1.
    """

    places: Tensor  # (2, size), int64: of v's numbers, and of q's
    signs: Tensor  # (2, size), −1 or 1

    def __init__(self, size: int, num_places: int = SKETCH, seed: int = 0) -> None:
        super().__init__()
        chances = generator(seed)
        self.size = num_places
        self.register_buffer("places", torch.randint(num_places, (2, size), generator=chances))
        self.register_buffer("signs", 2.0 * torch.randint(2, (2, size), generator=chances) - 1)

    def sketches(self, v: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
        """The count sketches of both, each (batch, places)."""
        of_v, of_q = zip(self.places, self.signs, strict=True)
        return sketch(v, *of_v, self.size), sketch(q, *of_q, self.size)

    def forward(self, v: Tensor, q: Tensor) -> Tensor:
        """v, q: (batch, size) -> (batch, places), each row with a mean square of 1."""
        outer = convolved(*self.sketches(v, q))  # the sketch of v qᵀ
        rooted = outer.sign() * ((outer.abs() + 1e-4).sqrt() - 1e-2)  # a root has no finite slope at 0
        return nn.functional.normalize(rooted, dim=1) * self.size**0.5


def sketch(x: Tensor, places: Tensor, signs: Tensor, size: int) -> Tensor:
    """The count sketch: number i of x, times its sign, is added at its place; (batch, n) -> (batch, size).

    places: (n,), 0 to size − 1. signs: (n,), −1 or 1.
    """
    return x.new_zeros(len(x), size).index_add(1, places, x * signs)


def convolved(a: Tensor, b: Tensor) -> Tensor:
    """The circular convolution of rows, by FFT: (batch, size) each, and so is what is returned.

    Of the sketches of v and q it is the sketch of v qᵀ, in which (i, j) has the place h(i) + h(j), beyond the last one
    counted on from 0, and the sign s(i) s(j).
    """
    return torch.fft.irfft(torch.fft.rfft(a) * torch.fft.rfft(b), n=a.shape[1])


class Mutan(nn.Module):
    """v and q contracted with a core (size, size, SLICES) whose slices have the rank RANK: Σᵣ (Mᵣ v) ∘ (Nᵣ q).

    With the layers before and after it this is a Tucker decomposition of the tensor from pictures and questions to
    answers. Source: Ben-younes et al., MUTAN (2017), section 3.2.
    """

    def __init__(self, size: int, num_slices: int = SLICES, rank: int = RANK) -> None:
        super().__init__()
        self.size, self.rank = num_slices, rank
        self.of_picture = nn.Linear(size, rank * num_slices, bias=False)
        self.of_question = nn.Linear(size, rank * num_slices, bias=False)

    def forward(self, v: Tensor, q: Tensor) -> Tensor:
        """v, q: (batch, size) -> (batch, slices)."""
        product = self.of_picture(v) * self.of_question(q)
        return product.unflatten(1, (self.rank, self.size)).sum(dim=1)

    def core(self) -> Tensor:
        """The whole core tensor, which `forward` never makes: (size, size, slices)."""
        picture, question = (
            part.weight.unflatten(0, (self.rank, self.size)) for part in (self.of_picture, self.of_question)
        )
        return torch.einsum("rki,rkj->ijk", picture, question)


class QuestionOnly(nn.Module):
    """q alone: such a model is blind, and has only the habits of the questions."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, v: Tensor, q: Tensor) -> Tensor:
        """v: (batch, 0), q: (batch, size) -> (batch, size)."""
        return q


class PictureOnly(nn.Module):
    """v alone: such a model is deaf, and gives one answer to every question about a picture."""

    def __init__(self, size: int) -> None:
        super().__init__()
        self.size = size

    def forward(self, v: Tensor, q: Tensor) -> Tensor:
        """v: (batch, size), q: (batch, 0) -> (batch, size)."""
        return v


@dataclass(frozen=True, kw_only=True)
class Fusion:
    """One of the menu."""

    title: str
    sign: str  # of the operation, as it is drawn
    make: Callable[[int], nn.Module]  # from the length of v and q; the module's `size` is the length of the result
    attends: bool = False  # v is made from places that the question chooses, too, beside the whole picture
    sees: bool = True
    reads: bool = True


BLIND, DEAF = "blind", "deaf"
FUSIONS: dict[str, Fusion] = {
    "add": Fusion(title="Addition", sign="+", make=Add),
    "concatenate": Fusion(title="Concatenation", sign="[ , ]", make=Concatenate),
    "product": Fusion(title="Point-wise product", sign="∘", make=Product),
    "mcb": Fusion(title="MCB", sign="∗", make=Compact),
    "mutan": Fusion(title="MUTAN", sign="Σ ∘", make=Mutan),
    "attention": Fusion(title="Attention and product", sign="∘", make=Product, attends=True),
    BLIND: Fusion(title="Blind: question only", sign="q", make=QuestionOnly, sees=False),
    DEAF: Fusion(title="Deaf: picture only", sign="v", make=PictureOnly, reads=False),
}
JOINING = tuple(key for key, fusion in FUSIONS.items() if fusion.sees and fusion.reads)
