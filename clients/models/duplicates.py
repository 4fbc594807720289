"""Two files that may be about one person, and what was decided about them (R43)."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q

from accounts.enums import RoleName
from accounts.permissions import has_role
from clients.enums import LikenessState

# The desk and the social workers of where both people live; nobody else hears that there is such a pair.
SETTLING = (RoleName.SOCIAL_WORKER, RoleName.DESK)


class LikenessQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state=LikenessState.OPEN)

    def visible_to(self, user):
        """Only for who may know both people: they live where this person works (R41)."""
        if not has_role(user, *SETTLING):
            return self.none()
        areas = user.work_areas.values("municipality")
        return self.filter(client__neighbourhood__municipality__in=areas, other__neighbourhood__municipality__in=areas)


class Likeness(models.Model):
    """Stored once for two files, the lower number first: what was settled is never asked again."""

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="likenesses_as_first")
    other = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="likenesses_as_second")
    state = models.CharField(max_length=10, choices=LikenessState, default=LikenessState.OPEN)
    found_at = models.DateTimeField()
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    settled_at = models.DateTimeField(null=True, blank=True)

    objects = LikenessQuerySet.as_manager()

    class Meta:
        ordering = ["found_at", "pk"]
        indexes = [models.Index(name="likeness_open", fields=["found_at"], condition=Q(state=LikenessState.OPEN))]
        constraints = [
            models.UniqueConstraint(fields=["client", "other"], name="likeness_once"),
            models.CheckConstraint(condition=Q(client__lt=F("other")), name="likeness_lower_first"),
            models.CheckConstraint(condition=Q(state__in=LikenessState.values), name="likeness_state_known"),
            models.CheckConstraint(
                condition=Q(state=LikenessState.OPEN, settled_at__isnull=True, settled_by__isnull=True)
                | (~Q(state=LikenessState.OPEN) & Q(settled_at__isnull=False, settled_by__isnull=False)),
                name="likeness_settled_by_somebody",
            ),
        ]

    def __str__(self):
        """Never a name: strings end up in logs."""
        return f"{self.client_id}, {self.other_id}: {self.state}"
