"""Who may know what about a client, and who looked."""

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from clients.enums import AccessAction, ConsentPurpose, InvolvementKind


class ConsentQuerySet(models.QuerySet):
    def in_force(self):
        return self.filter(withdrawn_on__isnull=True)


class Consent(models.Model):
    """What the client agreed to, when and how (R42). Withdrawn, it stays as history."""

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="consents")
    purpose = models.CharField(_("for"), max_length=30, choices=ConsentPurpose)
    given_on = models.DateField(_("given on"))
    how = models.CharField(_("how"), max_length=100)
    recorded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    withdrawn_on = models.DateField(_("withdrawn on"), null=True, blank=True)

    objects = ConsentQuerySet.as_manager()

    class Meta:
        ordering = ["client_id", "purpose", "given_on", "pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "purpose"], condition=Q(withdrawn_on__isnull=True), name="consent_in_force_once"
            ),
            models.CheckConstraint(
                condition=Q(withdrawn_on__isnull=True) | Q(withdrawn_on__gte=F("given_on")),
                name="consent_withdrawn_after_given",
            ),
            models.CheckConstraint(condition=Q(purpose__in=ConsentPurpose.values), name="consent_purpose_known"),
        ]

    def __str__(self):
        return f"{self.client_id}: {self.purpose}"


class Exclusion(models.Model):
    """Two clients who must never be in one group (R18). Stored once, the lower number first."""

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="exclusions_as_first")
    other = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="exclusions_as_second")
    recorded_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, related_name="+")
    recorded_at = models.DateTimeField()

    class Meta:
        ordering = ["client_id", "other_id"]
        constraints = [
            models.UniqueConstraint(fields=["client", "other"], name="exclusion_once"),
            models.CheckConstraint(condition=Q(client__lt=F("other")), name="exclusion_lower_first"),
        ]

    def __str__(self):
        return f"{self.client_id}, {self.other_id}"


class InvolvementQuerySet(models.QuerySet):
    def open(self):
        return self.filter(ended_at__isnull=True)


class Involvement(models.Model):
    """Somebody works with this client, and may therefore open the file (R41)."""

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="involvements")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="involvements")
    kind = models.CharField(max_length=20, choices=InvolvementKind)
    started_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = InvolvementQuerySet.as_manager()

    class Meta:
        ordering = ["client_id", "started_at", "pk"]
        indexes = [models.Index(fields=["user", "client"], condition=Q(ended_at__isnull=True), name="involved_now")]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "user", "kind"], condition=Q(ended_at__isnull=True), name="involvement_open_once"
            ),
            models.CheckConstraint(
                condition=Q(ended_at__isnull=True) | Q(ended_at__gte=F("started_at")), name="involvement_ends_later"
            ),
            models.CheckConstraint(condition=Q(kind__in=InvolvementKind.values), name="involvement_kind_known"),
        ]

    def __str__(self):
        return f"{self.client_id}: {self.user_id} {self.kind}"


class AccessLog(models.Model):
    """Who opened whose file, when and what for. Rows are only ever added; a database trigger holds that (R41)."""

    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="access_log")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    action = models.CharField(max_length=20, choices=AccessAction)
    reason = models.CharField(max_length=200, blank=True)
    at = models.DateTimeField()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [models.Index(fields=["client", "-at"], name="access_of_client")]
        constraints = [models.CheckConstraint(condition=Q(action__in=AccessAction.values), name="access_action_known")]

    def __str__(self):
        return f"{self.client_id}: {self.user_id} {self.action}"
