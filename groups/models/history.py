from django.conf import settings
from django.db import models
from django.db.models import Q

from groups.enums import HistoryCode


class HistoryEntry(models.Model):
    """What happened, when, by whom or by which rule. Codes and numbers, never a name: erasure stays complete."""

    at = models.DateTimeField()
    code = models.CharField(max_length=30, choices=[(code.value, code.value) for code in HistoryCode])
    args = models.JSONField(default=dict)
    rule = models.CharField(max_length=10, blank=True, help_text="The rule that did it, like R12; empty for a person.")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    waitlist = models.ForeignKey("groups.Waitlist", null=True, on_delete=models.CASCADE, related_name="history")
    entry = models.ForeignKey("groups.WaitlistEntry", null=True, on_delete=models.CASCADE, related_name="history")
    cycle = models.ForeignKey("groups.Cycle", null=True, on_delete=models.CASCADE, related_name="history")
    session = models.ForeignKey("groups.Session", null=True, on_delete=models.CASCADE, related_name="history")
    # A whole offer or area changes seldom: their own partial index costs the other rows nothing.
    offer = models.ForeignKey(
        "groups.GroupOffer", null=True, on_delete=models.CASCADE, related_name="history", db_index=False
    )
    catchment = models.ForeignKey(
        "neighbourhoods.Catchment", null=True, on_delete=models.CASCADE, related_name="history", db_index=False
    )

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(name="history_of_offer", fields=["offer"], condition=Q(offer__isnull=False)),
            models.Index(name="history_of_catchment", fields=["catchment"], condition=Q(catchment__isnull=False)),
        ]
        constraints = [
            models.CheckConstraint(
                name="history_is_about_something",
                condition=Q(waitlist__isnull=False)
                | Q(entry__isnull=False)
                | Q(cycle__isnull=False)
                | Q(offer__isnull=False)
                | Q(catchment__isnull=False),
            ),
            models.CheckConstraint(name="history_has_an_author", condition=Q(by__isnull=False) | ~Q(rule="")),
        ]

    def __str__(self):
        return f"{self.code} {self.at:%Y-%m-%d %H:%M}"
