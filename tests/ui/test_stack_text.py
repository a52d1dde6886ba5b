"""What stands below the fold of a stack of layers: every part is drawn, and says the present stack's own numbers."""

import csv
import io
import re

import pytest
from streamlit.testing.v1 import AppTest

from dlcore.topics.architectures import ARCHITECTURES
from dlcore.topics.layer_stack import Stack, totals, trace
from dlcore.topics.layer_text import read_layers
from dlcore.topics.stack_checks import Found
from dlcore.topics.stack_modules import program
from dlcore.ui import stack_text

PARTS = ["Why it happens", "The maths", "The code", "Check", "Take it away", "Reading"]
TEXTS = {
    "windows": "conv 3x3 8 s2 p1; relu; add(conv 3x3 8 p1 | ); maxpool 3x3 s2",
    "no window": "relu; flatten; fc 10",
    "axes that differ": "conv 1x3 8 s1x2",
}


def page(part: str, size: tuple[int, int, int], text: str) -> None:
    """The script of a page that has one part alone."""
    from dlcore.topics.layer_stack import Stack, trace
    from dlcore.topics.layer_text import read_layers
    from dlcore.ui import stack_text

    stack = Stack(input=size, layers=read_layers(text))
    stack_text.parts(stack, trace(stack))[part]()


def drawn(part: str, text: str, size: tuple[int, int, int] = (3, 32, 32)) -> AppTest:
    app = AppTest.from_function(page, args=(part, size, text), default_timeout=30).run()
    assert not app.exception
    return app


def words(app: AppTest) -> str:
    return "\n".join(element.value for element in [*app.markdown, *app.get("latex")])


def known(name: str) -> tuple[str, tuple[int, int, int]]:
    return ARCHITECTURES[name].text, ARCHITECTURES[name].input


@pytest.mark.parametrize("part", PARTS)
@pytest.mark.parametrize("text", TEXTS.values(), ids=list(TEXTS))
def test_every_part_is_drawn(part: str, text: str) -> None:
    assert words(drawn(part, text))


def test_the_parts_have_these_names() -> None:
    stack = Stack(layers=read_layers("relu"))
    assert list(stack_text.parts(stack, trace(stack))) == PARTS


@pytest.mark.parametrize("name", ARCHITECTURES)
def test_a_known_network_is_introduced_until_it_is_changed(name: str) -> None:
    text, size = known(name)
    assert ARCHITECTURES[name].note in words(drawn("Why it happens", text, size))
    assert ARCHITECTURES[name].note not in words(drawn("Why it happens", f"{text}; relu", size))


def test_the_maths_has_the_present_windows() -> None:
    text = words(drawn("The maths", *known("alexnet")))
    assert "| 5 | conv 5x5 256 p2 g2 | 19 + 4·8 = **51** | 1·8 = **8** | −16 |" in text
    assert "no window" in words(drawn("The maths", TEXTS["no window"]))


def test_the_code_is_the_present_stacks() -> None:
    (code,) = drawn("The code", TEXTS["windows"]).code
    assert code.language == "python"
    assert code.value == program(Stack(input=(3, 32, 32), layers=read_layers(TEXTS["windows"]))).rstrip()


def test_the_badge_is_good_and_says_the_totals() -> None:
    text = words(drawn("Check", *known("resnet18")))
    assert text.startswith(":material/check_circle:")
    assert "11,689,512 parameters and 1,814,073,344 multiply-adds" in text


def test_the_badge_warns_of_a_wrong_number(monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[tuple[str, bool]] = []
    monkeypatch.setattr("dlcore.ui.lesson.badge", lambda sentence, *, good: said.append((sentence, good)))
    monkeypatch.setattr(stack_text, "compare", lambda _: Found(0, -5, 0, 2))
    stack = Stack(layers=read_layers("relu"))
    stack_text.parts(stack, trace(stack))["Check"]()
    ((sentence, good),) = said
    assert not good
    assert "2 fields differ, parameters by -5" in sentence


def test_the_table_and_the_csv_have_every_row() -> None:
    text, size = known("inception")
    rows = trace(Stack(input=size, layers=read_layers(text)))
    (table,) = drawn("Take it away", text, size).dataframe
    assert len(table.value) == len(rows)
    assert sum(table.value["parameters"].tolist()) == totals(rows).num_parameters
    read = list(csv.DictReader(io.StringIO(stack_text.csv(rows))))
    assert [int(row["multiply_adds"]) for row in read] == [row.multiply_adds for row in rows]
    assert read[9]["branch"] == "3 of 4"
    assert read[9]["output"] == "32×28×28"
    assert [int(row["field_width"]) for row in read] == [row.fields[1].size for row in rows]


def test_what_the_text_claims_of_known_networks() -> None:
    text = words(drawn("Why it happens", "relu"))
    rows = {name: trace(Stack(input=known.input, layers=known.layers)) for name, known in ARCHITECTURES.items()}
    for name, pool in (("alexnet", "maxpool 3x3 s2"), ("vgg16", "maxpool 2x2")):
        last = [row for row in rows[name] if row.text == pool][-1]
        assert re.search(rf"\b{last.fields[0].size}\b", text)
    conv5 = {
        name: [row for row in rows[name] if row.text.startswith("conv")][-1] for name in ("alexnet", "alexnet-whole")
    }
    for row in conv5.values():
        assert f"{row.num_parameters - 256:,}" in text
        assert f"{row.multiply_adds:,}" in text
