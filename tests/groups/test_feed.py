"""One's own calendar elsewhere: read back by a parser, told to nobody else, and silent about people (R40)."""

import datetime as dt
import logging
from zoneinfo import ZoneInfo

import pytest
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone
from icalendar import Calendar

from accounts.enums import BookingKind
from accounts.feeds import make_feed, stop_feed
from accounts.models import CalendarFeed
from accounts.services import book_worker, record_leave
from groups.feed import feed_of
from groups.services.scheduling import cancel_session, change_room, move_session
from groups.services.series import move_rest
from groups.services.substitution import substitute_leader
from neighbourhoods.models import Venue
from tests.factories.accounts import make_coordinator, make_group_worker
from tests.factories.groups import NOW, TODAY, make_cycle, make_offer, make_worker
from tests.factories.neighbourhoods import local, make_room
from tests.groups.pages import browser_of, statements_of, text_of

pytestmark = pytest.mark.django_db
AMSTERDAM = ZoneInfo("Europe/Amsterdam")
MAKE, STOP = "/groepen/mijn-tijden/agenda-adres/", "/groepen/mijn-tijden/agenda-adres/stoppen/"


def events(user, today=TODAY):
    """{uid: event}, as a parser reads the file."""
    calendar = Calendar.from_ical(feed_of(user, since=NOW, today=today))
    assert (calendar["VERSION"], "METHOD" in calendar) == ("2.0", False)
    assert [zone["TZID"] for zone in calendar.walk("VTIMEZONE")] in ([], ["Europe/Amsterdam"])
    return {str(event["UID"]): event for event in calendar.walk("VEVENT")}


def address(user):
    return reverse("groups:feed", args=[make_feed(user=user, by=user, now=timezone.now())])


# --- what it shows


def test_sessions_talks_intakes_and_leave_in_local_time_with_one_word_each():
    cycle = make_cycle()
    lead = cycle.lead
    book_worker(user=lead, starts_at=local(2026, 9, 15, 13), ends_at=local(2026, 9, 15, 14), kind=BookingKind.TALK)
    book_worker(user=lead, starts_at=local(2026, 9, 16, 13), ends_at=local(2026, 9, 16, 14), kind=BookingKind.INTAKE)
    record_leave(user=lead, starts_at=local(2026, 9, 17), ends_at=local(2026, 9, 19), by=lead, note="zeilen")
    found = sorted(events(lead).values(), key=lambda event: str(event.decoded("DTSTART")))
    assert [str(event["SUMMARY"]) for event in found[:4]] == ["Groep", "Gesprek", "Intake", "Verlof"]
    starts = [event.decoded("DTSTART") for event in found if event["SUMMARY"] == "Groep"]
    assert starts == [session.starts_at for session in cycle.sessions.order_by("number")]
    assert {(start.hour, str(start.tzinfo)) for start in starts} == {(9, "Europe/Amsterdam")}
    assert (found[3].decoded("DTSTART"), found[3].decoded("DTEND")) == (dt.date(2026, 9, 17), dt.date(2026, 9, 19))


def test_it_names_nobody_and_no_group():
    cycle = make_cycle()
    Venue.objects.update(address="Nergensstraat 1, Beverwijk")
    text = feed_of(cycle.lead, since=NOW, today=TODAY).replace("\r\n ", "")
    people = [place.client for place in cycle.participations.select_related("client")]
    told = [cycle.offer.name, cycle.co_lead.last_name, *(client.family_name for client in people)]
    assert [word for word in told if word in text] == []
    assert f"LOCATION:{cycle.room.venue.name}" in text
    assert "Nergensstraat" not in text


@pytest.mark.parametrize("secret", ["is_sensitive", "place_is_hidden", "venue"])
def test_a_hidden_place_or_a_sensitive_group_has_no_place(secret):
    cycle = make_cycle()
    thing = cycle.room.venue if secret == "venue" else cycle.offer
    setattr(thing, "is_hidden" if secret == "venue" else secret, True)
    thing.save()
    assert "LOCATION" not in feed_of(cycle.lead, since=NOW, today=TODAY)


def test_four_weeks_back_and_a_year_ahead():
    cycle = make_cycle()
    assert len(events(cycle.lead, today=dt.date(2026, 10, 12))) == 5
    assert len(events(cycle.lead, today=dt.date(2026, 10, 13))) == 4
    assert len(events(cycle.lead, today=dt.date(2025, 10, 1))) == 3  # until 2 October of the year after
    assert events(make_group_worker()) == {}


def test_over_the_change_of_the_clock_an_evening_stays_an_evening():
    user = make_worker(lead=True)
    for day in (19, 26):
        book_worker(user=user, starts_at=local(2026, 10, day, 19), ends_at=local(2026, 10, day, 21), kind="talk")
    starts = sorted(event.decoded("DTSTART") for event in events(user).values())
    assert [start.astimezone(AMSTERDAM).hour for start in starts] == [19, 19]
    assert [start.utcoffset() // dt.timedelta(hours=1) for start in starts] == [2, 1]


def test_what_moves_keeps_its_key_and_counts_up_and_what_is_cancelled_is_gone():
    cycle, later = make_cycle(), NOW + dt.timedelta(minutes=5)
    before = events(cycle.lead)
    assert {event["SEQUENCE"] for event in before.values()} == {0}
    fourth = cycle.sessions.get(number=4)
    move_rest(session=fourth, date=dt.date(2026, 10, 6), start_time=dt.time(13), by=cycle.lead, now=later)
    after = events(cycle.lead)
    assert after.keys() == before.keys()
    assert sorted(event["SEQUENCE"] for event in after.values()) == [0, 0, 0, 1, 1]
    assert {event.decoded("LAST-MODIFIED") for event in after.values() if event["SEQUENCE"]} == {later}
    other = make_room("Serre", name_of_venue="Huis Twee", neighbourhood=cycle.catchment.neighbourhoods.get(), now=NOW)
    change_room(session=fourth, room=other, by=cycle.lead, now=later)
    assert sorted(event["SEQUENCE"] for event in events(cycle.lead).values()) == [0, 0, 0, 1, 2]
    cancel_session(session=fourth, reason="storm", by=cycle.lead, now=later, append=False)
    assert len(events(cycle.lead)) == 4


def test_who_is_replaced_has_the_session_no_more_and_the_substitute_has():
    cycle = make_cycle()
    stand_in = make_worker(catchment=cycle.catchment)
    day = cycle.sessions.get(number=2).date
    substitute_leader(
        cycle=cycle, seat="co_lead", user=stand_in, by=cycle.lead, now=NOW, from_date=day, until_date=day
    )
    assert (len(events(cycle.co_lead)), len(events(stand_in))) == (4, 1)


# --- the address


def test_only_a_hash_is_kept_and_the_address_is_shown_once():
    worker = make_group_worker()
    browser = browser_of(worker)
    shown = browser.post(MAKE)
    found = shown.context["address"]
    token = found.rsplit("/", 1)[1].removesuffix(".ics")
    assert len(token) >= 43  # 32 random bytes
    assert found in text_of(shown)
    assert shown["Cache-Control"] == "private, no-store"
    assert token not in str(list(CalendarFeed.objects.values()))
    page = text_of(browser.get("/groepen/mijn-tijden/"))
    assert token not in page
    assert "It was not read yet." in page


def test_whoever_has_the_address_reads_it_and_a_new_one_ends_the_old():
    worker = make_group_worker()
    first, visitor = address(worker), browser_of()
    answer = visitor.get(first)
    assert (answer.status_code, answer["Content-Type"]) == (200, "text/calendar; charset=utf-8")
    assert (answer["Cache-Control"], answer["Referrer-Policy"]) == ("private, max-age=300", "no-referrer")
    second = address(worker)
    assert (visitor.get(first).status_code, visitor.get(second).status_code) == (404, 200)
    browser_of(worker).post(STOP)
    browser_of(worker).post(STOP)
    assert visitor.get(second).status_code == 404


def test_what_is_not_there_looks_the_same_whatever_it_was():
    worker = make_group_worker()
    stopped, visitor = address(worker), browser_of()
    stop_feed(user=worker, by=worker)
    gone = make_group_worker("Weg")
    inactive = address(gone)
    gone.is_active = False
    gone.save()
    never = [reverse("groups:feed", args=[token]) for token in ("x", "ü" * 50, "a" * 500, "..")]
    answers = [visitor.get(path) for path in (stopped, inactive, *never)]
    assert {answer.status_code for answer in answers} == {404}
    assert {answer.templates[0].name for answer in answers} == {"404.html"}
    assert {answer["Cache-Control"] for answer in answers} == {"private, no-store"}


def test_nobody_makes_or_stops_somebody_elses():
    worker = make_group_worker()
    for act in (lambda **who: make_feed(now=NOW, **who), stop_feed):
        with pytest.raises(PermissionDenied):
            act(user=worker, by=make_coordinator(f"Coba{act.__name__.strip('<>')}"))


def test_the_same_is_not_sent_twice_and_a_change_is():
    cycle = make_cycle(now=timezone.localtime())
    path, visitor = address(cycle.lead), browser_of()
    etag = visitor.get(path)["ETag"]
    again = visitor.get(path, HTTP_IF_NONE_MATCH=etag)
    assert (again.status_code, again.content, again["Cache-Control"]) == (304, b"", "private, max-age=300")
    session = cycle.sessions.get(number=1)
    clock = dt.time(session.start_time.hour + 1)
    move_session(session=session, date=session.date, start_time=clock, by=cycle.lead, now=timezone.localtime())
    assert visitor.get(path, HTTP_IF_NONE_MATCH=etag).status_code == 200


def test_reading_is_noted_once_a_day():
    worker = make_group_worker()
    path, visitor = address(worker), browser_of()
    visitor.get(path)
    assert CalendarFeed.objects.get().read_on == timezone.localdate()
    CalendarFeed.objects.update(read_on=timezone.localdate() - dt.timedelta(days=1))
    visitor.get(path)
    assert CalendarFeed.objects.get().read_on == timezone.localdate()


def test_the_address_stands_in_no_line_of_the_log(caplog):
    worker = make_group_worker()
    path, visitor = address(worker), browser_of()
    token = path.rsplit("/", 1)[1].removesuffix(".ics")
    with caplog.at_level(logging.DEBUG):
        visitor.get(path)
        stop_feed(user=worker, by=worker)
        visitor.get(path)
        visitor.post(path)
    lines = [line for line in caplog.messages if not line.startswith("(")]  # not the statements of a debugging run
    assert any("/agenda/<str:token>.ics" in line for line in lines)
    assert [line for line in lines if token in line] == []


def test_it_costs_the_same_with_one_cycle_or_three():
    lead = make_cycle().lead
    assert statements_of(lambda: feed_of(lead, since=NOW, today=TODAY)) == 2
    for number in (1, 2):
        other = make_cycle(offer=make_offer(fixed_weekday=number))
        for session in other.sessions.order_by("number"):
            staff = session.staff.get(seat="lead")
            staff.user = staff.booking.user = lead
            staff.booking.save()
            staff.save()
    assert len(events(lead)) == 15
    assert statements_of(lambda: feed_of(lead, since=NOW, today=TODAY)) == 2
