"""The forms of intake. Referring and judging can be asked half-filled: then only what was filled in is checked."""

from intake.forms.judging import JudgeForm
from intake.forms.notes import NoteForm
from intake.forms.open_questions import OfferForm, ReviewForm, WithdrawForm
from intake.forms.parts import availability_rows
from intake.forms.referring import ReferForm

__all__ = [
    "JudgeForm",
    "NoteForm",
    "OfferForm",
    "ReferForm",
    "ReviewForm",
    "WithdrawForm",
    "availability_rows",
]
