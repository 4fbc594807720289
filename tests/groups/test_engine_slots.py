"""R14 and R20: which team, place and dates are lawful."""

import datetime as dt
from dataclasses import replace
from zoneinfo import ZoneInfo

import pytest

from accounts.periods import local_moment
from groups.calendar import blocked_dates
from groups.engine import Busy, Window, decide, propose
from groups.engine.slots import series
from tests.groups.plain import FOREVER, MONDAY, WEEK, facts, lead, people, person, room, rules, second

DAY, WEEKS = dt.timedelta(days=1), dt.timedelta(weeks=1)
TUESDAY = MONDAY + DAY


def slot_of(**fields):
    start = decide(facts(**fields)).start
    return start and start.slot


def busy_all_day(first, days=1):
    start = dt.datetime.combine(first, dt.time())
    return (Busy(start, start + days * DAY),)


def test_first_session_is_the_earliest_lawful_one():
    slot = slot_of()
    assert slot.dates == tuple(MONDAY + WEEKS * number for number in range(1, 6))
    assert (slot.start, slot.end) == (dt.time(9), dt.time(11))
    assert (slot.lead, slot.co_lead, slot.place) == (1, 2, 1)


@pytest.mark.parametrize(("days", "first"), [(0, 0), (1, 1), (7, 7), (10, 10), (12, 14)])
def test_invitations_get_their_lead_time(days, first):
    # Twelve days after a Monday is a Saturday, on which nobody works.
    assert slot_of(rules=rules(lead_days=days)).dates[0] == MONDAY + first * DAY


def test_a_public_holiday_blocks_its_week_and_the_series_runs_on_a_week_longer():
    third = MONDAY + 3 * WEEKS
    slot = slot_of(blocked_dates=frozenset({third}))
    assert slot.dates == tuple(MONDAY + WEEKS * number for number in (1, 2, 4, 5, 6))


def test_no_series_begins_on_a_holiday():
    assert slot_of(blocked_dates=frozenset({MONDAY + WEEKS})).dates[0] == MONDAY + WEEKS + DAY


def test_school_holidays_are_skipped_as_whole_weeks_only_where_the_offer_says_so():
    with_school = blocked_dates(today=dt.date(2025, 9, 1), weeks=16, skips_school_holidays=True)
    without = blocked_dates(today=dt.date(2025, 9, 1), weeks=16, skips_school_holidays=False)
    autumn = dt.date(2025, 10, 13)  # in the north, autumn holidays begin on Saturday 11 October 2025
    assert {autumn + number * DAY for number in range(7)} <= with_school
    assert autumn not in without
    assert dt.date(2025, 12, 25) in without


@pytest.mark.parametrize("first", [dt.date(2026, 12, 14), dt.date(2027, 3, 15), dt.date(2027, 4, 20)])
def test_series_never_touches_a_holiday_and_keeps_its_weekday(first):
    blocked = blocked_dates(today=first, weeks=30, skips_school_holidays=False)
    dates = series(first, 5, blocked)
    assert len(dates) == 5
    assert not set(dates) & blocked
    assert {day.weekday() for day in dates} == {first.weekday()}
    skipped = {dates[0] + WEEKS * number for number in range((dates[-1] - dates[0]).days // 7)} - set(dates)
    assert skipped <= blocked


@pytest.mark.parametrize("who", ["workers", "places"])
def test_nobody_and_no_room_is_taken_twice(who):
    """Taken on the fourth of five Mondays: all of that Monday series is out."""
    taken = busy_all_day(MONDAY + 4 * WEEKS)
    given = {"workers": (lead(busy=taken), second())} if who == "workers" else {"places": (room(busy=taken),)}
    assert slot_of(**given).dates[0] == MONDAY + WEEKS + DAY


def test_a_series_may_begin_the_moment_another_ends():
    first = dt.datetime.combine(MONDAY + WEEKS, dt.time(9))
    assert slot_of(places=(room(busy=(Busy(first, first + dt.timedelta(hours=1)),)),)).start == dt.time(10)


def test_second_seat_counts_for_being_free_too():
    assert slot_of(workers=(lead(), second(busy=busy_all_day(MONDAY + WEEKS)))).dates[0] == MONDAY + WEEKS + DAY


@pytest.mark.parametrize("days", [0, 1, 27])
def test_lead_competence_must_outlast_the_last_session(days):
    """Five Mondays end 28 days after the first: a competence that runs out before or on that day will not do."""
    last = MONDAY + 5 * WEEKS
    assert slot_of(workers=(lead(lead_until=last - days * DAY), second())) is None
    assert slot_of(workers=(lead(lead_until=last + DAY), second())).dates[-1] == last


def test_co_lead_competence_must_outlast_the_last_session_too():
    last = MONDAY + 5 * WEEKS
    assert slot_of(workers=(lead(), second(co_lead_until=last))) is None
    assert slot_of(workers=(lead(), second(co_lead_until=last + DAY))).dates[-1] == last


def test_never_without_an_experienced_lead():
    assert slot_of(workers=(second(1), second(2))) is None
    assert slot_of(workers=(lead(), second())) is not None


def test_second_seat_is_left_empty_only_where_the_offer_allows():
    assert slot_of(workers=(lead(),)) is None
    slot = slot_of(workers=(lead(),), rules=rules(second_seat=False))
    assert (slot.lead, slot.co_lead) == (1, None)


def test_nobody_sits_on_both_seats():
    both = replace(lead(1), co_lead_until=FOREVER)
    assert slot_of(workers=(both,)) is None
    slot = slot_of(workers=(both, replace(both, id=2)))
    assert {slot.lead, slot.co_lead} == {1, 2}


def test_two_leads_make_a_team_and_the_less_loaded_one_leads():
    slot = slot_of(workers=(lead(1, cycles=2), lead(3, cycles=0)))
    assert (slot.lead, slot.co_lead) == (3, 1)


def test_second_seat_prefers_the_neighbourhoods_own_team():
    near, far = second(5, co_lead_rank=0, cycles=2), second(4, co_lead_rank=1)
    assert slot_of(workers=(lead(), far, near)).co_lead == 5
    assert slot_of(workers=(lead(), far)).co_lead == 4


def test_two_workers_means_a_professional_beside_the_lead():
    pair = rules(two_workers=True)
    assert slot_of(rules=pair, workers=(lead(), second(2))) is None
    assert slot_of(rules=pair, workers=(lead(), second(2), second(3, is_social_worker=True))).co_lead == 3


def test_two_workers_are_wanted_even_where_the_second_seat_is_free():
    assert slot_of(rules=rules(two_workers=True, second_seat=False), workers=(lead(),)) is None


def test_a_full_calendar_of_cycles_takes_no_more():
    full = lead(1, cycles=3, max_cycles=3)
    assert slot_of(workers=(full, second())) is None
    assert slot_of(workers=(full, lead(3, cycles=2, max_cycles=3), second())).lead == 3
    assert slot_of(workers=(lead(), second(cycles=2, max_cycles=2))) is None


def test_hours_a_week_are_respected_in_every_week():
    """Twelve hours are the most; in the third week eleven are taken, so no two-hour session fits there."""
    third = (MONDAY + 3 * WEEKS).isocalendar()[:2]
    worker = lead(minutes_by_week={third: 11 * 60}, max_minutes_week=12 * 60)
    slot = slot_of(workers=(worker, second()))
    assert slot.dates[0] > MONDAY + 3 * WEEKS
    roomier = lead(minutes_by_week={third: 10 * 60}, max_minutes_week=12 * 60)
    assert slot_of(workers=(roomier, second())).dates[0] == MONDAY + WEEKS


def test_the_least_loaded_lead_is_taken():
    assert slot_of(workers=(lead(1, cycles=2), lead(3, cycles=1), second())).lead == 3


def test_weekly_hours_of_lead_second_and_room_all_hold_the_session():
    evening = (Window(1, dt.time(19), dt.time(22)),)
    late = (Window(1, dt.time(18), dt.time(21, 30)),)
    slot = slot_of(workers=(lead(windows=evening), second()), places=(room(windows=late),))
    assert (slot.dates[0], slot.start, slot.end) == (TUESDAY + WEEKS, dt.time(19), dt.time(21))
    assert slot_of(workers=(lead(windows=evening), second()), places=(room(windows=WEEK[:1]),)) is None


def test_the_offers_own_day_part_and_time_hold():
    assert slot_of(rules=rules(fixed_weekday=1)).dates[0] == TUESDAY + WEEKS
    assert slot_of(rules=rules(fixed_part="evening")).start == dt.time(17)
    assert slot_of(rules=rules(fixed_start=dt.time(13, 15))).start == dt.time(13, 15)


def test_a_room_holds_the_group_and_its_leaders():
    assert slot_of(places=(room(capacity=4),)) is None
    assert slot_of(places=(room(capacity=5),)).place == 1


def test_a_room_near_by_goes_before_a_larger_one_further_off():
    assert slot_of(places=(room(1, capacity=40, rank=1), room(2, capacity=12, rank=0))).place == 2
    assert slot_of(places=(room(1, capacity=12), room(2, capacity=6))).place == 1
    assert slot_of(places=(room(1, capacity=40), room(2, capacity=12))).place == 2


def test_a_small_room_limits_the_group():
    start = decide(facts(people=people(9), places=(room(capacity=8),))).start
    assert len(start.people) == 6


def test_no_session_goes_on_after_closing_or_midnight():
    night = tuple(Window(day, dt.time(9), dt.time(23, 59)) for day in range(7))
    slots = propose(
        facts(workers=(lead(windows=night), second(windows=night)), places=(room(windows=night),)), limit=40
    )
    assert slots
    assert all(slot.start < slot.end <= dt.time(22) for slot in slots)


def test_proposals_are_one_per_day_and_part_and_lawful():
    slots = propose(facts(), limit=6)
    assert [(slot.dates[0], slot.start.hour) for slot in slots] == [
        (MONDAY + WEEKS + day * DAY, hour) for day in (0, 1) for hour in (9, 12, 17)
    ]


@pytest.mark.parametrize("start", [dt.time(9), dt.time(19, 30)])
def test_local_time_stays_the_same_from_every_day_of_eleven_years(start):
    """F9: 4,017 series of five; arithmetic in UTC is an hour off for 616 of them, so storing moments will not do."""
    amsterdam = ZoneInfo("Europe/Amsterdam")
    day, wrong_in_utc, right = dt.date(2025, 1, 1), 0, 0
    while day < dt.date(2036, 1, 1):
        dates = series(day, 5, frozenset())
        moments = [local_moment(each, start).astimezone(dt.UTC) for each in dates]
        right += all(moment.astimezone(amsterdam).time() == start for moment in moments)
        in_utc = [(moments[0] + WEEKS * number).astimezone(amsterdam).time() for number in range(5)]
        wrong_in_utc += any(time != start for time in in_utc)
        day += DAY
    assert right == 4017
    assert wrong_in_utc == 616


def test_people_who_said_when_they_can_come_are_taken_at_their_word():
    evening = tuple(person(number, parts=["tue evening"]) for number in (1, 2, 3))
    slot = slot_of(people=evening)
    assert (slot.dates[0], slot.start) == (TUESDAY + WEEKS, dt.time(17))
