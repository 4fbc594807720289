"""Somebody may do less, or leaves: never while a planned session still needs them (R14)."""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from accounts.models import User
from accounts.permissions import is_coordinator
from accounts.services import deactivate_user
from groups.enums import SessionState
from groups.exceptions import NotAllowed
from groups.models import Competence, Cycle
from groups.seats import seats_that_need
from groups.services.capacity import make_lists_of_worker_due


@transaction.atomic
def withdraw_competence(*, competence, by, now):
    """This competence ends now. NotAllowed: competence_needed, with the days of the sessions that need it."""
    user = _locked(competence, by)
    _refuse_while_needed(competence, now)
    Competence.objects.filter(pk=competence.pk).delete()
    make_lists_of_worker_due(user, now=now)


@transaction.atomic
def limit_competence(*, competence, expires_on, by, now):
    """Valid until (and not on) this local day; None is for good. NotAllowed: as withdraw_competence, before_granted.

    Only sessions on or after that day stand in the way. A competence that runs out by itself is a signal on the cycle.
    """
    user = _locked(competence, by)
    if expires_on is not None and expires_on <= competence.granted_on:
        raise NotAllowed("before_granted")
    if expires_on is not None:
        _refuse_while_needed(competence, now, since=expires_on)
    competence.expires_on = expires_on
    competence.save(update_fields=["expires_on"])
    make_lists_of_worker_due(user, now=now)


def _locked(competence, by):
    """The user, locked: sessions are given to people under the same lock."""
    if not is_coordinator(by):
        raise PermissionDenied
    return User.objects.select_for_update(of=("self",), no_key=True).get(pk=competence.user_id)


def _refuse_while_needed(competence, now, since=None):
    today = timezone.localdate(now)
    days = [seat.session.date for seat in seats_that_need(competence, today=max(since or today, today))]
    if days:
        raise NotAllowed("competence_needed", days=[day.isoformat() for day in days])


@transaction.atomic
def close_account(*, user, by, now):
    """As accounts.services.deactivate_user, which lists the sessions in the way as a BookingClash.

    NotAllowed: leads_cycles, when substitutes stand in for all sessions to come but the cycles still count as theirs.
    """
    closed = deactivate_user(user=user, by=by, now=now)
    led = Cycle.objects.live().filter(Q(lead=user) | Q(co_lead=user), sessions__state=SessionState.PLANNED)
    if led.exists():
        raise NotAllowed("leads_cycles")
    make_lists_of_worker_due(user, now=now)
    return closed
