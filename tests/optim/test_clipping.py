"""Gradients cut by length and by size, as PyTorch cuts them."""

from __future__ import annotations

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tinygrad_nn import Value
from tinygrad_nn.errors import ArgumentError
from tinygrad_nn.optim import clip_norm, clip_value

slopes = st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=4)


def with_slopes(given_slopes: list[float]) -> list[Value]:
    leaves = [Value(1.0) for _ in given_slopes]
    for leaf, slope in zip(leaves, given_slopes, strict=True):
        leaf.grad = slope
    return leaves


@settings(max_examples=15)
@given(g=slopes, most=st.floats(1e-3, 1e3))
def test_by_length(g: list[float], most: float) -> None:
    leaves, norm = with_slopes(g), math.sqrt(math.fsum(slope**2 for slope in g))
    assert clip_norm(leaves, most) == pytest.approx(norm, rel=1e-12)
    scale = min(1.0, most / (norm + 1e-6))
    assert [leaf.grad for leaf in leaves] == pytest.approx([slope * scale for slope in g])


@settings(max_examples=15)
@given(g=slopes, most=st.floats(1e-3, 1e3))
def test_by_size(g: list[float], most: float) -> None:
    leaves = with_slopes(g)
    clip_value(leaves, most)
    assert [leaf.grad for leaf in leaves] == [min(max(slope, -most), most) for slope in g]


def test_the_numbers_of_pytorch() -> None:
    torch = pytest.importorskip("torch")
    for g in ([3.0, -4.0], [0.1, 0.2]):
        ours = with_slopes(g)
        theirs = torch.zeros(2, dtype=torch.float64, requires_grad=True)
        theirs.grad = torch.tensor(g, dtype=torch.float64)
        norm = torch.nn.utils.clip_grad_norm_([theirs], 2.0)
        assert clip_norm(ours, 2.0) == pytest.approx(norm.item(), rel=1e-14)
        assert [leaf.grad for leaf in ours] == pytest.approx(theirs.grad.tolist(), rel=1e-14)


@pytest.mark.parametrize("most", [0.0, -1.0, math.inf, math.nan])
def test_bad_bounds(most: float) -> None:
    for clip in (clip_norm, clip_value):
        with pytest.raises(ArgumentError, match=r"most is .*: expected a finite number above 0"):
            clip([Value(1.0)], most)
