"""The home page: the course map, search, and the way back to where the reader was."""

from collections.abc import Callable, Sequence

import streamlit as st

from dlcore.lessons import PARTS, ROOT, Entry, Lesson
from dlcore.ui import toolbar

CARDS_PER_ROW = 3


def page(entries: Sequence[Entry]) -> Callable[[], None]:
    """The home page over these lessons, as Streamlit's navigation wants it."""

    def home() -> None:
        with st.container(key="home.map"):
            draw()

    def draw() -> None:
        st.title("Descent", anchor=False)
        st.markdown(
            "Deep learning you can touch. Every picture is a real PyTorch run, every number is computed "
            "for the settings you see, and every link opens the same scene again."
        )
        toolbar.resume()
        query = st.text_input(
            "Search the lessons", key="home.search", placeholder="momentum, learning rate, saddle", max_chars=80
        )
        shown = [entry for entry in entries if entry.lesson is None or entry.lesson.matches(query)]
        if not shown:
            st.write(f"No lesson speaks of “{query}”. Clear the search to see them all.")
        for part, heading in PARTS.items():
            _part(heading, [entry for entry in shown if entry.part == part])

    return home


def _part(heading: str, entries: Sequence[Entry]) -> None:
    if not entries:
        return
    st.subheader(heading, anchor=False)
    for start in range(0, len(entries), CARDS_PER_ROW):
        for column, entry in zip(st.columns(CARDS_PER_ROW, gap="large"), entries[start:], strict=False):
            with column:
                _card(entry.lesson) if entry.lesson else _broken(entry)


def _card(lesson: Lesson) -> None:
    picture = ROOT / "assets" / "thumbnails" / f"{lesson.slug}.png"
    if picture.is_file():
        st.image(str(picture), width="stretch", alt=f"A picture from the lesson {lesson.title}")
    st.page_link(ROOT / "pages" / lesson.part / f"{lesson.slug}.py", label=f"**{lesson.title}**")
    st.markdown(lesson.promise)


def _broken(entry: Entry) -> None:
    st.markdown(f"**{entry.slug.replace('_', ' ').capitalize()}**")
    st.markdown(f"This lesson could not be opened. {entry.error}")
