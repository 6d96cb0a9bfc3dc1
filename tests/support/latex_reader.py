"""Reads LaTeX by the conventions of mathematics, and evaluates it on numbers.

Written apart from the package: it knows what a formula means, not how one is made.
"""

import math
import re

TOKEN = re.compile(
    r"\s+|\\[,;]|\\cdot(?![a-z])|(\\operatorname\{\w+\}|\\(?:begin|end)\{\w+\}|\\text\{[^}]*\}"
    r"|\\mathrm\{\w+\}|\\\\|\\[a-zA-Z]+|\d+(?:\.\d+)?|.)"
)
RELATIONS = {
    "<": float.__lt__,
    ">": float.__gt__,
    "=": float.__eq__,
    r"\leq": float.__le__,
    r"\geq": float.__ge__,
    r"\neq": float.__ne__,
}
FUNCTIONS = {
    r"\arcsin": math.asin,
    r"\arccos": math.acos,
    r"\arctan": math.atan,
    r"\sigma": lambda x: 1 / (1 + math.exp(-x)),
    r"\operatorname{sech}": lambda x: 1.0 / math.cosh(x),
    r"\operatorname{arsinh}": math.asinh,
    r"\operatorname{arcosh}": math.acosh,
    r"\operatorname{artanh}": math.atanh,
    r"\operatorname{sign}": lambda x: float((x > 0) - (x < 0)),
    r"\operatorname{step}": lambda x: float(x > 0),
    r"\operatorname{trunc}": math.trunc,
    r"\operatorname{rint}": round,
    r"\operatorname{stop}": float,
    r"\operatorname{softplus}": lambda x: math.log1p(math.exp(x)),
    r"\max": max,
    r"\min": min,
    r"\ln": math.log,
}
FUNCTIONS |= {
    f"\\{name}": getattr(math, name) for name in ("sin", "cos", "tan", "sinh", "cosh", "tanh")
}
NAMED = ("erf", "erfc", "atan2", "isnan", "isinf", "isfinite")
FUNCTIONS |= {rf"\operatorname{{{name}}}": getattr(math, name) for name in NAMED}


def evaluate(latex, **names):
    """The number that a formula means; `names` gives each of its symbols a number."""
    reader = Reader(latex, names)
    number = reader.relation()
    assert not reader.tokens, f"left over: {reader.tokens}"
    return number


class Reader:
    def __init__(self, latex, names):
        self.tokens = [token for token in TOKEN.findall(latex) if token]
        self.names = names

    def next_is(self, *tokens):
        return bool(self.tokens) and self.tokens[0] in tokens

    def take(self, *expected):
        token = self.tokens.pop(0)
        assert not expected or token in expected, f"{token} in place of {expected}"
        return token

    def group(self, opening="{", closing="}"):
        self.take(opening)
        number = self.relation()
        self.take(closing)
        return number

    def relation(self):
        """A sum, a remainder of sums, or a comparison of sums: 1 or 0."""
        left = self.sum()
        if self.next_is(r"\mathrm{mod}"):
            self.take()
            right = self.power()
            return left - right * math.floor(left / right)
        if self.next_is(*RELATIONS):
            return float(RELATIONS[self.take()](float(left), float(self.sum())))
        return left

    def sum(self):
        sign = -1 if self.next_is("-") and self.take() else 1
        total = sign * self.product()
        while self.next_is("+", "-"):
            total += (1 if self.take() == "+" else -1) * self.product()
        return total

    def product(self):
        total = self.power()
        while self.tokens and not self.next_is(
            "+",
            "-",
            "}",
            ")",
            "]",
            ",",
            "&",
            r"\\",
            r"\right",
            r"\mathrm{mod}",
            r"\end{cases}",
            *RELATIONS,
        ):
            total *= self.power()
        return total

    def power(self):
        base = self.atom()
        if not self.next_is("^"):
            return base
        self.take()
        return base ** (self.group() if self.next_is("{") else float(self.take()))

    def atom(self):
        token = self.take()
        if token == r"\left":
            return self.bracket()
        if token == r"\frac":
            return self.group() / self.group()
        if token == r"\sqrt":
            degree = self.group("[", "]") if self.next_is("[") else 2
            return self.group() ** (1 / degree)
        if token == r"\begin{cases}":
            return self.cases()
        if token == r"\log":
            self.take("_")
            base = self.group() if self.next_is("{") else float(self.take())
            return math.log(self.atom(), base)
        if token in FUNCTIONS:
            if not self.next_is(r"\left"):
                return FUNCTIONS[token](self.atom())
            self.take(r"\left")
            return FUNCTIONS[token](*self.arguments())
        if token[0].isdigit():
            return float(token)
        if token == "e" and "e" not in self.names:
            return math.e
        return math.pi if token == r"\pi" else self.names[token.removeprefix("\\")]

    def bracket(self):
        opening = self.take("(", "[", "|", r"\lfloor", r"\lceil")
        number = self.relation()
        self.take(r"\right")
        self.take({"(": ")", "[": "]", "|": "|"}.get(opening, opening.replace("l", "r", 1)))
        if opening == "|":
            return abs(number)
        return {r"\lfloor": math.floor, r"\lceil": math.ceil}.get(opening, float)(number)

    def arguments(self):
        self.take("(")
        numbers = [self.relation()]
        while self.next_is(","):
            self.take()
            numbers.append(self.relation())
        self.take(r"\right")
        self.take(")")
        return numbers

    def cases(self):
        first = self.relation()
        self.take("&")
        test = self.relation()
        self.take(r"\\")
        second = self.relation()
        self.take("&")
        self.take(r"\text{otherwise}")
        self.take(r"\end{cases}")
        return first if test else second
