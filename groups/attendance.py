"""Who is expected at a session and what was noted of each: for its page, its closing, and for figures (R25, R26)."""

from dataclasses import dataclass, field

from django.db.models import Count, F, Q

from groups.engine import Reason
from groups.enums import STAYED, AttendanceState
from groups.models import Attendance, Participation, ScalePoint, Session
from groups.own_round import last_session, own_sessions
from groups.queries import held_number, with_staff

_HEAVY = ("municipality__polygon", "municipality__figures")


def sessions_to_note(user):
    """Sessions visible to this user, with all that their page says of the session itself."""
    rows = Session.objects.visible_to(user).annotate(held_number=held_number())
    rows = rows.select_related("room__venue", "cycle__lead", "cycle__waitlist__offer")
    rows = rows.select_related("cycle__waitlist__catchment__municipality", "report__notes__key", "report__closed_by")
    rows = rows.select_related("cycle__notes__key")
    return with_staff(rows.defer(*(f"cycle__waitlist__catchment__{name}" for name in _HEAVY)))


def report_of(session):
    """The SessionReport; None while nothing was written down."""
    return getattr(session, "report", None)


@dataclass
class Person:
    """One participant at one session. `is_first`, `is_last`: of their own series (R24, R27)."""

    participation: Participation
    noted: Attendance | None = None
    score: ScalePoint | None = None
    goal: object = None
    is_first: bool = False
    is_last: bool = False
    refusal: Reason | None = None

    @property
    def pk(self):
        return self.participation.pk

    @property
    def state(self):
        return self.noted.state if self.noted else ""

    @property
    def name(self):
        return self.participation.client.name_in_group


@dataclass
class Attendees:
    """`people` are expected at this session; `others` are in the cycle and are not, each with the refusal why."""

    people: list = field(default_factory=list)
    others: list = field(default_factory=list)
    sessions: list = field(default_factory=list)

    def find(self, pk):
        """The Person with this participation; None when the cycle does not know them."""
        return next((person for person in [*self.people, *self.others] if person.pk == pk), None)


def attendees_of(session, participations):
    """The Attendees of a session among these participations of its cycle: four statements, however many."""
    rows = participations.select_related("client__key", "client__contact", "entry", "goal")
    found = Attendees(sessions=list(session.cycle.sessions.order_by("number")))
    noted = {row.participation_id: row for row in session.attendance.select_related("noted_by")}
    scores = {row.participation_id: row for row in session.scale.select_related("noted_by")}
    for row in rows.order_by("client__sort_key", "pk"):
        row.cycle = session.cycle
        person = Person(row, noted.get(row.pk), scores.get(row.pk), _goal_of(row))
        _place(person, session, found.sessions)
        (found.others if person.refusal else found.people).append(person)
    return found


def _goal_of(participation):
    goal = getattr(participation, "goal", None)
    if goal is not None:
        goal.participation = participation
    return goal


def _place(person, session, sessions):
    """Whether this is a session of theirs; and the first or the last."""
    row = person.participation
    mine, last = own_sessions(row, sessions), last_session(row, sessions)
    person.is_first = bool(mine) and mine[0].pk == session.pk
    person.is_last = last is not None and last.pk == session.pk
    if row.state not in STAYED:
        person.refusal = Reason("left_group", {})
    elif session.number < row.enters_at:
        person.refusal = Reason("enters_later", {})
    elif session.pk not in {own.pk for own in mine}:
        person.refusal = Reason("own_sessions_over", {})


def counts_of(session):
    """{AttendanceState: how many}, without a name."""
    states = list(session.attendance.order_by("pk").values_list("state", flat=True))
    return {state: states.count(state) for state in AttendanceState}


def with_attendance(cycles):
    """Adds `noted` and `came`: how often attendance was noted in closed sessions, and how often somebody was there."""
    closed = Q(sessions__report__closed_at__isnull=False)
    came = closed & Q(sessions__attendance__state__in=AttendanceState.came())
    return cycles.annotate(
        noted=Count("sessions__attendance", filter=closed, distinct=True),
        came=Count("sessions__attendance", filter=came, distinct=True),
    )


def noted_states(participation_ids):
    """{participation: {session number: state}} of closed sessions, in one statement."""
    rows = Attendance.objects.filter(participation__in=participation_ids, session__report__closed_at__isnull=False)
    found = {}
    for row in rows.annotate(number=F("session__number")).order_by("pk"):
        found.setdefault(row.participation_id, {})[row.number] = row.state
    return found
