"""What intake's pages read."""

from intake.queries.open_questions import (
    AreaCount,
    fitting_now,
    open_counts,
    proposals,
    questions_of,
    questions_to_offer,
)
from intake.queries.queue import QueueRow, can_be_judged_by, queue_for, queue_rows
from intake.queries.status import Outcome, Status, entry_status, outcome_rows, referral_status, with_status_facts
from intake.queries.story import Step, story_of

__all__ = [
    "AreaCount",
    "Outcome",
    "QueueRow",
    "Status",
    "Step",
    "can_be_judged_by",
    "entry_status",
    "fitting_now",
    "open_counts",
    "outcome_rows",
    "proposals",
    "questions_of",
    "questions_to_offer",
    "queue_for",
    "queue_rows",
    "referral_status",
    "story_of",
    "with_status_facts",
]
