"""Models with shorter lists: what is recorded of one is what a model of that size gives."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from models import MODELS, SEVERAL, Attention, Tied

from tinygrad_nn import nn
from tinygrad_nn.compiler.batched import Batched
from tinygrad_nn.nn.compiled.shorter import Outline
from tinygrad_nn.nn.compiled.symbolic import parameter_argument
from tinygrad_nn.train.engines.recording import SampleSizes, gradient_recording


def program(model: nn.Module, width: int, several: bool) -> Any:
    parameters, argument = parameter_argument(model)
    loss = nn.cross_entropy if several else nn.squared_error
    recording, _ = gradient_recording(model, loss, parameters, argument, SampleSizes(width, 0))
    return Batched(recording).program


@pytest.mark.parametrize("make", MODELS)
def test_what_is_recorded_is_what_a_model_of_that_size_gives(
    make: Callable[..., nn.Module],
) -> None:
    large, small = (13, 17), (4, 6)
    model, expected = make(*large), make(*small)
    before = model.state_dict()
    to = dict(zip(large, small, strict=True))
    outline = Outline(model)
    twin = outline.shorter(to)
    assert set(outline.lengths) >= set(large)
    several = make in SEVERAL
    found = program(twin, small[0], several)
    assert str(found) == str(program(expected, small[0], several))
    assert {name: np.shape(part) for name, part in twin.state_dict().items()} == {
        name: np.shape(part) for name, part in expected.state_dict().items()
    }
    assert model.state_dict() == before
    if make not in (Tied, Attention):  # which lead to some twice
        assert outline.parameters({}) == len(model.parameters())
        assert outline.parameters(to) == len(twin.parameters())
    assert not set(twin.parameters()) & set(model.parameters())
