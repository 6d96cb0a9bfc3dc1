"""Pictures of computation graphs, of networks, and of compiled programs.

A number is a box, an operation a circle, and every use of a number an edge; a compiled
program has a box for every array statement. Needs the extra ``draw``: ``pip install "tinygrad-nn[draw]"``.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from reprlib import repr as brief
from typing import TYPE_CHECKING, Any

from ..arguments import check_count
from ..errors import ArgumentError, ArgumentTypeError, DrawingError
from ..explaining import Path
from ..nn import MLP, Layer, Module, Neuron
from ..scalar.graph import Node
from ..scalar.value import Value
from .architecture import draw_architecture
from .building import make_outline
from .colour import QUANTITIES
from .computation import Options, draw_computation
from .highlight import find_highlight
from .outline import Outline
from .paths import draw_paths
from .picture import Drawing
from .placing import place_nodes
from .program import draw_program
from .style import DARK, LIGHT
from .terminal import print_outline
from .wording import describe

if TYPE_CHECKING:
    from ..compiler.function import Compiled
    from ..compiler.graph import CompiledGraph
    from ..compiler.readable import Chain, Program

__all__ = ["Drawing", "draw", "print_graph"]

_DIRECTIONS = ("LR", "RL", "TB", "BT")


def draw(
    value: Value
    | Sequence[Value]
    | MLP
    | Layer
    | Neuron
    | Compiled
    | CompiledGraph
    | Program
    | Chain,
    *,
    model: Module | None = None,
    depth: int | None = None,
    fold: bool | None = None,
    keep: Callable[[Value], bool] | None = None,
    color: str | None = None,
    highlight: Value | Iterable[Value] | Path | None = None,
    rankdir: str = "LR",
    precision: int = 4,
    derivatives: bool = False,
    flow: bool = False,
    dark: bool = False,
    max_nodes: int = 500,
) -> Drawing:
    """Draw the graph of a Value, the architecture of a network, or a compiled program.

    A box shows a number's label, data and gradient, or a dash where no backward pass
    has been; leaves are blue and results orange. A circle is an operation; its operands
    come in from the top (from the left if the direction is down) in order. Plain
    numbers stand beside each of their uses. A frame is a scope: what was computed within
    `scope`, or with the parameters of a layer or a unit of `model`.

    Of a compiled function the program of its latest call is drawn: a box is an array
    statement with its formula, the shape of its result, and how many numbers of the graph
    it stands for. Of one that looks at numbers the tree of its known paths is drawn: what is
    asked, in the user's lines, and how often each answer was given.

    Parameters
    ----------
    value : Value, sequence of Value, or model
        The result or results whose graph to draw, as one picture; or an MLP, a Layer or
        a Neuron, whose units are drawn instead; or what `compile` gives, or its program, or
        the `program` of a Trainer.
    model : Module, optional
        Whose parameters are in the graph: they get their names, and operations the scopes
        of layers and units. In a sum over samples each sample is a scope as well.
    depth : int, optional
        How many levels of scopes are drawn; those on the last level are drawn closed, as
        one box each. All are open if not given.
    fold : bool, optional
        Whether parts and numbers that are computed alike are drawn once, as "unit × 16",
        with the range of their numbers; if not given, wherever `depth` is. Chains of
        additions, products, maxima or minima are then one operation.
    keep : callable, optional
        Tells of a Value whether it is drawn though its scope is closed.
    color : str, optional
        What numbers are coloured by: the size of their ``"gradient"`` or ``"value"``, on
        a logarithmic scale. A box has the colour of its largest.
    highlight : Value, iterable of Value, or Path, optional
        What stands out: numbers and the edges between them; or one of the paths of
        `explain`.
    rankdir : str
        Where the picture runs: ``"LR"`` from left to right, ``"TB"`` from top to bottom,
        ``"RL"`` or ``"BT"``.
    precision : int
        How many significant digits numbers have.
    derivatives : bool
        Whether each edge shows the local derivative, that of the operation's result by
        this operand. The chain rule multiplies them along a path, and adds up the paths.
    flow : bool
        Whether each edge shows what flows back through it: the local derivative times the
        gradient of the result, which is the edge's share of its operand's gradient.
    dark : bool
        Whether the picture is light on dark.
    max_nodes : int
        The most numbers, units of a network, or statements that are drawn.

    Returns
    -------
    Drawing
        What a notebook shows, and what `Drawing.save` writes to a file.

    Raises
    ------
    ArgumentTypeError
        When `value` is nothing that can be drawn.
    ArgumentError
        When an option has a value that it cannot have, or a compiled function has not been
        called yet.
    DrawingError
        When there is more to draw than `max_nodes`.
    MissingExtraError
        When the package graphviz is not installed.

    Examples
    --------
    >>> x = Value(3.0, label="x")
    >>> y = x * x + 2 * x
    >>> y.backward()
    >>> picture = draw(y, derivatives=True)
    >>> picture
    <Drawing: Computation graph>
    >>> from tinygrad_nn import nn
    >>> model = nn.MLP(2, [16, 16, 1], seed=0)
    >>> cost = sum(nn.squared_error(model([k, 1.0]), 0.0) for k in range(100)) / 100
    >>> "sample" in draw(cost, model=model, depth=1).source
    True
    """
    if rankdir not in _DIRECTIONS:
        known = ", ".join(_DIRECTIONS)
        raise ArgumentError(f"rankdir must be one of {known}, got {rankdir!r}")
    precision = check_count(precision, "precision")
    max_nodes = check_count(max_nodes, "max_nodes")
    theme = DARK if dark else LIGHT
    special: dict[str, object] = {"model": model, "depth": depth, "fold": fold, "keep": keep}
    special |= {"color": color, "highlight": highlight, "flow": flow or None}
    if isinstance(value, MLP | Layer | Neuron):
        _refuse(special)
        graph = draw_architecture(value, rankdir=rankdir, max_nodes=max_nodes, theme=theme)
        return Drawing(graph)
    tree = getattr(value, "paths", None) if hasattr(value, "program") else None
    if tree is not None:
        _refuse(special)
        return Drawing(draw_paths(tree, rankdir=rankdir, max_nodes=max_nodes, theme=theme))
    program = _program_of(value)
    if program is not None:
        _refuse(special)
        graph = draw_program(program, rankdir=rankdir, max_nodes=max_nodes, theme=theme)
        return Drawing(graph)
    if color is not None and color not in QUANTITIES:
        raise ArgumentError(f"color must be one of {', '.join(QUANTITIES)}, got {color!r}")
    roots = _roots(value)
    outline = _outline_of(roots, model, depth, fold, keep, max_nodes)
    options = Options(
        rankdir, precision, derivatives, flow, color, find_highlight(highlight), theme
    )
    return Drawing(draw_computation(outline, roots, options), describe(outline, roots, precision))


def print_graph(
    value: Value | Sequence[Value],
    *,
    model: Module | None = None,
    depth: int | None = None,
    fold: bool | None = None,
    keep: Callable[[Value], bool] | None = None,
    precision: int = 4,
    max_nodes: int = 500,
) -> None:
    """Print the graph of a Value as a tree: the result, and below each number its operands.

    What is used more than once is written out where it stands first. Colours need rich,
    which the extra ``cli`` brings; without it the text is plain.

    Parameters
    ----------
    value : Value or sequence of Value
        The result or results.
    model, depth, fold, keep, precision, max_nodes
        As for `draw`.

    Raises
    ------
    ArgumentTypeError, ArgumentError, DrawingError
        As for `draw`.

    Examples
    --------
    >>> a, b = Value(2.0, "a"), Value(-3.0, "b")
    >>> print_graph((a * b + a) ** 2)
    16  ← xʸ
    ├── -4  ← +
    │   ├── -6  ← ×
    │   │   ├── a = 2
    │   │   └── b = -3
    │   └── a = 2
    └── 2
    """
    precision = check_count(precision, "precision")
    max_nodes = check_count(max_nodes, "max_nodes")
    roots = _roots(value)
    print_outline(_outline_of(roots, model, depth, fold, keep, max_nodes), roots, precision)


def _outline_of(
    roots: Sequence[Node],
    model: Module | None,
    depth: int | None,
    fold: bool | None,
    keep: Callable[[Value], bool] | None,
    max_nodes: int,
) -> Outline:
    """Check the arguments, and decide what is drawn."""
    if model is not None and not isinstance(model, Module):
        raise ArgumentTypeError(
            f"model must be a module, got {brief(model)} of type {type(model).__name__}: give the "
            "network whose parameters are in the graph"
        )
    if depth is not None:
        depth = check_count(depth, "depth")
    if keep is not None and not callable(keep):
        raise ArgumentTypeError(
            f"keep must be a function, got {brief(keep)} of type {type(keep).__name__}: write "
            "keep=lambda value: value.label == 'z'"
        )
    fold = depth is not None if fold is None else fold
    outline = make_outline(place_nodes(roots, model), roots, depth=depth, fold=fold, keep=keep)
    if len(outline) > max_nodes:
        raise _too_large(outline, depth, max_nodes)
    return outline


def _too_large(outline: Outline, depth: int | None, max_nodes: int) -> DrawingError:
    many, size = len(outline.placed.nodes), len(outline)
    numbers = f"{many:,} numbers" + ("" if depth is None else f", drawn as {size:,}")
    closer = "with depth=1" if depth is None else "with a smaller depth"
    return DrawingError(
        f"the graph has {numbers}, more than max_nodes={max_nodes:,}: a picture of so many is slow "
        f"to make and hard to read. Collapse it, {closer}; draw a part of it (an earlier result), "
        "the cost of one sample, a smaller model, or the model itself as draw(model); or raise the "
        f"limit with max_nodes={size}"
    )


def _refuse(options: dict[str, object]) -> None:
    """Refuse options that say nothing about what is drawn."""
    for name, given in options.items():
        if given is not None:
            raise ArgumentError(
                f"{name} is {brief(given)}, which applies to the graph of a Value: leave it out"
            )


def _program_of(value: Any) -> Program | Chain | None:
    """Take a program, or that of a compiled function; None of anything else.

    The compiler is not imported for it: without it there is nothing of the kind.
    """
    if not hasattr(value, "program"):
        found: Program | Chain | None = value if hasattr(value, "statements") else None
        return found
    program: Program | Chain | None = value.program
    if program is None:
        raise ArgumentError(
            f"value is {value!r}, which has no program yet: call it once, with arguments of the "
            "structure that it is to be drawn for"
        )
    return program


def _roots(value: object) -> list[Node]:
    """Take a Value, or several, as the roots of a graph."""
    candidates = list(value) if isinstance(value, list | tuple) else [value]
    if not candidates:
        raise ArgumentError("value must not be empty: give at least one Value to draw")
    roots = [candidate for candidate in candidates if isinstance(candidate, Node)]
    if len(roots) < len(candidates):
        other = next(candidate for candidate in candidates if not isinstance(candidate, Node))
        raise ArgumentTypeError(
            "value must be a Value, a list of Values, or a model (MLP, Layer, Neuron), or what "
            "compile gives, got "
            f"{brief(other)} of type {type(other).__name__}: draw a result, as draw(cost)"
        )
    return roots
