"""What the pages of a playbook read, and a session's plan as times, minutes and material (R31)."""

import datetime as dt
from dataclasses import dataclass

from django.db.models import Exists, OuterRef

from groups.models import PlaybookPart, Session, SessionPart
from groups.queries import held_number


@dataclass(frozen=True)
class Planned:
    """One picked part with the times at which a clock would show its beginning and end."""

    row: SessionPart
    starts: dt.time
    ends: dt.time

    @property
    def part(self):
        return self.row.part


@dataclass(frozen=True)
class Plan:
    """What is picked for one session, beside how long that session is."""

    parts: tuple[Planned, ...]
    minutes: int
    length: int

    @property
    def over(self):
        """Minutes more than the session has; a hint and never a refusal."""
        return max(0, self.minutes - self.length)

    @property
    def left(self):
        return max(0, self.length - self.minutes)

    @property
    def material(self):
        """What to bring along, each thing once; in a part things are separated by commas."""
        things, found = ",".join(planned.part.material for planned in self.parts).split(","), {}
        for thing in filter(None, map(str.strip, things)):
            found.setdefault(thing.casefold(), thing)
        return list(found.values())


def planned_session(user):
    """Sessions this user may see, with what a plan says of one; outlines of areas are long and no plan shows them."""
    rows = Session.objects.visible_to(user).annotate(held_number=held_number()).prefetch_related("staff")
    rows = rows.select_related("cycle__waitlist__offer", "cycle__waitlist__catchment__municipality", "room__venue")
    area = "cycle__waitlist__catchment__municipality"
    return rows.defer(f"{area}__polygon", f"{area}__figures")


def plan_of(session):
    """The Plan of a session; one statement."""
    rows = list(session.parts.select_related("part"))
    moment = dt.datetime.combine(session.date, session.start_time)
    parts = []
    for row in rows:
        ends = moment + dt.timedelta(minutes=row.part.minutes)
        parts.append(Planned(row, moment.time(), ends.time()))
        moment = ends
    begin, end = (clock.hour * 60 + clock.minute for clock in (session.start_time, session.end_time))
    return Plan(tuple(parts), sum(row.part.minutes for row in rows), end - begin)


def to_choose(session, plan):
    """Parts of the offer that are in use and not picked yet, in the playbook's order; one statement."""
    picked = {planned.part.pk for planned in plan.parts}
    parts = PlaybookPart.objects.filter(offer=session.cycle.waitlist.offer_id).in_use()
    return [part for part in parts if part.pk not in picked]


def playbook_of(offer):
    """(parts in use in their order, retired ones), each with `is_picked`; one statement."""
    picked = Exists(SessionPart.objects.filter(part=OuterRef("pk")).order_by())
    parts = list(offer.playbook.annotate(is_picked=picked))
    return [part for part in parts if part.is_active], [part for part in parts if not part.is_active]
