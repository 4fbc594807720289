"""Marks in figures: how many were given, and their mean, for participants and for each role of workers (R30).

Few marks tell who gave which, so a mean of fewer than FEWEST is not shown; how many there are is. Who gave or entered
a mark sees that one mark again, and no mean by it. A why is never shown with a name: what participants wrote is read
by who led the group, once as many as FEWEST wrote something.
"""

from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Avg, Count
from django.utils.formats import get_format, number_format

from accounts.enums import RoleName
from groups.models import Cycle, ParticipantMark, WorkerMark

FEWEST = 3
PARTICIPANTS = "participants"


def mark_text(score):
    """A mark, or a mean of marks, as people write it: 8, 7,5 or 7,88."""
    text = number_format(score.quantize(Decimal("0.01")), decimal_pos=2)
    whole, sign, rest = text.partition(get_format("DECIMAL_SEPARATOR"))
    return whole + (sign + rest.rstrip("0")).rstrip(sign)


@dataclass(frozen=True)
class Average:
    """Of so many marks; `mean` is exact."""

    count: int = 0
    mean: Decimal | None = None

    @property
    def shown(self):
        """The mean for who need not know single marks; None while there are too few."""
        return self.mean if self.count >= FEWEST else None

    @property
    def text(self):
        """What may be shown, as people write it."""
        return mark_text(self.shown) if self.shown is not None else ""


def averages(*, cycles):
    """{PARTICIPANTS or a RoleName: Average} over these cycles, a queryset; two statements."""
    cycles = cycles.order_by().values("pk")
    given = ParticipantMark.objects.filter(participation__cycle__in=cycles).order_by()
    found = given.aggregate(count=Count("pk"), mean=Avg("score"))
    return {PARTICIPANTS: Average(**found)} | worker_averages(cycles=cycles)


def worker_averages(*, cycles):
    """{RoleName: Average} of what workers said of the way of working in these cycles; one statement."""
    rows = WorkerMark.objects.filter(cycle__in=cycles).order_by().values("role")
    rows = rows.annotate(count=Count("pk"), mean=Avg("score")).order_by("role")
    return {row["role"]: Average(row["count"], row["mean"]) for row in rows}


def whys_of(cycle):
    """What its participants wrote, in no order that tells who; [] while fewer than FEWEST wrote something."""
    marks = ParticipantMark.objects.filter(participation__cycle=cycle).exclude(why="").order_by()
    whys = sorted(mark.why for mark in marks.select_related("participation__client__key"))
    return whys if len(whys) >= FEWEST else []


def cycle_marks(cycle):
    """What a cycle's page says of marks: of its participants, and of the workers in all cycles of its offer, since in
    one cycle there are never enough. cycle: of cycle_page(); one statement."""
    of_offer = Cycle.objects.filter(waitlist__offer=cycle.offer.pk).order_by().values("pk")
    workers = worker_averages(cycles=of_offer)
    return {
        "participants": Average(cycle.mark_count, cycle.mark_mean),
        "workers": [(RoleName(role).label, average) for role, average in sorted(workers.items())],
    }
