"""The schedule, one's own weekly times, and leave that asks for a substitute first."""

import datetime as dt

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.periods import local_period
from groups.models import Cycle, Session
from groups.services.free_moments import free_moments
from groups.services.scheduling import cancel_session, change_room, move_session
from groups.services.talks import plan_talk
from neighbourhoods.services import book_room
from tests.factories.accounts import make_coordinator, make_desk, make_group_worker, make_social_worker
from tests.factories.groups import make_cycle, make_offer, make_worker
from tests.factories.neighbourhoods import make_municipality
from tests.groups.pages import browser_of, statements, text_of

pytestmark = pytest.mark.django_db

SCHEDULE = "/groepen/rooster/"
TIMES = "/groepen/mijn-tijden/"
LEAVE = "/groepen/verlof/nieuw/"


@pytest.fixture
def cycle():
    return make_cycle(now=timezone.localtime())


def week_of(cycle, **query):
    return {"dag": str(cycle.starts_on), **query}


# --- the schedule


def test_one_sees_ones_own_week(cycle):
    words = text_of(browser_of(cycle.lead).get(SCHEDULE, week_of(cycle)))
    assert cycle.offer.name in words
    assert cycle.co_lead.short_name in words
    for participation in cycle.participations.select_related("client"):
        assert participation.client.short_name not in words


def test_own_and_all(cycle):
    colleague = browser_of(make_group_worker(municipalities=[make_municipality()]))
    assert cycle.offer.name not in text_of(colleague.get(SCHEDULE, week_of(cycle)))
    assert cycle.offer.name in text_of(colleague.get(SCHEDULE, week_of(cycle, wie="all")))
    stranger = browser_of(make_group_worker("Vreemd", municipalities=[make_municipality("Heemskerk", "GM0396")]))
    assert cycle.offer.name not in text_of(stranger.get(SCHEDULE, week_of(cycle, wie="all")))


def test_a_coordinator_sees_all_first_and_who_does_not_lead_sees_nothing(cycle):
    assert cycle.offer.name in text_of(browser_of(make_coordinator()).get(SCHEDULE, week_of(cycle)))
    assert browser_of(make_desk()).get(SCHEDULE).status_code == 403


def test_a_sensitive_group_goes_without_name_and_place(cycle):
    cycle.offer.is_sensitive = cycle.offer.place_is_hidden = True
    cycle.offer.save()
    for shape in ("week", "list"):
        words = text_of(browser_of(cycle.lead).get(SCHEDULE, week_of(cycle, vorm=shape)))
        assert "closed group" in words
        assert cycle.offer.name not in words
        assert cycle.room.venue.name not in words


def test_a_cancelled_session_is_shown_as_such(cycle):
    session = cycle.sessions.order_by("number").first()
    cancel_session(session=session, reason="storm", by=cycle.lead, now=timezone.localtime())
    words = text_of(browser_of(cycle.lead).get(SCHEDULE, {"dag": str(session.date)}))
    assert "slot-cancelled" in words


@pytest.mark.parametrize("day", ["", "onzin", "2026-99-99", "9999-12-31", "0001-01-01"])
def test_a_day_that_is_none_shows_this_week(cycle, day):
    answer = browser_of(cycle.lead).get(SCHEDULE, {"dag": day, "wie": "niemand", "vorm": "rond"})
    assert answer.context["is_now"] is True
    assert (answer.context["who"], answer.context["shape"]) == ("own", "week")


def test_weeks_before_and_after(cycle):
    answer = browser_of(cycle.lead).get(SCHEDULE, {"dag": "2026-12-30"})
    assert answer.context["stretch"].first == dt.date(2026, 12, 28)
    assert 'href="?dag=2026-12-21&amp;' in text_of(answer)
    assert 'href="?dag=2027-01-04&amp;' in text_of(answer)


def test_an_empty_week_says_so():
    worker = make_group_worker()
    assert "Nothing is planned this week" in text_of(browser_of(worker).get(SCHEDULE))
    assert "Nothing is planned in these weeks" in text_of(browser_of(worker).get(SCHEDULE, {"vorm": "list"}))


@pytest.mark.parametrize("shape", ["week", "month", "agenda", "day"])
def test_the_schedule_costs_the_same_with_one_cycle_or_three(cycle, shape):
    browser = browser_of(make_coordinator())
    url = f"{SCHEDULE}?vorm={shape}&dag={cycle.starts_on}"
    assert statements(browser, url) == 9
    for _number in range(2):
        make_cycle(now=timezone.localtime())
    assert statements(browser, url) == 9


def two_hundred_cycles(cycle):
    """199 more like this one, on the same days."""
    rows = [Cycle.objects.get(pk=cycle.pk) for _number in range(199)]
    for number, row in enumerate(rows):
        row.pk, row.number = None, number + 1000
    rows = Cycle.objects.bulk_create(rows)
    planned = list(cycle.sessions.order_by("number"))
    copies = [Session.objects.get(pk=session.pk) for session in planned for _row in rows]
    for copy, row in zip(copies, rows * len(planned), strict=True):
        copy.pk, copy.cycle, copy.state, copy.room_booking = None, row, "held", None
    Session.objects.bulk_create(copies)


# kB that a page may have before it is packed for the way (quality: 150 kB over the wire on a first visit).
MOST_KB = {"week": 60, "month": 90, "agenda": 150, "day": 180}


@pytest.mark.parametrize("shape", MOST_KB)
def test_two_hundred_cycles_cost_as_many_statements_as_one_and_the_page_stays_small(cycle, shape):
    browser = browser_of(make_coordinator())
    url = f"{SCHEDULE}?vorm={shape}&wie=all&dag={cycle.starts_on}"
    assert statements(browser, url) == 9
    two_hundred_cycles(cycle)
    assert statements(browser, url) == 9
    assert len(browser.get(url).content) < MOST_KB[shape] * 1000


def test_own_leave_stands_in_the_schedule_on_each_of_its_days():
    worker = make_group_worker()
    starts, ends = local_period(dt.date(2027, 3, 2), dt.date(2027, 3, 3))
    worker.bookings.create(period=(starts, ends), kind="leave", note="zeilen")
    words = text_of(browser_of(worker).get(SCHEDULE, {"dag": "2027-03-01"}))
    assert words.count("zeilen") == 2
    assert "zeilen" not in text_of(browser_of(make_coordinator()).get(SCHEDULE, {"dag": "2027-03-01"}))


# --- weekly times


def test_times_are_saved_and_shown_again():
    worker = make_group_worker()
    browser = browser_of(worker)
    data = {"d1_0_from": "19:00", "d1_0_until": "22:00", "d0_0_from": "09:00", "d0_0_until": "12:00"}
    assert browser.post(TIMES, data).url == TIMES
    windows = worker.weekly_availability.order_by("weekday").values_list("weekday", "starts_at", "ends_at")
    assert list(windows) == [(0, dt.time(9), dt.time(12)), (1, dt.time(19), dt.time(22))]
    assert 'value="19:00"' in text_of(browser.get(TIMES))


@pytest.mark.parametrize(
    ("data", "field"),
    [
        ({"d0_0_from": "09:00"}, "d0_0_until"),
        ({"d0_0_until": "09:00"}, "d0_0_from"),
        ({"d0_0_from": "12:00", "d0_0_until": "09:00"}, "d0_0_until"),
        ({"d0_0_from": "25:00", "d0_0_until": "26:00"}, "d0_0_from"),
        (
            {"d0_0_from": "09:00", "d0_0_until": "12:00", "d0_1_from": "11:00", "d0_1_until": "13:00"},
            "d0_1_from",
        ),
    ],
)
def test_impossible_times_stand_at_their_field(data, field):
    worker = make_group_worker()
    answer = browser_of(worker).post(TIMES, data)
    assert answer.status_code == 422
    assert field in answer.context["form"].errors
    assert all(f'value="{value}"' in text_of(answer) for value in data.values())
    assert not worker.weekly_availability.exists()


def test_who_cannot_lead_has_no_times():
    assert browser_of(make_coordinator()).get(TIMES).status_code == 403
    assert browser_of(make_social_worker()).get(TIMES).status_code == 200


# --- leave


def test_leave_is_noted_and_taken_back():
    worker = make_group_worker()
    browser = browser_of(worker)
    day = timezone.localdate() + dt.timedelta(days=30)
    browser.post(LEAVE, {"first_day": day, "last_day": day, "note": "zeilen"})
    leave = worker.bookings.leave().get()
    assert (leave.starts_at, leave.ends_at) == local_period(day, day)
    assert "zeilen" in text_of(browser.get(TIMES))
    for _time in range(2):
        assert browser.post(reverse("groups:leave_remove", args=[leave.pk])).url == TIMES
    assert not worker.bookings.exists()


def test_hours_of_a_day():
    worker = make_group_worker()
    day = timezone.localdate() + dt.timedelta(days=30)
    browser_of(worker).post(LEAVE, {"first_day": day, "last_day": day, "start_time": "13:00", "end_time": "17:00"})
    leave = worker.bookings.leave().get()
    assert timezone.localtime(leave.starts_at).time() == dt.time(13)
    assert timezone.localtime(leave.ends_at).time() == dt.time(17)


@pytest.mark.parametrize(
    ("first", "last", "times", "field"),
    [
        (-1, 3, {}, "first_day"),
        (5, 3, {}, "last_day"),
        (5, 9999, {}, "last_day"),
        (5, 5, {"start_time": "17:00", "end_time": "13:00"}, "end_time"),
    ],
)
def test_impossible_leave_stands_at_its_field(first, last, times, field):
    worker = make_group_worker()
    days = [timezone.localdate() + dt.timedelta(days=number) for number in (first, last)]
    answer = browser_of(worker).post(LEAVE, {"first_day": days[0], "last_day": days[1], **times})
    assert (answer.status_code, list(answer.context["form"].errors)) == (422, [field])
    assert not worker.bookings.exists()


def test_leave_over_a_session_lists_it_with_the_way_to_a_substitute(cycle):
    answer = browser_of(cycle.lead).post(LEAVE, {"first_day": cycle.starts_on, "last_day": cycle.starts_on})
    assert answer.status_code == 422
    words = text_of(answer)
    assert "First arrange a substitute" in words
    assert f"{reverse('groups:cycle_substitute', args=[cycle.pk])}?seat=lead" in words
    assert not cycle.lead.bookings.leave().exists()


def test_who_co_leads_arranges_the_own_seat_and_changes_nothing_else(cycle):
    answer = browser_of(cycle.co_lead).post(LEAVE, {"first_day": cycle.starts_on, "last_day": cycle.starts_on})
    words = text_of(answer)
    assert reverse("groups:cycle_substitute", args=[cycle.pk]) not in words
    assert reverse("groups:cycle", args=[cycle.pk]) in words
    assert f'form="leave" formaction="{reverse("groups:absence")}"' in words


def test_leave_of_another_is_not_mine():
    other = make_group_worker("Ander")
    leave = other.bookings.create(period=local_period(dt.date(2027, 3, 2), dt.date(2027, 3, 2)), kind="leave")
    answer = browser_of(make_group_worker("Ik")).post(reverse("groups:leave_remove", args=[leave.pk]))
    assert answer.status_code == 404
    assert other.bookings.count() == 1
    assert browser_of(other).get(reverse("groups:leave_remove", args=[leave.pk])).status_code == 405


# --- the calendar: month, agenda, a day; somebody else, a municipality, a room


def book(user, day, kind, *, hour=13, note=""):
    starts = local_period(day, day)[0] + dt.timedelta(hours=hour)
    return user.bookings.create(period=(starts, starts + dt.timedelta(hours=1)), kind=kind, note=note)


def weekday_of(cycle, number):
    """A day in the week of the first session."""
    return cycle.starts_on + dt.timedelta(days=number - cycle.starts_on.weekday())


def test_talks_intakes_and_leave_stand_there_by_kind(cycle):
    for number, kind in ((2, "talk"), (3, "intake"), (4, "leave")):
        book(cycle.lead, weekday_of(cycle, number), kind)
    answer = browser_of(cycle.lead).get(SCHEDULE, week_of(cycle))
    kinds = [slot.kind for day in answer.context["days"] for slot in day.slots]
    assert sorted(kinds) == ["intake", "leave", "session", "talk"]


def test_an_individual_talk_leads_to_the_talks_of_its_cycle():
    offer = make_offer(sessions_count=6, talks_count=1, talk_minutes=30, talks_after_session=5)
    cycle = make_cycle(offer=offer, now=timezone.localtime())
    place = cycle.participations.order_by("pk").first()
    free = free_moments(participation=place, now=timezone.now())[0]
    given = {"with_user": free.user, "date": free.date, "start_time": free.start}
    plan_talk(participation=place, by=cycle.lead, now=timezone.now(), **given)
    words = text_of(browser_of(free.user).get(SCHEDULE, {"dag": str(free.date)}))
    assert reverse("groups:talks", args=[cycle.pk]) in words
    assert place.client.short_name not in words


def test_a_colleague_is_seen_without_notes_and_only_by_who_may(cycle):
    book(cycle.lead, weekday_of(cycle, 2), "leave", note="zeilen")
    asked = week_of(cycle, wie=f"c{cycle.lead.pk}")
    colleague = make_group_worker("Greet", municipalities=[cycle.catchment.municipality])
    words = text_of(browser_of(colleague).get(SCHEDULE, asked))
    assert cycle.offer.name in words
    assert cycle.lead.short_name in words
    assert "zeilen" not in words
    stranger = browser_of(make_group_worker("Vreemd", municipalities=[make_municipality("Heemskerk", "GM0396")]))
    answer = stranger.get(SCHEDULE, asked)
    assert (answer.context["who"], answer.context["is_empty"]) == ("own", True)


def test_a_session_of_a_colleague_that_one_may_not_see_only_takes_them(cycle):
    far = make_municipality("Heemskerk", "GM0396")
    both = make_worker("Beide", lead=True, municipality=far)
    both.work_areas.create(municipality=cycle.catchment.municipality)
    seat = cycle.sessions.order_by("number").first().staff.get(seat="lead")
    seat.user = seat.booking.user = both
    seat.booking.save()
    seat.save()
    there = browser_of(make_group_worker("Daar", municipalities=[far]))
    answer = there.get(SCHEDULE, week_of(cycle, wie=f"c{both.pk}"))
    assert [slot.kind for day in answer.context["days"] for slot in day.slots] == ["taken"]
    assert cycle.offer.name not in text_of(answer)


def test_a_municipality_and_a_room_narrow_it(cycle):
    coba = browser_of(make_coordinator())
    make_cycle(now=timezone.localtime())
    here = week_of(cycle, wie=f"g{cycle.catchment.municipality_id}")
    assert cycle.offer.name in text_of(coba.get(SCHEDULE, here))
    closed = weekday_of(cycle, 4)
    period = local_period(closed, closed)
    book_room(room=cycle.room, starts_at=period[0], ends_at=period[1], kind="closure", note="schilder")
    answer = coba.get(SCHEDULE, week_of(cycle, wie=f"r{cycle.room_id}"))
    slots = [slot for day in answer.context["days"] for slot in day.slots]
    assert [(slot.kind, slot.name) for slot in slots] == [("session", cycle.offer.name), ("taken", "")]
    assert "schilder" not in text_of(answer)


def test_a_room_does_not_tell_that_a_group_with_a_hidden_place_is_in_it(cycle):
    other = make_cycle(now=timezone.localtime())
    last, room = other.sessions.order_by("number").last(), cycle.room
    later = last.date + dt.timedelta(days=1)
    move_session(session=last, date=later, start_time=last.start_time, by=other.lead, now=timezone.localtime())
    change_room(session=last, room=room, by=other.lead, now=timezone.localtime())
    Cycle.objects.filter(pk=other.pk).update(room=room)
    cycle.offer.place_is_hidden = True
    cycle.offer.save()
    answer = browser_of(make_coordinator()).get(SCHEDULE, week_of(cycle, wie=f"r{room.pk}"))
    assert answer.context["who"] == f"r{room.pk}"
    assert [slot.kind for day in answer.context["days"] for slot in day.slots] == ["taken"]


@pytest.mark.parametrize("asked", ["c0", "cx", "gGM9999", "r99999999999999999999", "c", "x1", "own ", "c-1"])
def test_whom_or_what_cannot_be_chosen_shows_ones_own(cycle, asked):
    answer = browser_of(cycle.lead).get(SCHEDULE, week_of(cycle, wie=asked))
    assert (answer.status_code, answer.context["who"]) == (200, "own")


def test_a_month_is_whole_weeks_with_today_marked(cycle):
    answer = browser_of(cycle.lead).get(SCHEDULE, {"vorm": "month"})
    days, today = answer.context["days"], timezone.localdate()
    assert days[0].date.weekday() == 0
    assert [day.date for day in days if day.is_today] in ([today], [])
    assert all(day.is_beside == (day.date.month != today.month) for day in days)
    words = text_of(answer)
    assert words.count('aria-current="date"') == 1 + any(day.is_today for day in days)


@pytest.mark.parametrize(
    ("shape", "day", "previous", "following"),
    [
        ("month", "2026-12-30", "2026-11-01", "2027-01-01"),
        ("month", "2027-01-31", "2026-12-01", "2027-02-01"),
        ("agenda", "2026-12-30", "2026-11-16", "2027-02-08"),
        ("day", "2026-12-31", "2026-12-30", "2027-01-01"),
    ],
)
def test_the_way_back_and_on(cycle, shape, day, previous, following):
    words = text_of(browser_of(cycle.lead).get(SCHEDULE, {"vorm": shape, "dag": day}))
    assert f'href="?dag={previous}&amp;wie=own&amp;vorm={shape}" rel="prev"' in words
    assert f'href="?dag={following}&amp;wie=own&amp;vorm={shape}" rel="next"' in words


def test_the_list_of_before_is_the_agenda(cycle):
    assert browser_of(cycle.lead).get(SCHEDULE, {"vorm": "list"}).context["shape"] == "agenda"


def test_of_a_full_day_the_rest_is_one_press_further(cycle):
    for hour in range(9, 16):
        book(cycle.lead, weekday_of(cycle, 4), "talk", hour=hour)
    browser = browser_of(cycle.lead)
    day = next(day for day in browser.get(SCHEDULE, week_of(cycle, vorm="month")).context["days"] if day.more)
    assert (day.date, len(day.slots), day.more) == (weekday_of(cycle, 4), 4, 3)
    words = text_of(browser.get(SCHEDULE, week_of(cycle, vorm="month")))
    assert f'href="?dag={day.date}&amp;wie=own&amp;vorm=day"' in words
    whole = browser.get(SCHEDULE, {"dag": str(day.date), "vorm": "day"}).context["days"]
    assert [len(day.slots) for day in whole] == [7]


def test_of_many_sessions_on_a_day_the_first_are_fetched_and_the_rest_counted(cycle):
    """Counted by the database: 200 cycles do not make the page longer."""
    for _number in range(5):
        make_cycle(now=timezone.localtime())
    answer = browser_of(make_coordinator()).get(SCHEDULE, week_of(cycle, wie="all", vorm="month"))
    full = next(day for day in answer.context["days"] if day.more)
    assert (len(full.slots), full.more) == (4, 2)
