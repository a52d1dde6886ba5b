"""The questions that can be asked of an aerial scene: five types, a few forms of each, and the words they are put in.

Knows how a question is written and read, and which answers it may have; does not know any scene, nor what is true.
"""

from dataclasses import dataclass, replace
from functools import cache
from itertools import product
from typing import NamedTuple

from dlcore import require
from dlcore.datasets.aerial import KINDS, THINGS

TYPES = ("count", "presence", "comparison", "area", "relation")
YES_NO = ("yes", "no")
MOST_COUNTED = 10  # and what is more
COUNTS = tuple(map(str, range(MOST_COUNTED + 1)))
AREAS = ("0 %", "under 5 %", "5–10 %", "10–20 %", "over 20 %")
SIDES = ("left", "right", "top", "bottom")
#: All that can be answered; a network's scores are in this order.
ANSWERS: tuple[str, ...] = (*YES_NO, *COUNTS, *AREAS, *SIDES)
#: By type: a wrong answer that is one of these is still a logical one.
ANSWERS_OF: dict[str, tuple[str, ...]] = {
    "count": COUNTS,
    "presence": YES_NO,
    "comparison": YES_NO,
    "area": AREAS,
    "relation": (*YES_NO, *SIDES),
}

HALVES = ("left", "right", "upper", "lower")
DIRECTIONS = ("left of", "right of", "above", "below")
REGIONS = ("lake", "forest")  # places that have one centre
STANDING = ("house", "building", "tree")  # things on land
SURFACES = ("water", "forest", "road", "lake", "river")


class Form(NamedTuple):
    """A way to ask: the words around what is asked, and all that can stand in them."""

    type: str
    pattern: str  # {first}, {second}: kinds, {firsts}, {seconds}: more than one of them, {place}
    share: float  # of the type's questions
    firsts: tuple[str, ...]
    seconds: tuple[str, ...] = ("",)
    places: tuple[str, ...] = ("",)


FORMS: dict[str, Form] = {
    "how many": Form("count", "how many {firsts} are there", 0.4, THINGS),
    "number": Form("count", "what is the number of {firsts}", 0.4, THINGS),
    "how many in": Form("count", "how many {firsts} are in the {place} half", 0.2, THINGS, places=HALVES),
    "is there": Form("presence", "is there a {first}", 0.28, KINDS),
    "is there no": Form("presence", "is there no {first}", 0.22, KINDS),
    "any": Form("presence", "are there any {firsts}", 0.13, THINGS),
    "no": Form("presence", "are there no {firsts}", 0.13, THINGS),
    "is there in": Form("presence", "is there a {first} in the {place} half", 0.13, THINGS, places=HALVES),
    "is there no in": Form("presence", "is there no {first} in the {place} half", 0.11, THINGS, places=HALVES),
    "more": Form("comparison", "are there more {firsts} than {seconds}", 0.34, THINGS, THINGS),
    "fewer": Form("comparison", "are there fewer {firsts} than {seconds}", 0.34, THINGS, THINGS),
    "as many": Form("comparison", "are there as many {firsts} as {seconds}", 0.12, THINGS, THINGS),
    "larger": Form(
        "comparison",
        "is there more {first} than {second}",
        0.2,
        ("water", "forest", "road"),
        ("water", "forest", "road"),
    ),
    "how much": Form("area", "how much of the picture is {first}", 0.5, SURFACES),
    "share": Form("area", "what share of the picture is {first}", 0.5, SURFACES),
    "side": Form("relation", "on which side is the {first}", 0.2, (*REGIONS, "building")),
    "one": Form("relation", "is the {first} {place} the {second}", 0.2, REGIONS, REGIONS, DIRECTIONS),
    "some": Form("relation", "is there a {first} {place} the {second}", 0.6, STANDING, (*REGIONS, "river"), DIRECTIONS),
}
#: The forms that ask whether something is there, and those that ask whether it is not.
NEGATIONS = {"is there": "is there no", "any": "no", "is there in": "is there no in"}


@dataclass(frozen=True, kw_only=True)
class Query:
    """What is asked: the form, and what stands in it; "" where the form has no such place.

    Raises: ValueError naming the first field that the form does not allow, its value and the rule.
    """

    form: str
    first: str
    second: str = ""
    place: str = ""

    def __post_init__(self) -> None:
        require.one_of("form", self.form, FORMS)
        form = FORMS[self.form]
        require.one_of("first", self.first, form.firsts)
        require.one_of("second", self.second, form.seconds)
        require.one_of("place", self.place, form.places)
        if self.first == self.second:
            raise ValueError(f"second is {self.second!r}: it must be another kind than first.")

    @property
    def type(self) -> str:
        """One of TYPES."""
        return FORMS[self.form].type

    @property
    def text(self) -> str:
        """The question in lower case, without a question mark."""
        named = {"first": self.first, "second": self.second, "place": self.place}
        return FORMS[self.form].pattern.format(**named, firsts=f"{self.first}s", seconds=f"{self.second}s")

    @property
    def answers(self) -> tuple[str, ...]:
        """Those it can have: its type's, and of a relation only the sides, or only yes and no."""
        if self.type != "relation":
            return ANSWERS_OF[self.type]
        return SIDES if self.form == "side" else YES_NO

    @property
    def negated(self) -> bool:
        """Whether it asks if something is not there."""
        return self.form in NEGATIONS.values()

    @property
    def opposite(self) -> "Query | None":
        """The question whose answer is no where this one's is yes, if it can be asked."""
        pairs = NEGATIONS | {no: yes for yes, no in NEGATIONS.items()}
        return replace(self, form=pairs[self.form]) if self.form in pairs else None


@cache
def queries() -> tuple[Query, ...]:
    """All that can be asked, types in the order of TYPES; a set's questions are places in it."""
    return tuple(
        Query(form=name, first=first, second=second, place=place)
        for name, form in FORMS.items()
        for first, second, place in product(form.firsts, form.seconds, form.places)
        if first != second
    )


@cache
def _by_text() -> dict[str, Query]:
    return {query.text: query for query in queries()}


def parse(text: str) -> Query | None:
    """What these words ask, or None where no form has them; case, blanks and a last question mark do not matter."""
    return _by_text().get(" ".join(text.lower().strip().removesuffix("?").split()))


def asked_kinds(query: Query) -> tuple[str, ...]:
    """The kinds of things and places that it is about, in the order of KINDS; water is lakes and rivers."""
    named = {query.first, query.second}
    if "water" in named:
        named |= {"lake", "river"}
    return tuple(kind for kind in KINDS if kind in named)


def title(answer: str) -> str:
    """An answer as it is shown: the largest count stands for all that are larger, too."""
    return f"{answer} or more" if answer == str(MOST_COUNTED) else answer
