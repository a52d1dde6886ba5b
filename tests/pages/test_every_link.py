"""Whatever a link says, every lesson opens, in bounded time, with a picture and nothing for the host's log."""

import random
import time
from collections.abc import Callable

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.lessons import discover
from dlcore.ui.lesson import CARRIED
from tests.pages.test_every_page import all_controls_of

SLUGS = [entry.slug for entry in discover()]
LINKS = 12  # a lesson
SECONDS = 60  # for one, on a busy machine; a usual one takes less than one
HOSTILE = (
    *(
        "",
        " ",
        "0",
        "-1",
        "-0",
        "1e999",
        "-1e999",
        "nan",
        "inf",
        "-inf",
        "1e-400",
        "9" * 400,
        "0x10",
        "1_000",
        "٣",
        "½",
    ),
    *(
        "true",
        "None",
        "null",
        "[]",
        "{}",
        "a,b,,c",
        "w1=0.5@3",
        "w1=nan@-1",
        "=@",
        "@" * 50,
        "0=0=0@0@0",
        "x*y",
        "((((" * 60,
    ),
    *(
        "<script>alert(1)</script>",
        "' or 1=1 --",
        "../../../etc/passwd",
        "%00",
        "\x00",
        "\n\r\t",
        "\u202e\u200b",
        "💥" * 20,
    ),
    *("a" * 5000, "__import__('os')", "${7*7}", "{{7*7}}", ":material/home:", "$x^2$", "**", "`", "[a](javascript:b)"),
)


def names_of(page: AppTest, slug: str) -> list[str]:
    """Every name that the address of this lesson may have, also of controls that only the player moves."""
    keys = [key.removeprefix(f"{slug}.") for key in all_controls_of(page) if key.startswith(f"{slug}.")]
    return sorted({*keys, *CARRIED, "nothing", "a b", "run", "good", "__class__"})


def link(names: list[str], draw: random.Random) -> tuple[dict[str, str | list[str]], dict[str, str]]:
    """Values of some of the lesson's controls, one of them named twice, and of what every page understands."""
    some = draw.sample(names, draw.randint(1, len(names)))
    controls: dict[str, str | list[str]] = {name: draw.choice(HOSTILE) for name in some}
    controls[some[0]] = [draw.choice(HOSTILE), draw.choice(HOSTILE)]
    others = {name: draw.choice(HOSTILE) for name in ("lecture", "hide", "embed", "x") if draw.random() < 0.4}
    return controls, others


@pytest.mark.slow
@pytest.mark.parametrize("slug", SLUGS)
def test_any_link_opens_its_lesson(
    open_page: Callable[..., AppTest], quiet_log: pytest.LogCaptureFixture, slug: str
) -> None:
    draw = random.Random(slug)
    names = names_of(open_page(slug), slug)
    assert len(names) >= 12
    for _ in range(LINKS):
        controls, others = link(names, draw)
        begin = time.monotonic()
        page = open_page(slug, controls, **others)
        where = (controls, others)
        assert time.monotonic() - begin < SECONDS, where
        assert not page.exception, where
        assert not any("met an error" in error.value for error in page.error), where
        assert page.get("bidi_component"), where  # the player, or what the shell has of its own
        assert page.title[0].value, where
