"""Warnings of the library of fonts are left out; all else is said."""

from __future__ import annotations

import os

import pytest

from tinygrad_nn.drawing.fonts import without_font_warnings


@without_font_warnings()
def _warn_and_fail() -> None:
    os.write(2, b'Fontconfig warning: "/etc/fonts", line 6: unknown element\n')
    os.write(2, b"Fontconfig error: no fonts\n")
    _ = 1 / 0


def test_only_what_fontconfig_warns_of_is_left_out(capfd: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(ZeroDivisionError):
        _warn_and_fail()
    os.write(2, b"later\n")
    assert capfd.readouterr().err == "Fontconfig error: no fonts\nlater\n"


def test_blank_lines_after_warnings_go_too(capfd: pytest.CaptureFixture[str]) -> None:
    with without_font_warnings():
        os.write(2, b"Fontconfig warning: unknown element\n\n")
    assert capfd.readouterr().err == ""
