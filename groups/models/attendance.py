"""What happened in a session: who came, what it was about, and what is told to the next one who leads (R24–R26)."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from clients.sealing import Sealed, SealedText
from groups.enums import AttendanceState, ThemeWish
from groups.models.cycles import Cycle, Participation, Session


class AttendanceQuerySet(models.QuerySet):
    def missed(self):
        """Not there, and no word beforehand (R26)."""
        return self.filter(state=AttendanceState.ABSENT)

    def came(self):
        return self.filter(state__in=AttendanceState.came())


class Attendance(models.Model):
    """Whether one person came to one session (R25)."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="attendance")
    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="attendance")
    state = models.CharField(max_length=10, choices=AttendanceState.choices)
    noted_at = models.DateTimeField()
    noted_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    objects = AttendanceQuerySet.as_manager()

    class Meta:
        ordering = ["session_id", "participation_id"]
        constraints = [
            models.UniqueConstraint(name="attendance_once", fields=["participation", "session"]),
            models.CheckConstraint(name="attendance_known", condition=Q(state__in=AttendanceState.values)),
        ]

    def __str__(self):
        return f"{self.session_id} #{self.participation_id}: {self.state}"


class CycleNotes(models.Model):
    """What a group's leaders write down of the group as a whole: its own key, for it belongs to no one client."""

    cycle = models.OneToOneField(Cycle, on_delete=models.CASCADE, related_name="notes")
    key = models.ForeignKey("clients.SealKey", on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["cycle_id"]

    def __str__(self):
        return f"notes of cycle {self.cycle_id}"


class Theme(Sealed):
    """One thing that people of this cycle want to discuss or practise (R24); never with a name beside it."""

    seal_client = "notes"
    notes = models.ForeignKey(CycleNotes, on_delete=models.CASCADE, related_name="themes")
    wish = models.CharField(max_length=10, choices=ThemeWish.choices, default=ThemeWish.DISCUSS)
    title = SealedText(max_length=120)
    votes = models.PositiveSmallIntegerField(default=1, help_text="How many people named it.")
    added_at = models.DateTimeField()
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")

    class Meta:
        ordering = ["pk"]
        constraints = [
            models.CheckConstraint(name="theme_has_title", condition=~Q(title="")),
            models.CheckConstraint(name="theme_votes", condition=Q(votes__gte=1, votes__lte=99)),
        ]

    def __str__(self):
        return f"theme #{self.pk}"


class SessionReport(Sealed):
    """The few lines about a session; closed, it is complete (R25). `version` counts what was saved."""

    seal_client = "notes"
    session = models.OneToOneField(Session, on_delete=models.CASCADE, related_name="report")
    notes = models.ForeignKey(CycleNotes, on_delete=models.CASCADE, related_name="reports")
    themes = models.ManyToManyField(Theme, blank=True, related_name="reports")
    homework = SealedText(blank=True, max_length=1000)
    note = SealedText(blank=True, max_length=2000)
    version = models.PositiveIntegerField(default=0)
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    class Meta:
        ordering = ["session_id"]
        constraints = [
            models.CheckConstraint(
                name="report_closed_by_somebody",
                condition=Q(closed_at__isnull=True, closed_by__isnull=True)
                | Q(closed_at__isnull=False, closed_by__isnull=False),
            )
        ]

    def __str__(self):
        return f"report of session {self.session_id}"


class SessionSubmission(models.Model):
    """One sending from a device, by the key that the device gave it: sent twice, it counts once."""

    key = models.UUIDField(primary_key=True)
    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="submissions")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField()

    class Meta:
        ordering = ["at", "key"]

    def __str__(self):
        return f"{self.session_id}: {self.key}"
