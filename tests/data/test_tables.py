"""What the columns of files and frames become."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest

from tinygrad_nn.data import Columns, Dataset, from_frame, load, read_csv
from tinygrad_nn.data.columns import Categories, Numbers
from tinygrad_nn.data.csv_files import PIECE
from tinygrad_nn.data.table import table_of
from tinygrad_nn.data.tables import read_table
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DataError, ShapeError

PETS = "weight,fur,kind\n4,long,cat\n9,short,dog\n3,long,cat\n"


def write(folder: Path, text: str) -> Path:
    path = folder / "table.csv"
    path.write_bytes(text.encode())
    return path


# ------------------------------------------------------------ how cells are parted


@pytest.mark.parametrize("delimiter", ["\t", ";", "|"])
def test_a_delimiter_is_found_and_said(tmp_path: Path, delimiter: str) -> None:
    data = read_csv(write(tmp_path, PETS.replace(",", delimiter)))
    assert data.X == read_csv(write(tmp_path, PETS)).X
    assert data.notes[0].startswith("Cells are parted by ")


def test_a_delimiter_parts_all_lines_alike(tmp_path: Path) -> None:
    data = read_csv(write(tmp_path, "a,note,k\n1,x;y,0\n2,z,1\n"))
    assert data.feature_names == ("a", "note=x;y", "note=z")


@pytest.mark.parametrize("text", ["a;k\n1,5;0\n-2,25;1\n", 'a,k\n"1,5",0\n"-2,25",1\n'])
def test_decimal_commas_are_found_and_said(tmp_path: Path, text: str) -> None:
    data = read_csv(write(tmp_path, text))
    assert (data.X, data.y) == ([[1.5], [-2.25]], [0, 1])
    assert "Numbers have decimal commas." in data.notes


def test_targets_have_decimal_commas_too(tmp_path: Path) -> None:
    assert read_csv(write(tmp_path, "a;y\n1,5;0,25\n2,5;3\n")).y == [0.25, 3.0]


def test_a_comma_that_may_be_of_thousands_is_asked_for(tmp_path: Path) -> None:
    path = write(tmp_path, "a;k\n1,500;0\n2,250;1\n")
    with pytest.raises(DataError, match=r"'1,500', which may be thousands: say decimal="):
        read_csv(path)
    assert read_csv(path, decimal=",").X == [[1.5], [2.25]]
    with pytest.raises(ArgumentError, match="decimal is 'x'"):
        read_csv(path, decimal="x")


def test_a_point_among_decimal_commas_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 3 holds '1\.234,5' in the column 'a' of numbers"):
        read_csv(write(tmp_path, "a;k\n1,5;0\n1.234,5;1\n"))


def test_many_lines(tmp_path: Path) -> None:
    rows = PIECE + 7
    text = "a,b,k\n" + "".join(f"{k},{k % 7},{'xyz'[k % 3]}\n" for k in range(rows))
    data = read_csv(write(tmp_path, text))
    assert [[float(k), float(k % 7)] for k in range(rows)] == data.X
    assert data.y == [k % 3 for k in range(rows)]
    bad = text.splitlines()
    bad[PIECE + 3] = "1,none at all,x"
    with pytest.raises(DataError, match=f"line {PIECE + 4} holds 'none at all'"):
        read_csv(write(tmp_path, "\n".join(bad)))
    bad[PIECE + 3] = "1,2,3,x"
    with pytest.raises(DataError, match=f"line {PIECE + 4} has 4 cells"):
        read_csv(write(tmp_path, "\n".join(bad)))


# ------------------------------------------------------------ which columns are features


@pytest.mark.parametrize("order", [[0, 1, 2, 3], [7, 3, 5, 0]])
def test_the_index_of_pandas_is_no_feature(tmp_path: Path, order: list[int]) -> None:
    pandas = pytest.importorskip("pandas")
    frame = pandas.DataFrame({"a": [4.0, 3.0, 2.0, 1.0], "k": ["x", "y", "x", "y"]}, index=order)
    frame.to_csv(tmp_path / "table.csv")
    data = load(tmp_path / "table.csv")
    assert (data.X, data.y) == ([[4.0], [3.0], [2.0], [1.0]], [0, 1, 0, 1])
    assert data.notes == (
        "The first column has no name and counts the rows: it is left out, an index.",
    )


def test_a_first_column_without_a_name_that_counts_nothing_is_a_feature(tmp_path: Path) -> None:
    data = read_csv(write(tmp_path, ",k\n0.5,0\n1.5,1\n"))
    assert data.feature_names == ("x1",)


def test_a_named_column_that_counts_is_said(tmp_path: Path) -> None:
    path = write(tmp_path, "id,a,k\n7,1,0\n8,2,1\n9,2,1\n")
    assert "'id' counts the rows: if it is no feature" in read_csv(path).notes[0]
    assert read_csv(path, index="id").X == [[1.0], [2.0], [2.0]]
    assert read_csv(path, index=["id"]).notes == ()


def test_texts_are_kinds(tmp_path: Path) -> None:
    pets = read_csv(write(tmp_path, PETS))
    assert pets.feature_names == ("weight", "fur=long", "fur=short")
    assert pets.X == [[4.0, 1.0, 0.0], [9.0, 0.0, 1.0], [3.0, 1.0, 0.0]]
    assert "'fur' holds texts, and is a feature for each of 2 kinds" in pets.notes[0]
    assert pets.columns == Columns(
        (Numbers("weight"), Categories("fur", ("long", "short"))), True, "kind"
    )


def test_numbers_that_are_names_of_kinds(tmp_path: Path) -> None:
    data = read_csv(write(tmp_path, "code,k\n07,0\n12,1\n"), texts="code")
    assert (data.feature_names, data.X) == (("code=07", "code=12"), [[1, 0], [0, 1]])


@pytest.mark.parametrize(
    ("text", "options", "message"),
    [
        ("a,k\n1,0\nx,1\n", {}, "line 3 holds 'x' in the column 'a' of numbers.*texts='a'"),
        ("a,k\nx,0\n1,1\n", {}, "line 3 holds '1' in the column 'a' of texts.*texts='a'"),
        ("a,k\ninf,0\n1,1\n", {}, "line 2 holds 'inf'"),
        ("long,cat\nshort,dog\nlong,dog\n", {}, "the first line may be names or a sample"),
        ("a,a,k\n1,2,0\n", {}, "two columns 'a'"),
        ("a,k\n1,0\n", {"index": "a"}, "no column of features"),
        ("a,k\n1,0\n", {"index": "b"}, "index is 'b': expected a name from the first line"),
        ("a,k\n1,0\n", {"texts": ["b"]}, "texts is 'b': expected a name from the first line"),
        ("a,k\n1,0\n", {"missing": "ignore"}, "missing is 'ignore': expected 'refuse', 'drop'"),
        ("a,y\n1,0.5\n2,o.5\n", {}, "line 3 holds 'o.5' among targets that are numbers"),
        ("a,k\n,0\n,1\n", {"missing": "drop"}, "something missing in every line"),
        ("a,b,k\n,1,0\n,2,1\n", {"missing": "fill"}, "'a' has nothing but missing cells"),
    ],
)
def test_what_is_refused(tmp_path: Path, text: str, options: Any, message: str) -> None:
    with pytest.raises((ArgumentError, DataError), match=message):
        read_csv(write(tmp_path, text), **options)


def test_names_of_samples_are_no_kinds(tmp_path: Path) -> None:
    text = "name,a,k\n" + "".join(f"name {k},{k},{k % 2}\n" for k in range(200))
    with pytest.raises(DataError, match=r"'name' has 200 different texts .* index='name'"):
        read_csv(write(tmp_path, text))


# ------------------------------------------------------------ what is missing


@pytest.mark.parametrize("word", ["None", "NA", "<NA>", "-nan", "#N/A", "NULL", "?", "-", ""])
def test_targets_that_are_numbers_may_be_missing_and_are_no_class(
    tmp_path: Path, word: str
) -> None:
    for numbers, known in (("3 4 3", [3, 4, 3]), ("0.5 2 -1e3", [0.5, 2.0, -1000.0])):
        one, two, three = numbers.split()
        text = f"a,y\n1,{one}\n2,{word}\n3,{two}\n4,{three}\n"
        for missing in ("refuse", "fill"):
            with pytest.raises(DataError, match="line 3 has no target"):
                read_csv(write(tmp_path, text), missing=missing)
        data = read_csv(write(tmp_path, text), missing="drop")
        assert (data.y, data.target_names, data.X) == (known, (), [[1], [3], [4]])
        assert any("1 of 4 rows are left out" in note for note in data.notes)


def test_what_pandas_takes_for_missing_is_missing_between_numbers(tmp_path: Path) -> None:
    pandas = pytest.importorskip("pandas")
    words = sorted(pandas._libs.parsers.STR_NA_VALUES)
    text = "a,k\n" + "".join(f"{word},x\n" for word in words) + "7,y\n"
    assert read_csv(write(tmp_path, text), missing="drop").X == [[7.0]]


def test_words_among_texts_and_a_column_of_nothing_else_are_classes(tmp_path: Path) -> None:
    data = read_csv(write(tmp_path, "a,y\n1,None\n2,cat\n3,3\n"))
    assert data.target_names == ("3", "None", "cat")
    assert read_csv(write(tmp_path, "a,y\n1,none\n2,na\n")).target_names == ("na", "none")


GAPS = "a,fur,k\n1,long,x\n,short,y\n3,,x\nNA,long,y\n9,long,x\n"


def test_missing_cells_are_refused_with_their_line(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 3 has nothing in the column 'a'.*missing=.fill"):
        read_csv(write(tmp_path, GAPS.replace(",,", ",long,")))
    with pytest.raises(DataError, match="line 3 has nothing in the column 'fur'"):
        read_csv(write(tmp_path, "a,fur,k\n1,long,x\n2,,y\n"))


def test_lines_with_missing_cells_are_left_out(tmp_path: Path) -> None:
    data = read_csv(write(tmp_path, GAPS), missing="drop")
    assert (data.X, data.y) == ([[1.0, 1.0], [9.0, 1.0]], [0, 0])
    assert "3 of 5 rows are left out, as something is missing in them." in data.notes


def test_missing_cells_are_filled(tmp_path: Path) -> None:
    data = read_csv(write(tmp_path, GAPS), missing="fill")
    assert data.feature_names == ("a", "fur=(missing)", "fur=long", "fur=short")
    assert [row[0] for row in data.X] == [1.0, 3.0, 3.0, 3.0, 9.0]
    assert data.X[2] == [3.0, 1.0, 0.0, 0.0]
    again = data.columns.encode(table_of([[math.nan, None], [2.0, "short"]]))
    assert again == [[3.0, 1.0, 0.0, 0.0], [2.0, 0.0, 0.0, 1.0]]


@pytest.mark.parametrize("order", ["NA,long,NA", "long,NA,NA", "NA,NA,long"])
def test_what_stands_for_nothing_among_texts_is_a_text_wherever_it_stands(
    tmp_path: Path, order: str
) -> None:
    cells = order.split(",")
    lines = [f"{k % 3},{cell},y\n" for k, cell in enumerate(cells)]
    data = read_csv(write(tmp_path, "".join(["a,fur,k\n", *lines])))
    assert data.feature_names == ("a", "fur=NA", "fur=long")
    assert [row[1:] for row in data.X] == [[cell == "NA", cell == "long"] for cell in cells]


def test_underscores_are_no_part_of_a_number(tmp_path: Path) -> None:
    data = read_csv(write(tmp_path, "a,room,k\n5,1_1,2_1\n7,1_2,2_2\n5,1_1,2_1\n"))
    assert (data.feature_names, data.target_names) == (
        ("a", "room=1_1", "room=1_2"),
        ("2_1", "2_2"),
    )
    with pytest.raises(DataError, match="line 3 holds '1_2' in the column 'room' of numbers"):
        read_csv(write(tmp_path, "a,room,k\n5,11,x\n7,1_2,y\n"))


# ------------------------------------------------------------ frames, and tables of the same form


@pytest.mark.parametrize("library", ["pandas", "polars"])
def test_frames(library: str) -> None:
    module = pytest.importorskip(library)
    frame = module.DataFrame(
        {"w": [4, 9, 3], "fur": ["long", "short", "long"], "kind": ["cat", "dog", "cat"]}
    )
    data = from_frame(frame, target="kind", name="pets")
    assert data == Dataset(
        [[4, 1, 0], [9, 0, 1], [3, 1, 0]],
        [0, 1, 0],
        ("w", "fur=long", "fur=short"),
        ("cat", "dog"),
        "pets",
        columns=data.columns,
        notes=data.notes,
    )
    turned = frame[["fur", "kind", "w"]]
    assert data.columns.encode(table_of(turned)) == data.X
    with pytest.raises(DataError, match="no column 'w'"):
        data.columns.encode(table_of(frame[["fur"]]))
    with pytest.raises(ArgumentError, match=r"target is 'kin'.*did you mean 'kind'"):
        from_frame(frame, target="kin")
    gaps = module.DataFrame({"w": [4.0, None, 3.0], "kind": [0.5, 1.0, 2.0]})
    with pytest.raises(DataError, match=r"frame\[1\] has nothing in the column 'w'"):
        from_frame(gaps, target="kind")
    assert from_frame(gaps, target="kind", missing="drop").y == [0.5, 2.0]


@pytest.mark.parametrize(
    ("rows", "error", "message"),
    [
        ([[1.0, "red"]], DataError, r"X\[0\] holds 'red'.*'fur': expected a kind .* 'long'"),
        ([[1.0, 2.0]], DataError, "holds '2'"),
        ([["1", "long"]], DataError, r"X\[0\] holds '1' in the column 'weight'"),
        ([[1.0]], ShapeError, "has 1 columns: expected 2"),
        ([[1.0, "long"], [2.0]], ShapeError, r"X\[1\] has length 1"),
        ([[1.0, "long"], ["x", "long"]], DataError, r"X\[1\]\[0\] is 'x' in a column of numbers"),
        ([[1.0, "long"], [1.0, 2]], DataError, r"X\[1\]\[1\] is 2 in a column of texts"),
        ([[math.inf, "long"]], DataError, r"X\[0\]\[0\] is inf"),
        ([[1j, "long"]], ArgumentTypeError, r"X\[0\]\[0\] is 1j, of type complex"),
        ([3.0], ShapeError, r"X\[0\] is 3\.0"),
        ([], DataError, "X is empty"),
    ],
)
def test_rows_that_do_not_fit(tmp_path: Path, rows: Any, error: Any, message: str) -> None:
    pets = read_csv(write(tmp_path, PETS))
    with pytest.raises(error, match=message):
        pets.columns.encode(table_of(rows))


def test_from_frame_wants_a_frame() -> None:
    with pytest.raises(ArgumentTypeError, match="expected a frame with named columns"):
        from_frame([[1.0]], target="k")
    with pytest.raises(ArgumentTypeError, match="index is 3"):
        read_csv("x.csv", index=3)  # type: ignore[arg-type]  # that is the mistake


def test_a_table_is_read_as_the_training_read_it(tmp_path: Path) -> None:
    path = write(tmp_path, "code,a,k\n07,1,x\n12,2,y\n")
    data = read_csv(path, texts="code")
    table, _ = read_table(write(tmp_path, "note,a,code\nfirst,2,12\n9,1,07\n"), data.columns)
    assert data.columns.encode(table) == [data.X[1], data.X[0]]
    unnamed = read_csv(write(tmp_path, "x,1,5\ny,2,7\n"))
    assert unnamed.columns.target == 2
    for text, said in (("y,2,8\nx,1,9\n", 1), ("y,2\nx,1\n", 0), ("p,q\ny,2\nx,1\n", 0)):
        table, notes = read_table(write(tmp_path, text), unnamed.columns)
        assert unnamed.columns.encode(table) == [unnamed.X[1], unnamed.X[0]]
        assert len(notes) == said
    with pytest.raises(DataError, match="first column without a name, as an index"):
        read_table(write(tmp_path, ",p,q\n0,y,2\n1,x,1\n"), unnamed.columns)


def test_columns_as_plain_data(tmp_path: Path) -> None:
    for columns in (
        read_csv(write(tmp_path, GAPS), missing="fill").columns,
        read_csv(write(tmp_path, "1,2\n3,4\n")).columns,
        load("iris").columns,
    ):
        assert Columns.of_plain(columns.plain()) == columns
