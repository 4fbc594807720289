"""What intake's pages read."""

from intake.queries.ended import ended_referrals
from intake.queries.names import names_known_to
from intake.queries.open_questions import (
    AreaCount,
    fitting_now,
    open_counts,
    proposals,
    questions_of,
    questions_to_offer,
)
from intake.queries.queue import QueueRow, can_be_judged_by, queue_for, queue_rows
from intake.queries.status import (
    Outcome,
    Status,
    entry_status,
    notes_on,
    outcome_rows,
    referral_status,
    with_status_facts,
)
from intake.queries.story import Step, story_of

__all__ = [
    "AreaCount",
    "Outcome",
    "QueueRow",
    "Status",
    "Step",
    "can_be_judged_by",
    "ended_referrals",
    "entry_status",
    "fitting_now",
    "names_known_to",
    "notes_on",
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
