"""Who waits without a talk: the clock of the first contact (R7) and the rhythm while waiting (R10)."""

import datetime as dt

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce

from accounts.workdays import add_working_days, latest_day_over
from clients.enums import FollowUpAbout
from clients.models import ContactMoment, FollowUp
from clients.models.contacts import available_placers


def first_contact_due(since):
    """The last local day for the first talk with who was referred on `since` (R7)."""
    return add_working_days(since, settings.FIRST_CONTACT_WORKING_DAYS)


def over_since(today):
    """Who was referred on this day or before, and was not spoken to, is over the clock today."""
    return latest_day_over(today, settings.FIRST_CONTACT_WORKING_DAYS)


def talks_since(day="waiting_since", client="client"):
    """Talks with the client of a row since a day of that row, for a subquery."""
    return ContactMoment.objects.reached().filter(client=OuterRef(client), at__date__gte=OuterRef(day)).order_by()


def with_last_talk(entries):
    """Adds `reached_at`: the last talk since the referral; None for nobody spoken to yet."""
    return entries.annotate(reached_at=Subquery(talks_since().order_by("-at").values("at")[:1]))


def _planned(**about):
    return Exists(FollowUp.objects.open().filter(client=OuterRef("client"), **about))


def without_first_contact(entries):
    """Waiting people to whom nobody spoke yet (R7), the longest waiting first.

    Not those who go on from an earlier round: they know us. Who was tried in vain comes back as a follow-up.
    """
    rows = entries.waiting().filter(~Exists(talks_since()), ~_planned(about=FollowUpAbout.CONTACT))
    return rows.filter(continues=None).order_by("waiting_since", "pk")


def over_first_contact(entries, *, today):
    """All who are over the clock, also those whom somebody is trying to reach (R7)."""
    return entries.waiting().filter(~Exists(talks_since()), continues=None, waiting_since__lte=over_since(today))


def long_without_contact(entries, user, *, now):
    """R10: who waits and was not spoken to for a whole rhythm, for this user; the longest ago first.

    They are the task of who spoke to them last; if that person is not there any more or on leave, and after a
    first contact that was no talk (who goes on from an earlier round), of the group workers of the area.
    """
    before = now - dt.timedelta(weeks=settings.CONTACT_RHYTHM_WEEKS)
    last = talks_since().order_by("-at", "-pk")
    known = available_placers(now=now).filter(
        pk=OuterRef("last_by"), work_areas__municipality=OuterRef("client__neighbourhood__municipality")
    )
    rows = (
        entries.waiting()
        .annotate(
            reached_at=Subquery(last.values("at")[:1]),
            last_by=Subquery(last.values("by")[:1]),
            known_since=Coalesce("reached_at", "joined_at"),
        )
        .filter(Q(reached_at__isnull=False) | Q(continues__isnull=False), known_since__lte=before)
        .filter(~_planned())
        .annotate(has_worker=Exists(known))
    )
    mine = Q(last_by=user.pk)
    if user.role_names & {"group_worker"}:
        mine |= Q(has_worker=False)
    return rows.filter(mine).order_by(F("known_since").asc(), "pk")


def clock_of(entry, *, today):
    """For one row with `reached_at`: (last day for the first contact, whether that is over); None once spoken to."""
    if entry.reached_at is not None or entry.continues_id is not None:
        return None
    due = first_contact_due(entry.waiting_since)
    return due, today > due
