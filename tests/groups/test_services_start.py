"""R11, R12, R14–R20 through the real services: from people on a list to a cycle in the database."""

import datetime as dt

import pytest
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from accounts.enums import BookingKind, RoleName
from accounts.models import WorkerBooking
from clients.models import Client, Exclusion, Involvement
from clients.services import set_client_availability
from groups.enums import (
    CycleOrigin,
    CycleState,
    EntryState,
    HistoryCode,
    LeaveReason,
    ParticipationState,
    Seat,
    TalkMoment,
)
from groups.exceptions import NotAllowed
from groups.models import Cycle, HistoryEntry, Participation, Session, SessionStaff
from groups.services.capacity import notice_changes, take_leave
from groups.services.waitlists import (
    give_priority,
    hold_entry,
    leave_waitlist,
    record_talk,
    release_entry,
    set_sizes,
    waitlist_for,
)
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import RoomBooking
from neighbourhoods.services import set_opening_hours
from notifications.models import Notification
from notifications.texts import SUBJECT
from tests.factories.accounts import make_coordinator
from tests.factories.groups import (
    NOW,
    TODAY,
    fresh,
    make_cycle,
    make_entry,
    make_offer,
    make_team_and_room,
    make_waitlist,
    make_worker,
    ready_waitlist,
    sweep,
)
from tests.factories.neighbourhoods import local, make_municipality, make_region

pytestmark = pytest.mark.django_db
WEEK = dt.timedelta(weeks=1)


def reasons(waitlist):
    return [reason["code"] for reason in fresh(waitlist).reasons]


def start(waitlist):
    sweep()
    return Cycle.objects.get(waitlist=waitlist)


def test_third_placeable_person_makes_a_cycle_with_all_that_belongs_to_it():
    waitlist = ready_waitlist(2)
    assert sweep().started == 0
    make_entry(waitlist)
    assert sweep().started == 1
    cycle = Cycle.objects.get()
    assert (cycle.state, cycle.origin, cycle.number) == (CycleState.FORMED, CycleOrigin.AUTOMATIC, 1)
    assert (cycle.minimum, cycle.soft_maximum, cycle.hard_maximum) == (3, 10, 12)
    assert [session.number for session in cycle.sessions.order_by("number")] == [1, 2, 3, 4, 5]
    dates = [session.date for session in cycle.sessions.order_by("number")]
    assert dates == [TODAY + WEEK * number for number in range(1, 6)]
    assert {(s.start_time, s.end_time) for s in cycle.sessions.all()} == {(dt.time(9), dt.time(11))}
    assert cycle.lead.role_names == {RoleName.GROUP_WORKER}
    assert cycle.co_lead.role_names == {RoleName.TEAM_MEMBER}
    assert SessionStaff.objects.filter(session__cycle=cycle).count() == 10
    assert set(SessionStaff.objects.filter(user=cycle.lead).values_list("seat", flat=True)) == {Seat.LEAD}
    assert WorkerBooking.objects.filter(kind=BookingKind.SESSION).count() == 10
    assert RoomBooking.objects.count() == 5
    assert [p.state for p in cycle.participations.all()] == [ParticipationState.INVITED] * 3
    assert {entry.state for entry in waitlist.entries.all()} == {EntryState.PLACED}
    assert Notification.objects.filter(kind="invitation").count() == 3
    assert cycle.answer_deadline == dt.date(2026, 9, 10)  # Thursday: two working days before Monday the 14th
    assert cycle.reason == {"code": "longest_waiters", "args": {"people": 3}}


def test_the_sessions_stand_at_local_time_through_the_change_to_winter_time():
    """From summer into winter time (25 October 2026) a nine o'clock group stays a nine o'clock group."""
    now = local(2026, 10, 5, 10)
    waitlist = make_waitlist()
    make_team_and_room(waitlist)
    for _ in range(3):
        make_entry(waitlist, now=now)
    sweep(now)
    sessions = Session.objects.order_by("number")
    assert [s.starts_at.utcoffset() for s in sessions] == [dt.timedelta(hours=2)] * 2 + [dt.timedelta(hours=1)] * 3
    booked = [booking.period.lower for booking in RoomBooking.objects.order_by("period")]
    assert booked == [session.starts_at for session in sessions]


def test_a_second_look_changes_nothing():
    make_cycle()
    before = (HistoryEntry.objects.count(), Notification.objects.count())
    assert sweep().looked == 0
    assert sweep(NOW + dt.timedelta(days=1)).started == 0
    assert (HistoryEntry.objects.count(), Notification.objects.count()) == before
    assert Cycle.objects.count() == 1


def test_the_database_itself_refuses_a_second_cycle_of_the_same_generation():
    cycle = make_cycle()
    cycle.pk = None
    with pytest.raises(IntegrityError, match="cycle_once"), transaction.atomic():
        cycle.save(force_insert=True)


def test_leaders_can_open_the_files_of_their_participants():
    cycle = make_cycle()
    for leader in (cycle.lead, cycle.co_lead):
        assert Client.objects.visible_to(leader).filter(participations__cycle=cycle).count() == 3
    assert Involvement.objects.open().count() == 6


def test_number_four_does_not_wait_alone():
    cycle = make_cycle()
    make_entry(cycle.waitlist, days=1)
    assert sweep().joined == 1
    assert cycle.participations.counting().count() == 4
    assert Notification.objects.filter(kind="invitation").count() == 4
    assert HistoryEntry.objects.filter(code=HistoryCode.CYCLE_JOINED, rule="R12").count() == 1
    assert Cycle.objects.count() == 1


def test_newcomers_fill_up_to_the_soft_maximum_and_the_next_three_start_anew():
    cycle = make_cycle(offer=make_offer(soft_maximum=4, hard_maximum=5))
    for number in range(4):
        make_entry(cycle.waitlist, days=9 - number)
    sweep()
    assert cycle.participations.counting().count() == 4
    later = Cycle.objects.get(number=2)
    assert later.participations.counting().count() == 3
    assert later.starts_on > TODAY


def test_once_it_runs_a_cycle_takes_nobody_more():
    cycle = make_cycle()
    make_entry(cycle.waitlist, days=1, now=NOW + WEEK)
    assert sweep(NOW + WEEK).joined == 0
    assert cycle.participations.count() == 3


def test_a_list_keeps_its_own_minimum_with_who_when_and_why():
    coordinator = make_coordinator()
    waitlist = ready_waitlist(2)
    sweep()
    assert reasons(waitlist) == ["need_more"]
    set_sizes(waitlist=waitlist, minimum=2, reason="Kleine wijk", by=coordinator, now=NOW)
    row = HistoryEntry.objects.get(code=HistoryCode.SIZES_CHANGED)
    assert (row.by, row.at, row.args) == (coordinator, NOW, {"before": 3, "after": 2, "why": "Kleine wijk"})
    assert start(waitlist).minimum == 2
    other = make_waitlist(waitlist.offer)
    assert (other.minimum, fresh(waitlist).minimum) == (3, 2)


@pytest.mark.parametrize(
    ("sizes", "why", "code"),
    [
        ({"minimum": 2}, "  ", "reason_missing"),
        ({"minimum": 0}, "proef", "minimum_too_low"),
        ({"minimum": 11}, "proef", "sizes_out_of_order"),
        ({"minimum": 3, "soft_maximum": 13}, "proef", "maximum_above_hard"),
    ],
)
def test_impossible_sizes_are_refused_and_nothing_is_written(sizes, why, code):
    waitlist = make_waitlist()
    with pytest.raises(NotAllowed) as refused:
        set_sizes(waitlist=waitlist, reason=why, by=make_coordinator(), now=NOW, **sizes)
    assert refused.value.reason.code == code
    assert fresh(waitlist).own_minimum is None
    assert not HistoryEntry.objects.filter(waitlist=waitlist).exists()


def test_an_offer_without_a_minimum_waits_until_a_coordinator_sets_one():
    waitlist = ready_waitlist(3, offer=make_offer(minimum=None))
    sweep()
    assert reasons(waitlist) == ["no_minimum"]
    set_sizes(waitlist=waitlist, minimum=3, reason="Proef", by=make_coordinator(), now=NOW)
    assert sweep().started == 1


def test_a_theme_group_gets_no_list_in_a_neighbourhood():
    """R15."""
    theme = make_offer(level=CatchmentLevel.REGION)
    here = make_waitlist().catchment
    with pytest.raises(NotAllowed) as refused:
        waitlist_for(offer=theme, catchment=here)
    assert refused.value.reason.code == "theme_not_in_neighbourhood"
    assert refused.value.reason.args == {"level": CatchmentLevel.REGION}
    assert waitlist_for(offer=theme, catchment=make_region()).offer == theme


def test_the_database_refuses_a_neighbourhood_offer_that_may_not_run_there():
    with pytest.raises(IntegrityError, match="offer_neighbourhood_allowed"), transaction.atomic():
        make_offer(level=CatchmentLevel.NEIGHBOURHOOD, may_run_in_neighbourhood=False)


def test_a_team_member_never_leads_whatever_competence_is_recorded():
    """R14: the expertise to lead stays with group workers and social workers."""
    waitlist = make_waitlist()
    _lead, second, _room = make_team_and_room(waitlist)
    _lead.competences.all().delete()
    make_worker("Tess", lead=True, role=RoleName.TEAM_MEMBER, catchment=waitlist.catchment)
    for _ in range(3):
        make_entry(waitlist)
    assert sweep().started == 0
    assert reasons(waitlist) == ["no_leader_here"]
    trained = make_worker("Sofie", lead=True, role=RoleName.SOCIAL_WORKER, municipality=make_municipality())
    assert sweep(NOW + dt.timedelta(days=1)).started == 1
    assert Cycle.objects.get().lead == trained


@pytest.mark.parametrize("expires_on", [TODAY, TODAY + 3 * WEEK])
def test_a_competence_that_runs_out_before_the_last_session_is_none(expires_on):
    waitlist = make_waitlist()
    lead, _second, _room = make_team_and_room(waitlist)
    lead.competences.update(expires_on=expires_on)
    for _ in range(3):
        make_entry(waitlist)
    sweep()
    assert reasons(waitlist)[0] in {"no_leader", "no_leader_here"}
    lead.competences.update(expires_on=TODAY + 6 * WEEK)
    assert sweep(NOW + dt.timedelta(days=1)).started == 1


def test_who_works_elsewhere_does_not_lead_here():
    waitlist = make_waitlist()
    lead, _second, _room = make_team_and_room(waitlist)
    lead.work_areas.update(municipality=make_municipality("Heemskerk", "GM0396"))
    for _ in range(3):
        make_entry(waitlist)
    sweep()
    assert reasons(waitlist) == ["no_leader_here"]


def test_a_leader_with_a_full_calendar_gets_no_more_and_the_load_is_shared():
    first = ready_waitlist()
    lead = first.catchment.municipality.work_areas.get().user
    lead.max_cycles = 1
    lead.save(update_fields=["max_cycles"])
    assert start(first).lead == lead
    second = make_waitlist()
    make_worker(catchment=second.catchment)
    for _ in range(3):
        make_entry(second)
    sweep()
    assert reasons(second) == ["no_leader"]
    colleague = make_worker(lead=True, municipality=make_municipality())
    sweep(NOW + dt.timedelta(days=1))
    assert Cycle.objects.get(waitlist=second).lead == colleague


def test_one_leader_and_one_room_are_never_taken_twice():
    """Three lists in one municipality share their people and rooms; all start, nothing overlaps."""
    lists = [ready_waitlist() for _ in range(3)]
    lead = make_worker(lead=True, municipality=make_municipality())
    assert sweep().started == 3
    assert {cycle.waitlist for cycle in Cycle.objects.all()} == set(lists)
    for model in (WorkerBooking, RoomBooking):
        by_holder = {}
        for row in model.objects.order_by("pk"):
            by_holder.setdefault(getattr(row, "user_id", None) or row.room_id, []).append(row.period)
        for periods in by_holder.values():
            periods.sort(key=lambda period: period.lower)
            assert all(a.upper <= b.lower for a, b in zip(periods, periods[1:], strict=False))
    assert lead.competences.exists()


def test_leave_and_closed_rooms_put_the_start_off():
    waitlist = make_waitlist()
    lead, _second, room = make_team_and_room(waitlist)
    for _ in range(3):
        make_entry(waitlist)
    take_leave(user=lead, starts_at=local(2026, 9, 14), ends_at=local(2026, 9, 19), by=lead, now=NOW)
    set_opening_hours(venue=room.venue, windows=[(2, dt.time(19), dt.time(22))], by=None, now=NOW)
    cycle = start(waitlist)
    assert (cycle.starts_on, cycle.start_time) == (dt.date(2026, 9, 23), dt.time(19))


def test_leave_makes_the_lists_look_again():
    waitlist = ready_waitlist(2)
    sweep()
    lead = waitlist.catchment.municipality.work_areas.get().user
    take_leave(user=lead, starts_at=local(2026, 9, 14), ends_at=local(2026, 9, 19), by=lead, now=NOW)
    assert fresh(waitlist).due_at == NOW


def test_a_change_in_a_clients_file_or_a_room_makes_the_list_look_again():
    waitlist = ready_waitlist(2)
    entry = waitlist.entries.first()
    sweep(NOW + dt.timedelta(minutes=1))
    later = NOW + dt.timedelta(minutes=5)
    assert notice_changes(now=later) == 0
    Client.objects.filter(pk=entry.client_id).update(changed_at=later)
    assert notice_changes(now=later) == 1
    assert sweep(later).looked == 1
    venue = waitlist.catchment.neighbourhoods.first().venues.get()
    set_opening_hours(venue=venue, windows=[(1, dt.time(9), dt.time(12))], by=None, now=later)
    assert notice_changes(now=later) == 1


def test_christmas_week_is_skipped_and_the_series_runs_on():
    now = local(2026, 12, 11, 10)
    waitlist = make_waitlist()
    make_team_and_room(waitlist)
    for _ in range(3):
        make_entry(waitlist, now=now)
    sweep(now)
    assert [s.date for s in Session.objects.order_by("number")] == [
        dt.date(2026, 12, 18),
        dt.date(2027, 1, 8),  # not on 25 December and not on 1 January
        dt.date(2027, 1, 15),
        dt.date(2027, 1, 22),
        dt.date(2027, 1, 29),
    ]


def test_people_on_hold_are_kept_and_not_counted():
    """R5."""
    waitlist = ready_waitlist(3)
    entry = waitlist.entries.order_by("pk").first()
    by = make_coordinator()
    hold_entry(entry=entry, reason="Eerst de huur", by=by, now=NOW)
    sweep()
    assert reasons(waitlist) == ["need_more", "people_on_hold"]
    assert [reason["code"] for reason in fresh(entry).reasons] == ["on_hold"]
    release_entry(entry=entry, by=by, now=NOW)
    assert start(waitlist).participations.count() == 3


def test_who_is_not_judged_or_gave_no_consent_is_not_counted():
    waitlist = ready_waitlist(2)
    make_entry(waitlist, placeable=False)
    make_entry(waitlist, consented=False)
    sweep()
    assert reasons(waitlist) == ["need_more", "people_awaiting_judgement", "people_no_consent"]


def test_talk_comes_first_where_the_offer_asks_for_it():
    """R8: for most offers before placement; for the direct ones before the first session."""
    waitlist = ready_waitlist(3, offer=make_offer(talk_moment=TalkMoment.BEFORE_PLACEMENT))
    sweep()
    assert reasons(waitlist) == ["need_more", "people_talk_first"]
    for entry in waitlist.entries.all():
        record_talk(entry=entry, held_on=TODAY, by=make_worker(), now=NOW)
    assert start(waitlist).participations.count() == 3


def test_who_refuses_the_own_neighbourhood_is_not_placed_there():
    """R18."""
    waitlist = ready_waitlist(2)
    shy = make_entry(waitlist, refuses_own_neighbourhood=True)
    sweep()
    assert [reason["code"] for reason in fresh(shy).reasons] == ["not_here"]
    assert reasons(waitlist) == ["need_more", "people_other"]


def test_excluded_people_are_kept_apart_and_the_reason_is_stored():
    """R18, R17."""
    waitlist = ready_waitlist(4)
    first, second, *_rest = waitlist.entries.in_order()
    a, b = sorted([first.client_id, second.client_id])
    Exclusion.objects.create(client_id=a, other_id=b, recorded_at=NOW)
    cycle = start(waitlist)
    assert {p.entry_id for p in cycle.participations.all()} == {e.pk for e in waitlist.entries.all()} - {second.pk}
    row = HistoryEntry.objects.get(code=HistoryCode.ENTRY_PASSED)
    assert (row.entry_id, row.args["reason"]["code"], row.rule) == (second.pk, "not_together", "R17")
    assert fresh(second).state == EntryState.WAITING


def test_availability_decides_the_day_and_who_cannot_come_is_passed_with_the_reason():
    waitlist = ready_waitlist(4)
    for entry in list(waitlist.entries.in_order())[:3]:
        set_client_availability(client=entry.client, parts={(3, "evening")})
    last = list(waitlist.entries.in_order())[3]
    set_client_availability(client=last.client, parts={(0, "morning")})
    cycle = start(waitlist)
    assert (cycle.starts_on.weekday(), cycle.start_time) == (3, dt.time(17))
    assert fresh(last).state == EntryState.WAITING


def test_priority_needs_a_reason_and_then_goes_first():
    """R17."""
    waitlist = ready_waitlist(3, offer=make_offer(soft_maximum=3, hard_maximum=3))
    newest = make_entry(waitlist, days=0)
    with pytest.raises(NotAllowed, match="priority_needs_reason"):
        give_priority(entry=newest, reason=" ", by=make_worker(), now=NOW)
    give_priority(entry=newest, reason="Verliest anders de kinderopvang", by=make_worker(), now=NOW)
    cycle = start(waitlist)
    assert newest.pk in {p.entry_id for p in cycle.participations.all()}
    assert waitlist.entries.waiting().count() == 1


def test_nobody_waits_twice_on_one_list():
    waitlist = make_waitlist()
    entry = make_entry(waitlist)
    with pytest.raises(NotAllowed, match="already_waiting"):
        make_entry(waitlist, client=entry.client)
    assert waitlist.entries.count() == 1


def test_nobody_gets_two_places_in_the_same_offer():
    cycle = make_cycle()
    placed = cycle.participations.first().client
    elsewhere = ready_waitlist(2, offer=cycle.offer)
    entry = make_entry(elsewhere, client=placed)
    sweep()
    assert [reason["code"] for reason in fresh(entry).reasons] == ["already_placed"]


def test_leaving_needs_a_reason_and_is_counted():
    """R10."""
    waitlist = ready_waitlist(3)
    entry = waitlist.entries.first()
    leave_waitlist(entry=entry, reason=LeaveReason.TOO_LONG, by=make_worker(), now=NOW, follow_up_on=TODAY + WEEK)
    entry = fresh(entry)
    assert (entry.state, entry.leave_reason, entry.follow_up_on) == (EntryState.LEFT, "too_long", TODAY + WEEK)
    sweep()
    assert reasons(waitlist) == ["need_more"]
    with pytest.raises(NotAllowed, match="not_waiting_any_more"):
        leave_waitlist(entry=entry, reason=LeaveReason.SOLVED, by=make_worker(), now=NOW)
    with pytest.raises(IntegrityError, match="entry_left_has_reason"), transaction.atomic():
        type(entry).objects.filter(pk=entry.pk).update(leave_reason="")


def test_one_list_that_cannot_be_decided_never_stops_the_others(caplog):
    """A number that is taken already, as after a botched restore, is put off and logged; the next list starts."""
    broken, sound = ready_waitlist(), ready_waitlist()
    make_worker(lead=True, municipality=make_municipality())
    sweep_once = sweep()
    assert sweep_once.started == 2
    for waitlist in (broken, sound):
        for _ in range(3):
            make_entry(waitlist, now=NOW + WEEK)
    type(broken).objects.filter(pk=broken.pk).update(generation=0)
    done = sweep(NOW + WEEK)
    assert (done.failed, done.started) == (1, 1)
    assert Cycle.objects.filter(waitlist=sound).count() == 2
    assert fresh(broken).due_at == NOW + WEEK + dt.timedelta(minutes=5)
    assert f"waitlist {broken.pk} could not be decided" in caplog.text


def test_no_mail_and_unsafe_contact_are_respected_from_the_first_invitation():
    """R40, R21: no address or no mail means a call at once; who is in danger gets a neutral word only."""
    waitlist = make_waitlist()
    make_team_and_room(waitlist)
    mailed = make_entry(waitlist, days=9)
    no_mail = make_entry(waitlist, days=8, email="")
    refused = make_entry(waitlist, days=7, contact={"may_mail": False})
    hidden = make_entry(waitlist, days=6, contact={"is_sensitive": True})
    cycle = start(waitlist)
    by_entry = {p.entry_id: p for p in Participation.objects.all()}
    assert {pk: p.is_mailed for pk, p in by_entry.items()} == {
        mailed.pk: True,
        no_mail.pk: False,
        refused.pk: False,
        hidden.pk: False,
    }
    assert by_entry[no_mail.pk].call_from == TODAY
    assert by_entry[mailed.pk].call_from == dt.date(2026, 9, 10)
    mails = {mail.to_address: mail for mail in Notification.objects.all()}
    assert set(mails) == {mailed.client.email, hidden.client.email}
    assert "/antwoord/" in mails[mailed.client.email].body
    neutral = mails[hidden.client.email].body
    assert not any(
        word in neutral for word in ("groep", "group", "/antwoord/", cycle.room.name, "14 september", "09:00")
    )
    for mail in mails.values():
        assert mail.subject == SUBJECT
        assert "Proef" not in mail.body


def test_a_hidden_place_stands_in_no_mail():
    """R40."""
    offer = make_offer(place_is_hidden=True)
    waitlist = make_waitlist(offer)
    _lead, _second, room = make_team_and_room(waitlist)
    room.venue.is_hidden = True
    room.venue.save()
    for _ in range(3):
        make_entry(waitlist)
    cycle = start(waitlist)
    assert cycle.room == room
    for mail in Notification.objects.all():
        assert room.venue.name not in mail.body
        assert room.name not in mail.body


@pytest.mark.parametrize("people", [3, 10])
def test_a_start_costs_eleven_statements_however_many_people(people):
    """Beside the transaction's own (BEGIN and COMMIT, or savepoints inside a test) and the look for a next list."""
    sweep_one(ready_waitlist(3))  # plans the statements
    waitlist = ready_waitlist(people)
    with CaptureQueriesContext(connection) as queries:
        sweep_one(waitlist)
    sent = [query["sql"] for query in queries if "SAVEPOINT" not in query["sql"]]
    made_due, looked_again = 2, 1
    assert len(sent) - made_due - looked_again == 11


def sweep_one(waitlist):
    type(waitlist).objects.exclude(pk=waitlist.pk).update(due_at=None)
    type(waitlist).objects.filter(pk=waitlist.pk).update(due_at=NOW)
    assert sweep().started == 1
