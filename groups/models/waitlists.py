from django.conf import settings
from django.db import models
from django.db.models import Count, F, Min, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from accounts.permissions import has_role
from clients.models import Client
from clients.sealing import Sealed, SealedText
from groups.enums import EntryState, LeaveReason
from groups.models.offers import GroupOffer, ProblemKind
from neighbourhoods.enums import CatchmentLevel


class WaitlistQuerySet(models.QuerySet):
    def due(self, *, now):
        """Lists the engine must look at: a fact changed, or the day did."""
        return self.filter(due_at__lte=now).order_by("due_at", "pk")

    def with_counts(self):
        waiting = Q(entries__state=EntryState.WAITING)
        return self.annotate(
            waiting_count=Count("entries", filter=waiting),
            waiting_since=Min("entries__waiting_since", filter=waiting),
        )

    def visible_to(self, user):
        """Coordinators see all lists (as counts); those who place see the lists of where they work (R41)."""
        if has_role(user, RoleName.COORDINATOR):
            return self
        if not has_role(user, RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER):
            return self.none()
        return self.filter(
            Q(catchment__municipality__in=user.work_areas.values("municipality"))
            | Q(catchment__level=CatchmentLevel.REGION)
        )


class Waitlist(models.Model):
    """Who waits for one offer in one catchment (R11), with the latest word of the engine on it (R19)."""

    offer = models.ForeignKey(GroupOffer, on_delete=models.PROTECT, related_name="waitlists")
    catchment = models.ForeignKey("neighbourhoods.Catchment", on_delete=models.PROTECT, related_name="waitlists")
    generation = models.PositiveIntegerField(default=0, help_text="How many cycles came of this list.")
    own_minimum = models.PositiveSmallIntegerField(null=True, blank=True)
    own_soft_maximum = models.PositiveSmallIntegerField(null=True, blank=True)
    own_hard_maximum = models.PositiveSmallIntegerField(null=True, blank=True)
    is_manual = models.BooleanField(default=False, help_text="R23: a cycle is prepared and waits for one click.")
    due_at = models.DateTimeField(null=True, blank=True)
    evaluated_at = models.DateTimeField(null=True, blank=True)
    placeable_count = models.PositiveIntegerField(default=0)
    reasons = models.JSONField(default=list, help_text="[{code, args}] why nothing starts, as of evaluated_at.")
    unblocks = models.JSONField(default=list, help_text="[{code, args}] the smallest changes that would let it start.")

    objects = WaitlistQuerySet.as_manager()

    class Meta:
        ordering = ["catchment__name", "offer__name", "pk"]
        indexes = [models.Index(name="waitlist_due", fields=["due_at", "id"], condition=Q(due_at__isnull=False))]
        constraints = [
            models.UniqueConstraint(name="waitlist_once", fields=["offer", "catchment"]),
            models.CheckConstraint(name="waitlist_minimum_at_least_1", condition=Q(own_minimum__gte=1)),
            models.CheckConstraint(
                name="waitlist_maxima_in_order", condition=Q(own_soft_maximum__lte=F("own_hard_maximum"))
            ),
            models.CheckConstraint(
                name="waitlist_minimum_under_maximum", condition=Q(own_minimum__lte=F("own_soft_maximum"))
            ),
        ]

    def __str__(self):
        return f"{self.offer} · {self.catchment}"

    @property
    def minimum(self):
        return self.own_minimum or self.offer.minimum

    @property
    def soft_maximum(self):
        return self.own_soft_maximum or self.offer.soft_maximum or self.offer.hard_maximum

    @property
    def hard_maximum(self):
        return self.own_hard_maximum or self.offer.hard_maximum or self.soft_maximum

    @property
    def waits_for_click(self):
        """R23: whether it, or the whole area, is on manual: a cycle is then prepared and nothing starts by itself."""
        return self.is_manual or self.catchment.is_manual

    @property
    def missing_count(self):
        """How many placeable people are still needed; None while no minimum is set."""
        return None if self.minimum is None else max(0, self.minimum - self.placeable_count)


def nameable(offer, user):
    """R40: that somebody comes to a sensitive offer is known to who may know the client at all; elsewhere it counts.

    A condition on rows with a `client`; `offer` is the way to their offer.
    """
    return Q(**{f"{offer}__is_sensitive": False}) | Q(client__in=Client.objects.visible_to(user).order_by())


class WaitlistEntryQuerySet(models.QuerySet):
    def waiting(self):
        return self.filter(state=EntryState.WAITING)

    def in_order(self):
        """R17: a stored priority first, then the longest waiting; the row number settles a tie."""
        return self.order_by("-has_priority", "waiting_since", "pk")

    def who_go_on_from(self, participations):
        """The keys of those of these participations that have a next round, waited for or placed (R28)."""
        rows = self.exclude(state=EntryState.LEFT).filter(continues__in=participations)
        return rows.order_by().values_list("continues", flat=True)

    def visible_to(self, user):
        if not has_role(user, RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER):
            return self.none()
        mine = self.filter(waitlist__in=Waitlist.objects.visible_to(user).order_by())
        return mine.filter(nameable("waitlist__offer", user))


class WaitlistEntry(Sealed):
    """One person's place on one list. Waiting time counts from the referral and survives a cancelled start (R17)."""

    waitlist = models.ForeignKey(Waitlist, on_delete=models.PROTECT, related_name="entries")
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="waitlist_entries")
    state = models.CharField(max_length=10, choices=EntryState.choices, default=EntryState.WAITING)
    waiting_since = models.DateField()
    joined_at = models.DateTimeField()
    problem_kind = models.ForeignKey(ProblemKind, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    judged_at = models.DateTimeField(null=True, blank=True)
    judged_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    fit_exception = SealedText(blank=True, help_text="Why this person may join against the offer's age or sex.")
    is_on_hold = models.BooleanField(default=False, help_text="R5: basic needs first; known, not counted.")
    hold_reason = SealedText(blank=True)
    hold_until = models.DateField(null=True, blank=True)
    talk_held_on = models.DateField(null=True, blank=True)
    has_priority = models.BooleanField(default=False)
    priority_reason = SealedText(blank=True)
    continues = models.ForeignKey(
        "groups.Participation",
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="continued_by",
        help_text="R28: goes on from this place in an earlier cycle.",
    )
    sessions_left = models.PositiveSmallIntegerField(
        null=True, blank=True, help_text="R22: sessions this person still has a right to; empty means a whole series."
    )
    reasons = models.JSONField(
        default=list, help_text="[{code, args}] why this person is not placeable or was passed."
    )
    leave_reason = models.CharField(max_length=20, choices=LeaveReason.choices, blank=True)
    leave_note = SealedText(blank=True)
    left_at = models.DateTimeField(null=True, blank=True)
    follow_up_on = models.DateField(null=True, blank=True)

    objects = WaitlistEntryQuerySet.as_manager()

    class Meta:
        ordering = ["-has_priority", "waiting_since", "pk"]
        indexes = [
            models.Index(
                name="entry_order",
                fields=["waitlist", "-has_priority", "waiting_since", "id"],
                condition=Q(state=EntryState.WAITING),
            )
        ]
        constraints = [
            models.UniqueConstraint(
                name="entry_waits_once", fields=["waitlist", "client"], condition=Q(state=EntryState.WAITING)
            ),
            models.UniqueConstraint(
                name="entry_goes_on_once", fields=["continues"], condition=~Q(state=EntryState.LEFT)
            ),
            models.CheckConstraint(
                name="entry_priority_has_reason", condition=Q(has_priority=False) | ~Q(priority_reason="")
            ),
            models.CheckConstraint(
                name="entry_left_has_reason",
                condition=~Q(state=EntryState.LEFT) | (~Q(leave_reason="") & Q(left_at__isnull=False)),
            ),
        ]

    def __str__(self):
        return f"{self.waitlist} #{self.pk}"

    @cached_property
    def offer(self):
        return self.waitlist.offer

    @property
    def priority_words(self):
        """Why this person goes before others (R17): as somebody wrote it, or that they go on (R28)."""
        return _("goes on from an earlier round") if self.continues_id else self.priority_reason

    def days_waiting(self, today):
        return max(0, (today - self.waiting_since).days)
