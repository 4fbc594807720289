"""The playbook of an offer, and what was picked from it for a session (R31). Nothing in it is forced."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from groups.enums import PlaybookMethod
from groups.models.cycles import Session
from groups.models.offers import GroupOffer


class PlaybookPartQuerySet(models.QuerySet):
    def in_use(self):
        return self.filter(is_active=True)


class PlaybookPart(models.Model):
    """One part to choose from, with its method, length in minutes and material."""

    offer = models.ForeignKey(GroupOffer, on_delete=models.CASCADE, related_name="playbook")
    title = models.CharField(_("title"), max_length=120)
    method = models.CharField(_("method"), max_length=20, choices=PlaybookMethod.choices)
    minutes = models.PositiveSmallIntegerField(_("minutes"))
    material = models.CharField(_("material"), max_length=300, blank=True)
    description = models.TextField(_("how it goes"), max_length=4000, blank=True)
    position = models.PositiveSmallIntegerField(default=0)
    is_active = models.BooleanField(default=True)
    version = models.PositiveIntegerField(default=0)

    objects = PlaybookPartQuerySet.as_manager()

    class Meta:
        ordering = ["offer_id", "position", "pk"]
        constraints = [
            models.UniqueConstraint(
                name="playbook_title_once", fields=["offer", "title"], condition=Q(is_active=True)
            ),
            models.CheckConstraint(name="playbook_minutes", condition=Q(minutes__gte=1, minutes__lte=480)),
            models.CheckConstraint(name="playbook_method_known", condition=Q(method__in=PlaybookMethod.values)),
        ]

    def __str__(self):
        return self.title


class SessionPart(models.Model):
    """A part picked for a session, at its place in the plan; `is_used` once it was done (R25)."""

    session = models.ForeignKey(Session, on_delete=models.CASCADE, related_name="parts")
    part = models.ForeignKey(PlaybookPart, on_delete=models.PROTECT, related_name="picked")
    position = models.PositiveSmallIntegerField()
    is_used = models.BooleanField(default=False)

    class Meta:
        ordering = ["session_id", "position", "pk"]
        constraints = [models.UniqueConstraint(name="session_part_once", fields=["session", "part"])]

    def __str__(self):
        return f"{self.session_id}: {self.part_id}"
