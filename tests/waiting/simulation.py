"""The real services under a virtual clock: sign-ups, sweeps, invitations, drop-outs and finishes, day after day.

Nothing is patched: every service is called as the application calls it, with `now` from the simulated clock.
"""

import datetime as dt
from collections import defaultdict
from contextlib import suppress
from dataclasses import dataclass

import simpy
from django.db.models import Exists, F, OuterRef, Q

from accounts.periods import local_moment
from clients.enums import DayPart
from clients.services import set_client_availability
from groups.enums import COUNTING_PARTICIPATIONS, CycleState, EntryState, LeaveReason, Outcome, ParticipationState
from groups.exceptions import NotAllowed
from groups.models import Cycle, Participation, ProblemKind, Session, WaitlistEntry
from groups.services.cycles import settle_cycles
from groups.services.invitations import answer_invitation
from groups.services.renewals import choose_outcome
from groups.services.starting import start_due_waitlists
from groups.services.waitlists import join_waitlist, leave_waitlist
from tests.factories.clients import make_client
from tests.factories.groups import staff_member
from tests.waiting.calendar import may_start
from tests.waiting.region import set_policy, waitlists
from tests.waiting.report import Life, Run

DAY = 24 * 60
# What happens at which minute of each day, in this order.
GIVE_UP, MORNING_SWEEP, MORNING_SETTLE, ANSWERS, EVENING_SETTLE = 330, 365, 480, 740, 1050
SETTLED = (CycleState.RUNNING, CycleState.FINISHED)


@dataclass(frozen=True)
class Settings:
    """minimum to start; entry open (every session) or closed; starts on fixed dates only, or whenever lawful.

    renewals: whether people choose five more (R28); the fast model knows no renewals, so it is compared without.
    """

    minimum: int
    entry: str = "closed"
    fixed_dates: bool = False
    renewals: bool = True

    @property
    def name(self):
        dates = ", fixed dates" if self.fixed_dates else ""
        rounds = "" if self.renewals else ", no renewals"
        return f"minimum {self.minimum}{dates}, {self.entry}{rounds}"


class Simulation:
    def __init__(self, world, people, settings, *, weeks):
        self.world, self.people, self.settings, self.weeks = world, people, settings, weeks
        self.environment = simpy.Environment()
        self.entries = {}  # number of the person → primary key of the entry
        self.numbers = {}  # primary key of the client → number of the person
        self.rounds = [person.rounds if settings.renewals else 0 for person in people]
        self.renewals = 0
        self.giving_up = defaultdict(list)
        set_policy(minimum=settings.minimum, entry=settings.entry)
        self.lists = [(waitlist, waitlist.catchment.neighbourhoods.order_by("pk").first()) for waitlist in waitlists()]
        self.kinds = ProblemKind.objects.in_bulk()
        self.by = staff_member()

    def run(self):
        """Two years, or so many weeks; returns what became of everybody and every cycle."""
        self.environment.process(self._sign_ups())
        self.environment.process(self._days())
        self.environment.run(until=self.weeks * 7 * DAY)
        return Run(
            policy=self.settings.name,
            weeks=self.weeks,
            people=self._lives(),
            cycles=self._cycles(),
            renewals=self.renewals,
        )

    @property
    def day(self):
        return int(self.environment.now // DAY)

    @property
    def now(self):
        day, minute = divmod(int(self.environment.now), DAY)
        return local_moment(self.world.first_day + dt.timedelta(days=day), dt.time(*divmod(minute, 60)))

    def _until(self, day, minute):
        return self.environment.timeout(max(0, day * DAY + minute - self.environment.now))

    def _sign_ups(self):
        for person in self.people:
            yield self._until(person.day, person.minute)
            self._join(person)
            self._sweep()

    def _join(self, person):
        waitlist, neighbourhood = self.lists[person.area]
        name = f"Proef{person.number}"
        client = make_client(name, neighbourhood=neighbourhood, now=self.now, email=f"{name}@voorbeeld.example")
        if person.parts is not None:
            set_client_availability(client=client, parts={(day, DayPart(part)) for day, part in person.parts})
        entry = join_waitlist(
            client=client,
            offer=waitlist.offer,
            catchment=waitlist.catchment,
            waiting_since=self.now.date(),
            by=self.by,
            now=self.now,
            problem_kind=self.kinds[person.kind],
            judged=True,
        )
        self.entries[person.number] = entry.pk
        self.numbers[client.pk] = person.number
        self.giving_up[person.leaves].append(person.number)

    def _days(self):
        for day in range(self.weeks * 7):
            for minute, step in (
                (GIVE_UP, self._give_up),
                (MORNING_SWEEP, self._sweep),
                (MORNING_SETTLE, self._settle),
                (ANSWERS, self._answer),
                (EVENING_SETTLE, self._settle),
            ):
                yield self._until(day, minute)
                step()

    def _sweep(self):
        if not self.settings.fixed_dates or may_start(self.world.first_day + dt.timedelta(days=self.day)):
            start_due_waitlists(now=self.now)

    def _settle(self):
        if self.settings.renewals:
            self._decide_on_rounds()
        settle_cycles(now=self.now)
        self._sweep()

    def _decide_on_rounds(self):
        """R28: on the day of the last session, or when their own number is full, people say whether they go on."""
        last = Exists(Session.objects.planned().filter(cycle=OuterRef("cycle"), date__gt=self.now.date()))
        running = Q(~last, cycle__state=CycleState.RUNNING, state__in=COUNTING_PARTICIPATIONS)
        goes_on = Exists(WaitlistEntry.objects.filter(continues=OuterRef("pk")))
        asked = Participation.objects.filter(running | Q(state=ParticipationState.FINISHED), ~goes_on, outcome="")
        for participation in asked.select_related("cycle").order_by("pk"):
            number = self.numbers[participation.client_id]
            more = self.rounds[number] > 0
            self.rounds[number] -= more
            self.renewals += more
            outcome = Outcome.FIVE_MORE if more else Outcome.ENOUGH
            choose_outcome(participation=participation, outcome=outcome, by=self.by, now=self.now)

    def _give_up(self):
        """Whoever runs out of patience before a first session: off the list, or a place given back (R10, R21)."""
        for number in self.giving_up.pop(self.day, ()):
            entry = WaitlistEntry.objects.get(pk=self.entries[number])
            if entry.state == EntryState.WAITING:
                leave_waitlist(entry=entry, reason=LeaveReason.TOO_LONG, by=self.by, now=self.now)
                continue
            seat = entry.participations.filter(state__in=COUNTING_PARTICIPATIONS).select_related("cycle").first()
            if seat is not None:
                self._give_back(seat)

    def _give_back(self, seat):
        reason = LeaveReason.TOO_LONG
        with suppress(NotAllowed):  # too_late: the first session has been
            answer_invitation(
                participation=seat, coming=False, stays=False, leave_reason=reason, by=self.by, now=self.now
            )

    def _answer(self):
        """Everybody who still comes says so the day after the invitation."""
        asked = Participation.objects.filter(
            state=ParticipationState.INVITED,
            cycle__state=CycleState.FORMED,
            cycle__starts_on__gte=self.now.date(),
            invited_at__lt=self.now - dt.timedelta(hours=20),
        )
        for participation in asked.select_related("cycle").order_by("pk"):
            answer_invitation(participation=participation, coming=True, by=self.by, now=self.now)

    def _lives(self):
        first, left, end = {}, {}, self.world.first_day + dt.timedelta(weeks=self.weeks)
        came = (*COUNTING_PARTICIPATIONS, ParticipationState.FINISHED)
        seats = Participation.objects.filter(
            state__in=came,
            cycle__state__in=SETTLED,
            cycle__sessions__number=F("enters_at"),
            cycle__sessions__date__lt=end,
        )
        for client, date in seats.order_by("pk").values_list("client", "cycle__sessions__date"):
            day = (date - self.world.first_day).days
            first[self.numbers[client]] = min(day, first.get(self.numbers[client], day))
        gone = WaitlistEntry.objects.filter(state=EntryState.LEFT, continues=None).order_by("pk")
        for client, moment in gone.values_list("client", "left_at"):
            left[self.numbers[client]] = (moment.date() - self.world.first_day).days
        return tuple(Life(person.day, first.get(person.number), left.get(person.number)) for person in self.people)

    def _cycles(self):
        """For each cycle that began: its first day, participants, soft maximum and leaders' hours."""
        rows = []
        for cycle in Cycle.objects.filter(state__in=SETTLED).order_by("pk"):
            people = cycle.participations.filter(state__in=(*COUNTING_PARTICIPATIONS, ParticipationState.FINISHED))
            leaders = 1 + (cycle.co_lead_id is not None)
            hours = cycle.sessions.count() * self.world.half_hours / 2 * leaders
            day = (cycle.starts_on - self.world.first_day).days
            rows.append((day, people.count(), cycle.soft_maximum, hours))
        return tuple(rows)
