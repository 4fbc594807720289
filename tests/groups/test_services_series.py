"""R20: the rest of a cycle moves, a session is added, and what is shown before saving is what is done."""

import datetime as dt
from contextlib import suppress

import pytest
from django.db import transaction
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import WorkerBooking
from accounts.services import record_leave, set_weekly_availability
from clients.models import ClientAvailability
from groups.calendar import blocked_dates, weekly_days
from groups.consequences import consequence_lines, warning_lines
from groups.enums import AttendanceState, HistoryCode, SessionState
from groups.exceptions import NotAllowed, ScheduleClash
from groups.models import Cycle, HistoryEntry, Session
from groups.services.cycles import settle_cycles
from groups.services.foresee import PlanChanged, act_as_foreseen, foresee
from groups.services.noting import note_session
from groups.services.scheduling import cancel_session, change_room, move_session
from groups.services.series import add_session, move_rest, next_day
from groups.services.substitution import substitute_leader
from groups.services.talks import plan_talk
from neighbourhoods.models import RoomBooking
from notifications.models import Notification
from tests.factories.groups import NOW, fresh, make_cycle, make_offer, make_worker
from tests.factories.neighbourhoods import local, make_room
from tests.groups.sessions import begun, places_of, tapped

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def in_english():
    """Texts are tested at their source."""
    with translation.override("en"):
        yield


WEEK = dt.timedelta(weeks=1)
FIRST = dt.date(2026, 9, 14)  # a Monday, 9:00 to 11:00
NINE, ONE = dt.time(9), dt.time(13)


def numbered(cycle, number):
    return cycle.sessions.get(number=number)


def dates(cycle):
    return list(cycle.sessions.planned().order_by("number").values_list("date", flat=True))


def in_line(cycle):
    """Whether room and leaders are booked for exactly the planned sessions, once each."""
    planned = sorted((s.starts_at, s.ends_at) for s in cycle.sessions.planned())
    rooms = sorted((b.period.lower, b.period.upper) for b in RoomBooking.objects.filter(session__cycle=cycle))
    people = WorkerBooking.objects.filter(session_seat__session__cycle=cycle)
    return rooms == planned and all(
        sorted((b.period.lower, b.period.upper) for b in people.filter(user=user)) == planned
        for user in (cycle.lead, cycle.co_lead)
    )


# --- the rest of a cycle


def test_the_rest_moves_to_another_day_and_hour_and_what_was_before_stays():
    cycle = make_cycle()
    move_rest(session=numbered(cycle, 3), date=dt.date(2026, 9, 30), start_time=ONE, by=cycle.lead, now=NOW)
    wednesdays = [dt.date(2026, 9, 30) + number * WEEK for number in range(3)]
    assert dates(cycle) == [FIRST, FIRST + WEEK, *wednesdays]
    moved = cycle.sessions.filter(number__gte=3)
    assert {(s.start_time, s.end_time) for s in moved} == {(ONE, dt.time(15))}
    assert in_line(cycle)
    assert HistoryEntry.objects.filter(code=HistoryCode.SESSION_MOVED).count() == 3
    assert Notification.objects.filter(kind="cycle_moved").count() == 3
    assert fresh(cycle).starts_on == FIRST


def test_a_formed_cycle_moves_whole_with_its_answer_deadline():
    cycle = make_cycle()
    move_rest(session=numbered(cycle, 1), date=FIRST + 2 * WEEK, start_time=ONE, by=cycle.lead, now=NOW)
    cycle = fresh(cycle)
    assert (cycle.starts_on, cycle.start_time, cycle.answer_deadline) == (FIRST + 2 * WEEK, ONE, dt.date(2026, 9, 24))
    assert dates(cycle) == [FIRST + number * WEEK for number in range(2, 7)]


def test_a_holiday_is_skipped_and_the_series_ends_a_week_later():
    cycle = make_cycle()
    christmas = dt.date(2026, 12, 25)
    move_rest(session=numbered(cycle, 1), date=christmas - 2 * WEEK, start_time=ONE, by=cycle.lead, now=NOW)
    # 25 December and 1 January, both Fridays
    wanted = [dt.date(2026, 12, 11), dt.date(2026, 12, 18), dt.date(2027, 1, 8), dt.date(2027, 1, 15)]
    assert dates(cycle) == [*wanted, dt.date(2027, 1, 22)]


@pytest.mark.parametrize(
    ("number", "date", "time", "code"),
    [
        (1, dt.date(2026, 8, 31), NINE, "in_the_past"),
        (2, FIRST, ONE, "out_of_order"),
        (1, FIRST, dt.time(23), "past_midnight"),
        (1, FIRST, dt.time(21), "room_closed"),
        (1, dt.date(2026, 12, 25), NINE, "blocked_day"),
    ],
)
def test_the_rest_cannot_move_there(number, date, time, code):
    cycle = make_cycle()
    before = dates(cycle)
    with pytest.raises(NotAllowed, match=code):
        move_rest(session=numbered(cycle, number), date=date, start_time=time, by=cycle.lead, now=NOW)
    assert (dates(cycle), in_line(cycle)) == (before, True)


def test_leave_in_one_of_the_weeks_is_a_clash_and_nothing_moves():
    cycle = make_cycle()
    record_leave(user=cycle.lead, starts_at=local(2026, 10, 6), ends_at=local(2026, 10, 7), by=cycle.lead)
    with pytest.raises(ScheduleClash) as clash:
        move_rest(session=numbered(cycle, 1), date=dt.date(2026, 9, 15), start_time=NINE, by=cycle.lead, now=NOW)
    assert [(who, period.lower) for who, period in clash.value.clashes] == [
        (cycle.lead.short_name, local(2026, 10, 6))
    ]
    assert in_line(cycle)


def test_a_substitute_of_one_session_is_asked_for_that_one_only():
    cycle = make_cycle()
    stand_in = make_worker(catchment=cycle.catchment)
    third = numbered(cycle, 3).date
    substitute_leader(
        cycle=cycle, seat="co_lead", user=stand_in, by=cycle.lead, now=NOW, from_date=third, until_date=third
    )
    # Taken on the new day of session 4, where somebody else sits.
    record_leave(user=stand_in, starts_at=local(2026, 10, 6), ends_at=local(2026, 10, 7), by=stand_in)
    move_rest(session=numbered(cycle, 1), date=dt.date(2026, 9, 15), start_time=NINE, by=cycle.lead, now=NOW)
    assert dates(cycle)[0] == dt.date(2026, 9, 15)


def test_sessions_that_shift_both_ways_do_not_stumble_over_each_other():
    """Weeks 1, 2, 5, 6 and 7 become 2 to 6: the first go later, the last earlier."""
    cycle = make_cycle()
    for number in (5, 4, 3):
        session = numbered(cycle, number)
        move_session(session=session, date=session.date + 2 * WEEK, start_time=NINE, by=cycle.lead, now=NOW)
    move_rest(session=numbered(cycle, 1), date=FIRST + WEEK, start_time=NINE, by=cycle.lead, now=NOW)
    assert dates(cycle) == [FIRST + number * WEEK for number in range(1, 6)]
    assert in_line(cycle)


STEPS = st.lists(
    st.tuples(
        st.sampled_from(["rest", "one"]),
        st.integers(1, 5),
        st.integers(-3, 100),
        st.sampled_from([dt.time(9), dt.time(10, 30), dt.time(14), dt.time(19), dt.time(21)]),
    ),
    min_size=1,
    max_size=8,
)


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(steps=STEPS)
def test_whatever_moves_nobody_is_double_the_order_is_kept_and_blocked_days_are_skipped(steps):
    with transaction.atomic():
        cycles = [make_cycle(offer=make_offer()), make_cycle()]
        _share_a_room(cycles)
        for kind, number, days, clock in steps:
            for cycle in cycles:
                _try_to_move(cycle, kind, number, FIRST + dt.timedelta(days=days), clock)
        transaction.set_rollback(True)


def _share_a_room(cycles):
    """So that they can be in each other's way."""
    with suppress(ScheduleClash):
        change_room(session=numbered(cycles[1], 1), room=cycles[0].room, by=cycles[1].lead, now=NOW, following=True)


def _try_to_move(cycle, kind, number, date, clock):
    before = dates(cycle)
    move = move_rest if kind == "rest" else move_session
    try:
        move(session=numbered(cycle, number), date=date, start_time=clock, by=cycle.lead, now=NOW)
    except (NotAllowed, ScheduleClash):
        assert dates(cycle) == before
    planned = dates(cycle)
    assert planned == sorted(set(planned))
    assert not set(planned) & blocked_dates(today=planned[0], weeks=60, skips_school_holidays=False)
    assert in_line(cycle)
    if kind == "rest" and planned != before:
        rest = planned[number - 1 :]
        assert rest == weekly_days(rest[0], len(rest), skips_school_holidays=False)


# --- one session more


def test_a_session_is_added_after_the_last_with_room_and_leaders():
    cycle = make_cycle()
    day = next_day(cycle, now=NOW)
    assert day == FIRST + 5 * WEEK
    extra = add_session(cycle=cycle, date=day, start_time=NINE, by=cycle.lead, now=NOW)
    assert (extra.number, extra.end_time, extra.room) == (6, dt.time(11), cycle.room)
    assert in_line(cycle)
    assert Notification.objects.filter(kind="session_added").count() == 3
    assert HistoryEntry.objects.filter(code=HistoryCode.SESSION_ADDED, session=extra).exists()


def test_the_proposed_day_is_no_holiday():
    cycle = make_cycle()
    last = numbered(cycle, 5)
    move_session(session=last, date=dt.date(2026, 12, 18), start_time=NINE, by=cycle.lead, now=NOW)
    assert next_day(cycle, now=NOW) == dt.date(2027, 1, 8)


@pytest.mark.parametrize(
    ("date", "time", "code"),
    [
        (FIRST + 4 * WEEK, ONE, "out_of_order"),
        (dt.date(2026, 8, 31), NINE, "in_the_past"),
        (dt.date(2026, 12, 25), NINE, "blocked_day"),
        (FIRST + 5 * WEEK, dt.time(23), "past_midnight"),
        (FIRST + 5 * WEEK, dt.time(21), "room_closed"),
    ],
)
def test_a_session_cannot_be_added_there(date, time, code):
    cycle = make_cycle()
    with pytest.raises(NotAllowed, match=code):
        add_session(cycle=cycle, date=date, start_time=time, by=cycle.lead, now=NOW)
    assert (cycle.sessions.count(), in_line(cycle)) == (5, True)


def test_no_session_is_added_to_a_cycle_that_is_over_nor_over_leave():
    cycle = make_cycle()
    day = FIRST + 5 * WEEK
    record_leave(user=cycle.lead, starts_at=local(2026, 10, 19), ends_at=local(2026, 10, 20), by=cycle.lead)
    with pytest.raises(ScheduleClash):
        add_session(cycle=cycle, date=day, start_time=NINE, by=cycle.lead, now=NOW)
    for when in (FIRST, FIRST + 4 * WEEK):
        settle_cycles(now=local(when.year, when.month, when.day, 12))
    with pytest.raises(NotAllowed, match="cycle_is_over"):
        add_session(cycle=cycle, date=day, start_time=ONE, by=cycle.lead, now=local(2026, 10, 12, 12))


def test_everybody_of_a_whole_cycle_comes_to_the_added_session_too():
    """R28: of a whole cycle all that it has are theirs, so nobody is finished one session early."""
    cycle = make_cycle()
    settle_cycles(now=local(2026, 9, 14, 12))
    add_session(cycle=cycle, date=FIRST + 5 * WEEK, start_time=NINE, by=cycle.lead, now=local(2026, 9, 14, 12))
    settle_cycles(now=local(2026, 10, 12, 12))
    assert cycle.participations.counting().count() == 3
    settle_cycles(now=local(2026, 10, 19, 12))
    assert cycle.participations.counting().count() == 0


# --- what is shown before it is saved


def everything():
    tables = (Session, Cycle, RoomBooking, WorkerBooking, HistoryEntry, Notification)
    return [sorted(map(str, table.objects.values())) for table in tables]


def moving(cycle, number=2, date=dt.date(2026, 9, 24), clock=ONE):
    def act():
        move_rest(session=numbered(cycle, number), date=date, start_time=clock, by=cycle.lead, now=NOW)

    return act


def test_looking_writes_nothing_and_saving_does_what_was_shown():
    cycle = make_cycle()
    before = everything()
    found = foresee(cycle=cycle, act=moving(cycle))
    assert everything() == before
    assert [moment.date for moment in found.changed] == [dt.date(2026, 9, 24) + number * WEEK for number in range(4)]
    assert (found.told_by_mail, found.to_call, found.deadline) == (3, 0, None)
    done = act_as_foreseen(cycle=cycle, act=moving(cycle), seen=found.fingerprint)
    assert done == found
    assert dates(cycle)[1:] == [moment.date for moment in found.changed]
    assert Notification.objects.filter(kind="cycle_moved").count() == found.told_by_mail


def test_nothing_is_saved_when_something_changed_since():
    cycle = make_cycle()
    found = foresee(cycle=cycle, act=moving(cycle))
    cancel_session(session=numbered(cycle, 5), reason="storm", by=cycle.lead, now=NOW, append=False)
    before = everything()
    with pytest.raises(PlanChanged) as changed:
        act_as_foreseen(cycle=cycle, act=moving(cycle), seen=found.fingerprint)
    assert everything() == before
    assert len(changed.value.found.changed) == 3


def test_who_cannot_be_mailed_is_counted_apart():
    cycle = make_cycle()
    person = cycle.participations.select_related("client__contact").order_by("pk").first()
    person.client.contact.is_sensitive = True
    person.client.contact.save()
    found = foresee(cycle=cycle, act=moving(cycle))
    assert (found.told_by_mail, found.to_call) == (2, 1)
    lines = consequence_lines(found)
    assert "2 participants get a message now." in lines
    assert "Call 1 participant yourself: there is no safe way to mail everything." in lines


def test_the_answer_deadline_that_shifts_is_said():
    cycle = make_cycle()
    found = foresee(cycle=cycle, act=moving(cycle, number=1, date=FIRST + WEEK))
    assert found.deadline == dt.date(2026, 9, 17)
    assert any("Thu 17 Sep" in line for line in consequence_lines(found))


def test_whose_hours_are_not_met_is_said_of_leaders_and_participants():
    cycle = make_cycle()
    set_weekly_availability(user=cycle.co_lead, windows=[(0, NINE, dt.time(12))], by=cycle.co_lead)
    person = cycle.participations.order_by("pk").first()
    ClientAvailability.objects.create(client=person.client, weekday=0, part="morning")
    found = foresee(cycle=cycle, act=moving(cycle))
    assert found.outside == ((cycle.co_lead.short_name, tuple(moment.date for moment in found.changed)),)
    assert found.unsuited == 1
    words = " ".join(warning_lines(found))
    assert f"{cycle.co_lead.short_name} is usually not there at that time: Thu 24 Sep" in words
    assert "1 participant said that this time does not suit." in words


def test_individual_talks_that_fall_outside_are_said():
    offer = make_offer(sessions_count=6, talks_count=2, talk_minutes=30, talks_after_session=5)
    cycle = make_cycle(offer=offer)
    place = cycle.participations.order_by("pk").first()
    at = {"date": dt.date(2026, 10, 13), "start_time": dt.time(10)}
    plan_talk(participation=place, with_user=cycle.lead, by=cycle.lead, now=NOW, **at)
    assert foresee(cycle=cycle, act=moving(cycle, number=6, date=dt.date(2026, 10, 20))).talks == 0
    found = foresee(cycle=cycle, act=moving(cycle, number=5, date=dt.date(2026, 10, 14)))
    assert found.talks == 1
    assert any("individual talk" in line for line in warning_lines(found))


def test_another_room_and_a_cancelled_session_are_shown_the_same_way():
    cycle = make_cycle()
    other = make_room("Serre", name_of_venue="Huis Twee", neighbourhood=cycle.catchment.neighbourhoods.get(), now=NOW)

    def swap():
        change_room(session=numbered(cycle, 4), room=other, by=cycle.lead, now=NOW, following=True)

    found = foresee(cycle=cycle, act=swap)
    assert [(moment.number, moment.place) for moment in found.changed] == [(4, other.pk), (5, other.pk)]

    def call_off():
        cancel_session(session=numbered(cycle, 2), reason="storm", by=cycle.lead, now=NOW)

    found = foresee(cycle=cycle, act=call_off)
    assert [moment.number for moment in found.dropped] == [2]
    assert [moment.number for moment in found.changed] == [6]
    assert not cycle.sessions.filter(state=SessionState.CANCELLED).exists()


def test_a_session_of_which_attendance_is_noted_has_been():
    cycle, session, now = begun()
    typed = tapped((places_of(cycle)[0], AttendanceState.PRESENT))
    note_session(session=session, by=cycle.lead, now=now, typed=typed)
    step = {"session": session, "by": cycle.lead, "now": now}
    later = {"date": session.date + dt.timedelta(days=1), "start_time": session.start_time}
    for act in (lambda: move_session(**step, **later), lambda: cancel_session(**step, reason="Ziek")):
        with pytest.raises(NotAllowed) as refused:
            act()
        assert refused.value.reason.code == "session_is_over"
    assert fresh(session).state == SessionState.PLANNED
