"""The page of operations says what the table says, and its pictures are there."""

import importlib.util
import math
import re
from pathlib import Path
from xml.etree import ElementTree

import pytest

from tinygrad_nn.plotting.operations import plot_operation, slopes
from tinygrad_nn.scalar import ops
from tinygrad_nn.scalar.arities import Unary
from tinygrad_nn.scalar.operation import TABLE, forget

pytest.importorskip("matplotlib")
pytest.importorskip("latex2mathml")

FOLDER = Path(__file__).resolve().parents[2] / "docs"
ROWS = [row for row in TABLE.values() if row in vars(ops).values()]  # none that a test has added


@pytest.fixture(scope="module")
def maker():
    spec = importlib.util.spec_from_file_location("make_operations", FOLDER / "make_operations.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def bell():
    row = Unary(
        "bell",
        lambda x: math.exp(-x * x),
        lambda x, z: -2.0 * x * z,
        "The bell curve.",
        special=(0.0,),
        remedy="bell takes every number",
    )
    yield row
    forget(row)


# ---- the page ------------------------------------------------------------------------------


def test_the_page_is_that_of_the_table(maker):
    written = (FOLDER / "operations.md").read_text(encoding="utf-8")
    assert written == maker.page(ROWS), "run: python docs/make_operations.py"


def test_the_page_of_special_functions_is_that_of_their_table(maker):
    pytest.importorskip("scipy")
    written = (FOLDER / "special.md").read_text(encoding="utf-8")
    assert written == maker.special_page(), "run: python docs/make_operations.py"


def test_every_operation_has_a_section_and_a_picture(maker):
    page = maker.page(ROWS)
    names = re.findall(r"^## (\w+)$", page, re.MULTILINE)
    assert names == [row.name for row in ROWS]
    pictures = {path.stem: path for path in (FOLDER / maker.PICTURES).glob("*.svg")}
    assert sorted(pictures) == sorted(names)
    for name, path in pictures.items():
        texts = [text.strip() for text in ElementTree.parse(path).getroot().itertext()]
        assert any(text.startswith(f"{name}(") for text in texts)


def test_an_operation_added_later_appears(maker, bell):
    section = maker.page(TABLE.values()).split("## bell\n")[1]
    assert "The bell curve." in section
    assert "<mn>2</mn><mi>x</mi>" in section  # in its derivative
    assert "| 0 | 1 | 0 |" in section
    assert "A bad argument: bell takes every number." in section


def test_formulas_are_markup_and_load_nothing(maker):
    page = maker.page(ROWS)
    formulas = re.findall(r"<math.*?</math>", page)
    assert len(formulas) == sum(1 + row.arity for row in ROWS)
    for formula in formulas:
        root = ElementTree.fromstring(formula)
        assert root.tag == "{http://www.w3.org/1998/Math/MathML}math"
        assert "\\" not in "".join(root.itertext())  # no command was left unread
    assert set(re.findall(r"https?://[^\"]+", page)) == {"http://www.w3.org/1998/Math/MathML"}


def test_conventions(maker):
    def points(name):
        return maker.table(TABLE[name], maker.special_points(TABLE[name])).splitlines()

    assert "| 0 | 0 | 0 |" in points("abs")
    assert "| 2 | 2 | 2 | 1 | 0 |" in points("max")
    assert "| 0 | 0 | ∞ |" in points("sqrt")
    assert "| −3 | 2 | 9 | −6 | none |" in points("pow")
    assert points("where")[0] == "| c | x | y | z | ∂z/∂c | ∂z/∂x | ∂z/∂y |"


@pytest.mark.parametrize(
    ("name", "domain"),
    [
        ("log", "0 < x"),
        ("sqrt", "0 ≤ x"),
        ("asin", "−1 ≤ x ≤ 1"),
        ("atanh", "−1 < x < 1"),
        ("log1p", "−1 < x"),
        ("tanh", ""),
    ],
)
def test_domains(maker, name, domain):
    assert maker.domains(TABLE[name]) == domain


# ---- the pictures --------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["tanh", "sqrt", "max", "where"])
def test_curves_are_the_operation_and_its_derivative(name):
    row = TABLE[name]
    axes = plot_operation(row)
    fixed = [float(x) for x in re.findall(r", (-?[\d.]+)", axes.get_lines()[0].get_label())]
    assert len(fixed) == row.arity - 1
    for line, at in zip(
        axes.get_lines(),
        (lambda *point: row.quiet(*point), lambda *point: slopes(row, point)[0]),
        strict=True,
    ):
        for x, y in list(zip(*line.get_data(), strict=True))[::97]:
            assert math.isnan(y) or y == at(x, *fixed)
        assert all(row.domain[0][0] <= x <= row.domain[0][1] for x in line.get_xdata())


def test_curves_are_interrupted_where_they_jump():
    (steps, _) = plot_operation(TABLE["floor"]).get_lines()
    assert sum(math.isnan(y) for y in steps.get_ydata()) == 8
    (smooth, _) = plot_operation(TABLE["sin"]).get_lines()
    assert not any(math.isnan(y) for y in smooth.get_ydata())


def test_limits_are_shown_where_numbers_are_large():
    low, high = plot_operation(TABLE["exp"]).get_ylim()
    assert -1.0 < low < 0.0 < 4.0 < high < 5.0


def test_other_arguments_are_held_inside_their_intervals():
    line, _ = plot_operation(TABLE["div"]).get_lines()
    assert line.get_label() == "div(x, 2.5)"


def test_axes_may_be_given():
    figure = pytest.importorskip("matplotlib.figure").Figure()
    axes = figure.add_subplot()
    assert plot_operation(TABLE["cos"], axes=axes) is axes
    assert len(axes.get_lines()) == 2
