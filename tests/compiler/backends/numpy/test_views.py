"""Views of memory, and the axes along which calls run."""

from __future__ import annotations

import numpy as np
import pytest

from tinygrad_nn.compiler.backends.numpy.emitter import Emitter
from tinygrad_nn.compiler.backends.numpy.views import Buffer, Strided, is_blas, joint

ARENA = np.arange(60.0)


@pytest.mark.parametrize("strides", [(12, 4, 1), (1, 2, 6), (-12, 4, -1), (0, 1, 0), (0, 0, 0)])
def test_a_view_has_the_places_that_its_strides_say(strides: tuple[int, ...]) -> None:
    sizes, start = (2, 3, 4), 30
    indices = np.indices(sizes)
    places = start + sum(s * i for s, i in zip(strides, indices, strict=True))
    numbers = Strided(Buffer(ARENA, start), strides)
    np.testing.assert_array_equal(numbers.view(sizes), places)
    dims = list(zip(sizes, strides, strict=True))
    np.testing.assert_array_equal(numbers.buffer.view(dims), places)


def test_axes_that_all_operands_run_through_are_one() -> None:
    assert joint((2, 3, 4), ((12, 4, 1), (12, 4, 1))) == ((24,), ((1,), (1,)))
    assert joint((2, 3, 4), ((12, 4, 1), (0, 4, 1))) == ((2, 12), ((12, 1), (0, 1)))
    assert joint((2, 3, 4), ((12, 4, 1), (24, 8, 2))) == ((24,), ((1,), (2,)))
    assert joint((2, 3, 4), ((12, 4, 1), (4, 8, 1))) == ((2, 3, 4), ((12, 4, 1), (4, 8, 1)))
    assert joint((2, 1, 4), ((4, 7, 1), (4, -9, 1))) == ((8,), ((1,), (1,)))
    assert joint((), ((), ())) == ((), ((), ()))
    assert joint((1, 1), ((5, 6),)) == ((), ((),))
    assert joint((3, 4), ((-4, -1),)) == ((12,), ((-1,),))


def test_the_same_place_is_the_same_object() -> None:
    """NumPy tells by it that an operand and the result do not overlap in part."""
    emit = Emitter()
    one, other = Strided(Buffer(ARENA, 6), (4, 1)), Strided(Buffer(ARENA, 6), (4, 1))
    assert emit.view(one, (2, 3)) is emit.view(other, (2, 3))
    assert emit.view(one, (2, 3)) is not emit.view(one, (3, 2))
    assert emit.view(one, (2, 3)) is not emit.view(Strided(Buffer(ARENA, 7), (4, 1)), (2, 3))
    assert emit.view(one, (2, 3)) is not emit.view(Strided(Buffer(ARENA.copy(), 6), (4, 1)), (2, 3))


def test_arenas_that_are_gone_are_not_mixed_up() -> None:
    emit = Emitter()
    for n in range(50):
        arena = np.full(8, float(n))
        assert emit.view(Strided(Buffer(arena, 0), (1,)), (8,))[3] == n


def test_numbers_that_differ_in_sign_are_two() -> None:
    emit = Emitter()
    numbers = [0.0, -0.0, 0.5, -0.5, np.inf, -np.inf]
    names = [emit.operand(number) for number in numbers]
    assert len(set(names)) == 6
    assert names == [emit.operand(number) for number in numbers]
    made = np.array([emit.things[name] for name in names])
    np.testing.assert_array_equal(made, numbers)
    np.testing.assert_array_equal(np.signbit(made), np.signbit(numbers))


def test_what_blas_takes() -> None:
    assert is_blas((3, 4), (4, 1))
    assert is_blas((3, 9), (4, 1))
    assert is_blas((3, 1), (4, 3))
    assert not is_blas((3, 4), (4, 2))
    assert not is_blas((3, 2), (4, 1))
    assert not is_blas((3, -4), (4, 1))
