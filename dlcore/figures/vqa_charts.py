"""The results as dots, a row a type: how often questions are answered right, and what another area costs.

Knows the numbers' names and what others have published; does not know how anything is measured.
"""

from collections.abc import Mapping

from dlcore.figures.stage import Plot
from dlcore.figures.vqa_looks import BLIND_STYLE, PUBLISHED, TEST_STYLES, Run, names, titled
from dlcore.figures.vqa_rows import Rows

BESIDE = 0.28  # of a row, between ours and what is published
LEAST, MOST = -10, 60  # points, that another area may cost and be seen


def chart(run: Run, types: Mapping[str, str]) -> Plot:
    """The results of the table: ours on the row, what is published below it."""
    titles = titled(types)
    rows = Rows(titles=titles, num_frames=run.num_frames)
    rows.dots("muted", "majority", "line-ns", run("majority.1", len(titles)), size=13)
    rows.dots("muted", "blind", BLIND_STYLE.symbol, run("blind.1", len(titles)))
    for row, name in enumerate(names(types)):
        rows.whisker("muted", row, run(f"pair.{name}", 2), width=1)
    for number, (test, style) in enumerate(TEST_STYLES.items()):
        said = style.short.lower()
        published = [PUBLISHED[name][number] if name in PUBLISHED else None for name in names(types)]
        rows.dots(style.meaning, f"RSVQA {said}", f"{style.symbol}-open", published, below=BESIDE, size=7)
        rows.dots(style.meaning, said, style.symbol, run(f"accuracy.{test}", len(titles)), size=10)
    return rows.plot(
        0,
        100,
        quantity="right answers",
        above="● test 1 &nbsp; ■ test 2 &nbsp; × blind &nbsp; | majority<br>○ □ below: RSVQA, published",
        key="chart",
        title="Chart",
        alt="Right answers by type as dots: test 1, test 2, a network without the picture, the commonest answer, and "
        "what RSVQA published.",
        after=len(types),
    )


def losses(run: Run, types: Mapping[str, str]) -> Plot:
    """What another area costs, and what it costs RSVQA."""
    titles = titled(types)
    rows = Rows(titles=titles, num_frames=run.num_frames, unit=" points")
    rows.dots("muted", "RSVQA", "diamond-open", [_lost(name) for name in names(types)], below=BESIDE)
    rows.dots("area-other", "drawn scenes", "square", run("loss", len(titles)), size=10)
    return rows.plot(
        LEAST,
        MOST,
        quantity="right answers lost from test 1 to test 2",
        above="■ drawn scenes &nbsp; ◇ below: RSVQA, published",
        key="loss",
        title="Loss",
        alt="How many percentage points of right answers each type loses from test 1 to test 2, and in RSVQA.",
        zero=0,
        after=len(types),
    )


def _lost(name: str) -> float | None:
    """Points; None where nothing is published."""
    if name not in PUBLISHED:
        return None
    first, second = PUBLISHED[name]
    return first - second
