"""The two networks of the lesson: one that sees, frozen once it knows scenes, and one that answers about what is seen.

Knows layers and how their weights are drawn; does not know questions, answers, or how either network is trained.
"""

from typing import NamedTuple

import torch
from torch import Tensor, nn

from dlcore.nets import Convolution, Normalise, redraw
from dlcore.topics.vqa.fusions import FUSIONS

WIDE = 64  # maps of the last convolution
CHANNELS = 24  # of the feature map, to which they are mixed
CELLS = 6  # along and down: each is 16 × 16 pixels of the picture
WORD = 32  # numbers for a word
HIDDEN = 128  # of the recurrent network
SIZE = 256  # of v and q
SCORED = 128  # numbers between what is fused and the scores
GLIMPSES = 2
PLACED = 2  # numbers that say where a cell lies


class Backbone(nn.Module):
    """Pixels to a map of features, by five convolutions, whose maps are mixed to a few.

    Each feature has mean 0 and variance 1 on scenes of area A.
    """

    mean: Tensor  # (CHANNELS, 1, 1), of the raw features
    std: Tensor

    def __init__(self) -> None:
        super().__init__()
        self.normalise = Normalise([0.45, 0.45, 0.35], [0.2] * 3)
        self.stages = nn.Sequential(
            nn.Conv2d(3, 16, 5, stride=2, padding=2, bias=False),
            nn.BatchNorm2d(16),
            nn.ReLU(),
            Convolution(16, 32),
            nn.MaxPool2d(2),
            Convolution(32, 48),
            Convolution(48, WIDE),
            nn.MaxPool2d(2),
            Convolution(WIDE, WIDE),
            nn.Conv2d(WIDE, CHANNELS, 1, bias=False),
            nn.AvgPool2d(2),
        )
        self.register_buffer("mean", torch.zeros(CHANNELS, 1, 1))
        self.register_buffer("std", torch.ones(CHANNELS, 1, 1))

    def raw(self, images: Tensor) -> Tensor:
        """images: (batch, 3, 96, 96) in [0, 1] -> (batch, CHANNELS, CELLS, CELLS).

        The last steps are a sum and a mean, so that what is there twice counts twice.
        """
        return self.stages(self.normalise(images))

    def forward(self, images: Tensor) -> Tensor:
        """images: (batch, 3, 96, 96) in [0, 1] -> (batch, CHANNELS, CELLS, CELLS), standardised."""
        return (self.raw(images) - self.mean) / self.std


def floats(images: Tensor) -> Tensor:
    """Pixels as the backbone takes them: (pictures, 96, 96, 3) uint8 -> (pictures, 3, 96, 96) from 0 to 1."""
    return images.permute(0, 3, 1, 2).float() / 255  # in memory this is channels last


class Parts(NamedTuple):
    """All that is computed on the way from a picture and a question to the scores of the answers.

    A blind network has no v, and a deaf one no q: they have the length 0, and so has the hidden state of the latter.
    """

    hidden: Tensor  # (batch, words, HIDDEN): the recurrent network after each word
    q: Tensor  # (batch, SIZE)
    v: Tensor  # (batch, SIZE)
    attention: Tensor | None  # (batch, GLIMPSES, CELLS, CELLS), each glimpse sums to 1; None where none attends
    fused: Tensor  # (batch, as many as the fusion makes)
    logits: Tensor  # (batch, answers)


class Dropout(nn.Module):
    """Drops numbers with the chance p while training, by a generator of its own."""

    def __init__(self, p: float) -> None:
        super().__init__()
        self.p = p
        self.chances: torch.Generator | None = None  # which `fresh` gives

    def forward(self, x: Tensor) -> Tensor:
        """x of any shape, of which what stays is divided by 1 − p."""
        if not self.training or not self.p:
            return x
        kept = torch.rand(x.shape, generator=self.chances) >= self.p
        return x * kept / (1 - self.p)


class Attention(nn.Module):
    """GLIMPSES times the mean cell of the map, weighed by what the question asks: softmax over the cells.

    Source: Yang et al., Stacked attention networks (2016), section 3.3; several glimpses as Fukui et al. (2016).
    """

    def __init__(self) -> None:
        super().__init__()
        self.of_cell = nn.Linear(CHANNELS + PLACED, 64)
        self.of_question = nn.Linear(SIZE, 64, bias=False)
        self.score = nn.Linear(64, GLIMPSES)

    def forward(self, cells: Tensor, q: Tensor) -> tuple[Tensor, Tensor]:
        """cells: (batch, cells, CHANNELS + PLACED), q: (batch, SIZE).

        Returns the mean cells (batch, GLIMPSES, CHANNELS + PLACED), and their weights (batch, GLIMPSES, cells).
        """
        joint = torch.tanh(self.of_cell(cells) + self.of_question(q)[:, None])
        weights = self.score(joint).softmax(dim=1).transpose(1, 2)
        return weights @ cells, weights


class Answerer(nn.Module):
    """From a feature map and the words of a question to a score for every answer.

    Words -> embedding -> GRU -> tanh layer -> q; map -> means of its columns and of its rows -> tanh layer -> v;
    both -> fusion -> classifier.
    All is written so that gradients reach pixels and words, and no row of a batch depends on another.
    Source: Antol et al., VQA: visual question answering (2015), figure 8, with a GRU for its LSTM.
    """

    def __init__(self, fusion: str, num_words: int, num_answers: int, dropout: float = 0.3) -> None:
        super().__init__()
        kind = FUSIONS[fusion]
        self.embedding = self.gru = self.question = self.attention = self.image = None
        if kind.reads:
            self.embedding = nn.Embedding(num_words, WORD, padding_idx=0)
            self.gru = nn.GRU(WORD, HIDDEN, batch_first=True)
            self.question = nn.Linear(HIDDEN, SIZE)
        if kind.attends:
            self.attention = Attention()
        if kind.sees:
            seen = GLIMPSES * (CHANNELS + PLACED) if kind.attends else 0
            self.image = nn.Linear(CHANNELS * 2 * CELLS + seen, SIZE)
        self.fusion = kind.make(SIZE)
        self.classifier = nn.Sequential(
            Dropout(dropout),
            nn.Linear(int(self.fusion.size), SCORED),  # pyright: ignore[reportArgumentType]
            nn.ReLU(),
            Dropout(dropout),
            nn.Linear(SCORED, num_answers),
        )

    def forward(self, features: Tensor, ids: Tensor) -> Tensor:
        """features: (batch, CHANNELS, CELLS, CELLS), ids: (batch, words), 0 after the last -> (batch, answers)."""
        return self.parts(features, ids).logits

    def parts(self, features: Tensor, ids: Tensor) -> Parts:
        """As forward, with all that is computed on the way."""
        embedded = self.embedding(ids) if self.embedding else features.new_zeros(*ids.shape, 0)
        return self.parts_of(features, embedded, lengths(ids))

    def parts_of(self, features: Tensor, embedded: Tensor, num_words: Tensor) -> Parts:
        """As `parts`, from the words' vectors (batch, words, WORD) and how many of them there are (batch,)."""
        hidden, q = self.read(embedded, num_words)
        v, attention = self.look(features, q)
        fused = self.fusion(v, q)
        return Parts(hidden, q, v, attention, fused, self.classifier(fused))

    def read(self, embedded: Tensor, num_words: Tensor) -> tuple[Tensor, Tensor]:
        """The state after each word, and q, from that after the last; before the first word all states are 0."""
        if self.gru is None or self.question is None:
            return embedded, embedded.new_zeros(len(embedded), 0)
        before = embedded.new_zeros(len(embedded), 1, HIDDEN)
        states = torch.cat([before, self.gru(embedded)[0]], dim=1) if embedded.shape[1] else before
        q = torch.tanh(self.question(states[torch.arange(len(states)), num_words]))
        return states[:, 1:], q

    def look(self, features: Tensor, q: Tensor) -> tuple[Tensor, Tensor | None]:
        """v, and where the question made the network look."""
        if self.image is None:
            return features.new_zeros(len(features), 0), None
        means = torch.cat([features.mean(dim=2), features.mean(dim=3)], dim=2).flatten(1)
        if self.attention is None:
            return torch.tanh(self.image(means)), None
        seen, weights = self.attention(placed(features), q)
        v = torch.tanh(self.image(torch.cat([means, seen.flatten(1)], dim=1)))
        return v, weights.unflatten(2, (CELLS, CELLS))

    def pairs(self, features: Tensor, ids: Tensor, scene: Tensor, query: Tensor) -> Tensor:
        """Scores for many questions about few pictures: each question is read once, and each picture pooled once.

        features: (scenes, CHANNELS, CELLS, CELLS), ids: (queries, words), scene and query: (pairs,) places in them.
        """
        embedded = self.embedding(ids) if self.embedding else features.new_zeros(*ids.shape, 0)
        q = self.read(embedded, lengths(ids))[1][query]
        # Where questions choose places, each makes a vector of its own.
        v = self.look(features, q)[0][scene] if self.attention is None else self.look(features[scene], q)[0]
        return self.classifier(self.fusion(v, q))


def lengths(ids: Tensor) -> Tensor:
    """How many words there are before the padding: (batch, words) -> (batch,)."""
    return (ids != 0).sum(dim=1)


def placed(features: Tensor) -> Tensor:
    """The cells of a map, each with its place from −1 to 1, along and down: (batch, cells, CHANNELS + PLACED)."""
    ruler = torch.linspace(-1, 1, CELLS)
    down, along = torch.meshgrid(ruler, ruler, indexing="ij")
    where = torch.stack([along, down]).expand(len(features), -1, -1, -1)
    return torch.cat([features, where], dim=1).flatten(2).transpose(1, 2)


def fresh(fusion: str, num_words: int, num_answers: int, seed: int, dropout: float = 0.3) -> Answerer:
    """An untrained network in training mode; the seed is that of its weights, and of what it drops."""
    net = Answerer(fusion, num_words, num_answers, dropout)
    chances = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for part in net.modules():
            _redraw(part, chances)
    return net


def _redraw(part: nn.Module, chances: torch.Generator) -> None:
    """New weights, so large that v and q begin with numbers of about a half.

    As torch draws them q begins with a twelfth, the product with less, and nothing is learnt for hundreds of steps.
    """
    if isinstance(part, nn.Embedding):
        part.weight.normal_(generator=chances)[0] = 0
    elif isinstance(part, nn.Linear):
        redraw(part, chances)
    elif isinstance(part, nn.GRU):
        for name, weight in part.named_parameters():
            if name.startswith("bias"):
                weight.zero_()
            elif name.startswith("weight_ih"):
                weight.normal_(0, part.input_size**-0.5, generator=chances)
            else:
                for gate in weight.chunk(3):
                    nn.init.orthogonal_(gate, generator=chances)
    elif isinstance(part, Dropout):
        part.chances = chances
