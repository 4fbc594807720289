"""A letter to a client whom mail cannot safely reach."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from accounts.permissions import has_role
from clients.enums import LetterState
from clients.models.person import WITH_NEIGHBOURHOODS, Client
from clients.sealing import Sealed, SealedText


class LetterQuerySet(models.QuerySet):
    def visible_to(self, user):
        """The desk prints the letters of where it works; who places, those of their own clients (R41)."""
        mine = Q()
        if has_role(user, RoleName.DESK):
            mine |= Q(client__neighbourhood__municipality__in=user.work_areas.values("municipality"))
        if has_role(user, *WITH_NEIGHBOURHOODS):
            mine |= Q(client__in=Client.objects.visible_to(user).order_by())
        return self.filter(mine) if mine else self.none()

    def to_print(self):
        return self.filter(state=LetterState.TO_PRINT)


class Letter(Sealed):
    """What is said by post, as it was worded when it was written. Where it goes is read when it is printed (R40)."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="letters")
    kind = models.CharField(max_length=40, help_text="The MessageKind that it says.")
    text = SealedText(_("text"), max_length=5000)
    state = models.CharField(max_length=10, choices=LetterState, default=LetterState.TO_PRINT)
    made_at = models.DateTimeField()
    printed_at = models.DateTimeField(null=True, blank=True)
    printed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, null=True, blank=True, related_name="+"
    )
    dedupe_key = models.CharField(max_length=200, unique=True)

    objects = LetterQuerySet.as_manager()

    class Meta:
        ordering = ["made_at", "pk"]
        indexes = [
            models.Index(fields=["made_at", "id"], condition=Q(state=LetterState.TO_PRINT), name="letter_to_print")
        ]
        constraints = [
            models.CheckConstraint(condition=Q(state__in=LetterState.values), name="letter_state_known"),
            models.CheckConstraint(
                condition=Q(state=LetterState.PRINTED, printed_at__isnull=False, printed_by__isnull=False)
                | (Q(printed_at__isnull=True, printed_by__isnull=True) & ~Q(state=LetterState.PRINTED)),
                name="letter_printed_has_who_and_when",
            ),
        ]

    def __str__(self):
        return f"{self.client_id}: {self.kind} #{self.pk}"
