"""The palette serves both themes, is readable in both, and tells the optimizers apart without hue."""

import itertools
import re
import tomllib
from pathlib import Path

import pytest

from dlcore.figures import theme
from dlcore.figures.race import BATCH_STYLES
from dlcore.topics.optimizers import OPTIMIZERS
from tests.figures.eyesight import BLINDNESS, apart, contrast

HEX = re.compile(r"#[0-9a-f]{6}")
CONFIG = Path(__file__).parent.parent.parent / ".streamlit" / "config.toml"
#: What is written in, and what is drawn as a line or a mark; the rest are grounds and fills.
TEXT = ("ink", "muted", "accent", "gradient", "wrong")
LAYERS = ("gradient", "momentum", "update", "nesterov", "muted")
GROUNDS = ("ground", "grid", "surface-low", "surface-warm", "activation-positive", "activation-negative")
VALUES = range(-theme.LEVELS, theme.LEVELS + 1)
SCALES = (theme.SURFACE_SCALE, theme.MAGNITUDE_SCALE, theme.SIGNED_SCALE)


def all_pairs() -> list[tuple[str, str]]:
    shades = [shade for hue in theme.MINIMA for shade in theme.minimum_shades(hue)]
    shades += [theme.activation_shade(level) for level in VALUES]
    return list(dict.fromkeys([*theme.PALETTE.values(), *(pair for scale in SCALES for _, pair in scale), *shades]))


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
    assert len(all_pairs()) > len(theme.PALETTE) + len(theme.MINIMA) * theme.SHADES


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


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("blindness", ["", *BLINDNESS])
def test_five_classes_are_told_apart_by_colour(blindness: str, which: int) -> None:
    hues = [theme.PALETTE[f"class-{letter}"][which] for letter in "abcde"]
    assert min(apart(one, other, blindness) for one, other in itertools.combinations(hues, 2)) > 15


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


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
def test_a_number_is_readable_on_every_shade_of_a_value(which: int) -> None:
    ink = theme.PALETTE["ink"][which]
    assert {k: ratio for k in VALUES if (ratio := contrast(ink, theme.activation_shade(k)[which])) < 4.5} == {}


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("sign", [1, -1])
def test_the_larger_a_value_the_more_its_shade_leaves_the_ground(sign: int, which: int) -> None:
    ground = theme.PALETTE["ground"][which]
    contrasts = [contrast(theme.activation_shade(sign * k)[which], ground) for k in range(theme.LEVELS + 1)]
    assert contrasts == sorted(contrasts)
    assert min(b / a for a, b in itertools.pairwise(contrasts)) > 1.05


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
def test_the_larger_a_number_of_a_map_the_more_its_colour_leaves_the_ground(which: int) -> None:
    ground = theme.PALETTE["ground"][which]
    positive = [pair for position, pair in theme.SIGNED_SCALE if position >= 0.5]
    negative = [pair for position, pair in reversed(theme.SIGNED_SCALE) if position <= 0.5]
    for pairs in ([pair for _, pair in theme.MAGNITUDE_SCALE], positive, negative):
        contrasts = [contrast(pair[which], ground) for pair in pairs]
        assert contrasts[0] == 1  # nothing is the ground itself
        assert contrasts == sorted(contrasts)
        assert contrasts[-1] > 10


@pytest.mark.parametrize("scale", SCALES[1:], ids=["magnitude", "signed"])
def test_the_colours_of_maps_reach_from_one_end_to_the_other(scale: list) -> None:
    positions = [position for position, _ in scale]
    assert (positions[0], positions[-1]) == (0, 1)
    assert positions == sorted(set(positions))


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("blindness", ["", *BLINDNESS])
def test_the_sign_in_a_map_is_seen(blindness: str, which: int) -> None:
    pairs = dict(theme.SIGNED_SCALE)
    for position in (0.0, 0.2):
        assert apart(pairs[position][which], pairs[1 - position][which], blindness) > 10, position


@pytest.mark.parametrize("which", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("blindness", ["", *BLINDNESS])
def test_the_sign_of_a_weight_or_a_large_value_is_seen(blindness: str, which: int) -> None:
    for what in ("weight", "activation"):
        one, other = (theme.PALETTE[f"{what}-{sign}"][which] for sign in ("positive", "negative"))
        assert apart(one, other, blindness) > 15, what


def test_a_meaning_that_the_palette_lacks_is_an_error() -> None:
    with pytest.raises(KeyError, match="mood"):
        theme.colour("mood")
