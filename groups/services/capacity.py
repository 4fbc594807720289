"""Changes in who and what is free; each makes the lists that waited for it due again (R19)."""

import datetime as dt

from django.db import transaction
from django.db.models import F, Q
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.services import (
    record_leave,
    remove_day_hours,
    remove_leave,
    set_day_hours,
    set_weekly_availability,
)
from groups.enums import EntryState
from groups.models import Waitlist
from groups.services.invitations import call_instead
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment, Municipality, Venue

# Changes commit a little after the moment they carry; looking back this far costs a second look, never a missed one.
OVERLAP = dt.timedelta(seconds=10)
LOOK_BACK = dt.timedelta(hours=1)


@transaction.atomic
def change_weekly_availability(*, user, windows, by, now):
    """As accounts.services.set_weekly_availability; the lists where this person works are decided again."""
    saved = set_weekly_availability(user=user, windows=windows, by=by)
    make_lists_of_worker_due(user, now=now)
    return saved


@transaction.atomic
def change_day_hours(*, user, date, windows, by, now, keep_booked=False):
    """As accounts.services.set_day_hours; BookingClash lists the sessions outside these hours."""
    today = timezone.localdate(now)
    saved = set_day_hours(user=user, date=date, windows=windows, by=by, today=today, keep_booked=keep_booked)
    make_lists_of_worker_due(user, now=now)
    return saved


@transaction.atomic
def drop_day_hours(*, user, date, by, now):
    """As accounts.services.remove_day_hours."""
    if remove_day_hours(user=user, date=date, by=by):
        make_lists_of_worker_due(user, now=now)


@transaction.atomic
def take_leave(*, user, starts_at, ends_at, by, now, note=""):
    """As accounts.services.record_leave; BookingClash lists the sessions that need a substitute first."""
    leave = record_leave(user=user, starts_at=starts_at, ends_at=ends_at, by=by, note=note)
    make_lists_of_worker_due(user, now=now)
    return leave


@transaction.atomic
def give_back_leave(*, booking, by, now):
    """As accounts.services.remove_leave."""
    user = booking.user
    remove_leave(booking=booking, by=by)
    make_lists_of_worker_due(user, now=now)


def make_lists_of_worker_due(user, *, now):
    """Lists with people waiting, in the municipalities where this person works or has a team, and the region's."""
    places = Municipality.objects.filter(Q(work_areas__user=user) | Q(social_teams__memberships__user=user)).order_by()
    _look_again(_waiting_lists(_areas_of(places)), now)


def make_blocked_lists_due(cycle, *, now):
    """A leader or room of this cycle came free: lists with enough people, that lacked one, are decided again (R12)."""
    leaders = [pk for pk in (cycle.lead_id, cycle.co_lead_id) if pk is not None]
    works_in = Q(work_areas__user__in=leaders) | Q(social_teams__memberships__user__in=leaders)
    places = Municipality.objects.filter(works_in | Q(venues__rooms=cycle.room_id)).order_by()
    enough = Q(placeable_count__gte=Coalesce("own_minimum", "offer__minimum"))
    _look_again(_waiting_lists(_areas_of(places)).filter(enough), now)


def _look_again(lists, now):
    """Make them due, but for one that somebody decides or changes this very moment: it hears tonight.

    Waiting for it could mean waiting for each other: it may want the worker or the list that is held here.
    """
    free = lists.order_by("pk").select_for_update(of=("self",), no_key=True, skip_locked=True)
    Waitlist.objects.filter(pk__in=[row.pk for row in free.only("pk")]).update(due_at=now)


def _areas_of(municipalities):
    """Their catchments and the region's. As keys: the lists are then found by index, however many there are."""
    areas = Catchment.objects.filter(Q(municipality__in=municipalities) | Q(level=CatchmentLevel.REGION))
    return list(areas.order_by().values_list("pk", flat=True))


def notice_changes(*, now):
    """What changed below groups, in rooms and in clients' files, makes the lists concerned due; returns how many.

    Whose mail is not safe any more is to be called (R40).
    Reads only the last hour's changes by index; anything older was noticed then, or is at the daily look.
    """
    since = now - LOOK_BACK
    call_instead(now=now, since=since)
    seen = F("evaluated_at") - OVERLAP
    by_client = _waiting_lists().filter(
        entries__state=EntryState.WAITING, entries__client__changed_at__gt=since, entries__client__changed_at__gte=seen
    )
    venues = list(Venue.objects.filter(changed_at__gt=since).values_list("municipality", "changed_at").order_by("pk"))
    by_venue = Waitlist.objects.none()
    if venues:
        latest = max(moment for _municipality, moment in venues)
        areas = _areas_of({pk for pk, _moment in venues})
        by_venue = _waiting_lists(areas).filter(evaluated_at__lte=latest + OVERLAP)
    ids = set(by_client.values_list("pk", flat=True).order_by()) | set(
        by_venue.values_list("pk", flat=True).order_by()
    )
    if not ids:
        return 0
    return Waitlist.objects.filter(pk__in=ids).exclude(due_at__lte=now).update(due_at=now)


def _waiting_lists(areas=None):
    """Lists that somebody waits on, in these areas or anywhere: due_at is empty for the others."""
    lists = Waitlist.objects.filter(due_at__isnull=False)
    return lists if areas is None else lists.filter(catchment__in=areas)
