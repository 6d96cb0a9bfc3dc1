"""Programs and models as graphs of ONNX."""

from __future__ import annotations

import os
from typing import Any

from ..arguments import check_path
from ..extras import load_extra
from ..files import write_whole

__all__ = ["to_onnx"]


def to_onnx(
    thing: Any,
    path: str | os.PathLike[str] | None = None,
    *,
    name: str | None = None,
    dtype: Any = None,
    example: Any = None,
) -> Any:
    """Make a model of ONNX, of opset 21, of a compiled function or a model.

    It has an input for each array among the arguments, and an output for each among the results,
    ``result``, or ``result_0`` and so on, or by their names. What each sample has its own of has
    a first axis ``samples``. Parameters of a model are initializers with their names, and steps of
    a program one Loop. What runtimes have for float32 only, as the arc tangent, is written with
    what they have for float64 too.

    Parameters
    ----------
    thing : compiled function, Program or Module
        As of :func:`to_c`.
    path : str or path, optional
        Where to write it as well, a name that ends in .onnx: a whole file or none.
    name : str, optional
        What the graph is called; if not given, as the file, or as the function.
    dtype : "float64" or "float32", optional
        The type of its tensors; if not given, as the program has it.
    example : sequence, optional
        Of a model of your own some samples, which say how many numbers it takes.

    Returns
    -------
    onnx.ModelProto
        The model, which onnx's checker has looked through.

    Raises
    ------
    ArgumentError
        As of :func:`to_numpy`. Where a number is no place of the table that it chooses from, all
        results are NaN.
    MissingExtraError
        When the package onnx is not installed: ``pip install "tinygrad-nn[onnx]"``.
    """
    load_extra("numpy", "compile", "export a program")
    load_extra("onnx", "onnx", "export to ONNX")
    from .onnx_.model import model_of
    from .source import source_of

    file = None if path is None else check_path(path, ".onnx")
    source = source_of(thing, dtype, example)
    model = model_of(source, name or (source.name if file is None else file.stem))
    if file is not None:
        write_whole(file, model.SerializeToString())
    return model
