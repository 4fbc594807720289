"""The words of intake as data: where a question comes from, what was decided, and which state may follow which."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ReferralSource(TextChoices):
    """R1: whoever asks, the steps are the same."""

    SELF = "self", _("the person themselves")
    SOCIUS_WORKER = "socius_worker", _("a Socius worker")
    SOCIAL_TEAM = "social_team", _("a social team")
    ORGANISATION = "organisation", _("another organisation")
    OUTREACH = "outreach", _("an outreach contact")


class ReferralState(TextChoices):
    RECEIVED = "received", _("received")
    JUDGED = "judged", _("judged")
    CLOSED = "closed", _("closed")


# From → where it may go; services.judging._move() is the only code that changes a state.
REFERRAL_MOVES = {
    ReferralState.RECEIVED: {ReferralState.JUDGED, ReferralState.CLOSED},
    ReferralState.JUDGED: {ReferralState.CLOSED},
    ReferralState.CLOSED: set(),
}


class ClientType(TextChoices):
    """How somebody stands to their own problem (R6); wording.APPROACH says what that asks of us."""

    VISITOR = "visitor", _("visitor")
    COMPLAINANT = "complainant", _("complainant")
    CUSTOMER = "customer", _("customer")


class Decision(TextChoices):
    """What the social worker judges (R3, R4): group first, individual help second."""

    WAITLIST = "waitlist", _("onto one or more waitlists")
    INDIVIDUAL_HELP = "individual_help", _("individual help")
    REFER_OUT = "refer_out", _("refer to another organisation")


class StatusCode(TextChoices):
    """What became of a referral, as the referrer may hear it (R9); wording.status_text words each."""

    RECEIVED = "received"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    WAITING_ENOUGH = "waiting_enough"
    WAITING_NO_MINIMUM = "waiting_no_minimum"
    ON_HOLD = "on_hold"
    PLACED = "placed"
    RUNNING = "running"
    FINISHED = "finished"
    OTHER_HELP = "other_help"
    REFERRED_OUT = "referred_out"
    WITHDREW = "withdrew"
    STOPPED = "stopped"
