"""The coordinator's figures per waitlist and municipality; counts, no people. Days are whole days."""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import (
    Aggregate,
    Case,
    Count,
    DurationField,
    Exists,
    F,
    Min,
    OuterRef,
    Q,
    Subquery,
    Value,
    When,
)
from django.utils.translation import gettext as _

from accounts.periods import local_moment
from groups.enums import CycleState, EntryState, LeaveReason, ParticipationState
from groups.models import Cycle, Participation, Session, Waitlist, WaitlistEntry
from reporting.wording import reason_sentences

PERIOD_DAYS = 90


class Median(Aggregate):
    """The middle value; between two, halfway."""

    function = "percentile_cont"
    template = "%(function)s(0.5) WITHIN GROUP (ORDER BY %(expressions)s)"
    output_field = DurationField()


@dataclass
class ListFigures:
    """One row of the overview. Days are None while nobody waits."""

    waitlist: Waitlist
    median_days: int | None
    longest_days: int | None
    started: int = 0
    started_ever: int = 0
    not_started: int = 0
    lost: int = 0
    lost_reasons: list = field(default_factory=list)

    @property
    def area(self):
        return self.waitlist.catchment.name

    @property
    def whys(self):
        return reason_sentences(self.waitlist.reasons)

    @property
    def waiting(self):
        return self.waitlist.waiting_count

    @property
    def placeable(self):
        return self.waitlist.placeable_count


@dataclass
class AreaFigures:
    """All rows of one municipality, or of the region (municipality None), with their sums."""

    municipality: object
    rows: list
    median_days: int | None

    @property
    def name(self):
        return self.municipality.name if self.municipality else _("Region")

    @property
    def anchor(self):
        return self.municipality.pk if self.municipality else "regio"

    @property
    def inhabitants(self):
        return self.municipality.inhabitants if self.municipality else None

    @property
    def waiting(self):
        return sum(row.waiting for row in self.rows)

    @property
    def longest_days(self):
        return max((row.longest_days for row in self.rows if row.longest_days is not None), default=None)

    @property
    def started(self):
        return sum(row.started for row in self.rows)

    @property
    def lost(self):
        return sum(row.lost for row in self.rows)


def chosen_lists(user, *, municipality="", offer=""):
    """The lists this user may see, of one municipality (code) and one offer (slug) where given."""
    lists = Waitlist.objects.visible_to(user)
    if municipality:
        lists = lists.filter(catchment__municipality=municipality)
    if offer:
        lists = lists.filter(offer__slug=offer)
    return lists


def overview(lists, *, today):
    """[AreaFigures], the region last: four statements, however many lists there are."""
    rows = _rows(lists, today)
    medians = _medians(lists, today)
    by_area = defaultdict(list)
    for row in rows:
        by_area[row.waitlist.catchment.municipality].append(row)
    return [
        AreaFigures(area, by_area[area], medians.get(area.pk if area else None))
        for area in sorted(by_area, key=lambda area: (area is None, area and area.name))
    ]


def _rows(lists, today):
    since = local_moment(today - dt.timedelta(days=PERIOD_DAYS), dt.time())
    waiting = Q(entries__state=EntryState.WAITING)
    found = (
        lists.with_counts()
        .annotate(median=Median(Value(today) - F("entries__waiting_since"), filter=waiting))
        .select_related("offer", "catchment__municipality")
        .defer("catchment__municipality__polygon")
        .order_by("catchment__level", "catchment__name", "offer__name", "pk")
    )
    started, lost = _started(lists, since), _lost(lists, since)
    return [
        ListFigures(
            waitlist=row,
            median_days=_days(row.median),
            longest_days=(today - row.waiting_since).days if row.waiting_since else None,
            **started.get(row.pk, {}),
            **lost.get(row.pk, {}),
        )
        for row in found
    ]


def _days(duration):
    return None if duration is None else round(duration / dt.timedelta(days=1))


def _started(lists, since):
    """Cycles per list: formed since and ever, without those called off; and those called off since."""
    called_off = Q(state=CycleState.CANCELLED)
    rows = (
        Cycle.objects.filter(waitlist__in=lists.order_by().values("pk"))
        .order_by()
        .values("waitlist")
        .annotate(
            started=Count("pk", filter=~called_off & Q(formed_at__gte=since)),
            started_ever=Count("pk", filter=~called_off),
            not_started=Count("pk", filter=called_off & Q(formed_at__gte=since)),
        )
    )
    return {row.pop("waitlist"): row for row in rows}


def _lost(lists, since):
    """R10: who left while waiting, by reason. Who said no to a place and left by that was not lost while waiting."""
    said_no = Participation.objects.filter(
        entry=OuterRef("pk"), state=ParticipationState.DECLINED, answered_at=OuterRef("left_at")
    )
    rows = (
        WaitlistEntry.objects.exclude(leave_reason=LeaveReason.MERGED)
        .filter(
            ~Exists(said_no), waitlist__in=lists.order_by().values("pk"), state=EntryState.LEFT, left_at__gte=since
        )
        .order_by()
        .values("waitlist", "leave_reason")
        .annotate(count=Count("pk"))
        .order_by("waitlist", "-count", "leave_reason")
    )
    by_list = defaultdict(lambda: {"lost": 0, "lost_reasons": []})
    for row in rows:
        figures = by_list[row["waitlist"]]
        figures["lost"] += row["count"]
        figures["lost_reasons"].append((LeaveReason(row["leave_reason"]).label, row["count"]))
    return by_list


def _medians(lists, today):
    """Median days waiting per municipality code, None for the region: medians cannot be added up."""
    rows = (
        WaitlistEntry.objects.waiting()
        .filter(waitlist__in=lists.order_by().values("pk"))
        .order_by()
        .values("waitlist__catchment__municipality")
        .annotate(median=Median(Value(today) - F("waiting_since")))
    )
    return {row["waitlist__catchment__municipality"]: _days(row["median"]) for row in rows}


def days_to_first_session(lists, *, today):
    """The figure that matters: median days from referral to first session, of those who began in the period.

    Who enters a running group begins at their own first session (R22); who goes on from a round began before (R28).

    Returns (days or None, how many people).
    """
    since = today - dt.timedelta(days=PERIOD_DAYS)
    entered = Session.objects.filter(cycle=OuterRef("cycle"), number=OuterRef("enters_at")).values("date")
    began = (
        Participation.objects.stayed()
        .annotate(first_on=Case(When(enters_at__gt=1, then=Subquery(entered)), default=F("cycle__starts_on")))
        .filter(
            cycle__waitlist__in=lists.order_by().values("pk"),
            cycle__state__in=(CycleState.RUNNING, CycleState.FINISHED),
            entry__continues=None,
            first_on__gte=since,
            first_on__lte=today,
        )
    )
    found = began.order_by().aggregate(median=Median(F("first_on") - F("entry__waiting_since")), people=Count("pk"))
    return _days(found["median"]), found["people"]


def waiting_totals(lists, *, today):
    """(how many wait, the longest in days or None) over these lists, in one statement."""
    found = (
        WaitlistEntry.objects.waiting()
        .filter(waitlist__in=lists.order_by().values("pk"))
        .order_by()
        .aggregate(count=Count("pk"), since=Min("waiting_since"))
    )
    return found["count"], (today - found["since"]).days if found["since"] else None


def lost_count(lists, *, today):
    """R10: how many were lost while waiting in the period."""
    since = local_moment(today - dt.timedelta(days=PERIOD_DAYS), dt.time())
    return sum(figures["lost"] for figures in _lost(lists, since).values())


def page(lists, *, today):
    """All that the overview shows: areas with their rows, and the sums over them."""
    areas = overview(lists, today=today)
    median, began = days_to_first_session(lists, today=today)
    rows = [row for area in areas for row in area.rows]
    return {
        "areas": areas,
        "first_session_days": median,
        "first_session_people": began,
        "waiting": sum(row.waiting for row in rows),
        "placeable": sum(row.placeable for row in rows),
        "longest_days": max((row.longest_days for row in rows if row.longest_days is not None), default=None),
        "started": sum(row.started for row in rows),
        "not_started": sum(row.not_started for row in rows),
        "lost": sum(row.lost for row in rows),
    }
