"""Whose files a leader may open: those of the people they lead now, or led until a short while ago (R41)."""

import datetime as dt

from django.db.models import Exists, OuterRef, Q
from django.utils import timezone

from clients.enums import InvolvementKind
from clients.models import Involvement
from groups.enums import COUNTING_PARTICIPATIONS, LIVE_CYCLES, ParticipationState
from groups.models import Participation, Session, SessionStaff

AFTERCARE = dt.timedelta(days=28)  # after the last session, for what the file still needs


def close_files(*, now, clients=None):
    """End what gave leaders these clients' files (all clients, unless told) where it gives them no longer.

    A seat keeps the file open: leader or second leader of the client's live cycle, or of one that finished less than
    AFTERCARE ago, or of a planned session. Safe twice; a place in another cycle with the same leader keeps it open.
    """
    led = Involvement.objects.open().filter(
        ~Exists(_places_led()), kind__in=[InvolvementKind.LEAD, InvolvementKind.CO_LEAD], started_at__lte=now
    )
    if clients is not None:
        led = led.filter(client__in=clients)
    return led.filter(~Exists(_places_just_led(now))).order_by().update(ended_at=now)


def _places_led():
    """Places of the client in live cycles where the user leads, or has a planned session to lead."""
    seats = SessionStaff.objects.filter(
        user=OuterRef(OuterRef("user")), session__in=Session.objects.planned(), session__cycle=OuterRef("cycle")
    )
    return _places().filter(_leads() | Exists(seats), cycle__state__in=LIVE_CYCLES)


def _places_just_led(now):
    since = timezone.localdate(now) - AFTERCARE
    recent = Session.objects.filter(cycle=OuterRef("cycle"), date__gte=since)
    return _places(ParticipationState.FINISHED).filter(_leads(), Exists(recent))


def _places(*states):
    states = states or COUNTING_PARTICIPATIONS
    return Participation.objects.filter(client=OuterRef("client"), state__in=states).order_by()


def _leads():
    return Q(cycle__lead=OuterRef("user")) | Q(cycle__co_lead=OuterRef("user"))
