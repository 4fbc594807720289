"""R29: individual talks between two sessions: when they may be, with whom, and who hears of it; nobody is double."""

import datetime as dt

import pytest

from accounts.enums import BookingKind
from accounts.models import WorkerBooking
from accounts.services import record_leave, set_day_hours
from clients.models import FollowUp, Letter
from groups.enums import HistoryCode, ParticipationState, TalkState
from groups.exceptions import NotAllowed, ScheduleClash
from groups.models import HistoryEntry, IndividualTalk
from groups.services.cycles import cancel_cycle, settle_cycles
from groups.services.free_moments import PER_PART, free_moments
from groups.services.invitations import answer_invitation
from groups.services.scheduling import move_session
from groups.services.talks import cancel_talk, hold_talk, move_talk, plan_talk
from notifications.models import Notification
from tests.factories.groups import NOW, fresh, make_cycle, make_offer, make_worker
from tests.factories.neighbourhoods import local

pytestmark = pytest.mark.django_db
# Six Mondays from 14 September, from 9 to 11: session 5 on 12 October, the last on the 19th.
TUESDAY = dt.date(2026, 10, 13)
TEN = dt.time(10)


@pytest.fixture
def cycle():
    return make_cycle(offer=make_offer(sessions_count=6, talks_count=2, talk_minutes=30, talks_after_session=5))


@pytest.fixture
def place(cycle):
    return cycle.participations.order_by("pk").first()


def plan(place, date=TUESDAY, start_time=TEN, **other):
    cycle = place.cycle
    given = {"with_user": cycle.lead, "by": cycle.lead, "now": NOW} | other
    return plan_talk(participation=place, date=date, start_time=start_time, **given)


def test_a_talk_is_planned_booked_and_told(place):
    talk = plan(place)
    assert (talk.number, talk.start_time, talk.end_time) == (1, TEN, dt.time(10, 30))
    booking = WorkerBooking.objects.get(kind=BookingKind.TALK)
    assert (booking.user, booking.period.lower, booking.period.upper) == (
        place.cycle.lead,
        talk.starts_at,
        talk.ends_at,
    )
    mail = Notification.objects.get(kind="talk_planned")
    assert mail.recipient_key == place.client.public_id
    assert HistoryEntry.objects.get(code=HistoryCode.TALK_PLANNED).args == {"number": 1, "date": "2026-10-13"}
    assert not FollowUp.objects.filter(key=f"talk:{talk.pk}").exists()


def test_the_second_is_number_two_and_there_is_no_third(place):
    plan(place)
    assert plan(place, start_time=dt.time(11)).number == 2
    with pytest.raises(NotAllowed, match="talks_all_planned"):
        plan(place, start_time=dt.time(12))


@pytest.mark.parametrize(
    ("date", "time", "code"),
    [
        (dt.date(2026, 10, 12), dt.time(10, 30), "outside_talk_window"),  # session 5 goes on until 11
        (dt.date(2026, 10, 19), dt.time(9), "outside_talk_window"),  # during the last
        (dt.date(2026, 10, 20), TEN, "outside_talk_window"),
        (dt.date(2026, 9, 1), TEN, "in_the_past"),
        (TUESDAY, dt.time(8), "outside_hours"),
        (TUESDAY, dt.time(21, 45), "outside_hours"),
        (TUESDAY, dt.time(23, 50), "outside_hours"),
        (dt.date(2026, 10, 17), TEN, "outside_hours"),  # a Saturday
    ],
)
def test_a_talk_cannot_be_then(place, date, time, code):
    with pytest.raises(NotAllowed, match=code):
        plan(place, date, time)
    assert not IndividualTalk.objects.exists()
    assert not WorkerBooking.objects.filter(kind=BookingKind.TALK).exists()


def test_right_after_session_five_and_right_before_the_last_it_can(place):
    plan(place, dt.date(2026, 10, 12), dt.time(11))
    move_session(
        session=place.cycle.sessions.get(number=6),
        date=dt.date(2026, 10, 19),
        start_time=dt.time(13),
        by=place.cycle.lead,
        now=NOW,
    )
    assert plan(place, dt.date(2026, 10, 19), dt.time(12, 30)).number == 2


def test_leave_hours_of_a_day_and_another_talk_are_in_the_way(place):
    lead, second = place.cycle.lead, place.cycle.co_lead
    record_leave(user=lead, starts_at=local(2026, 10, 14), ends_at=local(2026, 10, 15), by=lead)
    with pytest.raises(ScheduleClash):
        plan(place, dt.date(2026, 10, 14))
    set_day_hours(user=lead, date=TUESDAY, windows=[], by=lead, today=NOW.date())
    with pytest.raises(NotAllowed, match="outside_hours"):
        plan(place)
    plan(place, with_user=second)
    with pytest.raises(NotAllowed, match="talk_then_already"):
        plan(place, start_time=dt.time(10, 15), with_user=second)
    other = place.cycle.participations.order_by("pk").last()
    with pytest.raises(ScheduleClash):
        plan(other, start_time=dt.time(10, 15), with_user=second)


def test_only_with_who_leads_the_group(place):
    with pytest.raises(NotAllowed, match="not_leading"):
        plan(place, with_user=make_worker(lead=True))


def test_an_offer_without_talks_has_none():
    place = make_cycle().participations.order_by("pk").first()
    with pytest.raises(NotAllowed, match="no_talks_here"):
        plan(place)


def test_too_few_sessions_say_so():
    offer = make_offer(sessions_count=5, talks_count=1, talk_minutes=30, talks_after_session=5)
    place = make_cycle(offer=offer).participations.order_by("pk").first()
    with pytest.raises(NotAllowed, match="talk_window_unknown"):
        plan(place)
    assert free_moments(participation=place, now=NOW) == []


def test_whom_no_mail_reaches_is_to_be_called_once(place):
    place.client.contact.is_sensitive = True
    place.client.contact.save()
    talk = plan(place)
    assert "gesprek" not in str(Notification.objects.filter(recipient_key=place.client.public_id).last().body)
    task = FollowUp.objects.open().get(key=f"talk:{talk.pk}")
    assert (task.for_user, task.args) == (place.cycle.lead, {"talk": "planned", "on": "2026-10-13"})
    moved = move_talk(
        talk=talk, with_user=talk.with_user, date=TUESDAY, start_time=dt.time(11), by=talk.with_user, now=NOW
    )
    assert FollowUp.objects.open().filter(key=f"talk:{moved.pk}").count() == 1
    cancel_talk(talk=moved, by=talk.with_user, now=NOW)
    assert FollowUp.objects.open().get(key=f"talk:{moved.pk}").args["talk"] == "cancelled"
    assert not Letter.objects.filter(client=place.client, kind="talk_planned").exists()


def test_a_talk_moves_with_its_booking_also_to_the_other_leader(place):
    talk, second = plan(place), place.cycle.co_lead
    move_talk(talk=talk, with_user=second, date=TUESDAY, start_time=dt.time(10, 15), by=second, now=NOW)
    booking = WorkerBooking.objects.get(kind=BookingKind.TALK)
    assert (booking.user, booking.period.lower) == (second, local(2026, 10, 13, 10, 15))
    other = plan(place.cycle.participations.order_by("pk").last())
    with pytest.raises(ScheduleClash):
        move_talk(talk=other, with_user=second, date=TUESDAY, start_time=TEN, by=second, now=NOW)
    assert fresh(other).with_user == place.cycle.lead


def test_held_after_it_began_and_not_twice(place):
    talk = plan(place)
    with pytest.raises(NotAllowed, match="talk_is_to_come"):
        hold_talk(talk=talk, by=talk.with_user, now=NOW)
    hold_talk(talk=talk, by=talk.with_user, now=local(2026, 10, 13, 11))
    assert fresh(talk).state == TalkState.HELD
    for act in (hold_talk, cancel_talk):
        with pytest.raises(NotAllowed, match="talk_is_over"):
            act(talk=talk, by=talk.with_user, now=local(2026, 10, 13, 11))


def test_a_cancelled_talk_frees_the_colleague_and_its_number(place):
    talk = plan(place)
    cancel_talk(talk=talk, by=talk.with_user, now=NOW)
    assert Notification.objects.filter(kind="talk_cancelled").count() == 1
    assert not WorkerBooking.objects.filter(kind=BookingKind.TALK).exists()
    assert plan(place).number == 1


def test_talks_are_released_when_the_person_leaves_or_the_cycle_is_cancelled(cycle, place):
    plan(place)
    other = cycle.participations.order_by("pk").last()
    kept = plan(other, start_time=dt.time(11))
    answer_invitation(participation=place, coming=False, now=NOW, by=cycle.lead)
    assert place.individual_talks.get().state == TalkState.CANCELLED
    assert [booking.pk for booking in WorkerBooking.objects.filter(kind=BookingKind.TALK)] == [fresh(kept).booking_id]
    row = HistoryEntry.objects.get(code=HistoryCode.TALK_CANCELLED)
    assert (row.rule, row.entry) == ("R29", place.entry)
    cancel_cycle(cycle=cycle, reason="te weinig", by=cycle.lead, now=NOW)
    assert fresh(kept).state == TalkState.CANCELLED
    assert not WorkerBooking.objects.filter(kind=BookingKind.TALK).exists()


def test_a_talk_that_was_is_not_released_at_the_end(cycle, place):
    talk = plan(place)
    for day in (14, 21, 28):
        settle_cycles(now=local(2026, 9, day, 12))
    settle_cycles(now=local(2026, 10, 20, 12))
    assert fresh(place).state == ParticipationState.FINISHED
    assert fresh(talk).state == TalkState.PLANNED


def test_free_moments_lie_in_the_window_in_the_hours_and_beside_what_is_taken(cycle, place):
    plan(place)
    found = free_moments(participation=place, now=NOW)
    assert found
    for moment in found:
        start = local(moment.date.year, moment.date.month, moment.date.day, moment.start.hour, moment.start.minute)
        assert local(2026, 10, 12, 11) <= start < local(2026, 10, 19, 9)
        assert moment.date.weekday() < 5
        assert (moment.date, moment.start) != (TUESDAY, TEN)
    monday = [m for m in found if m.date == dt.date(2026, 10, 12) and m.user == cycle.lead]
    assert [m.start for m in monday] == [dt.time(11), dt.time(11, 30), *_rest(monday)]
    assert max(_per_part(found).values()) <= PER_PART
    plan(place, found[0].date, found[0].start, with_user=found[0].user)


def _rest(moments):
    return [moment.start for moment in moments if moment.start >= dt.time(12)]


def _per_part(moments):
    counts = {}
    for moment in moments:
        part = "m" if moment.start < dt.time(12) else "a" if moment.start < dt.time(17) else "e"
        key = (moment.user.pk, moment.date, part)
        counts[key] = counts.get(key, 0) + 1
    return counts
