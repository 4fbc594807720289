"""The words of group work as data: states, who may follow whom, and the codes of reasons and history."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class TalkMoment(TextChoices):
    """When the acquaintance talk is due (R8)."""

    BEFORE_PLACEMENT = "before_placement", _("before placement")
    BEFORE_FIRST_SESSION = "before_first_session", _("before the first session")


class EntryPolicy(TextChoices):
    """Until when newcomers may enter a running cycle (R22)."""

    CLOSED = "closed", _("at the first session only")
    UNTIL_SESSION = "until_session", _("until a certain session")
    EVERY_SESSION = "every_session", _("at every session")


class Openness(TextChoices):
    OPEN = "open", _("open")
    CLOSED = "closed", _("closed")


class Guidance(TextChoices):
    DIRECTED = "directed", _("professional direction")
    FACILITATED = "facilitated", _("facilitation")


class Audience(TextChoices):
    """Whom an offer is for by sex; 'all' unless the offer says otherwise."""

    ALL = "all", _("women and men")
    WOMEN = "women", _("women")
    MEN = "men", _("men")


class CompetenceKind(TextChoices):
    """Leading and co-leading are two competences (R14)."""

    LEAD = "lead", _("lead")
    CO_LEAD = "co_lead", _("co-lead")


class Seat(TextChoices):
    LEAD = "lead", _("leader")
    CO_LEAD = "co_lead", _("second leader")


class EntryState(TextChoices):
    WAITING = "waiting", _("waiting")
    PLACED = "placed", _("placed")
    LEFT = "left", _("left")


class LeaveReason(TextChoices):
    """Why somebody leaves a waitlist (R10)."""

    SOLVED = "solved", _("the question is solved")
    OTHER_HELP = "other_help", _("gets other help")
    TOO_LONG = "too_long", _("waited too long")
    NOT_SUITABLE = "not_suitable", _("a group does not suit")
    MOVED = "moved", _("moved away")
    NO_CONTACT = "no_contact", _("cannot be reached")
    OWN_CHOICE = "own_choice", _("own choice, no reason given")
    MERGED = "merged", _("two places on one list became one")

    @classmethod
    def to_choose(cls):
        """What somebody can give as a reason; merged is what joining areas does (R11)."""
        return [choice for choice in cls.choices if choice[0] != cls.MERGED]


class CycleState(TextChoices):
    FORMED = "formed", _("formed, starts soon")
    RUNNING = "running", _("running")
    FINISHED = "finished", _("finished")
    CANCELLED = "cancelled", _("cancelled")


class CycleOrigin(TextChoices):
    AUTOMATIC = "automatic", _("started by itself")
    BY_CLICK = "by_click", _("prepared, and started with a click")
    BY_HAND = "by_hand", _("formed by hand")


class SessionState(TextChoices):
    PLANNED = "planned", _("planned")
    HELD = "held", _("held")
    CANCELLED = "cancelled", _("cancelled")


class ParticipationState(TextChoices):
    INVITED = "invited", _("invited, no answer yet")
    CONFIRMED = "confirmed", _("said yes")
    DECLINED = "declined", _("said no")
    STOPPED = "stopped", _("stopped")
    RETURNED = "returned", _("back on the waitlist")
    FINISHED = "finished", _("finished")


class Outcome(TextChoices):
    """What somebody and the leader decide together after the last session (R28)."""

    ENOUGH = "enough", _("enough for now")
    FIVE_MORE = "five_more", _("goes on for another round")
    INDIVIDUAL_HELP = "individual_help", _("individual help")
    OTHER_GROUP = "other_group", _("another group")
    PROVISION = "provision", _("something in the neighbourhood")
    STOPPED = "stopped", _("stopped")


class AttendanceState(TextChoices):
    """Whether somebody was in a session (R25); absent is without a word (R26)."""

    PRESENT = "present", _("present")
    LATE = "late", _("came late")
    EXCUSED = "excused", _("sent word")
    ABSENT = "absent", _("absent without word")

    @classmethod
    def came(cls):
        return (cls.PRESENT, cls.LATE)


class ThemeWish(TextChoices):
    """R24: what people want to do with a theme."""

    DISCUSS = "discuss", _("talk about it")
    PRACTISE = "practise", _("practise it")


class PlaybookMethod(TextChoices):
    """R31."""

    PSYCHO_EDUCATION = "psycho_education", _("psycho-education")
    KOT = "kot", _("brief solution-focused therapy (KOT)")
    RET = "ret", _("rational emotive therapy (RET)")
    ZRM = "zrm", _("Zurich resource model (ZRM)")
    PSYCHODRAMA = "psychodrama", _("psychodrama")
    BODY_WORK = "body_work", _("body work")
    EXPERIENCE = "experience", _("experience-based learning")
    OTHER = "other", _("something else")


class MarkSource(TextChoices):
    """How a participant's mark came in (R30)."""

    LINK = "link", _("by the link")
    PAPER = "paper", _("on paper")


class OnwardTo(TextChoices):
    """Where somebody goes after a round (R28)."""

    PROVISION = "provision", _("something in the neighbourhood")
    INDIVIDUAL_HELP = "individual_help", _("individual help")
    OTHER_GROUP = "other_group", _("another group")


class CourseResult(TextChoices):
    """How a course went for somebody (R38)."""

    COMPLETED = "completed", _("completed")
    ABSENT = "absent", _("was not there")


class CompetenceEvent(TextChoices):
    """What became of somebody's right to lead or co-lead (R14, R38)."""

    GRANTED = "granted", _("granted")
    EXTENDED = "extended", _("extended")
    LIMITED = "limited", _("given another last day")
    WITHDRAWN = "withdrawn", _("withdrawn")


class TalkState(TextChoices):
    """An individual talk between two sessions (R29)."""

    PLANNED = "planned", _("planned")
    HELD = "held", _("held")
    CANCELLED = "cancelled", _("cancelled")


# Why a place on a list, kept for a next round, is given up.
LEAVES_BECAUSE = {
    Outcome.ENOUGH: LeaveReason.SOLVED,
    Outcome.INDIVIDUAL_HELP: LeaveReason.OTHER_HELP,
    Outcome.OTHER_GROUP: LeaveReason.OTHER_HELP,
    Outcome.PROVISION: LeaveReason.OTHER_HELP,
    Outcome.STOPPED: LeaveReason.OWN_CHOICE,
}

# One table a thing: from → where it may go. services.moves.move() is the only code that changes a state.
ENTRY_MOVES = {
    EntryState.WAITING: {EntryState.PLACED, EntryState.LEFT},
    EntryState.PLACED: {EntryState.WAITING, EntryState.LEFT},
    EntryState.LEFT: set(),
}
CYCLE_MOVES = {
    CycleState.FORMED: {CycleState.RUNNING, CycleState.CANCELLED},
    CycleState.RUNNING: {CycleState.FINISHED, CycleState.CANCELLED},
    CycleState.FINISHED: set(),
    CycleState.CANCELLED: set(),
}
SESSION_MOVES = {
    SessionState.PLANNED: {SessionState.HELD, SessionState.CANCELLED},
    SessionState.HELD: set(),
    SessionState.CANCELLED: set(),
}
PARTICIPATION_MOVES = {
    ParticipationState.INVITED: {
        ParticipationState.CONFIRMED,
        ParticipationState.DECLINED,
        ParticipationState.RETURNED,
        ParticipationState.STOPPED,
        ParticipationState.FINISHED,
    },
    ParticipationState.CONFIRMED: {
        ParticipationState.DECLINED,
        ParticipationState.RETURNED,
        ParticipationState.STOPPED,
        ParticipationState.FINISHED,
    },
    ParticipationState.DECLINED: set(),
    ParticipationState.STOPPED: set(),
    ParticipationState.RETURNED: set(),
    ParticipationState.FINISHED: set(),
}

TALK_MOVES = {
    TalkState.PLANNED: {TalkState.HELD, TalkState.CANCELLED},
    TalkState.HELD: set(),
    TalkState.CANCELLED: set(),
}

COUNTING_PARTICIPATIONS = (ParticipationState.INVITED, ParticipationState.CONFIRMED)
STAYED = (*COUNTING_PARTICIPATIONS, ParticipationState.FINISHED)
LIVE_CYCLES = (CycleState.FORMED, CycleState.RUNNING)


class HistoryCode(TextChoices):
    """What can happen to a list, a person on it, a cycle or a session; wording.py words each."""

    ENTRY_JOINED = "entry_joined"
    ENTRY_JUDGED = "entry_judged"
    ENTRY_HELD = "entry_held"
    ENTRY_RELEASED = "entry_released"
    ENTRY_TALKED = "entry_talked"
    ENTRY_PRIORITY = "entry_priority"
    ENTRY_PLACED = "entry_placed"
    ENTRY_RETURNED = "entry_returned"
    ENTRY_LEFT = "entry_left"
    ENTRY_PASSED = "entry_passed"
    ENTRY_RENEWED = "entry_renewed"
    ENTRY_MOVED = "entry_moved"
    FILES_MERGED = "files_merged"
    SIZES_CHANGED = "sizes_changed"
    MODE_CHANGED = "mode_changed"
    LISTS_JOINED = "lists_joined"
    OFFER_CHANGED = "offer_changed"
    OFFER_TEXTS_CHANGED = "offer_texts_changed"
    CYCLE_FORMED = "cycle_formed"
    CYCLE_JOINED = "cycle_joined"
    CYCLE_ENTERED = "cycle_entered"
    CYCLE_RUNNING = "cycle_running"
    CYCLE_FINISHED = "cycle_finished"
    CYCLE_CANCELLED = "cycle_cancelled"
    CYCLE_MOVED = "cycle_moved"
    CYCLE_SMALLER = "cycle_smaller"
    INVITATION_CONFIRMED = "invitation_confirmed"
    INVITATION_DECLINED = "invitation_declined"
    PARTICIPATION_RETURNED = "participation_returned"
    PARTICIPATION_FINISHED = "participation_finished"
    OUTCOME_CHOSEN = "outcome_chosen"
    SESSION_HELD = "session_held"
    SESSION_MOVED = "session_moved"
    SESSION_CANCELLED = "session_cancelled"
    SESSION_ADDED = "session_added"
    ROOM_CHANGED = "room_changed"
    LEADER_CHANGED = "leader_changed"
    SESSION_CLOSED = "session_closed"
    SESSION_REOPENED = "session_reopened"
    ATTENDANCE_CORRECTED = "attendance_corrected"
    SESSIONS_MISSED = "sessions_missed"
    PLAN_CHANGED = "plan_changed"
    GOAL_NOTED = "goal_noted"
    SCALE_NOTED = "scale_noted"
    MARK_NOTED = "mark_noted"
    ONWARD_AGREED = "onward_agreed"
    TALK_PLANNED = "talk_planned"
    TALK_HELD = "talk_held"
    TALK_CANCELLED = "talk_cancelled"
