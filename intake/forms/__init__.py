"""The two forms of intake. Both can be asked half-filled ("preview"): then only what was filled in is checked."""

from intake.forms.judging import JudgeForm
from intake.forms.parts import availability_rows
from intake.forms.referring import ReferForm

__all__ = ["JudgeForm", "ReferForm", "availability_rows"]
