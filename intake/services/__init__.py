"""What happens at the door, one transaction each."""

from intake.services.appointments import (
    be_away,
    book_appointment,
    call_off_intakes,
    cancel_appointment,
    intakes_between,
    move_appointment,
    note_outcome,
    note_told,
)
from intake.services.drafts import discard_draft, forget_old_drafts, read_draft, save_draft
from intake.services.judging import WantedPlace, check_decision, judge_referral
from intake.services.notes import note_change
from intake.services.open_questions import (
    answer_open_question,
    refuse_offer,
    review_open_question,
    withdraw_open_question,
)
from intake.services.referring import check_consent, check_wish, refer_client
from intake.services.reminding import remind_of_intakes
from intake.services.slots import (
    SlotPlan,
    add_slot,
    appointments_hit,
    areas_for,
    cancel_occurrence,
    change_slot,
    restore_occurrence,
    stop_slot,
    workers_for,
)

__all__ = [
    "SlotPlan",
    "WantedPlace",
    "add_slot",
    "answer_open_question",
    "appointments_hit",
    "areas_for",
    "be_away",
    "book_appointment",
    "call_off_intakes",
    "cancel_appointment",
    "cancel_occurrence",
    "change_slot",
    "check_consent",
    "check_decision",
    "check_wish",
    "discard_draft",
    "forget_old_drafts",
    "intakes_between",
    "judge_referral",
    "move_appointment",
    "note_change",
    "note_outcome",
    "note_told",
    "read_draft",
    "refer_client",
    "refuse_offer",
    "remind_of_intakes",
    "restore_occurrence",
    "review_open_question",
    "save_draft",
    "stop_slot",
    "withdraw_open_question",
    "workers_for",
]
