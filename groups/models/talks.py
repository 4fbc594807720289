"""Individual talks between two sessions, for offers that have them (R29)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.periods import local_moment
from groups.enums import TalkState
from groups.models.cycles import Participation


class IndividualTalk(models.Model):
    """One talk of one participant with one of the leaders; the booking behind it makes a double one impossible."""

    participation = models.ForeignKey(Participation, on_delete=models.CASCADE, related_name="individual_talks")
    number = models.PositiveSmallIntegerField()
    with_user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="individual_talks")
    state = models.CharField(max_length=10, choices=TalkState.choices, default=TalkState.PLANNED)
    date = models.DateField()
    start_time = models.TimeField()
    end_time = models.TimeField()
    booking = models.OneToOneField(
        "accounts.WorkerBooking", null=True, blank=True, on_delete=models.SET_NULL, related_name="individual_talk"
    )

    class Meta:
        ordering = ["date", "start_time", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="individual_talk_once",
                fields=["participation", "number"],
                condition=~Q(state=TalkState.CANCELLED),
            ),
            models.CheckConstraint(name="individual_talk_times", condition=Q(end_time__gt=F("start_time"))),
            models.CheckConstraint(
                name="individual_talk_planned_is_booked",
                condition=~Q(state=TalkState.PLANNED) | Q(booking__isnull=False),
            ),
        ]

    def __str__(self):
        return f"#{self.participation_id} talk {self.number}"

    @property
    def starts_at(self):
        return local_moment(self.date, self.start_time)

    @property
    def ends_at(self):
        return local_moment(self.date, self.end_time)
