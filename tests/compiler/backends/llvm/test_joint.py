"""Arrays that one call takes, and the kernels that it then calls."""

from __future__ import annotations

import ctypes
import gc
import sys
import threading
from collections.abc import Sequence
from typing import Any

import numpy as np
import pytest

pytest.importorskip("llvmlite")

from tinygrad_nn.compiler.backends.backend import Kernel
from tinygrad_nn.compiler.backends.joint import GIVEN_NOT_FINITE, LONG, NOT_TAKEN, Given, Job
from tinygrad_nn.compiler.backends.llvm import joint as joints
from tinygrad_nn.compiler.backends.llvm.engine import Engine, Target, target
from tinygrad_nn.compiler.backends.llvm.joint import joint

HOST = target()
PROCESSORS = {
    "host": HOST,
    "avx2": Target(HOST.cpu, HOST.features.replace("+avx512", "-avx512")),
    "baseline": Target("", ""),
}
NOTES = """
define i64 @note(ptr %t, i64 %n, i64 %r) {
  %old = load i64, ptr %t
  %ten = mul i64 %old, 10
  %new = add i64 %ten, %n
  store i64 %new, ptr %t
  ret i64 %r
}
"""  # writes down that it was called, and tells what it is told to
WAITS = """
define i64 @wait(ptr %t, i64 %n, i64 %r) {
  br label %again
again:
  %k = phi i64 [ 0, %0 ], [ %k1, %again ]
  %seen = load volatile i64, ptr %t
  %k1 = add i64 %k, 1
  %is = icmp ne i64 %seen, 0
  %late = icmp ugt i64 %k1, %n
  %stop = or i1 %is, %late
  br i1 %stop, label %done, label %again
done:
  ret i64 %seen
}
"""  # waits until somebody writes, or for some time
SHAPES = [(1, 1), (8, 8), (7, 3), (9, 17), (32, 64), (100, 2), (3, 40), (16, 8)]


@pytest.fixture(scope="module")
def notes() -> Any:
    return Engine(NOTES, HOST).function("note")


def made(
    shape: tuple[int, int], notes: Any, tells: Sequence[int] = (0,), dtype: Any = np.float64
) -> Any:
    """A call with its targets, in rows that are longer than need be, and the kernels' notes."""
    count, size = shape
    x, y = np.full((size, count + 3), -1.0, dtype), np.full((1, count + 1), -1.0, dtype)
    noted = np.zeros(1, np.int64)
    address = ctypes.cast(notes, ctypes.c_void_p).value or 0
    kernels = [
        Kernel(0, 0, 0, address, noted, n + 1, told, False, noted) for n, told in enumerate(tells)
    ]
    given = [Given(x[:, :count], 2), Given(y[:, :count], 1)]
    run = joint(Job(given, kernels, [], LONG * (1 + (size % 2 == 0))))
    return run, x, y, noted


@pytest.fixture(params=PROCESSORS)
def processor(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    chosen = PROCESSORS[request.param]
    if chosen is not HOST and chosen.width >= HOST.width:
        pytest.skip("this processor has no more")
    monkeypatch.setattr(joints, "target", lambda: chosen)


@pytest.mark.usefixtures("processor")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_arrays_in_all_strides(dtype: Any, notes: Any) -> None:
    rng = np.random.default_rng(0)
    for shape in SHAPES:
        run, x, y, _ = made(shape, notes, dtype=dtype)
        given = rng.normal(size=shape)
        wide = np.zeros((shape[0], 3 * shape[1]))
        wide[:, 1::3] = given
        labels = rng.integers(-5, 5, shape[0])
        for X, Y in (
            (given, labels),
            (np.asfortranarray(given), labels.astype(float)),
            (wide[:, 1::3], np.repeat(labels, 2)[::2]),
            (given[::-1], labels[::-1]),
            (given[:, ::-1], np.broadcast_to(labels[:1], shape[:1])),
            (given.astype(dtype), labels.astype(dtype)),
            (np.asfortranarray(given.astype(dtype)), labels.astype(dtype)[::-1]),
        ):
            assert run(X, Y) == 0
            assert np.array_equal(x[:, : shape[0]], X.T.astype(dtype))
            assert np.array_equal(y[0, : shape[0]], Y)
        assert (x[:, shape[0] :] == -1.0).all()
        assert (y[:, shape[0] :] == -1.0).all()


@pytest.mark.usefixtures("processor")
@pytest.mark.parametrize("dtype", [np.float64, np.float32])
def test_numbers_that_are_not_finite_are_found_wherever_they_are(dtype: Any, notes: Any) -> None:
    most = float(np.finfo(dtype).max)
    too_much = np.inf if dtype is np.float64 else 2.0 * most  # rounded, it is infinite too
    for shape in SHAPES[:4]:
        run, _, _, noted = made(shape, notes, dtype=dtype)
        X, Y = np.full(shape, most), np.full(shape[0], 5e-324)
        assert run(X, Y) == 0
        noted[0] = 0
        for form in (np.ascontiguousarray, np.asfortranarray):
            for place in np.ndindex(*shape):
                wrong = form(X.copy())
                wrong[place] = (np.nan, too_much, -np.inf)[sum(place) % 3]
                assert run(wrong, Y) == GIVEN_NOT_FINITE
                with np.errstate(all="ignore"):
                    assert run(wrong.astype(dtype), Y) == GIVEN_NOT_FINITE
        for n in range(shape[0]):
            wrong = Y.copy()
            wrong[n] = np.nan
            assert run(X, wrong) == GIVEN_NOT_FINITE
        assert noted[0] == 0  # no kernel has run


def test_what_is_no_such_array_is_not_taken(notes: Any) -> None:
    run, _x, y, noted = made((4, 3), notes)
    X, Y = np.ones((4, 3)), np.ones(4)
    nothing: list[Any] = [None, 1.0, [1.0], "text", b"bytes", X.tolist()]
    others = [X.astype(kind) for kind in (np.float32, np.int32, np.complex64, object, bool, ">f8")]
    shapes = [X[:3], X[:, :2], X[0], X[None], np.array(1.0), np.ones((0, 3)), X.astype("M8[s]")]
    for wrong in (*nothing, *others, *shapes):
        assert run(wrong, Y) == NOT_TAKEN
    for wrong in (*nothing, Y[:3], Y[:, None], Y.astype(np.int32), Y.astype(np.float32)):
        assert run(X, wrong) == NOT_TAKEN
    assert (y == -1.0).all()
    assert noted[0] == 0
    assert run(X, Y) == 0
    assert noted[0] == 1


def test_kernels_are_called_in_turn_and_their_flags_come_together(notes: Any) -> None:
    run, *_, noted = made((2, 2), notes, (1, 0, 2))
    assert run(np.ones((2, 2)), np.ones(2)) == 3
    assert noted[0] == 123


def test_no_reference_is_kept_of_what_is_given(notes: Any) -> None:
    run, *_ = made((4, 3), notes)
    X, Y, wrong = np.ones((4, 3)), np.ones(4), np.ones((4, 3), np.float32)
    before = [sys.getrefcount(one) for one in (X, Y, wrong)]
    for _ in range(50):
        run(X, Y)
        run(wrong, Y)
        run(X, wrong)
    assert [sys.getrefcount(one) for one in (X, Y, wrong)] == before
    X.resize((2, 6), refcheck=True)  # no buffer is left either


def test_what_is_called_lives_as_long(notes: Any) -> None:
    run, *_, noted = made((4, 3), notes)
    gc.collect()
    noise = [np.zeros(64) for _ in range(100)]
    assert run(np.ones((4, 3)), np.ones(4)) == 0
    assert noted[0] == 1
    assert len(noise) == 100


@pytest.mark.parametrize("is_long", [True, False])
def test_other_threads_run_meanwhile_where_it_takes_long(is_long: bool) -> None:
    wait = Engine(WAITS, HOST).function("wait")
    place = np.zeros(1, np.int64)
    address = ctypes.cast(wait, ctypes.c_void_p).value or 0
    most = 10**11 if is_long else 10**6
    x, y = np.zeros((2, 4)), np.zeros((1, 4))
    kernel = Kernel(0, 0, 0, address, place, most, 0, True, place)
    run = joint(Job([Given(x, 2), Given(y, 1)], [kernel], [], LONG * (1 + is_long)))
    begun = threading.Event()

    def write() -> None:
        begun.wait()
        place[0] = 7

    thread = threading.Thread(target=write)
    interval = sys.getswitchinterval()
    sys.setswitchinterval(100.0)
    try:
        thread.start()
        begun.set()
        assert run(np.ones((4, 2)), np.ones(4)) == (7 if is_long else 0)
    finally:
        sys.setswitchinterval(interval)
    thread.join()
    assert (x == 1.0).all()
