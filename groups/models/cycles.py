import datetime as dt
import uuid

from django.conf import settings
from django.db import models
from django.db.models import Count, Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.enums import RoleName
from accounts.periods import local_moment
from accounts.permissions import has_role
from clients.sealing import Sealed, SealedText
from groups.enums import (
    COUNTING_PARTICIPATIONS,
    LIVE_CYCLES,
    STAYED,
    CycleOrigin,
    CycleState,
    Outcome,
    ParticipationState,
    Seat,
    SessionState,
)
from groups.models.waitlists import Waitlist, WaitlistEntry, nameable
from neighbourhoods.enums import CatchmentLevel


class CycleQuerySet(models.QuerySet):
    def live(self):
        return self.filter(state__in=LIVE_CYCLES)

    def with_taken(self):
        """Adds `taken`: places held by who has not declined; of a cycle that is over, by who stayed."""
        counting = Q(participations__state__in=COUNTING_PARTICIPATIONS)
        stayed = Q(participations__state=ParticipationState.FINISHED, state=CycleState.FINISHED)
        return self.annotate(taken=Count("participations", filter=counting | stayed))

    def visible_to(self, user):
        """Who leads it, who works in its municipality, and the coordinator (R41)."""
        if has_role(user, RoleName.COORDINATOR):
            return self
        mine = Q(lead=user.pk) | Q(co_lead=user.pk)
        mine |= Q(pk__in=SessionStaff.objects.filter(user_id=user.pk).values("session__cycle"))
        if has_role(user, RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER):
            mine |= Q(waitlist__catchment__municipality__in=user.work_areas.values("municipality"))
            mine |= Q(waitlist__catchment__level=CatchmentLevel.REGION)
        return self.filter(mine)


class Cycle(models.Model):
    """One round of sessions (R12). unique(waitlist, number) is what makes 'exactly once' true whatever runs twice."""

    waitlist = models.ForeignKey(Waitlist, on_delete=models.PROTECT, related_name="cycles")
    number = models.PositiveIntegerField(help_text="The waitlist's generation that formed it.")
    state = models.CharField(max_length=10, choices=CycleState.choices, default=CycleState.FORMED)
    origin = models.CharField(max_length=10, choices=CycleOrigin.choices)
    reason = models.JSONField(default=dict, help_text="{code, args}: why these people, this team, this date.")
    minimum = models.PositiveSmallIntegerField()
    soft_maximum = models.PositiveSmallIntegerField()
    hard_maximum = models.PositiveSmallIntegerField()
    lead = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="led_cycles")
    co_lead = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="co_led_cycles"
    )
    room = models.ForeignKey("neighbourhoods.Room", on_delete=models.PROTECT, related_name="cycles")
    starts_on = models.DateField()
    start_time = models.TimeField()
    end_time = models.TimeField()
    answer_deadline = models.DateField(
        help_text="R21: until the end of this day everyone who has not declined counts."
    )
    is_accepted_small = models.BooleanField(default=False, help_text="R21: the lead chose to start smaller.")
    continues = models.ForeignKey(
        "self",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="continued_by",
        help_text="R28: the cycle whose rhythm this one keeps.",
    )
    formed_at = models.DateTimeField()
    formed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = CycleQuerySet.as_manager()

    class Meta:
        ordering = ["starts_on", "start_time", "pk"]
        constraints = [
            models.UniqueConstraint(name="cycle_once", fields=["waitlist", "number"]),
            models.UniqueConstraint(
                name="cycle_continued_once", fields=["continues"], condition=~Q(state=CycleState.CANCELLED)
            ),
            models.CheckConstraint(name="cycle_two_different_leaders", condition=~Q(lead=F("co_lead"))),
            models.CheckConstraint(name="cycle_times", condition=Q(end_time__gt=F("start_time"))),
            models.CheckConstraint(
                name="cycle_sizes",
                condition=Q(minimum__gte=1, minimum__lte=F("soft_maximum"), soft_maximum__lte=F("hard_maximum")),
            ),
        ]

    def __str__(self):
        return f"{self.waitlist.offer} · {self.waitlist.catchment} · {self.number}"

    @property
    def offer(self):
        return self.waitlist.offer

    @property
    def catchment(self):
        return self.waitlist.catchment

    @property
    def places(self):
        """Participants that it takes: the soft maximum, or what the room holds beside the leaders."""
        return min(self.soft_maximum, self.room.capacity - 1 - (self.co_lead_id is not None))

    def needs_decision(self, *, today):
        """R21: too few are left after the answer deadline, and the lead has not decided yet. Reads `taken`."""
        too_few = self.taken < self.minimum and not self.is_accepted_small
        return self.state == CycleState.FORMED and too_few and today > self.answer_deadline


class SessionQuerySet(models.QuerySet):
    def planned(self):
        return self.filter(state=SessionState.PLANNED)

    def between(self, first, last):
        return self.filter(date__gte=first, date__lte=last)

    def visible_to(self, user):
        return self.filter(cycle__in=Cycle.objects.visible_to(user).order_by())


class Session(models.Model):
    """One meeting. Local date and local time are what is stored: an evening group stays an evening group (R20)."""

    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="sessions")
    number = models.PositiveSmallIntegerField()
    state = models.CharField(max_length=10, choices=SessionState.choices, default=SessionState.PLANNED)
    date = models.DateField()
    start_time = models.TimeField()
    end_time = models.TimeField()
    room = models.ForeignKey("neighbourhoods.Room", on_delete=models.PROTECT, related_name="sessions")
    room_booking = models.OneToOneField(
        "neighbourhoods.RoomBooking", null=True, blank=True, on_delete=models.SET_NULL, related_name="session"
    )
    cancel_reason = models.TextField(blank=True)

    objects = SessionQuerySet.as_manager()

    class Meta:
        ordering = ["date", "start_time", "pk"]
        constraints = [
            models.UniqueConstraint(name="session_number_once", fields=["cycle", "number"]),
            models.CheckConstraint(name="session_times", condition=Q(end_time__gt=F("start_time"))),
            models.CheckConstraint(
                name="session_planned_has_room",
                condition=~Q(state=SessionState.PLANNED) | Q(room_booking__isnull=False),
            ),
        ]

    def __str__(self):
        return f"{self.cycle_id}/{self.number} {self.date}"

    @property
    def starts_at(self):
        return local_moment(self.date, self.start_time)

    @property
    def ends_at(self):
        return local_moment(self.date, self.end_time)


class SessionStaff(models.Model):
    """Who leads one session; the booking behind it makes a double one impossible."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="staff")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="session_seats")
    seat = models.CharField(max_length=10, choices=Seat.choices)
    booking = models.OneToOneField("accounts.WorkerBooking", on_delete=models.CASCADE, related_name="session_seat")

    class Meta:
        ordering = ["session_id", "-seat"]
        constraints = [
            models.UniqueConstraint(name="session_seat_once", fields=["session", "seat"]),
            models.UniqueConstraint(name="session_person_once", fields=["session", "user"]),
        ]

    def __str__(self):
        return f"{self.session_id} {self.seat}: {self.user_id}"


class ParticipationQuerySet(models.QuerySet):
    def before_first_session(self):
        """Who is still to come for the first time: to a group that begins, or that they enter late (R22)."""
        own = Session.objects.filter(cycle=OuterRef("cycle"), number__gte=OuterRef("enters_at")).order_by()
        is_to_come = Q(Exists(own.planned()), ~Exists(own.filter(state=SessionState.HELD)))
        enters = Q(is_to_come, cycle__state=CycleState.RUNNING, enters_at__gt=1)
        return self.filter(Q(cycle__state=CycleState.FORMED) | enters)

    def with_first_day(self):
        """Adds `first_on`: the local day of the first session this person comes to (R22)."""
        own = Session.objects.exclude(state=SessionState.CANCELLED).filter(cycle=OuterRef("cycle"))
        own = own.filter(number__gte=OuterRef("enters_at")).order_by("number").values("date")
        return self.annotate(first_on=Coalesce(Subquery(own[:1]), F("cycle__starts_on")))

    def to_call(self, *, today):
        """R21: invited without mail, or without an answer for three working days, and not seen at a session yet."""
        rows = self.before_first_session().filter(state=ParticipationState.INVITED, call_from__lte=today)
        return rows.order_by("cycle__starts_on", "invited_at", "pk")

    def counting(self):
        """Everyone who has not declined or left (R21), and has sessions to come."""
        return self.filter(state__in=COUNTING_PARTICIPATIONS)

    def stayed(self):
        """The same and those who had all their sessions (R28)."""
        return self.filter(state__in=STAYED)

    def visible_to(self, user):
        mine = self.filter(cycle__in=Cycle.objects.visible_to(user).order_by())
        return mine.filter(nameable("cycle__waitlist__offer", user))


class Participation(Sealed):
    """One person's place in one cycle."""

    public_id = models.UUIDField(unique=True, default=uuid.uuid4, editable=False)
    cycle = models.ForeignKey(Cycle, on_delete=models.PROTECT, related_name="participations")
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="participations")
    entry = models.ForeignKey(WaitlistEntry, on_delete=models.PROTECT, related_name="participations")
    state = models.CharField(max_length=10, choices=ParticipationState.choices, default=ParticipationState.INVITED)
    invited_at = models.DateTimeField()
    is_mailed = models.BooleanField(
        default=False, help_text="False: there is no safe mail address, so somebody calls."
    )
    call_from = models.DateField(help_text="R21: from this day, unanswered, it is a call task.")
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    talk_held_on = models.DateField(null=True, blank=True, help_text="R8, where it is due before the first session.")
    enters_at = models.PositiveSmallIntegerField(default=1, help_text="R22: the first session this person comes to.")
    sessions_right = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="R28: sessions this person has a right to, counted from enters_at."
    )
    outcome = models.CharField(max_length=20, choices=Outcome.choices, blank=True)
    outcome_reason = SealedText(blank=True)
    decided_at = models.DateTimeField(null=True, blank=True)
    decided_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    objects = ParticipationQuerySet.as_manager()

    class Meta:
        ordering = ["invited_at", "pk"]
        constraints = [
            models.UniqueConstraint(name="participation_once", fields=["cycle", "client"]),
            models.CheckConstraint(name="participation_enters_at_a_session", condition=Q(enters_at__gte=1)),
            models.CheckConstraint(
                name="participation_outcome_has_moment",
                condition=Q(outcome="", decided_at__isnull=True) | (~Q(outcome="") & Q(decided_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.cycle_id} #{self.pk}"

    def answer_until(self, first_on):
        """The last local day on which the link takes an answer; first_on is the first session this person comes to.

        R21: the cycle's deadline; for who was invited after it or enters a running group (R22), the day before.
        """
        deadline = self.cycle.answer_deadline
        if self.enters_at == 1 and timezone.localdate(self.invited_at) <= deadline:
            return deadline
        return first_on - dt.timedelta(days=1)
