"""Numbers and names as they stand in formulas, in LaTeX."""

from __future__ import annotations

import re

__all__ = ["GREEK", "label_latex", "number_latex"]

_GREEK_NAMES = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda mu nu xi pi rho sigma tau "
    "upsilon phi chi psi omega Gamma Delta Theta Lambda Xi Pi Sigma Upsilon Phi Psi Omega"
)
GREEK = dict(zip("αβγδεζηθικλμνξπρστυφχψωΓΔΘΛΞΠΣΥΦΨΩ", _GREEK_NAMES.split(), strict=True))
"""The names of Greek letters, by letter."""

_NAME = re.compile(r"([^\W\d_]+)(?:_?(\d+)|_([^\W_]+))?((?:\[[^\[\]]*\])*)('*)")
_SPECIAL = {"\\": r"\textbackslash{}", "~": r"\textasciitilde{}", "^": r"\textasciicircum{}"}
_SPECIAL |= {mark: "\\" + mark for mark in "{}$&#_%"}


def number_latex(number: float) -> str:
    """Write a number that is not negative, in as few digits as tell it from all others."""
    digits, _, exponent = repr(number).removesuffix(".0").partition("e")
    if not exponent:
        return {"inf": r"\infty", "nan": r"\mathrm{NaN}"}.get(digits, digits)
    power = f"10^{{{int(exponent)}}}"
    return power if digits == "1" else rf"{digits} \cdot {power}"


def label_latex(label: str) -> str:
    """Write a label: a letter, a word, either with indices; anything else as text."""
    parts = [_NAME.fullmatch(part) for part in label.split(".")]
    if not all(parts):
        return _text(label)
    return ".".join(_indexed(part) for part in parts if part)


def _indexed(name: re.Match[str]) -> str:
    word, number, index, places, primes = name.groups()
    below = [_index(part) for part in (number, index) if part]
    below += [_index(place.strip("'\"")) for place in re.findall(r"\[([^\]]*)\]", places)]
    return _word(word) + (f"_{{{','.join(below)}}}" if below else "") + primes


def _index(index: str) -> str:
    if re.fullmatch(r"[\d, :-]+", index):
        return index.replace(" ", "")
    return _word(index) if index.isalpha() else _text(index)


def _word(word: str) -> str:
    if word in GREEK:
        return "\\" + GREEK[word]
    if word in GREEK.values():
        return "\\" + word
    return word if len(word) == 1 else rf"\mathrm{{{word}}}"


def _text(text: str) -> str:
    escaped = (_SPECIAL.get(character, character) for character in " ".join(text.split()))
    return rf"\text{{{''.join(escaped)}}}"
