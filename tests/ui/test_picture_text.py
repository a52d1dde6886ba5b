"""What stands below the fold of a picture: every part is drawn, and its check finds a wrong number."""

from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from dlcore.datasets.pictures import picture
from dlcore.topics.convolution_scenes import SCENES
from dlcore.topics.filter_config import FilterConfig
from dlcore.topics.filter_programs import filter_program
from dlcore.ui import picture_text

PARTS = ["Why it happens", "The maths", "The code", "Check", "Take it away", "Reading"]
FILTERS: dict[str, dict[str, Any]] = {
    "one": {},
    "even": {"size": 4, "dilation": 3, "stride": 2},
    "bank": {"name": "edges", "flip": True},
}


def page(part: str, filters: dict, wrong: float) -> None:
    """The script of a page that has one part alone; one of the answers is wrong by so much everywhere."""
    from dlcore.datasets.pictures import picture
    from dlcore.topics.filter_config import FilterConfig
    from dlcore.ui import picture_text

    config, image = FilterConfig(**filters), picture("shapes")
    responses = config.answers(image)
    responses[-1] += wrong
    picture_text.parts(config, "shapes", image, responses)[part]()


def drawn(part: str, wrong: float = 0.0, **filters: Any) -> AppTest:
    app = AppTest.from_function(page, args=(part, filters, wrong), default_timeout=30).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.get("latex")])


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
def test_every_part_is_drawn(part: str, filters: dict[str, Any]) -> None:
    assert words(drawn(part, **filters))


def test_the_parts_have_these_names() -> None:
    config, image = FilterConfig(), picture("shapes")
    assert list(picture_text.parts(config, "shapes", image, config.answers(image))) == PARTS


def test_the_scenes_of_this_view_are_explained() -> None:
    app = drawn("Why it happens")
    titles = [scene.title for scene in SCENES if dict(scene.values).get("view") == "picture"]
    assert titles
    assert [expander.label for expander in app.expander] == titles


def test_the_code_is_the_present_filters() -> None:
    (code,) = drawn("The code", size=5, kernel="gaussian").code
    assert code.language == "python"
    assert code.value == filter_program("shapes", FilterConfig(size=5, kernel="gaussian")).rstrip()


@pytest.mark.parametrize("filters", FILTERS.values(), ids=FILTERS)
def test_the_check_compares_with_sums_of_products_and_finds_a_wrong_number(filters: dict[str, Any]) -> None:
    assert ":material/check_circle:" in words(drawn("Check", **filters))
    assert ":material/warning:" in words(drawn("Check", wrong=0.01, **filters))


def test_the_table_has_a_block_for_each_filter_and_a_line_for_each_row() -> None:
    answers = np.arange(12, dtype=np.float32).reshape(2, 2, 3) / 8
    text = picture_text.csv(answers, ("first", "second"))
    assert text == "# first\n0,0.125,0.25\n0.375,0.5,0.625\n# second\n0.75,0.875,1\n1.125,1.25,1.375\n"
