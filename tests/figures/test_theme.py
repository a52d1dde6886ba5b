"""The palette serves both themes, is readable in both, and tells the optimizers apart without hue."""

import itertools
import re
import tomllib
from pathlib import Path

import numpy as np
import pytest

from dlcore.figures import theme
from dlcore.figures.race import BATCH_STYLES
from dlcore.topics.optimizers import OPTIMIZERS

HEX = re.compile(r"#[0-9a-f]{6}")
CONFIG = Path(__file__).parent.parent.parent / ".streamlit" / "config.toml"
#: What is written in, and what is drawn as a line or a mark; the rest are grounds and fills.
TEXT = ("ink", "muted", "accent")
LAYERS = ("gradient", "momentum", "update", "nesterov", "muted")
GROUNDS = ("ground", "grid", "surface-low", "surface-warm")
#: How the three colour blindnesses see linear RGB. Machado, Oliveira and Fernandes (2009), severity 1.
BLINDNESS = {
    "protan": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "deutan": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.011820, 0.042940, 0.968881]],
    "tritan": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.303900]],
}


def linear(hue: str) -> np.ndarray:
    channels = np.array([int(hue[i : i + 2], 16) / 255 for i in (1, 3, 5)])
    return np.where(channels <= 0.04045, channels / 12.92, ((channels + 0.055) / 1.055) ** 2.4)


def luminance(hue: str) -> float:
    return float(linear(hue) @ [0.2126, 0.7152, 0.0722])


def contrast(one: str, other: str) -> float:
    """WCAG 2: (L1 + 0.05)/(L2 + 0.05)."""
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lab(rgb: np.ndarray) -> np.ndarray:
    """CIE L*a*b* of linear sRGB, D65."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    white = np.array([0.9505, 1.0, 1.089])
    t = (np.array(to_xyz) @ np.clip(rgb, 0, 1)) / white
    f = np.where(t > 216 / 24389, np.cbrt(t), (24389 / 27 * t + 16) / 116)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def apart(one: str, other: str, blindness: str) -> float:
    """ΔE*ab as that reader sees it; 2.3 is just noticeable."""
    sees = np.array(BLINDNESS[blindness]) if blindness else np.eye(3)
    return float(np.linalg.norm(lab(sees @ linear(one)) - lab(sees @ linear(other))))


def all_pairs() -> list[tuple[str, str]]:
    shades = [shade for hue in theme.MINIMA for shade in theme.minimum_shades(hue)]
    return [*theme.PALETTE.values(), *(pair for _, pair in theme.SURFACE_SCALE), *shades]


def test_black_on_white_has_the_textbooks_contrast() -> None:
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)
    assert apart("#ff0000", "#00ff00", "") == pytest.approx(170.6, abs=0.5)


def test_every_colour_has_a_dark_partner() -> None:
    partners = theme.dark_partners()
    for light, dark in all_pairs():
        assert HEX.fullmatch(light)
        assert HEX.fullmatch(dark)
        assert partners[light] == dark
    assert len(all_pairs()) == len(theme.PALETTE) + len(theme.SURFACE_SCALE) + len(theme.MINIMA) * theme.SHADES


def test_a_light_colour_means_one_thing_so_that_the_swap_is_unambiguous() -> None:
    partners: dict[str, set[str]] = {}
    for light, dark in all_pairs():
        partners.setdefault(light, set()).add(dark)
    assert {light: darks for light, darks in partners.items() if len(darks) > 1} == {}
    lights = [light for light, _ in theme.PALETTE.values()]
    assert len(set(lights)) == len(lights)


def test_a_dark_colour_is_not_swapped_again() -> None:
    partners = theme.dark_partners()
    again = [dark for dark in partners.values() if dark in partners and partners[dark] != dark]
    assert again == []


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
def test_text_is_readable(which: int) -> None:
    ground = theme.PALETTE["ground"][which]
    short = {name: contrast(theme.PALETTE[name][which], ground) for name in TEXT}
    assert {name: round(ratio, 2) for name, ratio in short.items() if ratio < 4.5} == {}


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
def test_the_names_of_arrows_are_readable_where_they_stand(which: int) -> None:
    # They are written in their colour over the palest and the strongest of a surface's colours.
    for _, pair in theme.SURFACE_SCALE[:2]:
        for name in LAYERS:
            assert contrast(theme.PALETTE[name][which], pair[which]) >= 3, name


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
def test_lines_stand_out_from_the_ground(which: int) -> None:
    ground = theme.PALETTE["ground"][which]
    lines = {name: pair[which] for name, pair in theme.PALETTE.items() if name not in GROUNDS}
    lines |= {f"minimum {i}": pair[which] for i, pair in enumerate(theme.MINIMA)}
    lines |= {f"batch {i}": style.colour for i, style in enumerate(BATCH_STYLES) if which == 0}
    assert {name: hue for name, hue in lines.items() if contrast(hue, ground) < 3} == {}


def test_the_themes_of_the_page_are_the_palettes() -> None:
    themes = tomllib.loads(CONFIG.read_text())["theme"]
    for which, name in enumerate(("light", "dark")):
        assert themes[name]["backgroundColor"] == theme.PALETTE["ground"][which]
        assert themes[name]["primaryColor"] == theme.PALETTE["accent"][which]
        assert themes[name]["textColor"] == theme.PALETTE["ink"][which]
        assert contrast(themes[name]["textColor"], themes[name]["secondaryBackgroundColor"]) >= 4.5
        assert contrast(themes[name]["linkColor"], themes[name]["backgroundColor"]) >= 4.5
        assert len(themes[name]["chartCategoricalColors"]) >= 10


def test_every_optimizer_has_a_colour_a_dash_and_a_symbol_of_its_own() -> None:
    assert set(theme.DASHES) == set(theme.SYMBOLS) == set(OPTIMIZERS)
    assert len(set(theme.SYMBOLS.values())) == len(OPTIMIZERS)
    assert len({theme.optimizer_colour(name) for name in OPTIMIZERS}) == len(OPTIMIZERS)
    assert set(theme.DASHES.values()) <= {"solid", "dot", "dash", "dashdot", "longdash", "longdashdot"}


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("blindness", ["", *BLINDNESS])
def test_lines_of_optimizers_are_told_apart_by_colour_or_by_dash(blindness: str, which: int) -> None:
    def hue(name: str) -> str:
        return theme.PALETTE["momentum-rule" if name == "momentum" else name][which]

    alike = [
        (one, other, round(apart(hue(one), hue(other), blindness), 1))
        for one, other in itertools.combinations(OPTIMIZERS, 2)
        if theme.DASHES[one] == theme.DASHES[other] and apart(hue(one), hue(other), blindness) < 10
    ]
    assert alike == []


def test_batch_sizes_are_told_apart_without_colour() -> None:
    assert len({style.dash for style in BATCH_STYLES}) == len({style.symbol for style in BATCH_STYLES}) == 3


def test_the_shades_of_a_minimum_go_from_strong_to_pale() -> None:
    for hue in theme.MINIMA:
        shades = theme.minimum_shades(hue)
        assert shades[0] == hue
        for which in (0, 1):
            ground = theme.PALETTE["ground"][which]
            contrasts = [contrast(shade[which], ground) for shade in shades]
            assert contrasts == sorted(contrasts, reverse=True)
            assert contrasts[-1] > 1.05


def test_a_meaning_that_the_palette_lacks_is_an_error() -> None:
    with pytest.raises(KeyError, match="mood"):
        theme.colour("mood")
