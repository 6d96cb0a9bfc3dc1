"""What `grade` has found, in words."""

from __future__ import annotations

from dataclasses import dataclass

from ..hypertext import listing

__all__ = ["Finding", "Grade"]


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong.

    Attributes
    ----------
    sentence : str
        What is wrong, and where.
    code : str
        The smallest graph in which it shows, as one would type it.
    name : str
        The number that differs there, as ``"x.grad"``; empty where nothing was computed.
    theirs, right : float or None
        What was found, and what is right.
    hints : tuple of str
        Three hints, each saying more than the one before, none saying the solution; or none.
    """

    sentence: str
    code: str = ""
    name: str = ""
    theirs: float | None = None
    right: float | None = None
    hints: tuple[str, ...] = ()

    def __str__(self) -> str:
        lines = [self.sentence]
        if self.code:
            lines += ["It shows in:", *(f"    {line}" for line in self.code.splitlines())]
        if self.name:
            lines.append(f"where {self.name} is {self.theirs!r}, and {self.right!r} is right.")
        return "\n".join(lines)


@dataclass(frozen=True)
class Grade:
    """What came of grading; it is printed as sentences.

    Attributes
    ----------
    findings : tuple of Finding
        What is wrong; nothing, if all is right.
    missing : tuple of str
        What is not there, and so was not tried; it counts as no mistake.
    notes : tuple of str
        What else was seen, as what was printed.
    tried, agreed : int
        How many graphs (or checks) were tried, and how many came out right.
    """

    findings: tuple[Finding, ...]
    missing: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    tried: int = 0
    agreed: int = 0

    @property
    def passed(self) -> bool:
        """Whether nothing is wrong."""
        return not self.findings

    def hints(self, step: int = 1) -> str:
        """Give the hints for what was found, up to a step: 1 where to look, 3 nearly all.

        Examples
        --------
        >>> from tinygrad_nn.grading import Finding, Grade
        >>> print(Grade((Finding("x", hints=("Look at a.", "Think of b.", "c is missing.")),)).hints(2))
        1. Look at a.
           Think of b.
        """
        told = [
            f.hints[:step] or ("No rule fits: compare with your own derivation.",)
            for f in self.findings
        ]
        return "\n".join(
            f"{number}. " + "\n   ".join(hints) for number, hints in enumerate(told, start=1)
        )

    def __str__(self) -> str:
        lines = [f"{self.agreed} of {self.tried} agree."] if self.tried else []
        if self.passed:
            lines.append("Nothing is wrong.")
        for number, finding in enumerate(self.findings, start=1):
            first, *rest = str(finding).splitlines()
            lines += ["", f"{number}. {first}", *(f"   {line}" for line in rest)]
        if any(finding.hints for finding in self.findings):
            lines += ["", "Hints, step by step: .hints(1), .hints(2), .hints(3)"]
        if self.missing:
            lines += ["", f"Not there, so not tried: {', '.join(self.missing)}."]
        lines += ["", *self.notes] if self.notes else []
        return "\n".join(lines)

    __repr__ = __str__

    def _repr_html_(self) -> str:
        return listing(str(self))
