"""Compiled programs as pictures."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from drawn import Picture, svg_texts
from forms import at, inner, made, total
from listed import shaped
from programs import PROGRAMS, Make, causal_attention, mixed, moons, numbers, program_of, valley

from tinygrad_nn import Trainer, Value, compile, draw, nn, relu
from tinygrad_nn.compiler.listing.listing import lines_of
from tinygrad_nn.compiler.program.program import Run
from tinygrad_nn.compiler.program.statements import Loop, Map, Reduce
from tinygrad_nn.compiler.readable import Program
from tinygrad_nn.errors import ArgumentError, ArgumentTypeError, DrawingError
from tinygrad_nn.functions import dot
from tinygrad_nn.optim import GradientDescent
from tinygrad_nn.scalar.ops import add, exp


def layer() -> Program:
    import random

    def f(W: Any, b: Any, x: Any) -> Any:
        return [relu(dot(w, x) + c) for w, c in zip(W, b, strict=True)]

    rng = random.Random(0)
    return program_of(f, numbers(rng, 3, 2), numbers(rng, 3), numbers(rng, 2))


def test_boxes_show_name_shape_algebra_and_nodes() -> None:
    assert Picture(draw(layer())).texts() == [
        ["W", "(3, 2)"],
        ["b", "(3,)"],
        ["x", "(2,)"],
        ["z1", "(3,)", "= W @ x + b", "9 nodes"],
        ["result", "(3,)", "= max(0, z1)", "3 nodes"],
    ]


def test_arrows_are_reads() -> None:
    picture = Picture(draw(layer()))
    named = {name: picture.text(name)[0] for name in picture.nodes}
    arrows = sorted((named[edge.tail], named[edge.head]) for edge in picture.edges)
    assert arrows == [("W", "z1"), ("b", "z1"), ("x", "z1"), ("z1", "result")]


def test_inputs_statements_and_results_look_different() -> None:
    picture = Picture(draw(layer()))
    look = {picture.text(name)[0]: node["fillcolor"] for name, node in picture.nodes.items()}
    assert look["W"] == look["b"] == look["x"]
    assert len({look["W"], look["z1"], look["result"]}) == 3


def test_results_that_are_parts_or_numbers_have_boxes() -> None:
    picture = Picture(draw(mixed()))
    assert picture.find("result['one']", "()", "= 1")
    assert not picture.into(picture.find("result['one']"))
    part = picture.find("result['z']", "(4,)", "= h1[1:5]")
    assert [edge.tail for edge in picture.into(part)] == [picture.find("h1")]
    h1, x = picture.nodes[picture.find("h1")], picture.nodes[part]
    assert h1["fillcolor"] != x["fillcolor"]


def test_what_is_added_to_is_read() -> None:
    picture = Picture(draw(valley()))
    added = picture.find("result[1][0:29]", "(29,)", "+= -2 * z2")
    tails = {picture.text(edge.tail)[0] for edge in picture.into(added)}
    assert tails == {"z2", "result[1][0]", "result[1][1:29]"}


def test_long_tables_and_formulas_are_cut_short_but_not_in_the_tooltip() -> None:
    picture = Picture(draw(causal_attention()))
    shown = [text[2] for text in picture.texts() if len(text) > 2]
    assert any("take(z2, […])" in text for text in shown)
    assert not any("#" in text for text in shown)
    assert max(map(len, shown)) <= 2 + 3 + 80
    assert any("in all, #" in node["tooltip"] for node in picture.nodes.values())


@pytest.mark.parametrize("make", PROGRAMS, ids=lambda make: make.__name__)
def test_every_statement_has_one_box(make: Make) -> None:
    program = make()
    lines = lines_of(program)
    targets = [line.target for line in (*lines.statements, *lines.results)]
    boxes = [text[0] for text in Picture(draw(program)).texts() if len(text) > 2]
    assert sorted(boxes) == sorted([*targets, *[b for b in boxes if b.startswith("c")]])


def test_what_compile_gives_is_drawn() -> None:
    double = compile(lambda x: [2 * v for v in x])
    with pytest.raises(ArgumentError, match="no program yet: call it once"):
        draw(double)
    double([1.0, 2.0])
    by_hand = Picture(draw(double.program)).texts()
    assert Picture(draw(double)).texts() == by_hand
    x = Value(1.0)
    assert "2 * inputs" in str(Picture(draw(compile(2 * x, [x]))).texts())


def test_it_is_saved_with_its_text(tmp_path: Path) -> None:
    path = draw(moons(), rankdir="TB").save(tmp_path / "moons.svg")
    texts = svg_texts(path.read_text())
    assert "= z10.T @ X" in texts
    assert "5,440 nodes" in texts


def test_a_training_step_has_two_frames_and_hands_its_gradient_on() -> None:
    model = nn.MLP(2, [3, 1], seed=0)
    trainer = Trainer(model, nn.squared_error, GradientDescent(model.parameters(), 0.1))
    trainer.step([[1.0, 2.0]], [1.0])
    drawing = draw(trainer.program)
    picture = Picture(drawing)
    found = {picture.text(edge.tail)[0] for edge in picture.into(picture.find("gradient"))}
    assert found == {f"layers.{i}.{part}.grad" for i in (0, 1) for part in ("weight", "bias")}
    assert picture.find("parameters'", "(batch,)", "= parameters - gradient * lr")
    for what in ("sample", "parameter"):
        assert f"for each {what} of a batch" in drawing.source


def test_a_loop_is_a_frame_with_arrows_from_the_step_before() -> None:
    arrays = [shaped("x", 6, 4), shaped("b", 4), inner(28), inner(24)]
    begin = Map(at(2, 1), (4,), exp, (at(1, 1),))
    summed = Reduce(at(3, 4, 1), (4,), add, (total(at(2, 4, 1)), total(at(0, 4, 1))))
    step = Map(at(2, 4, 1, start=4), (4,), exp, (at(3, 4, 1),))
    last = [Run(4, at(2, 1, start=24))]
    program = made(arrays, [begin, Loop(6, (summed, step))], results=last)
    picture = Picture(draw(Program.of(program, None)))  # type: ignore[arg-type]  # never run
    assert picture.frames() == [["for t in range(6)"]]
    (cluster,) = picture.clusters.values()
    ids = {node["_gvid"]: name for name, node in picture.nodes.items()}
    assert [picture.text(ids[n])[0] for n in cluster["nodes"]] == ["z1[t]", "h1[t + 1]"]
    named = {name: picture.text(name)[0] for name in picture.nodes}
    assert {(named[edge.tail], named[edge.head]) for edge in picture.edges} == {
        ("b", "h1[0]"),
        ("x", "z1[t]"),
        ("h1[0]", "z1[t]"),
        ("h1[t + 1]", "z1[t]"),
        ("z1[t]", "h1[t + 1]"),
        ("h1[t + 1]", "result"),
    }


def test_too_many_statements_are_refused() -> None:
    with pytest.raises(DrawingError, match=r"has 5 statements and inputs, more than max_nodes=4"):
        draw(layer(), max_nodes=4)
    assert draw(layer(), max_nodes=5)


def test_what_is_no_program_is_refused_as_before() -> None:
    with pytest.raises(ArgumentTypeError, match="or what compile gives"):
        draw(3.0)  # type: ignore[arg-type]  # that is the point


def tax(income: Any) -> Any:
    if income <= 10.0:
        return 0.1 * income
    while income > 40.0:
        income = income / 2.0
    return 0.25 * income - 1.5


def test_paths_are_a_tree_of_questions_and_answers() -> None:
    compiled = compile(tax)
    for income in (5.0, 20.0, 90.0, 20.0, 95.0, 50.0):
        compiled(income)
    picture = Picture(draw(compiled, rankdir="TB"))
    line = tax.__code__.co_firstlineno
    head = f"test_program.py:{line + 1}: if income <= 10.0:"
    loop = f"test_program.py:{line + 3}: while income > 40.0:"
    edges = [(*picture.text(edge.tail), edge.look.get("label", ""), *picture.text(edge.head))
             for edge in picture.edges]  # fmt: skip
    assert sorted(edges) == sorted(
        [
            (head, "yes ×1", "path taken once"),
            (head, "no ×5", loop),
            (loop, "no ×2", "path taken 2 times"),
            (loop, "yes ×3", loop),
            (loop, "no ×1", "path taken once"),
            (loop, "yes ×2", f"{loop} no"),
            (f"{loop} no", "", "path taken 2 times"),
        ]
    )
    with pytest.raises(DrawingError, match="questions and paths, more than max_nodes=2"):
        draw(compiled, max_nodes=2)
    with pytest.raises(ArgumentError, match="depth"):
        draw(compiled, depth=1)
    assert [*Picture(draw(compiled.program)).texts()]
