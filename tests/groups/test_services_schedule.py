"""R14, R20: changing what is planned. A clash is refused, explained, and nothing is half-written."""

import datetime as dt

import pytest
from django.db import IntegrityError, transaction

from accounts.enums import BookingKind
from accounts.models import WorkerBooking
from accounts.services import record_leave
from clients.models import Client
from groups.enums import CycleOrigin, HistoryCode, Seat, SessionState
from groups.exceptions import NotAllowed, ScheduleClash
from groups.models import Cycle, HistoryEntry, StartReason
from groups.services.by_hand import form_by_hand, propose_slots
from groups.services.scheduling import cancel_session, change_room, move_session
from groups.services.substitution import substitute_leader
from groups.time_words import clash_text
from neighbourhoods.enums import RoomBookingKind
from neighbourhoods.models import RoomBooking
from neighbourhoods.services import book_room
from notifications.models import Notification
from tests.factories.groups import (
    NOW,
    TODAY,
    fresh,
    make_cycle,
    make_entry,
    make_team_and_room,
    make_waitlist,
    make_worker,
    ready_waitlist,
)
from tests.factories.neighbourhoods import local, make_municipality, make_room

pytestmark = pytest.mark.django_db
WEEK = dt.timedelta(weeks=1)
FIRST = dt.date(2026, 9, 14)
TUESDAY = dt.date(2026, 9, 15)


def session(cycle, number=1):
    return cycle.sessions.get(number=number)


def booked_periods(cycle):
    """What is booked for each planned session, as the room and both leaders have it."""
    rooms = {s.room_booking.period.lower for s in cycle.sessions.planned().select_related("room_booking")}
    staff = set(WorkerBooking.objects.filter(kind=BookingKind.SESSION).values_list("period", flat=True).order_by("pk"))
    return rooms, {period.lower for period in staff}


def in_line(cycle):
    planned = {s.starts_at for s in cycle.sessions.planned()}
    return booked_periods(cycle) == (planned, planned)


def test_a_session_moves_with_its_room_and_leaders_and_everyone_is_told():
    cycle = make_cycle()
    move_session(session=session(cycle), date=TUESDAY, start_time=dt.time(13), by=cycle.lead, now=NOW)
    moved = session(cycle)
    assert (moved.date, moved.start_time, moved.end_time) == (TUESDAY, dt.time(13), dt.time(15))
    assert in_line(cycle)
    cycle = fresh(cycle)
    assert (cycle.starts_on, cycle.start_time, cycle.answer_deadline) == (TUESDAY, dt.time(13), dt.date(2026, 9, 11))
    assert Notification.objects.filter(kind="session_changed").count() == 3


@pytest.mark.parametrize(
    ("number", "date", "time", "code"),
    [
        (1, TODAY - WEEK, dt.time(9), "in_the_past"),
        (1, FIRST + WEEK, dt.time(9), "out_of_order"),
        (3, FIRST, dt.time(15), "out_of_order"),
        (1, FIRST, dt.time(21), "room_closed"),
        (1, FIRST, dt.time(23), "past_midnight"),
        (5, dt.date(2026, 12, 25), dt.time(9), "blocked_day"),
    ],
)
def test_a_session_cannot_move_there(number, date, time, code):
    cycle = make_cycle()
    with pytest.raises(NotAllowed, match=code):
        move_session(session=session(cycle, number), date=date, start_time=time, by=cycle.lead, now=NOW)
    assert in_line(cycle)
    assert not HistoryEntry.objects.filter(code=HistoryCode.SESSION_MOVED).exists()


def test_a_move_onto_leave_is_refused_and_says_who_and_when():
    cycle = make_cycle()
    record_leave(user=cycle.lead, starts_at=local(2026, 9, 15), ends_at=local(2026, 9, 16), by=cycle.lead)
    with pytest.raises(ScheduleClash) as clash:
        move_session(session=session(cycle), date=TUESDAY, start_time=dt.time(9), by=cycle.lead, now=NOW)
    assert cycle.lead.short_name in clash_text(clash.value)
    assert session(cycle).date == FIRST


def test_a_move_onto_a_taken_room_is_refused():
    cycle = make_cycle()
    book_room(
        room=cycle.room,
        starts_at=local(2026, 9, 15, 10),
        ends_at=local(2026, 9, 15, 12),
        kind=RoomBookingKind.OTHER,
    )
    with pytest.raises(ScheduleClash) as clash:
        move_session(session=session(cycle), date=TUESDAY, start_time=dt.time(9), by=cycle.lead, now=NOW)
    assert cycle.room.name in clash_text(clash.value)
    move_session(session=session(cycle), date=TUESDAY, start_time=dt.time(12), by=cycle.lead, now=NOW)
    assert in_line(cycle)


def test_the_database_itself_refuses_to_take_a_person_or_room_twice():
    cycle = make_cycle()
    booking = WorkerBooking.objects.filter(user=cycle.lead).order_by("period").first()
    with pytest.raises(IntegrityError, match="worker_booked_once"), transaction.atomic():
        WorkerBooking.objects.create(user=cycle.lead, period=booking.period, kind=BookingKind.TALK)
    taken = RoomBooking.objects.order_by("period").first()
    with pytest.raises(IntegrityError, match="room_booked_once"), transaction.atomic():
        RoomBooking.objects.create(room=taken.room, period=taken.period, kind=RoomBookingKind.OTHER)


def test_a_cancelled_session_is_made_up_for_after_the_last():
    cycle = make_cycle()
    extra = cancel_session(session=session(cycle, 2), reason="Ziek", by=cycle.lead, now=NOW)
    assert (extra.number, extra.date) == (6, FIRST + 5 * WEEK)
    gone = session(cycle, 2)
    assert (gone.state, gone.cancel_reason, gone.room_booking) == (SessionState.CANCELLED, "Ziek", None)
    assert cycle.sessions.planned().count() == 5
    assert in_line(cycle)
    assert Notification.objects.filter(kind="session_cancelled").count() == 3


def test_a_cancelled_first_session_makes_the_second_the_first():
    cycle = make_cycle()
    cancel_session(session=session(cycle, 1), reason="Ziek", by=cycle.lead, now=NOW)
    assert fresh(cycle).starts_on == FIRST + WEEK


def test_the_only_session_left_of_a_cycle_to_come_is_not_cancelled_alone():
    """The cycle would stay formed without a session; nothing is written."""
    cycle = make_cycle()
    *first, last = cycle.sessions.order_by("number")
    for session in first:
        cancel_session(session=session, reason="proef", by=cycle.lead, now=NOW, append=False)
    with pytest.raises(NotAllowed, match="only_session"):
        cancel_session(session=last, reason="proef", by=cycle.lead, now=NOW, append=False)
    assert fresh(last).state == SessionState.PLANNED
    assert cancel_session(session=last, reason="proef", by=cycle.lead, now=NOW).state == SessionState.PLANNED


def test_cancelling_without_a_reason_or_twice_is_refused():
    cycle = make_cycle()
    with pytest.raises(NotAllowed, match="reason_missing"):
        cancel_session(session=session(cycle), reason=" ", by=cycle.lead, now=NOW)
    cancel_session(session=session(cycle), reason="Ziek", by=cycle.lead, now=NOW, append=False)
    with pytest.raises(NotAllowed, match="session_is_over"):
        cancel_session(session=session(cycle), reason="Ziek", by=cycle.lead, now=NOW)
    assert cycle.sessions.planned().count() == 4


def test_another_room_for_one_session_or_for_all_that_follow():
    cycle = make_cycle()
    other = make_room("Atelier", name_of_venue="Wijkpunt Proef", now=NOW)
    change_room(session=session(cycle, 3), room=other, by=cycle.lead, now=NOW)
    assert [s.room_id == other.pk for s in cycle.sessions.order_by("number")] == [False, False, True, False, False]
    change_room(session=session(cycle, 4), room=other, by=cycle.lead, now=NOW, following=True)
    assert [s.room_id == other.pk for s in cycle.sessions.order_by("number")] == [False, False, True, True, True]
    assert RoomBooking.objects.filter(room=other).count() == 3
    assert in_line(cycle)


def test_a_room_that_is_too_small_closed_or_out_of_use_is_refused():
    cycle = make_cycle()
    small = make_room("Kast", name_of_venue="Klein", now=NOW)
    type(small).objects.filter(pk=small.pk).update(capacity=4)
    closed = make_room("Zolder", name_of_venue="Dicht", hours=[], now=NOW)
    unused = make_room("Kelder", name_of_venue="Oud", now=NOW)
    type(unused).objects.filter(pk=unused.pk).update(is_active=False)
    for room, code in ((small, "room_too_small"), (closed, "room_closed"), (unused, "room_not_in_use")):
        with pytest.raises(NotAllowed, match=code):
            change_room(session=session(cycle), room=fresh(room), by=cycle.lead, now=NOW)
    assert in_line(cycle)


def test_a_substitute_for_a_while_leads_and_may_open_the_files():
    cycle = make_cycle()
    stand_in = make_worker(lead=True, municipality=make_municipality())
    sessions = substitute_leader(
        cycle=cycle,
        seat=Seat.LEAD,
        user=stand_in,
        by=cycle.lead,
        now=NOW,
        from_date=FIRST + WEEK,
        until_date=FIRST + 2 * WEEK,
    )
    assert [s.number for s in sessions] == [2, 3]
    leaders = [s.staff.get(seat=Seat.LEAD).user for s in cycle.sessions.order_by("number")]
    assert leaders == [cycle.lead, stand_in, stand_in, cycle.lead, cycle.lead]
    assert fresh(cycle).lead == cycle.lead
    assert Client.objects.visible_to(stand_in).filter(participations__cycle=cycle).count() == 3
    assert in_line(cycle)


def test_a_substitute_for_good_takes_over_and_the_old_lead_no_longer_sees_the_files():
    cycle = make_cycle()
    old = cycle.co_lead
    successor = make_worker(catchment=cycle.catchment)
    substitute_leader(cycle=cycle, seat=Seat.CO_LEAD, user=successor, by=cycle.lead, now=NOW)
    assert fresh(cycle).co_lead == successor
    assert not Client.objects.visible_to(old).exists()
    assert Client.objects.visible_to(successor).count() == 3


def test_nobody_without_competence_and_nobody_twice_in_one_session():
    cycle = make_cycle()
    for user, seat, code in (
        (make_worker(catchment=cycle.catchment), Seat.LEAD, "not_competent"),
        (cycle.co_lead, Seat.LEAD, "not_competent"),
        (cycle.lead, Seat.CO_LEAD, "same_person"),
    ):
        with pytest.raises(NotAllowed, match=code):
            substitute_leader(cycle=cycle, seat=seat, user=user, by=cycle.lead, now=NOW)


def test_a_substitute_who_is_taken_is_refused_and_nothing_changes():
    cycle = make_cycle()
    stand_in = make_worker(lead=True, municipality=make_municipality())
    record_leave(user=stand_in, starts_at=local(2026, 9, 28), ends_at=local(2026, 9, 29), by=stand_in)
    with pytest.raises(ScheduleClash):
        substitute_leader(cycle=cycle, seat=Seat.LEAD, user=stand_in, by=cycle.lead, now=NOW)
    assert in_line(cycle)
    assert not stand_in.session_seats.exists()


# A cycle formed by hand.


def by_hand(waitlist, entries, **fields):
    lead = fields.pop("lead", None) or waitlist.catchment.municipality.work_areas.order_by("pk").first().user
    values = {
        "lead": lead,
        "co_lead": lead.__class__.objects.filter(competences__kind="co_lead").order_by("pk").first(),
        "room": waitlist.catchment.neighbourhoods.get().venues.get().rooms.get(),
        "starts_on": FIRST,
        "start_time": dt.time(14),
        "reason": "Zij kennen elkaar van de koffieochtend",
        "by": lead,
        "now": NOW,
    }
    return form_by_hand(waitlist=waitlist, entries=entries, **(values | fields))


def test_two_people_can_be_formed_into_a_cycle_by_hand_with_a_reason():
    waitlist = ready_waitlist(2)
    cycle = by_hand(waitlist, list(waitlist.entries.all()))
    assert (cycle.origin, cycle.minimum, cycle.starts_on) == (CycleOrigin.BY_HAND, 2, FIRST)
    assert cycle.reason == {"code": "by_hand", "args": {"people": 2}}
    assert StartReason.objects.get(notes__cycle=cycle).why == "Zij kennen elkaar van de koffieochtend"
    assert cycle.participations.count() == 2
    assert in_line(cycle)


def test_passing_a_longer_waiter_by_hand_needs_a_reason_and_is_stored():
    waitlist = ready_waitlist(4)
    longest, *others = waitlist.entries.in_order()
    with pytest.raises(NotAllowed, match="reason_missing"):
        by_hand(waitlist, others, reason="")
    assert not Cycle.objects.exists()
    by_hand(waitlist, others)
    row = HistoryEntry.objects.get(code=HistoryCode.ENTRY_PASSED)
    assert (row.entry_id, row.args["reason"]["code"]) == (longest.pk, "chosen_by_hand")


def test_rules_on_people_team_and_room_hold_by_hand_too():
    waitlist = ready_waitlist(3)
    entries = list(waitlist.entries.all())
    unjudged = make_entry(waitlist, placeable=False)
    no_lead = make_worker(catchment=waitlist.catchment)
    for fields, code in (
        ({"entries": []}, "nobody_chosen"),
        ({"entries": [*entries, unjudged]}, "not_placeable"),
        ({"lead": no_lead}, "not_competent"),
        ({"co_lead": None}, "second_seat_missing"),
        ({"starts_on": TODAY}, "too_soon"),
        ({"starts_on": dt.date(2026, 12, 25)}, "blocked_day"),
        ({"start_time": dt.time(21)}, "room_closed"),
    ):
        with pytest.raises(NotAllowed, match=code):
            by_hand(waitlist, fields.pop("entries", entries), **fields)
    assert not Cycle.objects.exists()
    assert not RoomBooking.objects.exists()


def test_a_clash_by_hand_is_explained():
    waitlist = ready_waitlist(3)
    lead = waitlist.catchment.municipality.work_areas.get().user
    record_leave(user=lead, starts_at=local(2026, 9, 21), ends_at=local(2026, 9, 22), by=lead)
    with pytest.raises(ScheduleClash) as clash:
        by_hand(waitlist, list(waitlist.entries.all()))
    assert lead.short_name in clash_text(clash.value)
    assert waitlist.entries.waiting().count() == 3


def test_proposals_are_lawful_and_say_how_many_they_suit():
    waitlist = ready_waitlist(2)
    slots = propose_slots(waitlist=waitlist, now=NOW)
    assert [(slot.dates[0], suits) for slot, suits in slots[:1]] == [(FIRST, 2)]
    slot, _suits = slots[1]
    cycle = by_hand(waitlist, list(waitlist.entries.all()), starts_on=slot.dates[0], start_time=slot.start)
    assert [s.date for s in cycle.sessions.order_by("number")] == list(slot.dates)


def test_a_worker_without_hours_is_never_proposed():
    waitlist = make_waitlist()
    lead, _second, _room = make_team_and_room(waitlist)
    lead.weekly_availability.all().delete()
    assert propose_slots(waitlist=waitlist, now=NOW) == []
