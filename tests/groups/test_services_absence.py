"""R14: somebody is ill. Proposed, confirmed, told: all sessions settled in one step, or nothing written."""

import datetime as dt
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection

from accounts.exceptions import BookingClash
from accounts.periods import local_period
from accounts.services import book_worker, record_leave, set_day_hours
from groups.enums import CompetenceKind, HistoryCode, Seat, SessionState
from groups.exceptions import NotAllowed
from groups.models import Competence, HistoryEntry
from groups.services.absence import (
    CANCEL,
    CANCEL_AND_ADD,
    LEAVE_EMPTY,
    TAKE_OVER,
    Choice,
    find_gaps,
    report_absence,
)
from groups.services.substitution import propose_substitutes, staffing, substitute_leader
from notifications.models import Notification
from tests.factories.accounts import make_coordinator, make_group_worker
from tests.factories.groups import NOW, fresh, make_cycle, make_offer, make_worker
from tests.factories.neighbourhoods import local, make_municipality

pytestmark = pytest.mark.django_db
WEEK = dt.timedelta(weeks=1)
FIRST = dt.date(2026, 9, 14)
TWO_WEEKS = dict(zip(("starts_at", "ends_at"), local_period(FIRST, FIRST + WEEK), strict=True))


def colleague(name, **fields):
    return make_worker(name, lead=True, municipality=make_municipality(), **fields)


def gaps_of(user, **period):
    return find_gaps(user=user, now=NOW, **(TWO_WEEKS | period))


def report(user, choices, *, by=None, now=NOW, **fields):
    return report_absence(user=user, choices=choices, by=by or user, now=now, **(TWO_WEEKS | fields))


def by_substitute(user, cycle, stand_in, **period):
    return {gap.session.pk: Choice(TAKE_OVER, stand_in) for gap in gaps_of(user, **period)}


def leaders(cycle, seat=Seat.LEAD):
    rows = cycle.sessions.order_by("number")
    return [next((s.user for s in session.staff.all() if s.seat == seat), None) for session in rows]


def state_of(user):
    """What a refused report must leave as it was."""
    seats = list(user.session_seats.values_list("session", "seat").order_by("session"))
    return seats, user.bookings.count(), HistoryEntry.objects.count(), Notification.objects.count()


# --- proposing


def test_every_session_in_the_period_gets_a_proposal_and_nothing_is_written():
    cycle = make_cycle()
    joris = colleague("Joris")
    before = state_of(cycle.lead)
    gaps = gaps_of(cycle.lead)
    assert [(gap.session.number, gap.seat, gap.filling.proposed) for gap in gaps] == [
        (1, Seat.LEAD, joris.pk),
        (2, Seat.LEAD, joris.pk),
    ]
    assert state_of(cycle.lead) == before


def test_second_leaders_get_one_of_the_neighbourhoods_team_first():
    cycle = make_cycle()
    far, near = make_worker("Ver"), make_worker("Nabij", catchment=cycle.catchment)
    gaps = gaps_of(cycle.co_lead)
    assert {gap.seat for gap in gaps} == {Seat.CO_LEAD}
    assert gaps[0].filling.proposed == near.pk
    assert far.pk not in [candidate.id for candidate in gaps[0].filling.candidates]  # works in no team here


def test_nobody_is_proposed_who_is_away_says_not_that_day_or_has_a_full_calendar():
    cycle = make_cycle()
    ill, off, full = colleague("Ziek"), colleague("Vrij"), colleague("Vol", max_cycles=0)
    record_leave(user=ill, starts_at=local(2026, 9, 14), ends_at=local(2026, 9, 15), by=ill)
    set_day_hours(user=off, date=FIRST, windows=[], by=off, today=NOW.date())
    first, second = gaps_of(cycle.lead)
    assert (first.filling.proposed, first.filling.held_back) == (None, (full.pk,))
    assert {candidate.id for candidate in second.filling.candidates} == {ill.pk, off.pk}


def test_outside_weekly_times_is_an_alternative_and_no_proposal():
    cycle = make_cycle()
    evening = colleague("Avond", windows=[(day, dt.time(18), dt.time(22)) for day in range(5)])
    first = gaps_of(cycle.lead)[0]
    assert first.filling.proposed is None
    assert [(candidate.id, candidate.asks_first) for candidate in first.filling.candidates] == [(evening.pk, True)]


def test_the_cycles_own_form_gets_the_same_ranking():
    cycle = make_cycle()
    joris = colleague("Joris")
    candidates, seconds = propose_substitutes(cycle=cycle, seat=Seat.LEAD, now=NOW)
    assert ([candidate.id for candidate in candidates], seconds) == ([joris.pk], ())
    assert propose_substitutes(cycle=cycle, seat=Seat.LEAD, from_date=dt.date(2027, 5, 1), now=NOW) == ((), ())


def test_who_stood_in_gives_the_seat_back_to_the_leader_of_the_cycle():
    cycle = make_cycle()
    joris = colleague("Joris")
    substitute_leader(cycle=cycle, seat=Seat.LEAD, user=joris, by=joris, now=NOW, until_date=FIRST)
    candidates, _seconds = propose_substitutes(cycle=cycle, seat=Seat.LEAD, now=NOW)
    assert cycle.lead_id in [candidate.id for candidate in candidates]
    substitute_leader(cycle=cycle, seat=Seat.LEAD, user=cycle.lead, by=joris, now=NOW, until_date=FIRST)
    assert leaders(cycle) == [cycle.lead] * 5


# --- confirming


def test_one_confirmation_seats_the_substitute_books_the_absence_and_writes_history():
    cycle = make_cycle()
    joris = colleague("Joris")
    report(cycle.lead, by_substitute(cycle.lead, cycle, joris), note="griep")
    assert leaders(cycle) == [joris, joris, *[cycle.lead] * 3]
    leave = cycle.lead.bookings.leave().get()
    assert (leave.starts_at, leave.ends_at, leave.note) == (*TWO_WEEKS.values(), "griep")
    row = HistoryEntry.objects.get(code=HistoryCode.LEADER_CHANGED)
    assert (row.by, row.args) == (
        cycle.lead,
        {"seat": "lead", "from": "2026-09-14", "sessions": 2, "user": joris.pk},
    )
    assert fresh(cycle).lead == cycle.lead


def test_participants_hear_who_leads_and_the_substitute_hears_when_and_where():
    cycle = make_cycle()
    joris = colleague("Joris")
    report(cycle.lead, by_substitute(cycle.lead, cycle, joris))
    told = Notification.objects.filter(kind="leader_changed")
    assert told.count() == 3
    body = told.first().body
    assert joris.short_name in body
    assert "maandag 14 september" in body
    assert cycle.offer.name not in body
    mail = Notification.objects.get(kind="substitute")
    assert (mail.to_address, mail.recipient) == (joris.email, joris)
    assert cycle.room.venue.name in mail.body
    assert f"/groepen/cycli/{cycle.pk}/" in mail.body
    people = [participation.client for participation in cycle.participations.select_related("client")]
    assert not [person for person in people if person.family_name in mail.body + body]


def test_of_a_sensitive_or_hidden_group_no_mail_says_more_than_that_there_is_news():
    cycle = make_cycle()
    joris = colleague("Joris")
    type(cycle.offer).objects.update(place_is_hidden=True)
    report(cycle.lead, by_substitute(cycle.lead, cycle, joris))
    for mail in Notification.objects.filter(kind="leader_changed"):
        assert joris.short_name not in mail.body
        assert "september" not in mail.body
    assert cycle.room.venue.name not in Notification.objects.get(kind="substitute").body


def test_a_changed_second_leader_is_not_told_to_participants():
    cycle = make_cycle()
    near = make_worker("Nabij", catchment=cycle.catchment)
    report(cycle.co_lead, by_substitute(cycle.co_lead, cycle, near))
    assert leaders(cycle, Seat.CO_LEAD)[:3] == [near, near, cycle.co_lead]
    assert not Notification.objects.filter(kind="leader_changed").exists()
    assert Notification.objects.filter(kind="substitute").count() == 1


def test_the_second_leader_moves_up_and_somebody_else_sits_second():
    cycle = make_cycle()
    near, fatima = make_worker("Nabij", catchment=cycle.catchment), cycle.co_lead
    Competence.objects.create(user=fatima, kind=CompetenceKind.LEAD, granted_on=dt.date(2020, 1, 1))
    fatima.role_assignments.create(role="social_worker")
    gap = gaps_of(cycle.lead)[0]
    assert (gap.filling.proposed, gap.filling.second) == (fatima.pk, near.pk)
    choices = {gap.session.pk: Choice(TAKE_OVER, fatima) for gap in gaps_of(cycle.lead)}
    with pytest.raises(NotAllowed, match="second_seat_missing"):
        report(cycle.lead, choices)
    report(cycle.lead, {pk: Choice(TAKE_OVER, fatima, near) for pk in choices})
    assert leaders(cycle)[:3] == [fatima, fatima, cycle.lead]
    assert leaders(cycle, Seat.CO_LEAD)[:3] == [near, near, fatima]


def test_what_nobody_can_take_over_is_cancelled_and_made_up_for_outside_the_absence():
    cycle = make_cycle()
    long = {"ends_at": local(2026, 10, 20)}
    gaps = gaps_of(cycle.lead, **long)
    assert [gap.filling.candidates for gap in gaps] == [()] * 5
    report(cycle.lead, {gap.session.pk: Choice(CANCEL_AND_ADD) for gap in gaps}, **long)
    added = list(cycle.sessions.planned().order_by("number"))
    assert [session.date for session in added] == [dt.date(2026, 10, 26) + WEEK * number for number in range(5)]
    assert cycle.sessions.filter(state=SessionState.CANCELLED).count() == 5
    assert Notification.objects.filter(kind="session_cancelled").count() == 15


def test_cancelled_without_making_up_and_a_second_seat_left_empty_where_the_offer_allows():
    cycle = make_cycle()
    (first, second) = gaps_of(cycle.lead)
    joris = colleague("Joris")
    report(cycle.lead, {first.session.pk: Choice(CANCEL), second.session.pk: Choice(TAKE_OVER, joris)})
    assert cycle.sessions.planned().count() == 4
    choices = {gap.session.pk: Choice(LEAVE_EMPTY) for gap in gaps_of(cycle.co_lead)}
    with pytest.raises(NotAllowed, match="second_seat_missing"):
        report(cycle.co_lead, choices)
    type(cycle.offer).objects.update(second_seat_required=False)
    report(cycle.co_lead, choices)
    assert leaders(cycle, Seat.CO_LEAD)[1] is None


# --- refused, with nothing half-written


def test_each_refusal_names_its_session_and_leaves_everything_as_it_was():
    cycle = make_cycle()
    joris, no_lead, full = colleague("Joris"), make_worker(catchment=cycle.catchment), colleague("Vol", max_cycles=0)
    ill, off = colleague("Ziek"), colleague("Vrij")
    record_leave(user=ill, starts_at=local(2026, 9, 21), ends_at=local(2026, 9, 22), by=ill)
    set_day_hours(user=off, date=FIRST + WEEK, windows=[], by=off, today=NOW.date())
    first, second = gaps_of(cycle.lead)
    before = state_of(cycle.lead)
    for user, code in (
        (ill, "taken_then"),
        (off, "not_that_day"),
        (full, "calendar_full"),
        (no_lead, "not_competent"),
        (cycle.lead, "falls_away"),
        (cycle.co_lead, "not_competent"),
    ):
        with pytest.raises(NotAllowed, match=code) as refused:
            report(
                cycle.lead, {first.session.pk: Choice(TAKE_OVER, joris), second.session.pk: Choice(TAKE_OVER, user)}
            )
        assert refused.value.reason.args == {"session": second.session.pk}
        assert state_of(cycle.lead) == before


def test_without_a_choice_for_each_session_nothing_happens():
    cycle = make_cycle()
    joris = colleague("Joris")
    choices = by_substitute(cycle.lead, cycle, joris)
    before = state_of(cycle.lead)
    for wrong in ({}, dict(list(choices.items())[:1]), choices | {0: Choice(CANCEL)}):
        with pytest.raises(NotAllowed, match="sessions_changed"):
            report(cycle.lead, wrong)
    assert state_of(cycle.lead) == before


def test_a_talk_in_the_way_is_told_and_nothing_is_written():
    cycle = make_cycle()
    joris = colleague("Joris")
    choices = by_substitute(cycle.lead, cycle, joris)
    book_worker(user=cycle.lead, starts_at=local(2026, 9, 16, 9), ends_at=local(2026, 9, 16, 10), kind="talk")
    before = state_of(cycle.lead)
    with pytest.raises(BookingClash):
        report(cycle.lead, choices)
    assert state_of(cycle.lead) == before


def test_ill_for_longer_books_only_what_was_not_booked_yet():
    worker = make_group_worker()
    report(worker, {})
    with pytest.raises(NotAllowed, match="already_away"):
        report(worker, {})
    report(worker, {}, starts_at=local(2026, 9, 10), ends_at=local(2026, 9, 30))
    periods = [(row.starts_at, row.ends_at) for row in worker.bookings.leave()]
    assert periods == [
        (local(2026, 9, 10), TWO_WEEKS["starts_at"]),
        tuple(TWO_WEEKS.values()),
        (TWO_WEEKS["ends_at"], local(2026, 9, 30)),
    ]


def test_what_has_passed_today_is_left_alone():
    cycle = make_cycle()
    joris = colleague("Joris")
    noon = local(2026, 9, 14, 12)  # the first session ended at eleven
    report(cycle.lead, {}, now=noon, ends_at=local(2026, 9, 15))
    assert cycle.lead.bookings.leave().get().starts_at == noon
    assert joris not in leaders(cycle)
    with pytest.raises(NotAllowed, match="in_the_past"):
        report(cycle.lead, {}, now=local(2026, 9, 20), ends_at=local(2026, 9, 15))


def test_who_may_say_that_somebody_is_away():
    cycle = make_cycle()
    here = colleague("Hier")
    elsewhere = make_worker("Ver", lead=True, municipality=make_municipality("Castricum", "GM0383"))
    for by in (cycle.co_lead, elsewhere):
        with pytest.raises(PermissionDenied):
            report(cycle.lead, {}, by=by)
    report(cycle.lead, by_substitute(cycle.lead, cycle, here), by=here)
    report(elsewhere, {}, by=make_coordinator())
    assert not Notification.objects.filter(kind="substitute").exists()  # who does it themselves knows


# --- two at once


def test_a_second_colleague_hears_that_it_was_settled_just_now():
    cycle = make_cycle()
    joris, samira = colleague("Joris"), colleague("Samira")
    choices = by_substitute(cycle.lead, cycle, joris)
    report(cycle.lead, choices, by=joris)
    with pytest.raises(NotAllowed, match="sessions_changed"):
        report(cycle.lead, {pk: Choice(TAKE_OVER, samira) for pk in choices}, by=samira)
    assert leaders(cycle)[:2] == [joris, joris]


def test_two_on_the_cycles_page_at_once_the_second_gets_words():
    cycle = make_cycle()
    joris, samira = colleague("Joris"), colleague("Samira")
    step = {"cycle": cycle, "seat": Seat.LEAD, "by": cycle.lead, "now": NOW, "seen": staffing(cycle)}
    substitute_leader(user=joris, **step)
    with pytest.raises(NotAllowed, match="team_changed"):
        substitute_leader(user=samira, **step)
    assert leaders(cycle) == [joris] * 5


@pytest.mark.django_db(transaction=True)
def test_two_colleagues_who_fall_ill_at_once_never_get_the_same_substitute_at_the_same_time():
    """Two cycles at the same hour and one free colleague; both are confirmed at the same moment."""
    first, second = make_cycle(), make_cycle(offer=make_offer(fixed_weekday=0))
    joris = colleague("Joris")
    pairs = [(cycle, by_substitute(cycle.lead, cycle, joris)) for cycle in (first, second)]
    together, outcomes = threading.Barrier(2, timeout=20), []

    def confirm(cycle, choices):
        try:
            together.wait()
            report(cycle.lead, choices)
            outcomes.append("done")
        except NotAllowed as refusal:
            outcomes.append(refusal.reason.code)
        finally:
            connection.close()

    threads = [threading.Thread(target=confirm, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["done", "taken_then"]
    assert joris.bookings.count() == 2
    assert sum(cycle.lead.bookings.leave().count() for cycle in (first, second)) == 1
