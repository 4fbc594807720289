"""R21: yes, no, silence, refilling, and what happens when too few are left."""

import datetime as dt

import pytest

from accounts.models import User, WorkerBooking
from clients.models import Involvement
from groups.enums import CycleState, EntryState, HistoryCode, LeaveReason, ParticipationState, SessionState
from groups.exceptions import IllegalMove, NotAllowed
from groups.models import Cycle, HistoryEntry, Participation
from groups.services.capacity import take_leave
from groups.services.cycles import cancel_cycle, move_cycle, settle_cycles, start_smaller
from groups.services.invitations import answer_invitation
from groups.services.moves import move
from neighbourhoods.models import RoomBooking
from notifications.models import Notification
from tests.factories.groups import NOW, TODAY, fresh, make_cycle, make_entry, make_waitlist, sweep
from tests.factories.neighbourhoods import local, make_neighbourhood

pytestmark = pytest.mark.django_db
DAY, WEEK = dt.timedelta(days=1), dt.timedelta(weeks=1)
# The cycle that make_cycle() forms: Monday 14 September 9:00; answers count through Thursday the 10th.
DEADLINE = local(2026, 9, 10, 23)
TOO_LATE = local(2026, 9, 11, 0, 1)
DAY_BEFORE = local(2026, 9, 13, 17)
FIRST = local(2026, 9, 14, 9)


def answer(participation, coming, now=NOW, **fields):
    return answer_invitation(participation=participation, coming=coming, now=now, **fields)


def in_order(cycle):
    return list(cycle.participations.select_related("entry").order_by("entry__waiting_since", "pk"))


def decline(cycle, count, now=NOW, **fields):
    for participation in in_order(cycle)[:count]:
        answer(participation, False, now, **fields)


def test_yes_by_link():
    participation = in_order(make_cycle())[0]
    answer(participation, True, DEADLINE)
    participation = fresh(participation)
    assert (participation.state, participation.answered_at, participation.answered_by) == ("confirmed", DEADLINE, None)
    row = HistoryEntry.objects.get(code=HistoryCode.INVITATION_CONFIRMED)
    assert (row.rule, row.by) == ("R21", None)


def test_no_frees_the_place_and_keeps_the_waiting_time():
    cycle = make_cycle()
    participation = in_order(cycle)[0]
    since = participation.entry.waiting_since
    answer(participation, False)
    entry = fresh(participation.entry)
    assert (entry.state, entry.waiting_since) == (EntryState.WAITING, since)
    assert cycle.participations.counting().count() == 2


def test_no_for_good_leaves_with_a_reason_and_a_day_to_follow_up():
    participation = in_order(make_cycle())[0]
    answer(participation, False, stays=False, leave_reason=LeaveReason.OTHER_HELP)
    entry = fresh(participation.entry)
    assert (entry.state, entry.leave_reason) == (EntryState.LEFT, LeaveReason.OTHER_HELP)
    assert entry.follow_up_on == TODAY + 4 * WEEK


def test_a_freed_place_goes_to_the_next_in_order_and_not_back_to_who_declined():
    cycle = make_cycle()
    declined = in_order(cycle)[0]
    answer(declined, False)
    assert sweep().joined == 0  # only the one who said no is waiting
    late, early = make_entry(cycle.waitlist, days=1), make_entry(cycle.waitlist, days=5)
    Cycle.objects.filter(pk=cycle.pk).update(soft_maximum=3)
    assert sweep().joined == 1
    assert fresh(early).state == EntryState.PLACED
    assert fresh(late).state == EntryState.WAITING
    assert fresh(declined.entry).state == EntryState.WAITING
    assert cycle.participations.counting().count() == 3


def test_the_same_answer_twice_is_once():
    participation = in_order(make_cycle())[0]
    for coming in (False, False):
        answer(participation, coming)
    assert HistoryEntry.objects.filter(code=HistoryCode.INVITATION_DECLINED).count() == 1


def test_a_link_cannot_take_an_answer_back_but_a_worker_can():
    cycle = make_cycle()
    participation = in_order(cycle)[0]
    answer(participation, True)
    with pytest.raises(NotAllowed, match="already_answered"):
        answer(participation, False)
    answer(participation, False, by=cycle.lead)
    assert fresh(participation).state == ParticipationState.DECLINED
    with pytest.raises(NotAllowed, match="already_answered"):
        answer(participation, True, by=cycle.lead)


def test_the_link_closes_at_the_deadline_and_the_worker_can_still_enter_an_answer():
    cycle = make_cycle()
    participation, other, *_ = in_order(cycle)
    with pytest.raises(NotAllowed, match="too_late"):
        answer(participation, True, TOO_LATE)
    assert fresh(participation).state == ParticipationState.INVITED
    assert answer(participation, True, TOO_LATE, by=cycle.lead).answered_by == cycle.lead
    with pytest.raises(NotAllowed, match="too_late"):
        answer(other, True, FIRST + DAY, by=cycle.lead)


def test_an_answer_to_a_cancelled_cycle_is_told_so():
    cycle = make_cycle()
    participation = in_order(cycle)[0]
    cancel_cycle(cycle=cycle, reason="ziek", now=NOW, by=cycle.lead)
    with pytest.raises(NotAllowed, match="cycle_cancelled"):
        answer(participation, True)


def test_who_does_not_answer_in_three_working_days_is_to_be_called():
    cycle = make_cycle()
    silent, confirmed, no_mail = in_order(cycle)
    answer(confirmed, True)
    Participation.objects.filter(pk=no_mail.pk).update(is_mailed=False, call_from=TODAY)
    assert list(Participation.objects.to_call(today=TODAY)) == [no_mail]
    assert list(Participation.objects.to_call(today=dt.date(2026, 9, 9))) == [no_mail]
    assert set(Participation.objects.to_call(today=dt.date(2026, 9, 10))) == {no_mail, silent}


def test_everyone_who_has_not_declined_counts_and_the_cycle_begins():
    cycle = make_cycle()
    answer(in_order(cycle)[0], True)
    settle_cycles(now=DAY_BEFORE)
    settle_cycles(now=FIRST - dt.timedelta(minutes=1))
    assert fresh(cycle).state == CycleState.FORMED
    settle_cycles(now=FIRST)
    settle_cycles(now=FIRST)
    assert fresh(cycle).state == CycleState.RUNNING
    assert HistoryEntry.objects.filter(code=HistoryCode.CYCLE_RUNNING).count() == 1


def test_a_cycle_that_is_over_is_finished_session_by_session():
    cycle = make_cycle()
    settle_cycles(now=FIRST)
    settle_cycles(now=FIRST + WEEK + dt.timedelta(hours=2))
    assert cycle.sessions.filter(state=SessionState.HELD).count() == 2
    settle_cycles(now=FIRST + 4 * WEEK + dt.timedelta(hours=2))
    assert fresh(cycle).state == CycleState.FINISHED
    assert cycle.sessions.filter(state=SessionState.HELD).count() == 5


def test_too_few_after_the_deadline_asks_the_lead():
    cycle = make_cycle()
    decline(cycle, 1)
    with_taken = Cycle.objects.with_taken().get()
    assert not with_taken.needs_decision(today=DEADLINE.date())
    assert with_taken.needs_decision(today=TOO_LATE.date())
    start_smaller(cycle=cycle, by=cycle.lead, now=TOO_LATE)
    assert not Cycle.objects.with_taken().get().needs_decision(today=TOO_LATE.date())
    settle_cycles(now=DAY_BEFORE)
    settle_cycles(now=FIRST)
    assert fresh(cycle).state == CycleState.RUNNING
    assert HistoryEntry.objects.get(code=HistoryCode.CYCLE_SMALLER).args == {"people": 2}


def test_no_decision_by_the_day_before_moves_it_a_week():
    cycle = make_cycle()
    decline(cycle, 1)
    settle_cycles(now=DAY_BEFORE - dt.timedelta(minutes=1))
    assert fresh(cycle).starts_on == FIRST.date()
    settle_cycles(now=DAY_BEFORE)
    settle_cycles(now=DAY_BEFORE)
    cycle = fresh(cycle)
    assert (cycle.state, cycle.starts_on) == (CycleState.FORMED, FIRST.date() + WEEK)
    assert cycle.answer_deadline == dt.date(2026, 9, 17)
    assert [s.date for s in cycle.sessions.order_by("number")] == [FIRST.date() + WEEK * n for n in range(1, 6)]
    booked = sorted(booking.period.lower for booking in RoomBooking.objects.all())
    assert booked == [session.starts_at for session in cycle.sessions.order_by("number")]
    assert WorkerBooking.objects.count() == 10
    assert Notification.objects.filter(kind="cycle_moved").count() == 2


@pytest.mark.parametrize(
    ("early", "late", "moves"),
    [(0, 1, False), (0, 2, False), (1, 0, True), (1, 1, True)],
)
def test_who_says_no_when_the_lead_can_decide_no_more_does_not_move_the_group(early, late, moves):
    """R21: after five the day before, the others come as they were told."""
    cycle = make_cycle()
    first, second, _third = in_order(cycle)
    worker = cycle.lead
    for participation in [first, second][:early]:
        answer(participation, False, DAY_BEFORE - dt.timedelta(minutes=1), by=worker)
    for participation in [first, second][early : early + late]:
        answer(participation, False, DAY_BEFORE + dt.timedelta(hours=late), by=worker)
    for moment in (DAY_BEFORE + dt.timedelta(hours=3), FIRST):
        settle_cycles(now=moment)
    moved = (CycleState.FORMED, FIRST.date() + WEEK)
    assert (fresh(cycle).state, fresh(cycle).starts_on) == (moved if moves else (CycleState.RUNNING, FIRST.date()))
    assert HistoryEntry.objects.filter(code=HistoryCode.CYCLE_MOVED).count() == moves


def test_a_week_in_which_somebody_is_away_is_skipped():
    cycle = make_cycle()
    decline(cycle, 1)
    lead = cycle.lead
    # After the last session of the series as planned, but in the way when all moves one week.
    take_leave(user=lead, starts_at=local(2026, 10, 19), ends_at=local(2026, 10, 20), by=lead, now=NOW)
    settle_cycles(now=DAY_BEFORE)
    cycle = fresh(cycle)
    assert cycle.starts_on > FIRST.date() + WEEK
    assert dt.date(2026, 10, 19) not in {session.date for session in cycle.sessions.all()}


def test_nobody_left_means_it_does_not_take_place():
    cycle = make_cycle()
    decline(cycle, 3)
    settle_cycles(now=DAY_BEFORE)
    assert fresh(cycle).state == CycleState.CANCELLED
    assert not WorkerBooking.objects.exists()


def test_cancelled_everyone_returns_with_the_time_they_waited():
    cycle = make_cycle()
    since = {p.entry_id: p.entry.waiting_since for p in in_order(cycle)}
    answer(in_order(cycle)[0], True)
    cancel_cycle(cycle=cycle, reason="begeleider ziek", now=NOW + DAY, by=cycle.lead)
    assert fresh(cycle).state == CycleState.CANCELLED
    entries = {entry.pk: entry for entry in cycle.waitlist.entries.all()}
    assert {pk: entry.waiting_since for pk, entry in entries.items()} == since
    assert {entry.state for entry in entries.values()} == {EntryState.WAITING}
    assert {p.state for p in cycle.participations.all()} == {ParticipationState.RETURNED}
    assert not RoomBooking.objects.exists()
    assert not WorkerBooking.objects.exists()
    assert not Involvement.objects.open().filter(user=cycle.lead).exists()
    assert {session.state for session in cycle.sessions.all()} == {SessionState.CANCELLED}
    assert Notification.objects.filter(kind="cycle_cancelled").count() == 3
    assert sweep(NOW + DAY).started == 1
    assert Cycle.objects.get(number=2).participations.counting().count() == 3


def test_a_cancelled_cycle_cannot_be_cancelled_moved_or_begun_again():
    cycle = make_cycle()
    cancel_cycle(cycle=cycle, reason="ziek", now=NOW, by=cycle.lead)
    with pytest.raises(NotAllowed, match="cycle_is_over"):
        cancel_cycle(cycle=cycle, reason="ziek", now=NOW, by=cycle.lead)
    with pytest.raises(NotAllowed, match="cycle_already_started"):
        move_cycle(cycle=cycle, weeks=1, now=NOW, by=cycle.lead)
    with pytest.raises(NotAllowed, match="cycle_already_started"):
        start_smaller(cycle=cycle, by=cycle.lead, now=NOW)
    with pytest.raises(IllegalMove):
        move(fresh(cycle), CycleState.RUNNING, code=HistoryCode.CYCLE_RUNNING, now=NOW, by=cycle.lead)


def test_waiting_plus_placed_plus_left_is_everybody_who_ever_joined():
    cycle = make_cycle(4)
    first, second, *_ = in_order(cycle)
    answer(first, False)
    answer(second, False, stays=False)
    make_entry(cycle.waitlist)
    sweep()
    cancel_cycle(cycle=cycle, reason="ziek", now=NOW, by=cycle.lead)
    sweep()
    states = list(cycle.waitlist.entries.values_list("state", flat=True))
    assert len(states) == 5
    assert states.count(EntryState.LEFT) == 1
    assert set(states) <= {EntryState.WAITING, EntryState.PLACED, EntryState.LEFT}
    placed = Participation.objects.counting().filter(cycle__state=CycleState.FORMED).count()
    assert states.count(EntryState.PLACED) == placed


@pytest.mark.parametrize("way", ["cancelled", "declined"])
def test_who_came_onto_the_list_again_meanwhile_keeps_one_place_with_the_earlier_date(way):
    """Somebody can be referred again while placed; coming back must not fail on it (R17)."""
    cycle = make_cycle()
    participation = cycle.participations.order_by("pk").first()
    again = make_entry(cycle.waitlist, client=participation.client, days=1)
    if way == "cancelled":
        cancel_cycle(cycle=cycle, reason="proef", now=NOW, by=cycle.lead)
    else:
        answer_invitation(participation=participation, coming=False, now=NOW, by=cycle.lead)
    waiting = cycle.waitlist.entries.waiting().get(client=participation.client)
    assert (waiting, waiting.waiting_since) == (again, participation.entry.waiting_since)
    assert fresh(participation.entry).leave_reason == LeaveReason.MERGED


@pytest.mark.parametrize("ends", ["cancelled", "finished"])
def test_a_leader_who_comes_free_starts_the_list_that_waited_for_one(ends):
    """R12: at once, and not at the next nightly look."""
    cycle = make_cycle()
    User.objects.filter(pk=cycle.lead_id).update(max_cycles=1)
    beside = make_neighbourhood("Wijk ernaast", cycle.catchment.municipality)
    blocked = make_waitlist(cycle.offer, neighbourhood=beside)
    for _ in range(3):
        make_entry(blocked)
    sweep()
    assert not Cycle.objects.filter(waitlist=blocked).exists()
    if ends == "cancelled":
        now = NOW + dt.timedelta(hours=1)
        cycle.participations.update(state=ParticipationState.STOPPED)
        cancel_cycle(cycle=cycle, reason="proef", now=now, by=cycle.lead)
    else:
        settle_cycles(now=cycle.sessions.get(number=1).starts_at)
        now = cycle.sessions.get(number=5).ends_at
        settle_cycles(now=now)
    sweep(now)
    assert Cycle.objects.get(waitlist=blocked).lead == cycle.lead
