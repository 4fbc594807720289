"""F8: whatever people and the clock do, in any order, the invariants of tests/faults/invariants.py hold.

A hypothesis state machine over the real services. One example is one transaction, rolled back at its end.
"""

import datetime as dt
import logging

from django.db import connection, transaction
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from accounts.exceptions import BookingClash
from accounts.models import WorkerBooking
from clients.enums import DayPart
from clients.models import Client, Exclusion
from clients.services import record_exclusion, remove_exclusion
from groups.engine import decide
from groups.enums import CycleState, Outcome, Seat
from groups.exceptions import NotAllowed, ScheduleClash
from groups.models import Cycle, Participation, Session, Waitlist, WaitlistEntry
from groups.services import (
    capacity,
    cycles,
    invitations,
    modes,
    renewals,
    scheduling,
    starting,
    substitution,
    waitlists,
)
from groups.services.facts import load_facts
from intake.enums import Decision
from intake.exceptions import NoPlace
from intake.services import WantedPlace, judge_referral, refer_client
from neighbourhoods.models import Room
from tests.factories.groups import NOW
from tests.factories.intake import person_values
from tests.faults.invariants import broken, prepare

REFUSED = (NotAllowed, ScheduleClash, BookingClash, NoPlace)
ANY = st.integers(0, 1_000)  # which of the things there are; remainder by how many
PARTS = st.sampled_from(
    [(), (), ((0, DayPart.MORNING), (1, DayPart.MORNING)), ((0, DayPart.EVENING),), ((3, DayPart.AFTERNOON),)]
)
HOURS = st.sampled_from([1, 7, 24])
PERSON = st.fixed_dictionaries(
    {
        "where": st.integers(0, 1),
        "lists": st.sampled_from([(0,), (0,), (0,), (1,), (0, 1)]),
        "parts": PARTS,
        "kind": st.integers(0, 2),
        "wish": st.sampled_from(["", "", "", "", "", "hold", "elsewhere", "priority"]),
        "days": st.integers(0, 40),
    }
)
LACKS_PEOPLE = {"nobody_waits", "need_more"}


def why(refused):
    reason = getattr(refused, "reason", None)
    return reason.code if reason else type(refused).__name__


class Failures(logging.Handler):
    """Sweeps log a list or a cycle that fails and go on; here that is a failure of the test."""

    def __init__(self):
        super().__init__(logging.ERROR)
        self.seen = []

    def emit(self, record):
        self.seen.append(f"{record.getMessage()}: {record.exc_info and record.exc_info[1]!r}")


class Socius(RuleBasedStateMachine):
    """`world` is what tests/faults/small_world.py made; `counter` counts the steps of all examples."""

    world = None
    counter = None

    def __init__(self):
        super().__init__()
        self.now, self.joined = NOW, 0
        self.failures = Failures()
        logging.getLogger("groups").addHandler(self.failures)
        self.example = transaction.atomic()
        self.example.__enter__()
        with connection.cursor() as cursor:
            prepare(cursor)

    def teardown(self):
        logging.getLogger("groups").removeHandler(self.failures)
        try:
            connection.check_constraints()
        finally:
            transaction.set_rollback(True)
            self.example.__exit__(None, None, None)

    def step(self, work=None, **arguments):
        """What a service refuses it refuses whole. Each step has a moment of its own."""
        self.now += dt.timedelta(seconds=1)
        self.counter["steps"] += 1
        if work is None:
            return None
        try:
            with transaction.atomic():
                done = work(now=self.now, **arguments)
        except REFUSED as refused:
            self.counter[f"refused {work.__name__.strip('_')}: {why(refused)}"] += 1
            return None
        self.counter[work.__name__.strip("_")] += 1
        return done

    @staticmethod
    def one(rows, which):
        """One of these rows, or None; the same `which` gives the same one when an example is run again."""
        rows = list(rows.order_by("pk"))
        return rows[which % len(rows)] if rows else None

    def waiting(self, which):
        return self.one(WaitlistEntry.objects.waiting().select_related("client"), which)

    def counting(self, which):
        live = Participation.objects.counting().filter(cycle__state__in=[CycleState.FORMED, CycleState.RUNNING])
        return self.one(live.select_related("cycle"), which)

    def live_cycle(self, which):
        return self.one(Cycle.objects.live(), which)

    # People come, wait and go.

    @initialize(people=st.lists(PERSON, min_size=3, max_size=9))
    def begin(self, people):
        self.refer(people)

    @rule(people=st.lists(PERSON, min_size=1, max_size=4))
    def refer(self, people):
        for person in people:
            self.step(self._refer, **person)

    def _refer(self, *, now, where, lists, parts, kind, wish, days):
        world, number = self.world, self.joined
        neighbourhood = world.neighbourhoods[where % len(world.neighbourhoods)]
        person = person_values(neighbourhood, family_name=f"Proef {number}", email=f"p{number}@voorbeeld.example")
        referral = refer_client(
            person=person, question="Ik zoek mensen.", consented=True, by=world.referrer,
            now=now - dt.timedelta(days=days), availability=parts,
        )  # fmt: skip
        offers = [world.offers[index] for index in lists]
        kind = world.kinds[kind % len(world.kinds)]
        judge_referral(
            referral=referral, decision=Decision.WAITLIST, by=world.judge, now=now,
            places=[WantedPlace(offer, world.catchment_of(offer, neighbourhood), kind) for offer in offers],
            basic_needs_urgent=wish == "hold", hold_reason="Eerst onderdak" if wish == "hold" else "",
            refuses_own_neighbourhood=True if wish == "elsewhere" else None,
        )  # fmt: skip
        entries = list(WaitlistEntry.objects.filter(client=referral.client).order_by("pk"))
        if wish == "priority":
            waitlists.give_priority(entry=entries[0], reason="Kan niet wachten", by=world.judge, now=now)
        self.joined += len(entries)

    @rule(who=ANY, where=ANY, which=st.integers(0, 1))
    def join(self, who, where, which):
        """Somebody known joins another list, perhaps in another neighbourhood."""
        offer = self.world.offers[which]
        neighbourhood = self.world.neighbourhoods[where % len(self.world.neighbourhoods)]
        self.joined += bool(
            self.step(
                waitlists.join_waitlist,
                client=self.one(Client.objects.all(), who),
                offer=offer,
                catchment=self.world.catchment_of(offer, neighbourhood),
                waiting_since=self.now.date(),
                by=self.world.judge,
                judged=True,
            )  # fmt: skip
        )

    @rule(who=ANY)
    def hold_or_release(self, who):
        entry = self.waiting(who)
        if entry is None:
            self.step()
        elif entry.is_on_hold:
            self.step(waitlists.release_entry, entry=entry, by=self.world.judge)
        else:
            self.step(waitlists.hold_entry, entry=entry, reason="Eerst onderdak", by=self.world.judge)

    @rule(who=ANY)
    def leave(self, who):
        if entry := self.waiting(who):
            self.step(waitlists.leave_waitlist, entry=entry, reason="solved", by=self.world.judge)

    @rule(who=ANY, coming=st.booleans(), by_link=st.booleans(), stays=st.booleans())
    def answer(self, who, coming, by_link, stays):
        if place := self.counting(who):
            by = None if by_link else self.world.judge
            self.step(invitations.answer_invitation, participation=place, coming=coming, by=by, stays=stays)

    @rule(who=ANY, outcome=st.sampled_from([Outcome.FIVE_MORE, Outcome.FIVE_MORE, *Outcome]))
    def renew(self, who, outcome):
        """R28: what is decided after, or in, a round."""
        begun = Participation.objects.filter(cycle__state__in=[CycleState.RUNNING, CycleState.FINISHED])
        if place := self.one(begun.exclude(state="declined").select_related("cycle"), who):
            self.step(renewals.choose_outcome, participation=place, outcome=outcome, by=self.world.judge)

    @rule(one=ANY, other=ANY)
    def exclude(self, one, other):
        """R18, told afterwards or before; and taken back."""
        client, other = self.one(Client.objects.all(), one), self.one(Client.objects.all(), other)
        known = Exclusion.objects.filter(client__in=[client, other], other__in=[client, other])
        if client != other:
            work = remove_exclusion if known.exists() else record_exclusion
            self.step(work, client=client, other=other, by=self.world.judge)

    # Time passes.

    @rule(hours=HOURS)
    def tick(self, hours):
        """What beat's tasks do, after so many hours."""
        self.now += dt.timedelta(hours=hours)
        self.step(self._tick)

    @rule(days=st.integers(2, 4))
    def days_pass(self, days):
        """Each with its look, as on any server that runs."""
        for _ in range(days):
            self.tick(24)

    @rule(weeks=st.integers(1, 3))
    def nobody_looks(self, weeks):
        """The server was down for so long."""
        self.tick(168 * weeks)

    @rule(which=ANY)
    def look(self, which):
        """The same a moment later; then a list that lacks people, by its own word, cannot go on for all we can see."""
        self.step(self._tick)
        if self.now.hour >= 6:  # by night the new day has not been looked at yet
            self._check_it_does_not_sleep(self.one(Waitlist.objects.select_related("offer", "catchment"), which))

    def _tick(self, *, now):
        cycles.settle_cycles(now=now)
        capacity.notice_changes(now=now)
        starting.start_due_waitlists(now=now)
        self.counter["cycles formed"] += Cycle.objects.filter(formed_at=now).count()

    def _check_it_does_not_sleep(self, waitlist):
        if {reason["code"] for reason in waitlist.reasons} & LACKS_PEOPLE and waitlist.due_at != self.now:
            decision = decide(load_facts(waitlist=waitlist, now=self.now))
            could = [*decision.starts, *decision.joins]
            assert not could, f"list {waitlist.pk} sleeps while it could go on"

    # Cycles and what is planned.

    @rule(which=ANY)
    def cancel(self, which):
        if cycle := self.live_cycle(which):
            self.step(cycles.cancel_cycle, cycle=cycle, reason="proef", by=self.world.judge)

    @rule(which=ANY, weeks=st.integers(1, 3))
    def move(self, which, weeks):
        if cycle := self.live_cycle(which):
            self.step(cycles.move_cycle, cycle=cycle, weeks=weeks, by=self.world.judge)

    @rule(which=ANY)
    def start_smaller(self, which):
        if cycle := self.live_cycle(which):
            self.step(cycles.start_smaller, cycle=cycle, by=self.world.judge)

    @rule(which=ANY, days=st.integers(-7, 7), hour=st.sampled_from([9, 11, 19]))
    def move_session(self, which, days, hour):
        if session := self.one(Session.objects.planned(), which):
            date, time = session.date + dt.timedelta(days=days), dt.time(hour)
            self.step(scheduling.move_session, session=session, date=date, start_time=time, by=self.world.judge)

    @rule(which=ANY, append=st.booleans())
    def cancel_session(self, which, append):
        if session := self.one(Session.objects.planned(), which):
            self.step(scheduling.cancel_session, session=session, reason="proef", by=self.world.judge, append=append)

    @rule(which=ANY, room=ANY, following=st.booleans())
    def change_room(self, which, room, following):
        if session := self.one(Session.objects.planned(), which):
            room = self.one(Room.objects.select_related("venue"), room)
            self.step(scheduling.change_room, session=session, room=room, by=self.world.judge, following=following)

    # Who may and can lead, and how many it takes.

    @rule(which=ANY, who=ANY, seat=st.sampled_from(Seat), for_good=st.booleans())
    def substitute(self, which, who, seat, for_good):
        if cycle := self.live_cycle(which):
            user = self.world.workers[who % len(self.world.workers)]
            until = None if for_good else self.now.date() + dt.timedelta(days=10)
            arguments = {"seat": seat, "user": user, "by": self.world.judge, "until_date": until}
            self.step(substitution.substitute_leader, cycle=cycle, **arguments)

    @rule(who=ANY, ahead=st.integers(0, 30), days=st.integers(1, 21))
    def take_leave(self, who, ahead, days):
        user = self.world.workers[who % len(self.world.workers)]
        begin = self.now + dt.timedelta(days=ahead)
        self.step(capacity.take_leave, user=user, starts_at=begin, ends_at=begin + dt.timedelta(days=days), by=user)

    @rule(which=ANY)
    def give_back_leave(self, which):
        if leave := self.one(WorkerBooking.objects.filter(kind="leave").select_related("user"), which):
            self.step(capacity.give_back_leave, booking=leave, by=leave.user)

    @rule(which=ANY, sizes=st.sampled_from([(1, 3, 3), (2, 3, 4), (3, 4, 6), (4, 4, 5), (None, None, None)]))
    def set_sizes(self, which, sizes):
        minimum, soft, hard = sizes
        self.step(
            waitlists.set_sizes, waitlist=self.one(Waitlist.objects.all(), which), minimum=minimum, soft_maximum=soft,
            hard_maximum=hard, reason="proef", by=self.world.coordinator,
        )  # fmt: skip

    @rule(which=ANY)
    def change_mode(self, which):
        """R23: on manual and back."""
        waitlist = self.one(Waitlist.objects.all(), which)
        manual = not waitlist.is_manual
        self.step(modes.set_list_mode, waitlist=waitlist, manual=manual, reason="proef", by=self.world.coordinator)

    @invariant()
    def all_is_well(self):
        assert not self.failures.seen, self.failures.seen
        with connection.cursor() as cursor:
            wrong = broken(cursor, now=self.now, joined=self.joined)
        assert not wrong, wrong
