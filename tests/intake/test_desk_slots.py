"""Weekly intake slots (R2): they recur in local time, and a change drops nobody silently."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.services import record_leave
from intake.enums import IntakeWay, PlaceState
from intake.exceptions import AppointmentsHit, DeskRefused
from intake.models import IntakeSlot, SlotCancellation
from intake.queries.desk import free_places, load_places, load_week, nearest
from intake.services import (
    add_slot,
    cancel_occurrence,
    change_slot,
    restore_occurrence,
    stop_slot,
    workers_for,
)
from intake.services.slots import CALL_OFF, KEEP, MOVE
from tests.factories.accounts import make_desk, make_social_worker
from tests.factories.groups import NOW, TODAY
from tests.factories.intake import make_appointment, make_door, make_plan, make_referral, make_slot
from tests.factories.neighbourhoods import local, make_municipality, make_neighbourhood, make_room

pytestmark = pytest.mark.django_db
NEXT_MONDAY = TODAY + dt.timedelta(weeks=1)
WEEK = dt.timedelta(weeks=1)


@pytest.fixture
def here():
    return make_door()


@pytest.fixture
def loes(here):
    return make_desk("Loes", municipalities=[here.municipality])


@pytest.fixture
def slot(here):
    return make_slot(municipality=here.municipality)


def code_of(act, *args, **arguments):
    with pytest.raises(DeskRefused) as caught:
        act(*args, **arguments)
    return caught.value.code


def states(user, first, last, now=NOW):
    return [(place.date, place.state) for place in load_places(user, first, last, now=now)]


def test_a_slot_recurs_each_week_in_its_time(loes, slot):
    slot.valid_until = NEXT_MONDAY + WEEK
    slot.save()
    found = states(loes, TODAY, TODAY + 4 * WEEK)
    days = [TODAY, NEXT_MONDAY, NEXT_MONDAY + WEEK]
    assert found == list(zip(days, [PlaceState.PAST, PlaceState.FREE, PlaceState.FREE], strict=True))


@pytest.mark.parametrize("sunday", [dt.date(2026, 10, 25), dt.date(2027, 3, 28)], ids=["winter", "summer"])
def test_the_clock_on_the_wall_counts_when_summer_time_begins_or_ends(loes, here, sunday):
    make_slot(municipality=here.municipality, valid_from=TODAY, starts_at=dt.time(9, 30))
    places = load_places(loes, sunday - dt.timedelta(days=6), sunday + dt.timedelta(days=1), now=NOW)
    assert [f"{timezone.localtime(place.starts_at):%H:%M}" for place in places] == ["09:30", "09:30"]
    assert places[0].starts_at.astimezone(dt.UTC).hour != places[1].starts_at.astimezone(dt.UTC).hour


def test_leave_holidays_other_work_and_days_off_take_places_away(loes, slot):
    start, end = slot.period_on(NEXT_MONDAY)
    record_leave(user=slot.worker, starts_at=start, ends_at=end, by=slot.worker)
    second = NEXT_MONDAY + WEEK
    slot.worker.bookings.create(period=slot.period_on(second), kind="session")
    third = NEXT_MONDAY + 2 * WEEK
    cancellation = cancel_occurrence(slot=slot, date=third, reason="Studiedag", by=slot.worker, now=NOW)
    found = dict(states(loes, NEXT_MONDAY, third))
    assert list(found.values()) == [PlaceState.AWAY, PlaceState.TAKEN, PlaceState.CANCELLED]
    restore_occurrence(cancellation=cancellation, by=loes)
    assert states(loes, third, third) == [(third, PlaceState.FREE)]
    easter_monday = dt.date(2027, 3, 29)
    assert states(loes, easter_monday, easter_monday) == [(easter_monday, PlaceState.HOLIDAY)]


def test_a_room_that_is_taken_or_closed_takes_the_place_away(loes, here):
    room = make_room(neighbourhood=here, now=NOW)
    slot = make_slot(municipality=here.municipality, way=IntakeWay.ROOM, room=room)
    room.bookings.create(period=slot.period_on(NEXT_MONDAY), kind="closure")
    assert states(loes, NEXT_MONDAY, NEXT_MONDAY) == [(NEXT_MONDAY, PlaceState.TAKEN)]


def test_what_cannot_be_a_slot_says_why(here, slot):
    room = make_room(neighbourhood=here, now=NOW)
    far = make_room("Hal", name_of_venue="Ver", neighbourhood=make_neighbourhood("X", make_municipality("V", "GM9")))
    worker, plan = slot.worker, make_plan
    add = {"worker": worker, "by": worker, "now": NOW, "valid_from": TODAY}
    in_room = {"weekday": 1, "way": IntakeWay.ROOM}
    assert code_of(add_slot, plan=plan(starts_at=dt.time(10, 30)), **add) == "overlaps_own"
    assert code_of(add_slot, plan=plan(starts_at=dt.time(23, 30)), **add) == "past_midnight"
    assert code_of(add_slot, plan=plan(room=far, **in_room), **add) == "room_elsewhere"
    assert code_of(add_slot, plan=plan(starts_at=dt.time(7), room=room, **in_room), **add) == "room_closed"
    yesterday = add | {"valid_from": TODAY - dt.timedelta(days=1)}
    assert code_of(add_slot, plan=plan(weekday=1), **yesterday) == "in_the_past"
    assert code_of(add_slot, plan=plan(weekday=1), **add, valid_until=TODAY) == "never_then"
    assert code_of(add_slot, plan=plan(weekday=1), **add, valid_until=TODAY - WEEK) == "ends_before_begin"
    assert IntakeSlot.objects.count() == 1


def test_two_colleagues_do_not_get_one_room_at_one_time(here, slot):
    room = make_room(neighbourhood=here, now=NOW)
    make_slot(municipality=here.municipality, weekday=3, way=IntakeWay.ROOM, room=room)
    sam = make_social_worker("Sam", municipalities=[here.municipality])
    plan = make_plan(weekday=3, starts_at=dt.time(10, 59), way=IntakeWay.ROOM, room=room)
    assert code_of(add_slot, worker=sam, plan=plan, valid_from=TODAY, by=sam, now=NOW) == "room_has_slot"


def test_the_database_itself_refuses_overlapping_slots(slot):
    with pytest.raises(IntegrityError), transaction.atomic():
        IntakeSlot.objects.create(
            worker=slot.worker,
            municipality=slot.municipality,
            weekday=0,
            starts_at=dt.time(10, 59),
            way=IntakeWay.PHONE,
            valid_from=TODAY + 30 * WEEK,
            created_at=NOW,
        )


def test_an_extra_slot_is_there_on_one_day(loes, here, slot):
    tuesday = TODAY + dt.timedelta(days=1)
    extra = make_slot(municipality=here.municipality, weekday=1, valid_from=tuesday, valid_until=tuesday)
    assert extra.is_single
    assert states(loes, tuesday, tuesday + 2 * WEEK - dt.timedelta(days=1)).count((tuesday, PlaceState.FREE)) == 1
    king = dt.date(2027, 4, 27)
    plan = make_plan(weekday=king.weekday())
    day = {"valid_from": king, "valid_until": king}
    assert code_of(add_slot, worker=slot.worker, plan=plan, by=loes, now=NOW, **day) == "holiday"


def test_the_desk_keeps_slots_of_its_municipality_and_a_social_worker_their_own(here, loes, slot):
    sam = make_social_worker("Sam", municipalities=[here.municipality])
    far = make_desk("Lara", municipalities=[make_municipality("Castricum", "GM0383")])
    assert list(workers_for(loes)) == [sam, slot.worker]
    assert list(workers_for(sam)) == [sam]
    for by in (sam, far):
        with pytest.raises(PermissionDenied):
            add_slot(worker=slot.worker, plan=make_plan(weekday=4), valid_from=TODAY, by=by, now=NOW)
        with pytest.raises(PermissionDenied):
            stop_slot(slot=slot, from_day=TODAY, choices={}, by=by, now=NOW)
    assert (
        add_slot(worker=slot.worker, plan=make_plan(weekday=4), valid_from=TODAY, by=loes, now=NOW).created_by == loes
    )


def test_a_change_asks_what_happens_to_who_is_booked_and_does_that(here, loes, slot):
    days = [NEXT_MONDAY + number * WEEK for number in range(3)]
    kept, moved, dropped = [make_appointment(make_referral(neighbourhood=here), slot=slot, date=day) for day in days]
    change = {"slot": slot, "plan": make_plan(weekday=1, starts_at=dt.time(14)), "from_day": NEXT_MONDAY}
    with pytest.raises(AppointmentsHit) as hit:
        change_slot(choices={}, by=slot.worker, now=NOW, **change)
    assert hit.value.appointments == [kept, moved, dropped]
    choices = {kept.pk: KEEP, moved.pk: MOVE, dropped.pk: CALL_OFF}
    changed = change_slot(choices=choices, by=slot.worker, now=NOW, **change)
    slot.refresh_from_db()
    assert (slot.valid_until, changed.valid_from) == (NEXT_MONDAY - dt.timedelta(days=1), NEXT_MONDAY)
    for row in (kept, moved, dropped):
        row.refresh_from_db()
    tuesday = moved.date
    assert (kept.state, kept.date, dropped.state, dropped.cancel_reason) == (
        *("booked", NEXT_MONDAY),
        *("cancelled", "slot_changed"),
    )
    assert (moved.slot, tuesday, timezone.localtime(moved.starts_at).hour) == (
        changed,
        days[1] + dt.timedelta(days=1),
        14,
    )
    week = states(loes, NEXT_MONDAY, NEXT_MONDAY + dt.timedelta(days=6))
    assert week == [(NEXT_MONDAY, PlaceState.BOOKED), (NEXT_MONDAY + dt.timedelta(days=1), PlaceState.FREE)]


def test_a_move_that_cannot_be_undoes_the_whole_change(here, slot):
    made = make_appointment(make_referral(neighbourhood=here), slot=slot, date=NEXT_MONDAY)
    tuesday = NEXT_MONDAY + dt.timedelta(days=1)
    slot.worker.bookings.create(period=(local(2026, 9, 15, 13), local(2026, 9, 15, 16)), kind="session")
    plan = make_plan(weekday=1, starts_at=dt.time(14))
    arguments = {"slot": slot, "plan": plan, "from_day": NEXT_MONDAY, "choices": {made.pk: MOVE}}
    assert code_of(change_slot, by=slot.worker, now=NOW, **arguments) == "gone"
    assert (tuesday.weekday(), IntakeSlot.objects.get().valid_until) == (1, None)


def test_stopping_keeps_or_calls_off_and_a_slot_that_never_was_is_gone(here, loes, slot):
    made = make_appointment(make_referral(neighbourhood=here), slot=slot, date=NEXT_MONDAY)
    with pytest.raises(AppointmentsHit):
        stop_slot(slot=slot, from_day=TODAY, choices={}, by=loes, now=NOW)
    stop_slot(slot=slot, from_day=TODAY, choices={made.pk: KEEP}, by=loes, now=NOW)
    found = states(loes, TODAY, NEXT_MONDAY + WEEK)
    assert found == [(TODAY, PlaceState.CANCELLED), (NEXT_MONDAY, PlaceState.BOOKED)]
    other = make_slot(municipality=here.municipality, weekday=4)
    stop_slot(slot=other, from_day=TODAY, choices={}, by=loes, now=NOW)
    assert not IntakeSlot.objects.filter(pk=other.pk).exists()


def test_a_day_off_over_an_appointment_needs_a_yes(here, slot):
    made = make_appointment(make_referral(neighbourhood=here), slot=slot, date=NEXT_MONDAY)
    skip = {"slot": slot, "date": NEXT_MONDAY, "reason": "Studiedag", "by": slot.worker, "now": NOW}
    with pytest.raises(AppointmentsHit):
        cancel_occurrence(**skip)
    assert not SlotCancellation.objects.exists()
    cancel_occurrence(calls_off=True, **skip)
    made.refresh_from_db()
    assert (made.state, made.cancel_reason) == ("cancelled", "worker_away")


def test_a_day_off_moves_along_with_a_slot_that_stays_on_its_weekday(slot):
    cancel_occurrence(slot=slot, date=NEXT_MONDAY + WEEK, reason="Studiedag", by=slot.worker, now=NOW)
    later = make_plan(starts_at=dt.time(15))
    changed = change_slot(slot=slot, plan=later, from_day=NEXT_MONDAY, choices={}, by=slot.worker, now=NOW)
    assert SlotCancellation.objects.get().slot == changed
    friday = make_plan(weekday=4)
    change_slot(slot=changed, plan=friday, from_day=NEXT_MONDAY + WEEK, choices={}, by=slot.worker, now=NOW)
    assert not SlotCancellation.objects.exists()


def test_free_places_are_with_who_works_where_the_client_lives_and_the_nearest_are_found(here, loes, slot):
    elsewhere = make_municipality("Castricum", "GM0383")
    loes.work_areas.create(municipality=elsewhere)
    far = make_social_worker("Sjaak", municipalities=[elsewhere])
    make_slot(far, municipality=elsewhere, weekday=1)
    referral = make_referral(neighbourhood=here)
    places = free_places(loes, referral.client, first=TODAY, now=NOW)
    assert [place.date for place in places] == [NEXT_MONDAY + number * WEEK for number in range(3)]
    assert {place.worker for place in places} == {slot.worker}
    assert nearest(places, slot.period_on(NEXT_MONDAY + 2 * WEEK)[0], count=1) == [places[2]]


@pytest.mark.parametrize("count", [1, 3])
def test_a_week_costs_the_same_however_much_is_in_it(here, loes, count, django_assert_num_queries):
    for number in range(count):
        room = make_room(name_of_venue=f"Huis {number}", neighbourhood=here, now=NOW)
        worker = make_social_worker(f"Sam{number}", municipalities=[here.municipality])
        slot = make_slot(worker, municipality=here.municipality, way=IntakeWay.ROOM, room=room, weekday=number)
        make_appointment(make_referral(neighbourhood=here), slot=slot)
    with django_assert_num_queries(6):
        week = load_week(loes, NEXT_MONDAY, now=NOW)
        [place.room.public_name for place in week.places]
        [place.appointment.referral.client.short_name for place in week.places if place.appointment]
