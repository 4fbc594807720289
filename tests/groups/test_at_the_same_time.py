"""Two connections at the same moment: one person wanted by two lists, a deadlock, a team that is just taken."""

import datetime as dt

import pytest
from django.db import OperationalError, connection, transaction
from django.utils import translation

from accounts.enums import BookingKind
from accounts.models import User, WorkerBooking
from accounts.services import record_leave, set_weekly_availability
from clients.models import Client
from groups.enums import EntryState, HistoryCode
from groups.exceptions import NotAllowed, ScheduleClash
from groups.models import Competence, Cycle, HistoryEntry, Participation, Session
from groups.services.by_hand import form_by_hand
from groups.services.starting import RETRY_AFTER, TRIES
from groups.time_words import clash_text
from groups.wording import reason_text
from neighbourhoods.models import Room, RoomBooking
from notifications.models import Notification
from tests.factories.groups import (
    ALL_WEEK,
    NOW,
    fresh,
    make_entry,
    make_offer,
    make_team_and_room,
    make_waitlist,
    ready_waitlist,
    sweep,
)
from tests.factories.neighbourhoods import local, make_municipality, make_neighbourhood
from tests.groups.locks import outlast_deadlock_detection, threads, wait_until_waiting

TUESDAY = dt.date(2026, 9, 15)


def hold(model, pk):
    model.objects.select_for_update().get(pk=pk)


# --- one person wanted by two lists


def lists_that_share_one(*offers, only_on_tuesday=False):
    """Two lists in two municipalities, each with its own team and room, two people, and the same third one."""
    places = [make_neighbourhood("Oost"), make_neighbourhood("West", make_municipality("Heemskerk", "GM0396"))]
    lists = [make_waitlist(offer, neighbourhood=place) for offer, place in zip(offers, places, strict=True)]
    teams = [make_team_and_room(waitlist) for waitlist in lists]
    if only_on_tuesday:
        lead = teams[1][0]
        set_weekly_availability(user=lead, windows=[window for window in ALL_WEEK if window[0] == 1], by=lead)
    for waitlist in lists:
        make_entry(waitlist, days=20)
        make_entry(waitlist, days=19)
    shared = make_entry(lists[0], days=30).client
    make_entry(lists[1], days=30, client=shared)
    return lists, shared


def sweep_both_at_once(shared):
    """Both sweeps have read that the shared person is free before either may write."""
    with threads(2) as run:
        with transaction.atomic():
            hold(Client, shared.pk)
            sweeps = [run(sweep) for _ in range(2)]
            wait_until_waiting(2)
        return [found.result() for found in sweeps]


@pytest.mark.django_db(transaction=True)
def test_somebody_on_two_lists_of_one_offer_gets_one_place_when_both_start_at_once():
    """R12: the count of other groups, under the client's lock; on different days no other rule would see it."""
    offer = make_offer()
    lists, shared = lists_that_share_one(offer, offer, only_on_tuesday=True)
    sweeps = sweep_both_at_once(shared)
    assert (sum(found.started for found in sweeps), sum(found.failed for found in sweeps)) == (1, 0)
    place = Participation.objects.get(client=shared)
    assert place.cycle.participations.count() == 3
    [loser] = [waitlist for waitlist in lists if waitlist != place.cycle.waitlist]
    entries = loser.entries.order_by("waiting_since")
    assert [entry.state for entry in entries] == [EntryState.WAITING] * 3
    nothing_half_written(besides=place.cycle)
    loser = fresh(loser)
    assert (loser.generation, loser.reasons[0]["code"]) == (0, "need_more")
    assert [[reason["code"] for reason in entry.reasons] for entry in entries] == [["already_placed"], [], []]
    assert loser.due_at > NOW + RETRY_AFTER, "decided again at once, so not to be looked at before tonight"


def nothing_half_written(besides):
    """Sessions, bookings, history and mails are those of this one cycle."""
    assert Cycle.objects.get() == besides
    assert {session.cycle_id for session in Session.objects.all()} == {besides.pk}
    assert (RoomBooking.objects.count(), WorkerBooking.objects.count()) == (5, 10)
    for code, count in ((HistoryCode.CYCLE_FORMED, 1), (HistoryCode.ENTRY_PLACED, 3)):
        rows = HistoryEntry.objects.filter(code=code).order_by()
        assert list(rows.values_list("cycle", flat=True)) == [besides.pk] * count
    assert Notification.objects.count() == 3


@pytest.mark.django_db(transaction=True)
def test_somebody_on_the_lists_of_two_offers_that_start_at_once_gets_two_different_hours():
    """R20: the loser's list is decided again, and takes another hour."""
    _lists, shared = lists_that_share_one(make_offer(), make_offer())
    sweeps = sweep_both_at_once(shared)
    assert (sum(found.started for found in sweeps), sum(found.failed for found in sweeps)) == (2, 0)
    sessions = Session.objects.filter(cycle__participations__client=shared).order_by("date", "start_time")
    moments = sessions.values_list("date", "start_time", "end_time")
    assert len(moments) == 10
    for (day, _start, end), (next_day, next_start, _end) in zip(moments, moments[1:], strict=False):
        assert (day, end) <= (next_day, next_start)


# --- a deadlock


class Refused:
    """Notes the code of each error that PostgreSQL gives the connection it watches."""

    def __init__(self):
        self.codes = []

    def __call__(self, execute, *statement):
        try:
            return execute(*statement)
        except OperationalError as error:
            self.codes.append(error.__cause__.pgcode)
            raise


@pytest.mark.django_db(transaction=True)
def test_a_sweep_that_is_refused_by_a_deadlock_tries_again_at_once():
    """Somebody holds a participant and wants the leader; the sweep has the leader, and then wants the participant."""
    waitlist = make_waitlist()
    lead, second, _room = make_team_and_room(waitlist)
    wanted = [make_entry(waitlist) for _ in range(3)][0].client
    assert lead.pk < second.pk, "the sweep takes the leader first, and then waits for the second"
    refused = Refused()

    def watched_sweep():
        with connection.execute_wrapper(refused):
            return sweep()

    @transaction.atomic
    def other():
        hold(Client, wanted.pk)
        hold(User, lead.pk)

    with threads(2) as run:
        with transaction.atomic():
            hold(User, second.pk)
            swept = run(watched_sweep)
            wait_until_waiting(1)
            crossing = run(other)
            wait_until_waiting(2)
            outlast_deadlock_detection()
        crossing.result()
        found = swept.result()
    assert refused.codes == ["40P01"], "there was no deadlock, so nothing was tried"
    assert (found.looked, found.started, found.failed) == (1, 1, 0)
    assert Cycle.objects.get().participations.count() == 3
    assert fresh(waitlist).due_at is None


def refuse_cycles(*, times, code):
    """PostgreSQL itself refuses the first cycles with this code: a sequence counts on through what is rolled back."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"""
            CREATE SEQUENCE refused;
            CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
                IF nextval('refused') <= {times} THEN RAISE EXCEPTION 'proef' USING ERRCODE = '{code}'; END IF;
                RETURN NEW;
            END $$;
            CREATE TRIGGER refuse BEFORE INSERT ON groups_cycle FOR EACH ROW EXECUTE FUNCTION refuse()
            """
        )


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("code", "times", "is_put_off"),
    [("40P01", TRIES - 1, False), ("40P01", TRIES, True), ("55P03", 1, True)],
)
def test_a_deadlock_is_tried_again_so_often_and_another_refusal_is_put_off_at_once(code, times, is_put_off):
    blocked, other = ready_waitlist(), make_waitlist()
    make_entry(other)
    refuse_cycles(times=times, code=code)
    found = sweep()
    assert (found.looked, found.started, found.failed) == (2 - is_put_off, 1 - is_put_off, int(is_put_off))
    assert fresh(blocked).due_at == (NOW + RETRY_AFTER if is_put_off else None)
    assert fresh(other).evaluated_at == NOW, "another list does not suffer by it"
    assert blocked.entries.waiting().count() == (3 if is_put_off else 0)
    sweep(NOW + RETRY_AFTER)
    assert Cycle.objects.get().participations.count() == 3


# --- a team that is just taken while a group is formed by hand


def leave_for(lead, second):
    record_leave(user=lead, starts_at=local(2026, 9, 22), ends_at=local(2026, 9, 23), by=lead)


def fill_up(lead, second):
    User.objects.filter(pk=lead.pk).update(max_cycles=0)


def fill_up_second(lead, second):
    User.objects.filter(pk=second.pk).update(max_group_hours_week=1)


def forget(lead, second):
    Competence.objects.filter(user=lead).delete()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("change", "words"),
    [
        (leave_for, "Tue 22 Sep"),
        (fill_up, "as many groups or hours as they may have"),
        (fill_up_second, "as many groups or hours as they may have"),
        (forget, "competence"),
    ],
)
def test_a_team_that_changes_while_a_group_is_formed_by_hand_is_refused_with_words(change, words):
    """R14: whoever forms it has looked at the team already, and looks again when it is theirs."""
    waitlist = make_waitlist()
    lead, second, room = make_team_and_room(waitlist)
    entries = [make_entry(waitlist) for _ in range(3)]
    plan = {"waitlist": waitlist, "entries": entries, "lead": lead, "co_lead": second, "room": room}
    plan |= {"starts_on": TUESDAY, "start_time": dt.time(14), "reason": "proef", "by": lead, "now": NOW}

    with threads(1) as run:
        with transaction.atomic():
            hold(Room, room.pk)
            hold(User, lead.pk)
            formed = run(lambda: form_by_hand(**plan))
            wait_until_waiting(1)
            change(lead, second)
        with pytest.raises((NotAllowed, ScheduleClash)) as refusal:
            formed.result()
    assert words in in_words(refusal.value)
    sessions = WorkerBooking.objects.filter(kind=BookingKind.SESSION)
    formed = HistoryEntry.objects.filter(code=HistoryCode.CYCLE_FORMED)
    written = Cycle.objects, Participation.objects, RoomBooking.objects, sessions, formed
    assert [rows.count() for rows in written] == [0] * 5
    assert (waitlist.entries.waiting().count(), fresh(waitlist).generation) == (3, 0)


def in_words(error):
    with translation.override("en"):
        return str(clash_text(error) if isinstance(error, ScheduleClash) else reason_text(error.reason))
