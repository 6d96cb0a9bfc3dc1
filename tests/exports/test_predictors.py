"""A classifier of a frame with texts, saved and loaded, predicts the same in every language."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from exported import defined
from in_c import compiled, needs_compiler
from in_javascript import needs_node
from in_javascript import run as run_javascript

from tinygrad_nn import nn, to_c, to_javascript, to_jax, to_numpy, to_onnx, to_torch
from tinygrad_nn.data import Standardizer, read_csv
from tinygrad_nn.saved import Predictor, load, save


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> tuple[Predictor, Any, Any]:
    """What is loaded, its features as numbers, and its outputs for them."""
    folder = tmp_path_factory.mktemp("model")
    kinds = ["cat", "dog", "a bird; small", "cat", "dog", "cat", "a bird; small"] * 3
    lines = [
        f"{k % 7},{['long', 'short', 'none'][k % 3]},{['house', 'street'][k % 2]},{kind}"
        for k, kind in enumerate(kinds)
    ]
    (folder / "pets.csv").write_text("\n".join(["size,fur,home,kind", *lines]) + "\n")
    data = read_csv(folder / "pets.csv")
    scaler = Standardizer().fit(data.X)
    model = nn.MLP(len(data.X[0]), [5, 3], activation="relu", seed=1)
    path = folder / "m.safetensors"
    save(Predictor(model, nn.cross_entropy, data, scaler), path)
    found = load(path)
    rows = np.array(data.X)
    texts = [[float(size), *kinds] for size, *kinds in (line.split(",")[:3] for line in lines)]
    outputs = np.array(found.outputs(texts))
    names = [found.classes[k] for k in outputs.argmax(axis=1)]
    assert names == found.predict(texts)
    return found, rows, outputs


@needs_compiler
@pytest.mark.parametrize(
    ("dtype", "real", "allowed"), [("float64", "double", 1e-12), ("float32", "float", 1e-6)]
)
def test_c(made: Any, tmp_path: Path, dtype: str, real: str, allowed: float) -> None:
    predictor, rows, outputs = made
    text = to_c(predictor, tmp_path / "predict.h", dtype=dtype)
    assert "classes: a bird; small, cat, dog" in text
    numbers = ", ".join(repr(number) for number in rows.ravel().tolist())
    source = f"""
#include <stdio.h>
#include "predict.h"
int main(void)
{{
    static const {real} x[] = {{{numbers}}};
    {real} y[3];
    for (int n = 0; n < {len(rows)}; n++) {{
        predict(x + {rows.shape[1]} * n, y);
        printf("%.17g %.17g %.17g ", (double)y[0], (double)y[1], (double)y[2]);
    }}
    return 0;
}}"""
    found = np.array(compiled(source, tmp_path).split(), float).reshape(outputs.shape)
    assert abs(found - outputs).max() <= allowed * abs(outputs).max()


@needs_node
def test_javascript(made: Any, tmp_path: Path) -> None:
    predictor, rows, outputs = made
    text = to_javascript(predictor, name="predict")
    assert 'export const classes = ["a bird; small", "cat", "dog"];' in text
    found = run_javascript(
        {"predict": text}, {"predict": [(row,) for row in rows.tolist()]}, tmp_path
    )
    assert abs(np.array(found["predict"]) - outputs).max() <= 1e-12


@pytest.mark.parametrize(
    ("library", "write"), [("numpy", to_numpy), ("torch", to_torch), ("jax", to_jax)]
)
def test_python(made: Any, library: str, write: Callable[..., str]) -> None:
    pytest.importorskip(library)
    predictor, rows, outputs = made
    text = write(predictor)
    assert abs(np.asarray(defined(text, "predict")(rows)) - outputs).max() <= 1e-12
    assert defined(text, "CLASSES") == list(predictor.classes)


def test_onnx(made: Any) -> None:
    pytest.importorskip("onnx")
    runtime = pytest.importorskip("onnxruntime")
    predictor, rows, outputs = made
    model = to_onnx(predictor)
    session = runtime.InferenceSession(
        model.SerializeToString(), providers=["CPUExecutionProvider"]
    )
    assert abs(session.run(None, {"x": rows})[0] - outputs).max() <= 1e-12
    assert session.get_modelmeta().custom_metadata_map == {
        "classes": '["a bird; small", "cat", "dog"]'
    }
