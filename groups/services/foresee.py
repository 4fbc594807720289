"""What a change of the plan would do. It is found by doing it: foresee() undoes it again, act_as_foreseen() keeps it.

So what is shown before saving and what is saved come of the same code, under the same locks, and cannot differ.
"""

from django.db import transaction

from clients.enums import DayPart
from clients.models import ClientAvailability
from groups.consequences import Consequences, Moment
from groups.enums import CycleState, EntryState, TalkState
from groups.hours import hours_of
from groups.models import Cycle, IndividualTalk, Session, SessionStaff, WaitlistEntry
from groups.notifications import is_told_by_mail
from groups.services.locking import lock_cycle
from groups.talk_window import is_in_window, talk_window


class PlanChanged(Exception):
    """Something changed since the consequences were shown: `found` is what would happen now. Nothing was written."""

    def __init__(self, found):
        self.found = found
        super().__init__("plan_changed")


def foresee(*, cycle, act):
    """The Consequences of act(), which changes the plan of this cycle; what act refuses is raised, nothing is kept."""
    with transaction.atomic():
        found = _consequences(cycle, act)
        transaction.set_rollback(True)
    return found


@transaction.atomic
def act_as_foreseen(*, cycle, act, seen):
    """act(), if it brings about what was shown: `seen` is that fingerprint. PlanChanged otherwise."""
    found = _consequences(cycle, act)
    if found.fingerprint != seen:
        raise PlanChanged(found)
    return found


def _consequences(cycle, act):
    held = lock_cycle(cycle.pk)
    before, deadline = _moments(held), held.answer_deadline
    act()
    after = Cycle.objects.select_related("waitlist__offer").get(pk=cycle.pk)
    planned = _moments(after)
    changed = [moment for moment in planned if moment not in before]
    people = list(after.participations.counting().select_related("client__contact"))
    mailed = sum(is_told_by_mail(person.client) for person in people)
    following = after.continued_by.exclude(state=CycleState.CANCELLED).first()
    return Consequences(
        before=before,
        after=planned,
        told_by_mail=mailed,
        to_call=len(people) - mailed,
        deadline=after.answer_deadline if after.answer_deadline != deadline else None,
        outside=_outside_hours(after, changed),
        unsuited=_unsuited(people, changed),
        talks=_talks_outside(after),
        next_round=following and following.starts_on,
        going_on=_going_on(after),
    )


def _moments(cycle):
    rows = cycle.sessions.planned().order_by("number")
    return tuple(Moment(row.number, row.date, row.start_time, row.end_time, row.room_id) for row in rows)


def _outside_hours(cycle, changed):
    """Leaders of the changed sessions who usually are not there then (R20)."""
    if not changed:
        return ()
    numbers = [moment.number for moment in changed]
    seats = SessionStaff.objects.filter(session__cycle=cycle, session__number__in=numbers).select_related("user")
    users = {seat.user_id: seat.user.short_name for seat in seats.order_by("user_id")}
    hours = hours_of(users, first=changed[0].date, last=changed[-1].date)
    leads = set(seats.order_by("pk").values_list("user", "session__number"))
    days = {
        pk: tuple(m.date for m in changed if (pk, m.number) in leads and not hours[pk].cover(m.date, m.start, m.end))
        for pk in users
    }
    return tuple((users[pk], days[pk]) for pk in users if days[pk])


def _unsuited(people, changed):
    """How many said when they can come, and not at one of these moments; who said nothing can always come."""
    parts = {(moment.date.weekday(), _part_of(moment.start)) for moment in changed}
    suits = {}
    for row in ClientAvailability.objects.filter(client__in=[person.client_id for person in people]).order_by("pk"):
        suits.setdefault(row.client_id, set()).add((row.weekday, row.part))
    return sum(not parts <= known for known in suits.values())


def _part_of(start):
    """The part of the day that a session begins in; a time outside the day is in none."""
    return next((part.value for part in DayPart if part.starts_at <= start < part.ends_at), "")


def _talks_outside(cycle):
    """Planned individual talks that no longer lie where they belong (R29)."""
    if not cycle.offer.talks_count:
        return 0
    window = talk_window(cycle.offer, Session.objects.filter(cycle=cycle))
    talks = IndividualTalk.objects.filter(participation__cycle=cycle, state=TalkState.PLANNED)
    return sum(not is_in_window(talk, window) for talk in talks)


def _going_on(cycle):
    """Who waits for the next round of this one (R28)."""
    return WaitlistEntry.objects.filter(continues__cycle=cycle, state=EntryState.WAITING).count()
