"""The exceptions of tinygrad_nn.

Each is also the built-in exception that a caller would expect, so that
``except ValueError`` works as well as ``except TinygradNNError``::

    TinygradNNError
    ├── DomainError (ValueError, ArithmeticError)   an operation has no finite real result there
    │   ├── PoleError (ZeroDivisionError)           ... a division by zero, log(0)
    │   ├── RangeError (OverflowError)              ... the result is too large for a float
    │   └── NonFiniteError                          ... a number or derivative is infinite or NaN
    ├── ArgumentError (ValueError)                  an argument of the right type has a bad value
    │   ├── ShapeError                              ... the wrong length or nesting
    │   ├── DataError                               ... data that nothing can be learnt from
    │   ├── FileError (OSError)                     ... a path where no file can be written
    │   ├── SizeError                               ... a length that shapes the program
    │   └── StateError                              ... a saved state that does not fit the model
    ├── ArgumentTypeError (TypeError)               an argument of the wrong type
    ├── ConversionError (TypeError)                 a number that is differentiated made plain
    ├── TraceError (TypeError)                      recorded code needs a number not known yet
    ├── StaleGraphError (RuntimeError)              a number was assigned after it had been used
    ├── UnknownNameError (AttributeError)           a name of another library
    ├── DrawingError (RuntimeError)                 a picture cannot be made
    ├── WorkerError (RuntimeError)                  processes that compute for this one are lost
    ├── ProofError (RuntimeError)                   a program that is not shown to be its function
    ├── ConvergenceError (RuntimeError)             a solver has not found what it looks for
    └── MissingExtraError (ImportError)             an optional dependency is not installed

And two warnings. ``LostGradientWarning (UserWarning)``: a number was made plain, and what is
computed from it has no derivative. ``FaultWarning (RuntimeWarning)``: the compiler failed, by an error
of its own, and the function itself was called instead.

Every message names the argument, the value met, what was expected and the
remedy.
"""

from __future__ import annotations

__all__ = [
    "ArgumentError",
    "ArgumentTypeError",
    "ConvergenceError",
    "ConversionError",
    "DataError",
    "DomainError",
    "DrawingError",
    "FaultWarning",
    "FileError",
    "LostGradientWarning",
    "MissingExtraError",
    "NonFiniteError",
    "PoleError",
    "ProgramError",
    "ProofError",
    "RangeError",
    "ShapeError",
    "SizeError",
    "StaleGraphError",
    "StateError",
    "TinygradNNError",
    "TraceError",
    "UnknownNameError",
    "WorkerError",
]


class TinygradNNError(Exception):
    """The root of this package's exceptions."""


class DomainError(TinygradNNError, ValueError, ArithmeticError):
    """An operation has no finite real result at its operands, as log(-1)."""


class PoleError(DomainError, ZeroDivisionError):
    """An operation was evaluated at a pole, as 1/0."""


class RangeError(DomainError, OverflowError):
    """The result of an operation is too large for a float, as exp(1000)."""


class NonFiniteError(DomainError):
    """A check has found a number or a derivative that is infinite or NaN."""


class ArgumentError(TinygradNNError, ValueError):
    """An argument has the right type and a value that cannot be used."""


class ShapeError(ArgumentError):
    """An argument has the wrong length or nesting."""


class DataError(ArgumentError):
    """A data set has missing numbers, unknown labels or parts that do not fit."""


class FileError(ArgumentError, OSError):
    """A path is one where no file can be written."""


class SizeError(ArgumentError):
    """A function is not the same program at all lengths, or it cannot be seen that it is."""


class StateError(ArgumentError):
    """A saved state lacks an entry, has one too many, or one of another shape."""


class ArgumentTypeError(TinygradNNError, TypeError):
    """An argument has a type that cannot be used."""


class ConversionError(TinygradNNError, TypeError):
    """A Value that is being differentiated was made plain, or pickled: no derivative is left."""


class LostGradientWarning(UserWarning):
    """A plain number was taken out of a Value: what is computed from it has no derivative.

    Python shows it once for each line of yours. ``warnings.simplefilter("error",
    LostGradientWarning)`` makes it an error.
    """


class FaultWarning(RuntimeWarning):
    """The compiler failed, by an error of its own: the function was called as it is, which is slow.

    Told once for each function. Results are what the function gives.
    """


class TraceError(TinygradNNError, TypeError):
    """A function that is being recorded needs a number that is not known yet."""


class StaleGraphError(TinygradNNError, RuntimeError):
    """A number of a graph is not what its operands give: one was assigned after recording."""


class UnknownNameError(TinygradNNError, AttributeError):
    """A name is not there; in other libraries it is, or one like it."""


class DrawingError(TinygradNNError, RuntimeError):
    """A picture cannot be made: nothing renders it, or it would be too large."""


class WorkerError(TinygradNNError, RuntimeError):
    """Processes that compute parts of a batch were lost, again and again."""


class MissingExtraError(TinygradNNError, ImportError):
    """An optional dependency is not installed."""


class ProgramError(TinygradNNError, RuntimeError):
    """A tape or a program breaks a rule: an error of the compiler, never of its user."""


class ProofError(TinygradNNError, RuntimeError):
    """It cannot be shown that a program computes what its function computes."""


class ConvergenceError(TinygradNNError, RuntimeError):
    """A solver has not found what it looks for, or not to the digits that were asked for."""
