"""How it goes with a person: the goal, the scale question, and what they go on to (R8, R27, R28)."""

from decimal import Decimal

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.sealing import Sealed, SealedText
from groups.enums import MarkSource, OnwardTo
from groups.models.attendance import CycleNotes
from groups.models.cycles import Cycle, Participation, Session

# R30: from 1 to 10 by halves, as the report's own figures are.
HALF_MARKS = tuple(Decimal(halves) / 2 for halves in range(2, 21))


class Goal(Sealed):
    """What somebody wants to reach, in their own words (R8, R24)."""

    seal_client = "participation.client"
    participation = models.OneToOneField(Participation, on_delete=models.CASCADE, related_name="goal")
    text = SealedText(_("goal"), max_length=500)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["participation_id"]
        constraints = [models.CheckConstraint(name="goal_has_text", condition=~Q(text=""))]

    def __str__(self):
        return f"goal of #{self.participation_id}"


class ScalePoint(models.Model):
    """The answer to the scale question at one session: 0 is the worst moment, 10 the goal reached (R27)."""

    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="scale")
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="scale")
    score = models.PositiveSmallIntegerField(_("scale question"))
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["participation_id", "session__date", "session__start_time"]
        constraints = [
            models.UniqueConstraint(name="scale_once", fields=["participation", "session"]),
            models.CheckConstraint(name="scale_0_to_10", condition=Q(score__gte=0, score__lte=10)),
        ]

    def __str__(self):
        return f"#{self.participation_id} {self.score}"


class OnwardStep(Sealed):
    """Where somebody goes after the round (R28): with the agreement of who receives them, and their own (R36)."""

    seal_client = "participation.client"
    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="onward_steps")
    to = models.CharField(max_length=20, choices=OnwardTo.choices)
    provision = models.ForeignKey(
        "neighbourhoods.Provision", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    offer = models.ForeignKey("groups.GroupOffer", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    note = SealedText(blank=True, max_length=500)
    agreed_on = models.DateField(help_text="The client agreed; for a provision, that it expects them too.")
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["participation_id", "pk"]
        constraints = [
            models.UniqueConstraint(name="onward_once", fields=["participation"]),
            models.CheckConstraint(
                name="onward_names_where",
                condition=Q(to=OnwardTo.PROVISION, provision__isnull=False, offer__isnull=True)
                | Q(to=OnwardTo.OTHER_GROUP, provision__isnull=True, offer__isnull=False)
                | Q(to=OnwardTo.INDIVIDUAL_HELP, provision__isnull=True, offer__isnull=True),
            ),
        ]

    def __str__(self):
        return f"#{self.participation_id} → {self.to}"


class ParticipantMark(Sealed):
    """What a participant thinks of the group, 1 to 10 by halves, with a why (R30): by link, or from paper."""

    seal_client = "participation.client"
    participation = models.OneToOneField(Participation, on_delete=models.CASCADE, related_name="mark")
    score = models.DecimalField(_("mark"), max_digits=3, decimal_places=1)
    why = SealedText(_("why"), blank=True, max_length=1000)
    source = models.CharField(max_length=10, choices=MarkSource.choices)
    given_at = models.DateTimeField()
    noted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["participation_id"]
        constraints = [
            models.CheckConstraint(name="participant_mark_by_halves", condition=Q(score__in=HALF_MARKS)),
            models.CheckConstraint(
                name="participant_mark_from_paper_by_somebody",
                condition=Q(source=MarkSource.LINK, noted_by__isnull=True)
                | Q(source=MarkSource.PAPER, noted_by__isnull=False),
            ),
        ]

    def __str__(self):
        return f"mark of #{self.participation_id}"


class WorkerMark(Sealed):
    """What a worker thinks of this way of working, 1 to 10 by halves, with a why (R30)."""

    seal_client = "notes"
    notes = models.ForeignKey(CycleNotes, on_delete=models.CASCADE, related_name="marks")
    cycle = models.ForeignKey(Cycle, on_delete=models.CASCADE, related_name="worker_marks")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="marks_given")
    role = models.CharField(max_length=20, help_text="accounts.enums.RoleName, as it was when the mark was given.")
    score = models.DecimalField(_("mark"), max_digits=3, decimal_places=1)
    why = SealedText(_("why"), blank=True, max_length=1000)
    given_at = models.DateTimeField()

    class Meta:
        ordering = ["cycle_id", "user_id"]
        constraints = [
            models.UniqueConstraint(name="worker_mark_once", fields=["cycle", "user"]),
            models.CheckConstraint(name="worker_mark_by_halves", condition=Q(score__in=HALF_MARKS)),
        ]

    def __str__(self):
        return f"mark of {self.user_id} for {self.cycle_id}"
