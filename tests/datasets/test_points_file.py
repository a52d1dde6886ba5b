"""A stranger's table: however a spreadsheet writes it the points are the same, and anything else is one sentence."""

import csv
import io

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from dlcore.datasets.points_file import read_points
from dlcore.datasets.points_given import REACH, PointsConfig

POINTS = ((0.5, -1.25, 0), (1.0, 2.0, 1), (-2.0, 0.75, 0), (0.0, 1.5, 1))


@pytest.mark.parametrize(
    "text",
    [
        "x,y,label\n0.5,-1.25,0\n1,2,1\n-2,0.75,0\n0,1.5,1\n",
        "0.5,-1.25,0\n1,2,1\n-2,0.75,0\n0,1.5,1",
        "\ufeffX;Y;Label\r\n0,5;-1,25;0\r\n1;2;1\r\n-2;0,75;0\r\n0;1,5;1\r\n",
        "0.5\t-1.25\t0\n\n1\t2\t1\n-2\t0.75\t0\n0\t1.5\t1\n\n",
        "label,id,y,x\n0,a,-1.25,0.5\n1,b,2,1\n0,c,.75,-2\n1,d,15e-1,0\n",
        '"width","height","kind"\n"0.5","-1.25","0"\n1,2,1.0\n−2,0.75,0\n0,1.5,1\n',
    ],
    ids=["comma", "no header", "semicolons and decimal commas", "tabs", "other columns and order", "quotes"],
)
def test_however_it_is_written_the_points_are_the_same(text: str) -> None:
    found = read_points(text.encode())
    assert found.points == POINTS
    assert found.titles == ("0", "1")
    assert found.said == ""


def test_words_are_kept_as_titles_and_numbers_are_sorted_by_size() -> None:
    found = read_points(b"1,1,setosa\n2,1,virginica\n1,2,setosa\n0,0,iris x\n")
    assert found.titles == ("iris x", "setosa", "virginica")
    assert [found.titles[label] for *_, label in found.points] == ["setosa", "virginica", "setosa", "iris x"]
    assert read_points(b"1,1,10\n2,1,9\n1,2,9.0\n0,0,-1").titles == ("-1", "9", "10")


def test_what_reaches_too_far_is_moved_and_stretched_and_says_so() -> None:
    found = read_points(b"150,0.1,a\n170,0.2,b\n190,0.2,b\n160,0.4,a\n")
    assert found.said == "So that the points fit, x from 150 to 190 is shown from -2.5 to 2.5, " + (
        "and y from 0.1 to 0.4 is shown from -2.5 to 2.5."
    )
    x, y, _ = np.array(found.points).T
    assert np.corrcoef(x, [150, 170, 190, 160])[0, 1] == pytest.approx(1)
    assert np.corrcoef(y, [0.1, 0.2, 0.2, 0.4])[0, 1] == pytest.approx(1)
    for axis in (x, y):
        assert [axis.min(), axis.max()] == pytest.approx([-2.5, 2.5])


@pytest.mark.parametrize(
    ("data", "sentence"),
    [
        (b"", "The file is empty"),
        (b" \n\n", "The file is empty"),
        (b"\x89PNG\r\n\x1a\n\x00\x00", "Row 1 is no text in UTF-8"),
        (b"1,1,a\n1,1,b\n1,\xff,b", "Row 3 is no text in UTF-8"),
        (b"1,2\n3,4\n", "Row 1 has 2 cells, where three are taken"),
        (b"a,b,c,d\n1,2,3,4\n", "Row 1 has 4 cells, where three are taken"),
        (b"x,y,label\n1,2,a\n1,2\n", "Row 3 has 2 cells, where the first row has 3"),
        (b"1,2,a\n1,two,b\n1,2,b\n3,4,a\n", "Row 2: y is “two”, which is no number"),
        (b"1,2,a\n\n\n1,2,b\nnan,2,b\n3,4,a\n", "Row 5: x is “nan”, which is no number"),
        (b"1,2,a\n1e13,2,b\n", "Row 2: x is 1e[+]13: it must be a number"),
        (b"1,2,a\n1,2,\n", "Row 2 has no label"),
        (b"1,2,a\n1,2," + b"b" * 41, "Row 2: the label has 41 characters"),
        (b"1,2,a\n1,2,b\n1,3,b\n", "The file's number of points is 3: it must be from 4 to 2000"),
        (b"1,2,a\n" * 4, "The file's number of classes is 1: it must be from 2 to 5"),
        (b"".join(b"1,2,%d\n" % label for label in range(6)), "The file's number of classes is 6"),
        (b"1,2,a\n" * 2002, "The file has more than 2000 points"),
        (b"1,2,a\n" * 2001, "The file's number of points is 2001"),
        (b" " * 2**20 + b"1,2,a", "The file has 1.0 MB: it must have at most 1 MB"),
        (b'1,2,"' + b"a" * 200_000, "Row 1 is no row of a table"),
    ],
)
def test_what_is_wrong_is_named_with_its_row(data: bytes, sentence: str) -> None:
    with pytest.raises(ValueError, match=f"^{sentence}"):
        read_points(data)


def as_file(rows: list, delimiter: str) -> bytes:
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter).writerows(rows)
    return file.getvalue().encode()


numbers = st.floats(allow_nan=False, allow_infinity=False, min_value=-1e12, max_value=1e12)
tables = st.lists(st.tuples(numbers, numbers, st.sampled_from(["a", "b", "ü c"])), min_size=1, max_size=12)
scraps = st.sampled_from(["1", "-2.5", ",", ";", "\t", "\n", '"', "x", "label", "nan", "1e999", " ", "\r"])
files = st.builds(as_file, tables, st.sampled_from(",;\t"))
any_bytes = st.binary(max_size=60) | st.lists(scraps, max_size=40).map(lambda parts: "".join(parts).encode()) | files


@given(any_bytes)
@example(b"0,1000000000000,a\n0,999999999999.9999,b\n0,0,a\n0,0,b")
@example(b"0,1e-323,a\n5,3e-323,b\n0,0,a\n1,4e-323,b")
def test_any_bytes_are_points_or_one_sentence(data: bytes) -> None:
    try:
        found = read_points(data)
    except ValueError as refused:
        found = str(refused)
    if isinstance(found, str):
        assert found.startswith(("Row ", "The file"))
        assert found.endswith(".")
    else:
        assert PointsConfig(points=found.points, titles=found.titles).num_classes == len(found.titles)
        assert all(abs(value) <= REACH for x, y, _ in found.points for value in (x, y))


@given(tables)
def test_order_along_each_axis_is_kept(rows: list) -> None:
    try:
        found = read_points(as_file(rows, ";"))
    except ValueError:
        return
    for axis in (0, 1):
        shown = [point[axis] for point in found.points]
        order = np.argsort([row[axis] for row in rows], kind="stable")
        assert (np.diff(np.array(shown)[order]) >= 0).all()
