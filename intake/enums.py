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
    DIRECT = "direct", _("straight into a group that has a free place")
    INDIVIDUAL_HELP = "individual_help", _("individual help")
    REFER_OUT = "refer_out", _("refer to another organisation")
    NO_OFFER = "no_offer", _("no group fits now: keep it as an open question")


# With these somebody of us asks after the client on a day that is set (R5, R8b, R10).
FOLLOWED_UP = (Decision.INDIVIDUAL_HELP, Decision.NO_OFFER)


class UrgentNeed(TextChoices):
    """R5: what must be in order before a group can help."""

    NO_INCOME = "no_income", _("no income")
    EVICTION = "eviction", _("debts, with a threat of eviction")
    NO_HOME = "no_home", _("no home")
    NO_FOOD = "no_food", _("no food")
    NO_INSURANCE = "no_insurance", _("no health insurance")
    OTHER = "other", _("something else")


class OpenQuestionState(TextChoices):
    """R8b: a question for which there was no offer."""

    OPEN = "open", _("open")
    ANSWERED = "answered", _("answered: on a waitlist")
    WITHDRAWN = "withdrawn", _("withdrawn")


OPEN_QUESTION_MOVES = {
    OpenQuestionState.OPEN: {OpenQuestionState.ANSWERED, OpenQuestionState.WITHDRAWN},
    OpenQuestionState.ANSWERED: set(),
    OpenQuestionState.WITHDRAWN: set(),
}


class StatusCode(TextChoices):
    """What became of a referral, as the referrer may hear it (R9); wording.status_text words each."""

    RECEIVED = "received"
    CONTACTED = "contacted"
    IN_PROGRESS = "in_progress"
    WAITING = "waiting"
    WAITING_ENOUGH = "waiting_enough"
    WAITING_NO_MINIMUM = "waiting_no_minimum"
    ON_HOLD = "on_hold"
    PLACED = "placed"
    RUNNING = "running"
    FINISHED = "finished"
    NOTED = "noted"
    OTHER_HELP = "other_help"
    REFERRED_OUT = "referred_out"
    WITHDREW = "withdrew"
    STOPPED = "stopped"


class NewsCode(TextChoices):
    """What a referrer is told when it happens (R9)."""

    RECEIVED = "received", _("received")
    CONTACTED = "contacted", _("first contact made")
    WAITING = "waiting", _("on a waitlist")
    PLACED = "placed", _("placed in a group")
    FINISHED = "finished", _("finished the group")
    LEFT = "left", _("stopped")
    DECIDED = "decided", _("gets other help")
    NOTED = "noted", _("no group fits yet; the question is kept")


class IntakeWay(TextChoices):
    """Where an intake is held (R2)."""

    ROOM = "room", _("in a room")
    PHONE = "phone", _("by telephone")
    HOME = "home", _("at home")


class AppointmentState(TextChoices):
    BOOKED = "booked", _("booked")
    HELD = "held", _("held")
    NO_SHOW = "no_show", _("did not come")
    CANCELLED = "cancelled", _("cancelled")


# From → where it may go; services.appointments.move_state() is the only code that changes a state. What was noted of
# somebody's coming can be put right; a moved appointment stays booked.
APPOINTMENT_MOVES = {
    AppointmentState.BOOKED: {AppointmentState.HELD, AppointmentState.NO_SHOW, AppointmentState.CANCELLED},
    AppointmentState.HELD: {AppointmentState.NO_SHOW},
    AppointmentState.NO_SHOW: {AppointmentState.HELD},
    AppointmentState.CANCELLED: set(),
}
# In these an appointment holds its place.
TAKING_APPOINTMENTS = (AppointmentState.BOOKED, AppointmentState.HELD, AppointmentState.NO_SHOW)


class CancelReason(TextChoices):
    """Why an appointment was called off, and by whom. A code: words of people stand in no history."""

    CLIENT = "client", _("the client cancelled")
    WORKER_AWAY = "worker_away", _("the social worker is away")
    SLOT_CHANGED = "slot_changed", _("the intake slot was changed")
    MISTAKE = "mistake", _("booked by mistake")
    JUDGED = "judged", _("judged without this intake")


# By us: somebody has to find the client another time.
CANCELLED_BY_US = (CancelReason.WORKER_AWAY, CancelReason.SLOT_CHANGED, CancelReason.MISTAKE)


class PlaceState(TextChoices):
    """How one occurrence of a slot stands, as the week of the desk shows it."""

    FREE = "free", _("free")
    PAST = "past", _("stayed free")
    BOOKED = "booked", _("booked")
    HELD = "held", _("held")
    NO_SHOW = "no_show", _("did not come")
    CANCELLED = "cancelled", _("slot called off")
    HOLIDAY = "holiday", _("public holiday")
    AWAY = "away", _("colleague away")
    TAKEN = "taken", _("taken by something else")


class AppointmentEventCode(TextChoices):
    """What happened to an appointment."""

    BOOKED = "booked", _("booked")
    MOVED = "moved", _("moved")
    CANCELLED = "cancelled", _("cancelled")
    HELD = "held", _("held")
    NO_SHOW = "no_show", _("did not come")
    TOLD = "told", _("client told by telephone")
