"""R14: nobody loses account, role or competence that planned sessions need; what is wrong all the same is a signal."""

import datetime as dt
import io

import pytest
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from accounts.exceptions import BookingClash
from accounts.models import User
from accounts.services import set_roles
from groups.enums import CompetenceKind, Seat
from groups.exceptions import NotAllowed
from groups.models import Competence
from groups.queries import sessions_of
from groups.seats import seat_signals
from groups.services.staff import close_account, limit_competence, withdraw_competence
from groups.services.substitution import substitute_leader
from groups.wording import reason_text
from tests.factories.accounts import make_administrator, make_coordinator
from tests.factories.groups import NOW, fresh, make_cycle, make_worker
from tests.factories.neighbourhoods import make_municipality
from tests.groups.pages import statements_of

pytestmark = pytest.mark.django_db
WEEK = dt.timedelta(weeks=1)
FIRST = dt.date(2026, 9, 14)
LAST = FIRST + 4 * WEEK


@pytest.fixture
def cycle():
    return make_cycle()


def signals(cycle):
    found = seat_signals(cycle, list(sessions_of(cycle)))
    return [(signal.code, signal.seat, signal.user, signal.date, signal.sessions) for signal in found]


def take_over(cycle, **period):
    joris = make_worker("Joris", lead=True, municipality=make_municipality())
    substitute_leader(cycle=cycle, seat=Seat.LEAD, user=joris, by=joris, now=NOW, **period)
    return joris


def test_a_competence_that_planned_sessions_need_is_not_withdrawn_and_says_which(cycle):
    coba = make_coordinator()
    competence = cycle.lead.competences.get()
    with pytest.raises(NotAllowed, match="competence_needed") as refused:
        withdraw_competence(competence=competence, by=coba, now=NOW)
    assert refused.value.reason.args["days"] == [(FIRST + number * WEEK).isoformat() for number in range(5)]
    assert "ma 14 sep" in reason_text(refused.value.reason)
    assert cycle.lead.competences.exists()
    take_over(cycle)
    withdraw_competence(competence=competence, by=coba, now=NOW)
    assert not cycle.lead.competences.exists()


def test_another_competence_that_covers_the_sessions_is_enough(cycle):
    general = cycle.co_lead.competences.get()
    Competence.objects.create(
        user=cycle.co_lead, kind=CompetenceKind.CO_LEAD, offer=cycle.offer, granted_on=dt.date(2026, 1, 1)
    )
    withdraw_competence(competence=general, by=make_coordinator(), now=NOW)
    assert signals(cycle) == []


def test_a_competence_can_end_after_the_last_session_and_not_before(cycle):
    coba, competence = make_coordinator(), cycle.lead.competences.get()
    for day in (FIRST, LAST):
        with pytest.raises(NotAllowed, match="competence_needed"):
            limit_competence(competence=competence, expires_on=day, by=coba, now=NOW)
    with pytest.raises(NotAllowed, match="before_granted"):
        limit_competence(competence=competence, expires_on=competence.granted_on, by=coba, now=NOW)
    limit_competence(competence=competence, expires_on=LAST + dt.timedelta(days=1), by=coba, now=NOW)
    assert fresh(competence).expires_on == LAST + dt.timedelta(days=1)


def test_only_the_coordinator_takes_a_competence(cycle):
    with pytest.raises(PermissionDenied):
        withdraw_competence(competence=cycle.lead.competences.get(), by=cycle.lead, now=NOW)


def test_an_account_that_leads_is_not_closed_also_when_others_stand_in_for_all_its_sessions(cycle):
    ada, old = make_administrator(), cycle.lead
    with pytest.raises(BookingClash) as clash:
        close_account(user=old, by=ada, now=NOW)
    assert len(clash.value.clashes) == 5
    take_over(cycle, until_date=LAST)
    with pytest.raises(NotAllowed, match="leads_cycles"):
        close_account(user=old, by=ada, now=NOW)
    assert fresh(old).is_active
    substitute_leader(
        cycle=cycle, seat=Seat.LEAD, user=make_worker(lead=True, municipality=make_municipality()), by=ada, now=NOW
    )
    assert not close_account(user=old, by=ada, now=NOW).is_active


def test_the_command_says_what_to_arrange_first():
    cycle = make_cycle(now=timezone.localtime())
    with pytest.raises(CommandError, match="First arrange a substitute:\nsession, "):
        call_command("deactivate_user", cycle.lead.email)
    with pytest.raises(CommandError, match="no user"):
        call_command("deactivate_user", "niemand@socius.example")
    free = make_worker()
    call_command("deactivate_user", free.email.upper(), stdout=io.StringIO())
    assert not fresh(free).is_active


def test_who_leads_cannot_be_made_a_team_member(cycle):
    with pytest.raises(BookingClash):
        set_roles(user=cycle.lead, roles=["team_member"], by=make_administrator(), now=NOW)
    assert User.objects.get(pk=cycle.lead_id).role_names == {"group_worker"}


def test_the_database_keeps_a_leader_who_would_be_deleted(cycle):
    with pytest.raises((ProtectedError, IntegrityError)), transaction.atomic():
        cycle.lead.delete()
    assert cycle.sessions.filter(staff__user=cycle.lead_id).count() == 5


# --- signals


def test_a_competence_that_runs_out_before_the_last_session_is_a_signal(cycle):
    assert signals(cycle) == []
    Competence.objects.filter(user=cycle.lead).update(expires_on=FIRST + 3 * WEEK)
    assert signals(cycle) == [("expires", Seat.LEAD, cycle.lead, FIRST + 3 * WEEK, 2)]


def test_an_empty_seat_and_a_closed_account_are_signals(cycle):
    cycle.sessions.get(number=2).staff.get(seat=Seat.CO_LEAD).booking.delete()
    User.objects.filter(pk=cycle.lead_id).update(is_active=False)
    assert signals(cycle) == [
        ("inactive", Seat.LEAD, cycle.lead, FIRST, 5),
        ("empty", Seat.CO_LEAD, None, FIRST + WEEK, 1),
    ]
    type(cycle.offer).objects.update(second_seat_required=False)
    assert [code for code, *_rest in signals(fresh(cycle))] == ["inactive"]


def test_signals_cost_two_statements_however_many_sessions(cycle):
    sessions = list(sessions_of(cycle))
    cycle = type(cycle).objects.select_related("waitlist__offer").get(pk=cycle.pk)
    assert statements_of(lambda: seat_signals(cycle, sessions)) == 2
    assert statements_of(lambda: seat_signals(cycle, sessions[:1])) == 2
