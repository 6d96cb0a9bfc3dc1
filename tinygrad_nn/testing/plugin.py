"""The pytest plugin: a fixture that checks gradients.

pytest loads it where this package is installed, in every run; so it imports what it needs when
a test asks for the fixture.
"""

from __future__ import annotations

import zlib
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from ..check import Report

__all__ = ["check_grad"]


@pytest.fixture
def check_grad(request: pytest.FixtureRequest) -> Callable[..., Report]:
    """Compare derivatives with finite differences; fail the test if one is wrong.

    Called as `tinygrad_nn.check_grad` is, it returns the report. Without a `seed` or an `rng`, the
    random directions follow from the name of the test, so that it can be repeated.
    """
    from ..check import check_grad as compare

    seed_of_test = zlib.crc32(request.node.nodeid.encode())

    def checked(f: Any, *args: Any, **options: Any) -> Report:
        __tracebackhide__ = True
        options.setdefault("seed", seed_of_test)
        report = compare(f, *args, **options)
        if not report:
            pytest.fail(str(report), pytrace=False)
        return report

    return checked
