from intake.models.desk import MINUTES_A_DAY, Appointment, AppointmentEvent, IntakeSlot, SlotCancellation
from intake.models.drafts import IntakeDraft
from intake.models.feedback import FeedbackCursor, ReferralNews
from intake.models.judgement import Judgement, ReferralPlacement
from intake.models.notes import ReferralNote
from intake.models.open_questions import OpenQuestion
from intake.models.referral import WITH_REFERRALS, Referral, ReferralQuerySet, refuse_null
from intake.models.referral_draft import KEPT_FOR, ReferralDraft

__all__ = [
    "KEPT_FOR",
    "MINUTES_A_DAY",
    "WITH_REFERRALS",
    "Appointment",
    "AppointmentEvent",
    "FeedbackCursor",
    "IntakeDraft",
    "IntakeSlot",
    "Judgement",
    "OpenQuestion",
    "Referral",
    "ReferralDraft",
    "ReferralNews",
    "ReferralNote",
    "ReferralPlacement",
    "ReferralQuerySet",
    "SlotCancellation",
    "refuse_null",
]
