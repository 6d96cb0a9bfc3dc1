"""A teacher's bench: what is wrong with an engine, a gradient or a training step, and where."""

from .gradients import grade_gradient as grade_gradient
from .report import Finding as Finding
from .report import Grade as Grade
from .steps import grade_step as grade_step
from .values import grade as grade

__all__ = ["Finding", "Grade", "grade", "grade_gradient", "grade_step"]
