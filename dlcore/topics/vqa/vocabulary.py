"""Words and their numbers: how a typed question becomes the row of whole numbers that a network reads, and back.

Knows the words of the questions it was built from, and which of them are near an unknown one; does not know what they
mean, nor whether a question makes sense.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cache
from typing import NamedTuple

from dlcore.datasets.aerial_grammar import queries

PAD, UNKNOWN = "<pad>", "<unk>"
MOST_WORDS = 16
MOST_CHARACTERS = 200
MOST_NEAREST = 3
ALIKE = 0.6  # of 1: difflib's ratio, from which on a word is near
#: What people call it, where no letter shows what it is near.
SAME = {
    "pond": "lake",
    "sea": "water",
    "stream": "river",
    "wood": "forest",
    "woods": "forest",
    "street": "road",
    "home": "house",
    "hut": "house",
    "cottage": "house",
    "factory": "building",
    "hall": "building",
    "ship": "boat",
    "vessel": "boat",
    "bush": "tree",
    "less": "fewer",
    "north": "upper",
    "south": "lower",
    "top": "upper",
    "bottom": "lower",
    "under": "below",
    "over": "above",
    "image": "picture",
    "photo": "picture",
    "scene": "picture",
}
_WORD = re.compile(r"[^\W_]+(?:['’-][^\W_]+)*")


def tokens(text: str) -> tuple[str, ...]:
    """The words, in lower case; what stands between them is dropped."""
    return tuple(_WORD.findall(text.lower()))


class Reading(NamedTuple):
    """A typed question, as a network reads it."""

    tokens: tuple[str, ...]
    ids: tuple[int, ...]  # of each token; 1 where it is unknown
    unknown: tuple[int, ...]  # places of the tokens that the network has never seen
    nearest: dict[str, tuple[str, ...]]  # of each unknown token the known ones nearest to it, none if none is near


@dataclass(frozen=True)
class Vocabulary:
    """Known words; the place of each is its number, 0 is padding and 1 any unknown word.

    Raises: ValueError naming the rule that the words break.
    """

    words: tuple[str, ...]
    _ids: dict[str, int] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        if self.words[:2] != (PAD, UNKNOWN):
            raise ValueError(f"words begins with {self.words[:2]!r}: it must begin with {PAD}, {UNKNOWN}.")
        for word in self.words[2:]:
            if tokens(word) != (word,):
                raise ValueError(f"words has {word!r}: it must be one word in lower case.")
        if len(set(self.words)) < len(self.words):
            raise ValueError("words has a word twice: each must have one number.")
        object.__setattr__(self, "_ids", {word: number for number, word in enumerate(self.words)})

    def __len__(self) -> int:
        return len(self.words)

    def encode(self, text: str) -> tuple[int, ...]:
        """The number of each word of the text."""
        return tuple(self._ids.get(word, 1) for word in tokens(text))

    def decode(self, ids: Iterable[int]) -> str:
        """The words of these numbers; padding is left out.

        Raises: ValueError naming a number that is no word's.
        """
        ids = tuple(ids)
        for number in ids:
            if not 0 <= number < len(self.words):
                raise ValueError(f"ids has {number}: it must be from 0 to {len(self.words) - 1}.")
        return " ".join(self.words[number] for number in ids if number)

    def read(self, text: str) -> Reading:
        """The question as a network reads it: any words will do.

        Raises: ValueError: one sentence, for a question without words, and for one that is too long.
        """
        if len(text) > MOST_CHARACTERS:
            raise ValueError(f"The question has {len(text)} characters: it may have at most {MOST_CHARACTERS}.")
        said = tokens(text)
        if not said:
            raise ValueError("The question has no words: ask for example “how many houses are there”.")
        if len(said) > MOST_WORDS:
            raise ValueError(f"The question has {len(said)} words: it may have at most {MOST_WORDS}.")
        ids = self.encode(text)
        unknown = tuple(place for place, number in enumerate(ids) if number == 1)
        return Reading(said, ids, unknown, {said[place]: self.nearest(said[place]) for place in unknown})

    def nearest(self, word: str) -> tuple[str, ...]:
        """Known words that may be meant, three at most: another form of it, what it is called, or its spelling."""
        known = self.words[2:]
        guesses = [form for stem in (word, SAME.get(word), SAME.get(_singular(word))) if stem for form in _forms(stem)]
        near = [guess for guess in guesses if guess in known]
        near += get_close_matches(word, known, MOST_NEAREST, ALIKE)
        return tuple(dict.fromkeys(near))[:MOST_NEAREST]


def _singular(word: str) -> str:
    return word.removesuffix("s")


def _forms(word: str) -> Sequence[str]:
    """The word, one of it and more of it, as these questions form the plural."""
    return word, _singular(word), word.removesuffix("es"), f"{word}s"


def build(texts: Iterable[str]) -> Vocabulary:
    """All words of these texts, in the order of the alphabet."""
    return Vocabulary((PAD, UNKNOWN, *sorted({word for text in texts for word in tokens(text)})))


@cache
def shared() -> Vocabulary:
    """The words of all questions that networks are trained on."""
    return build(query.text for query in queries())


def read(text: str) -> Reading:
    """The question as the shipped networks read it.

    Raises: ValueError: one sentence, for a question without words, and for one that is too long.
    """
    return shared().read(text)
