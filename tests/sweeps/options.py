"""The lines of a sweep's command line that others have too."""

from __future__ import annotations

from argparse import ArgumentParser, Namespace, RawDescriptionHelpFormatter

__all__ = ["asked", "parser_of"]


def parser_of(about: str | None, count: int = 0, what: str = "", seed: int = 0) -> ArgumentParser:
    """Make what reads how many are asked for, if any can be, and with what seed, if there is one."""
    parser = ArgumentParser(description=about, formatter_class=RawDescriptionHelpFormatter)
    if count:
        parser.add_argument("--count", type=int, default=count, help=f"{what} ({count})")
    if seed:
        parser.add_argument("--seed", type=int, default=seed, help=f"of what is drawn ({seed})")
    return parser


def asked(about: str | None, count: int = 0, what: str = "", seed: int = 0) -> Namespace:
    """Read them."""
    return parser_of(about, count, what, seed).parse_args()
