"""R22 and R28: entering a group that runs, one's own count of sessions, and going on into the next round."""

import datetime as dt

import pytest

from accounts.periods import local_moment
from groups.enums import CycleState, EntryPolicy, EntryState, HistoryCode, LeaveReason, Outcome, ParticipationState
from groups.exceptions import NotAllowed
from groups.models import Cycle, HistoryEntry, Participation, WaitlistEntry
from groups.services.capacity import take_leave
from groups.services.cycles import cancel_cycle, settle_cycles
from groups.services.invitations import answer_invitation
from groups.services.renewals import choose_outcome
from groups.services.waitlists import make_due
from notifications.models import Notification
from tests.factories.groups import NOW, fresh, make_cycle, make_entry, make_offer, make_worker, sweep

pytestmark = pytest.mark.django_db
WEEK, DAY = dt.timedelta(weeks=1), dt.timedelta(days=1)


def open_offer(**fields):
    return make_offer(entry_policy=EntryPolicy.EVERY_SESSION, is_rolling=True, **fields)


def evening_after(cycle, number):
    """The moment, late on the day of that session, at which it is over."""
    return cycle.sessions.get(number=number).ends_at + dt.timedelta(hours=2)


def run_until(cycle, number):
    """Everybody comes, and sessions 1 to number are held; returns the moment after the last of them."""
    settle_cycles(now=cycle.sessions.get(number=1).starts_at + dt.timedelta(minutes=1))
    for one in range(1, number + 1):
        now = evening_after(cycle, one)
        settle_cycles(now=now)
    return now


def people(cycle):
    return list(cycle.participations.order_by("pk"))


def goes_on(cycle, participations, now):
    for participation in participations:
        choose_outcome(participation=participation, outcome=Outcome.FIVE_MORE, by=cycle.lead, now=now)
    sweep(now)


def make_other_leader(cycle):
    return make_worker(lead=True, municipality=cycle.catchment.municipality)


def away_from(user, day, now):
    take_leave(
        user=user, starts_at=local_moment(day, dt.time(8)), ends_at=local_moment(day, dt.time(20)), by=user, now=now
    )


def next_of(cycle):
    return Cycle.objects.get(continues=cycle)


class TestEntry:
    """R22."""

    @pytest.mark.parametrize(
        ("policy", "until", "enters_at"),
        [
            (EntryPolicy.CLOSED, None, None),
            (EntryPolicy.UNTIL_SESSION, 2, None),
            (EntryPolicy.UNTIL_SESSION, 3, 3),
            (EntryPolicy.EVERY_SESSION, None, 3),
        ],
    )
    def test_newcomers_enter_a_running_group_as_its_policy_says(self, policy, until, enters_at):
        cycle = make_cycle(offer=make_offer(entry_policy=policy, entry_until_session=until))
        now = run_until(cycle, 2)
        entry = make_entry(cycle.waitlist, now=now)
        assert sweep(now).joined == (enters_at is not None)
        found = Participation.objects.filter(entry=entry).first()
        assert (found and found.enters_at) == enters_at
        assert fresh(entry).state == (EntryState.PLACED if enters_at else EntryState.WAITING)

    def test_who_enters_is_told_their_own_first_day_and_it_stands_in_the_history(self):
        cycle = make_cycle(offer=open_offer())
        now = run_until(cycle, 2)
        entry = make_entry(cycle.waitlist, now=now)
        sweep(now)
        body = Notification.objects.order_by("-pk").first().body
        assert f"{cycle.sessions.get(number=3).date.day} september" in body
        row = HistoryEntry.objects.get(code=HistoryCode.CYCLE_ENTERED)
        assert (row.entry_id, row.args, row.rule) == (entry.pk, {"number": 3}, "R22")

    def test_who_enters_can_say_no_until_the_day_before_and_waits_on(self):
        cycle = make_cycle(offer=open_offer())
        now = run_until(cycle, 2)
        entry = make_entry(cycle.waitlist, now=now)
        sweep(now)
        participation = Participation.objects.get(entry=entry)
        with pytest.raises(NotAllowed, match="too_late"):
            answer_invitation(participation=participation, coming=False, now=evening_after(cycle, 3))
        answer_invitation(participation=participation, coming=False, now=evening_after(cycle, 3) - DAY * 2)
        assert fresh(entry).state == EntryState.WAITING
        sweep(evening_after(cycle, 3))
        assert fresh(entry).state == EntryState.WAITING, "nobody is asked again for what they declined"

    def test_a_full_group_takes_nobody(self):
        cycle = make_cycle(offer=open_offer(soft_maximum=3, hard_maximum=3))
        now = run_until(cycle, 1)
        make_entry(cycle.waitlist, now=now)
        assert sweep(now).joined == 0

    def test_a_place_that_comes_free_goes_to_who_waits(self):
        cycle = make_cycle(offer=open_offer(soft_maximum=3, hard_maximum=3))
        now = run_until(cycle, 1)
        entry = make_entry(cycle.waitlist, now=now)
        sweep(now)
        choose_outcome(participation=people(cycle)[0], outcome=Outcome.STOPPED, by=cycle.lead, now=now, reason="werk")
        sweep(now)
        assert fresh(entry).state == EntryState.PLACED


class TestOwnCount:
    """R28: five sessions are counted per person, not per cycle."""

    def test_who_enters_at_the_third_goes_on_for_two_more(self):
        cycle = make_cycle(offer=open_offer())
        now = run_until(cycle, 2)
        late = make_entry(cycle.waitlist, now=now)
        sweep(now)
        answer_invitation(participation=Participation.objects.get(entry=late), coming=True, now=now)
        now = run_until(cycle, 4)
        going = WaitlistEntry.objects.get(continues__entry=late)
        assert (going.sessions_left, going.has_priority, going.state) == (2, True, EntryState.WAITING)
        goes_on(cycle, [p for p in people(cycle) if p.enters_at == 1], now)
        following = next_of(cycle)
        assert following.participations.get(client=late.client).sessions_right == 2
        run_until(cycle, 5)
        run_until(following, 2)
        mine = following.participations.get(client=late.client)
        assert mine.state == ParticipationState.FINISHED
        assert following.participations.counting().count() == 3

    def test_who_was_there_from_the_start_is_done_with_the_cycle(self):
        cycle = make_cycle(offer=open_offer())
        run_until(cycle, 5)
        assert fresh(cycle).state == CycleState.FINISHED
        assert {p.state for p in people(cycle)} == {ParticipationState.FINISHED}
        assert not WaitlistEntry.objects.waiting().exists()

    def test_settling_twice_is_once(self):
        cycle = make_cycle(offer=open_offer())
        now = run_until(cycle, 2)
        make_entry(cycle.waitlist, now=now)
        sweep(now)
        now = run_until(cycle, 4)
        before = HistoryEntry.objects.count(), WaitlistEntry.objects.count()
        settle_cycles(now=now)
        assert (HistoryEntry.objects.count(), WaitlistEntry.objects.count()) == before


class TestRenewal:
    """R28: renewals and newcomers together make the next cycle, in the same rhythm."""

    def test_three_who_go_on_start_a_week_after_the_last_at_the_same_hour_with_the_same_team_and_room(self):
        cycle = make_cycle()
        now = run_until(cycle, 4)
        goes_on(cycle, people(cycle), now)
        following = next_of(cycle)
        last = cycle.sessions.get(number=5)
        assert (following.starts_on, following.start_time) == (last.date + WEEK, last.start_time)
        assert (following.lead, following.co_lead, following.room) == (cycle.lead, cycle.co_lead, cycle.room)
        assert following.reason == {"code": "continues", "args": {"people": 3, "going_on": 3}}
        assert {p.state for p in people(following)} == {ParticipationState.CONFIRMED}
        row = HistoryEntry.objects.get(code=HistoryCode.CYCLE_FORMED, cycle=following)
        assert (row.rule, row.by) == ("R28", None)

    def test_a_holiday_makes_the_only_gap(self):
        cycle = make_cycle(now=NOW + WEEK * 10)
        assert cycle.sessions.get(number=5).date == dt.date(2026, 12, 21)
        goes_on(cycle, people(cycle), run_until(cycle, 4))
        assert next_of(cycle).starts_on == dt.date(2026, 12, 28)

    def test_newcomers_and_who_goes_on_start_together(self):
        cycle = make_cycle()
        now = run_until(cycle, 4)
        new = make_entry(cycle.waitlist, now=now)
        goes_on(cycle, people(cycle)[:2], now)
        following = next_of(cycle)
        assert [p.state for p in people(following)] == ["confirmed", "confirmed", "invited"]
        assert fresh(new).state == EntryState.PLACED

    def test_a_place_is_kept_for_who_has_not_decided_yet(self):
        cycle = make_cycle(4, offer=make_offer(soft_maximum=4, hard_maximum=4))
        now = run_until(cycle, 4)
        for _ in range(2):
            make_entry(cycle.waitlist, now=now)
        goes_on(cycle, people(cycle)[:3], now)
        following = next_of(cycle)
        assert following.participations.count() == 3, "the fourth seat waits for the fourth"
        choose_outcome(participation=people(cycle)[3], outcome=Outcome.ENOUGH, by=cycle.lead, now=now)
        sweep(now)
        assert following.participations.count() == 4

    def test_too_few_head_the_list_with_the_reason(self):
        cycle = make_cycle()
        now = run_until(cycle, 4)
        goes_on(cycle, people(cycle)[:1], now)
        waitlist = fresh(cycle.waitlist)
        last = cycle.sessions.get(number=5).date
        args = {"going_on": 1, "weekday": 0, "time": "09:00", "date": (last + WEEK).isoformat()}
        args |= {"needed": 2, "minimum": 3}
        assert waitlist.reasons == [{"code": "rhythm_needs_more", "args": args}]
        going = WaitlistEntry.objects.waiting().get()
        assert (going.has_priority, going.priority_reason) == (True, "renewal")

    def test_when_the_rhythm_is_gone_they_are_the_first_of_the_list(self):
        cycle = make_cycle()
        goes_on(cycle, people(cycle)[:1], run_until(cycle, 4))
        now = run_until(cycle, 5) + WEEK * 9
        for _ in range(2):
            make_entry(cycle.waitlist, now=now)
        make_due([cycle.waitlist_id], now=now)
        sweep(now)
        following = Cycle.objects.latest("pk")
        assert people(following)[0].entry.continues.cycle == cycle
        assert following.continues is None

    def test_who_goes_on_never_sits_in_two_groups_at_once(self):
        """A second group of the same list starts meanwhile; it is not for who still has sessions to come."""
        cycle = make_cycle()
        now = run_until(cycle, 1)
        goes_on(cycle, people(cycle)[:1], now)
        for _ in range(3):
            make_entry(cycle.waitlist, now=now)
        sweep(now)
        for found in Cycle.objects.exclude(pk=cycle.pk):
            going = found.participations.filter(client=people(cycle)[0].client)
            assert not going.exists() or found.starts_on > cycle.sessions.get(number=5).date

    def test_a_leader_who_is_full_may_still_go_on_with_the_own_group(self):
        cycle = make_cycle()
        type(cycle.lead).objects.update(max_cycles=1)
        goes_on(cycle, people(cycle), run_until(cycle, 4))
        assert next_of(cycle).lead == cycle.lead

    def test_another_leader_takes_over_when_the_own_one_is_away(self):
        from_here = make_cycle()
        now = run_until(from_here, 4)
        other = make_other_leader(from_here)
        away_from(from_here.lead, from_here.sessions.get(number=5).date + WEEK, now)
        goes_on(from_here, people(from_here), now)
        assert next_of(from_here).lead == other

    def test_a_next_cycle_that_is_cancelled_gives_back_the_first_place_in_line(self):
        cycle = make_cycle()
        now = run_until(cycle, 4)
        goes_on(cycle, people(cycle), now)
        following = next_of(cycle)
        cancel_cycle(cycle=following, reason="proef", now=now, by=cycle.lead)
        waiting = WaitlistEntry.objects.waiting()
        assert [entry.has_priority for entry in waiting] == [True] * 3
        sweep(now)
        again = Cycle.objects.exclude(state=CycleState.CANCELLED).latest("pk")
        assert again == cycle or again.starts_on > cycle.sessions.get(number=5).date

    def test_a_running_cycle_that_is_cancelled_leaves_nobody_on_the_list_twice(self):
        cycle = make_cycle()
        now = run_until(cycle, 3)
        goes_on(cycle, people(cycle)[:1], now)
        cancel_cycle(cycle=cycle, reason="proef", now=now, by=cycle.lead)
        clients = list(WaitlistEntry.objects.waiting().values_list("client", flat=True))
        assert sorted(clients) == sorted(p.client_id for p in people(cycle))


class TestOutcome:
    """R28: the decision itself."""

    def test_it_cannot_be_taken_before_the_cycle_has_begun(self):
        cycle = make_cycle()
        with pytest.raises(NotAllowed, match="too_early"):
            choose_outcome(participation=people(cycle)[0], outcome=Outcome.ENOUGH, by=cycle.lead, now=NOW)

    def test_the_same_choice_twice_is_once(self):
        cycle = make_cycle()
        now = run_until(cycle, 4)
        for _ in range(2):
            choose_outcome(participation=people(cycle)[0], outcome=Outcome.FIVE_MORE, by=cycle.lead, now=now)
        assert WaitlistEntry.objects.waiting().count() == 1
        assert HistoryEntry.objects.filter(code=HistoryCode.OUTCOME_CHOSEN).count() == 1

    def test_it_can_be_changed_until_the_next_cycle_has_taken_them(self):
        cycle = make_cycle()
        now = run_until(cycle, 4)
        first, *others = people(cycle)
        goes_on(cycle, [first], now)
        choose_outcome(participation=first, outcome=Outcome.INDIVIDUAL_HELP, by=cycle.lead, now=now, reason="rust")
        entry = WaitlistEntry.objects.get(continues=first)
        assert (entry.state, entry.leave_reason) == (EntryState.LEFT, LeaveReason.OTHER_HELP)
        goes_on(cycle, [first, *others], now)
        with pytest.raises(NotAllowed, match="goes_on_already"):
            choose_outcome(participation=first, outcome=Outcome.ENOUGH, by=cycle.lead, now=now)

    def test_the_reason_stands_with_the_participation_and_in_no_history(self):
        cycle = make_cycle()
        now = run_until(cycle, 4)
        participation = people(cycle)[0]
        choose_outcome(participation=participation, outcome=Outcome.STOPPED, by=cycle.lead, now=now, reason="verhuisd")
        participation = fresh(participation)
        assert (participation.outcome, participation.outcome_reason) == (Outcome.STOPPED, "verhuisd")
        assert participation.state == ParticipationState.STOPPED
        assert not any("verhuisd" in str(row.args) for row in HistoryEntry.objects.order_by("pk"))
