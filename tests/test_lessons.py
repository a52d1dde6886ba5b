"""Lessons are found by their files, in the order of the course, and one that fails stands alone."""

import logging
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from dlcore import lessons
from dlcore.lessons import PARTS, ROOT, Lesson, discover
from dlcore.ui import home, shell

TEMPLATE = """\
from dlcore.lessons import Lesson

LESSON = Lesson(slug={slug!r}, part={part!r}, title={title!r}, promise="A promise.", order={order}, keywords=("tag",))

if __name__ == "__main__":
    import streamlit as st
    st.title({title!r})
"""


@pytest.fixture
def course(tmp_path: Path) -> Path:
    """A root with a few lessons, and files that are none."""
    (tmp_path / "pages").mkdir()
    add(tmp_path, "vision", "kernels", order=1)
    add(tmp_path, "vision", "anchors", order=2)
    add(tmp_path, "optimization", "rates", order=2)
    add(tmp_path, "optimization", "batches", order=1)
    add(tmp_path, "optimization", "zebra", order=1)
    for part, name in (("optimization", "_draft.py"), ("optimization", "notes.txt"), ("music", "scales.py")):
        path = tmp_path / "pages" / part / name
        path.parent.mkdir(exist_ok=True)
        path.write_text("raise RuntimeError('nobody may read this')")
    (tmp_path / "pages" / "loose.py").write_text("raise RuntimeError('nor this')")
    return tmp_path


def add(root: Path, part: str, slug: str, order: int = 0, text: str | None = None) -> Path:
    path = root / "pages" / part / f"{slug}.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text or TEMPLATE.format(slug=slug, part=part, title=slug.title(), order=order))
    return path


def test_lessons_come_in_the_order_of_the_course(course: Path) -> None:
    entries = discover(course)
    assert [(entry.part, entry.slug) for entry in entries] == [
        ("optimization", "batches"),
        ("optimization", "zebra"),
        ("optimization", "rates"),
        ("vision", "kernels"),
        ("vision", "anchors"),
    ]
    assert [lesson.slug for lesson in lessons.lessons(entries)] == [entry.slug for entry in entries]
    assert all(entry.path.is_file() for entry in entries)


FAILING = {
    "it raises": ("1 / 0", "ZeroDivisionError: division by zero"),
    "it is not Python": ("def (", "SyntaxError: "),
    "it imports what is not there": ("import nothing_of_this_name", "ModuleNotFoundError: "),
    "it has no lesson": ("x = 1", "AttributeError: "),
    "its lesson is another's": (
        TEMPLATE.format(slug="other", part="vision", title="T", order=0),
        "ValueError: LESSON says vision/other, its file is vision/broken.py",
    ),
    "its lesson is of another part": (
        TEMPLATE.format(slug="broken", part="language", title="T", order=0),
        "ValueError: LESSON says language/broken, its file is vision/broken.py",
    ),
    "its lesson is a word": ("LESSON = 'broken'", "AttributeError: "),
}


@pytest.mark.parametrize(("text", "error"), FAILING.values(), ids=FAILING)
def test_a_failing_lesson_is_an_entry_with_an_error_and_the_others_work(
    course: Path, caplog: pytest.LogCaptureFixture, text: str, error: str
) -> None:
    add(course, "vision", "broken", text=text)
    entries = discover(course)
    (broken,) = [entry for entry in entries if entry.lesson is None]
    assert (broken.part, broken.slug) == ("vision", "broken")
    assert broken.error.startswith(error)
    assert len(lessons.lessons(entries)) == 5
    assert entries[-1] is broken  # behind the lessons of its part
    (record,) = [record for record in caplog.records if record.levelno >= logging.ERROR]
    assert "vision/broken" in record.getMessage()
    assert record.exc_info  # the host gets the trace


def test_without_pages_there_are_no_lessons(tmp_path: Path) -> None:
    assert discover(tmp_path) == ()


def test_the_projects_own_lessons_can_all_be_read() -> None:
    entries = discover()
    assert entries
    assert [entry.error for entry in entries] == [""] * len(entries)
    assert {entry.path for entry in entries} == set((ROOT / "pages").glob("*/[!_]*.py"))
    slugs = [entry.slug for entry in entries]
    assert len(set(slugs)) == len(slugs)  # a slug is an address
    for lesson in lessons.lessons(entries):
        assert lesson.title
        assert lesson.promise.endswith(".")
        assert lesson.part in PARTS


LESSON = Lesson(
    slug="a",
    part="optimization",
    title="Optimizers",
    promise="Release several at one point.",
    keywords=("Adam", "saddle"),
)


@pytest.mark.parametrize(
    "query", ["", "opti", "OPTIMIZERS", "adam", "saddle adam", "  point   optimization ", "Release"]
)
def test_a_query_finds_a_lesson_when_all_its_words_occur(query: str) -> None:
    assert LESSON.matches(query)


@pytest.mark.parametrize("query", ["vision", "adam vision", "adams", "saddlepoint"])
def test_and_not_otherwise(query: str) -> None:
    assert not LESSON.matches(query)


# The shell around them


def text_of(app: AppTest) -> str:
    parts = [part for kind in ("title", "subheader", "markdown", "error") for part in app.get(kind)]
    return "\n".join(str(getattr(part, "value", "")) for part in parts)


def test_a_broken_lesson_has_a_card_with_its_sentence_and_does_not_take_the_home_page_down(
    course: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    add(course, "vision", "broken", text="1 / 0")
    (course / "shell.py").write_text(
        "from pathlib import Path\n"
        "import streamlit as st\n"
        "from dlcore.lessons import discover\n"
        "from dlcore.ui import home\n"
        f"st.navigation([st.Page(home.page(discover(Path({str(course)!r}))), title='Home', default=True)]).run()\n"
    )
    # Links need registered pages, which this small script does not have.
    monkeypatch.setattr("streamlit.page_link", lambda *args, label, **kwargs: None)
    page = AppTest.from_file(str(course / "shell.py"), default_timeout=60).run()
    assert not page.exception
    assert "This lesson could not be opened. ZeroDivisionError: division by zero" in text_of(page)
    assert "Vision" in text_of(page)
    assert "Traceback" not in text_of(page)


def test_a_page_that_fails_shows_one_sentence_and_no_trace(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = TEMPLATE.format(slug="failing", part="language", title="Failing", order=0) + "    {}['x']\n"
    add(tmp_path, "language", "failing", text=text)
    entries = discover(tmp_path)
    monkeypatch.setattr(shell, "discover", lambda: entries)
    monkeypatch.setattr(home, "page", lambda entries: lambda: None)  # it links to the project's own pages
    script = tmp_path / "app.py"
    script.write_text("from dlcore.ui import shell\n\nshell.run()\n")
    app = AppTest.from_file(str(script), default_timeout=60).run()
    app.switch_page("pages/language/failing.py").run()
    assert not app.exception
    assert text_of(app).endswith(
        "“Failing” met an error and stopped here. The other lessons work; reload to try it again."
    )
    assert "KeyError" in caplog.text  # the host gets the trace


def test_the_home_page_lists_every_lesson_and_searches_them() -> None:
    app = AppTest.from_file(shell.__file__, default_timeout=60).run()
    assert not app.exception
    promises = {lesson.slug: lesson.promise for lesson in lessons.lessons(discover())}
    assert promises
    assert all(promise in text_of(app) for promise in promises.values())
    app.text_input(key="home.search").set_value("Nesterov saddle").run()
    assert promises["optimizers"] in text_of(app)
    assert promises["backprop"] not in text_of(app)
    app.text_input(key="home.search").set_value("underwater basket").run()
    assert not any(promise in text_of(app) for promise in promises.values())
    assert "No lesson speaks of “underwater basket”" in text_of(app)
