"""R20: on a day with an exception its hours hold instead of the weekly ones."""

import datetime as dt
from dataclasses import replace

import pytest

from groups.engine import Busy, Window, decide
from tests.groups.plain import MONDAY, WEEK, facts, lead, person, room, rules, second

DAY, WEEKS = dt.timedelta(days=1), dt.timedelta(weeks=1)
FIRST = MONDAY + WEEKS
SATURDAYS = [FIRST + 5 * DAY + number * WEEKS for number in range(5)]
MORNING = (dt.time(10), dt.time(12))
AFTERNOON = (dt.time(13), dt.time(17))


def slot_of(**fields):
    start = decide(facts(**fields)).start
    return start and start.slot


def test_a_day_with_fewer_hours_moves_the_series_into_them():
    """Only the third Monday is short; the whole series keeps one hour, so it keeps to that afternoon."""
    wietske = lead(exceptions={FIRST + 2 * WEEKS: (AFTERNOON,)})
    slot = slot_of(workers=(wietske, second()), rules=rules(fixed_weekday=0))
    assert (slot.dates[0], slot.start) == (FIRST, dt.time(13))


def test_a_day_off_in_the_middle_is_no_day_for_that_series():
    wietske = lead(exceptions={FIRST + 4 * WEEKS: ()})
    assert slot_of(workers=(wietske, second())).dates[0] == FIRST + DAY


def test_a_second_leader_and_every_date_count_too():
    fatima = second(exceptions={FIRST: (), FIRST + 2 * WEEKS + DAY: (AFTERNOON,)})
    slot = slot_of(workers=(lead(), fatima))
    assert (slot.dates[0], slot.start) == (FIRST + DAY, dt.time(13))


def test_days_that_exceptions_open_can_hold_a_series_and_one_too_few_cannot():
    """Nobody works on Saturdays; five Saturdays that both open make a series, four do not."""
    open_days = dict.fromkeys(SATURDAYS, (MORNING,))
    house = room(windows=(*WEEK, Window(5, dt.time(9), dt.time(22))))
    team = (lead(exceptions=open_days), second(exceptions=open_days))
    only_saturday = rules(fixed_weekday=5)
    slot = slot_of(workers=team, places=(house,), rules=only_saturday)
    assert (slot.dates, slot.start) == (tuple(SATURDAYS), dt.time(10))
    four = (replace(team[0], exceptions=dict.fromkeys(SATURDAYS[:4], (MORNING,))), team[1])
    assert slot_of(workers=four, places=(house,), rules=only_saturday) is None


def test_an_exception_opens_no_other_hour_of_that_weekday():
    wietske = lead(windows=(), exceptions={FIRST: (MORNING,)})
    assert slot_of(workers=(wietske, second())) is None
    assert slot_of(workers=(wietske, second()), rules=rules(sessions=1)).dates == (FIRST,)


def test_what_is_booked_on_an_opened_day_stays_booked():
    opened = dict.fromkeys(SATURDAYS, (MORNING,))
    taken = (Busy(dt.datetime.combine(SATURDAYS[3], dt.time(11)), dt.datetime.combine(SATURDAYS[3], dt.time(12))),)
    house = room(windows=(Window(5, dt.time(9), dt.time(22)),))
    team = (lead(exceptions=opened, busy=taken), second(exceptions=opened))
    assert slot_of(workers=team, places=(house,)) is None


@pytest.mark.parametrize(
    ("windows", "fits"), [((MORNING, AFTERNOON), True), (((dt.time(9), dt.time(10, 30)), MORNING), True), ((), False)]
)
def test_two_windows_on_one_day(windows, fits):
    worker = lead(exceptions={FIRST: windows})
    assert worker.works_on((FIRST,), *MORNING) is fits
    assert not worker.works_on((FIRST,), dt.time(11), dt.time(13, 30))


def test_who_said_tuesday_evening_is_still_taken_at_their_word():
    """A participant's part of the day and a leader's exception hold together."""
    evening = tuple(person(number, parts=["tue evening"]) for number in (1, 2, 3))
    tuesdays = {FIRST + DAY + number * WEEKS: ((dt.time(19), dt.time(21)),) for number in range(5)}
    slot = slot_of(people=evening, workers=(lead(windows=WEEK[:1], exceptions=tuesdays), second()))
    assert (slot.dates[0], slot.start) == (FIRST + DAY, dt.time(19))
