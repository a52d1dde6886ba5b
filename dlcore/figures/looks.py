"""How one of several things that are compared is drawn wherever it is drawn; does not know what they are."""

from dataclasses import dataclass

from dlcore.figures import theme


@dataclass(frozen=True)
class NamedStyle:
    """A short name, and looks by which it is known without its colour."""

    short: str
    meaning: str  # of the palette
    dash: str
    symbol: str

    @property
    def colour(self) -> str:
        """The light colour."""
        return theme.colour(self.meaning)
