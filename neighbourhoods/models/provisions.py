"""R36: general facilities in the neighbourhood, and what they agreed to receive."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from accounts.permissions import has_role
from neighbourhoods.enums import ProvisionKind
from neighbourhoods.models.areas import Municipality, Neighbourhood

SEEN_BY = (RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER, RoleName.TEAM_MEMBER, RoleName.COORDINATOR)


def municipalities_of(user):
    """Where this user keeps the provisions: a coordinator everywhere; others where they or their team work (R41)."""
    if has_role(user, RoleName.COORDINATOR):
        return Municipality.objects.all()
    wanted = Q(pk__in=[])
    if has_role(user, RoleName.GROUP_WORKER):
        wanted |= Q(pk__in=user.work_areas.values("municipality"))
    if has_role(user, RoleName.TEAM_MEMBER):
        wanted |= Q(pk__in=user.team_memberships.values("team__municipality"))
    return Municipality.objects.filter(wanted)


class ProvisionQuerySet(models.QuerySet):
    """Adjectives for provisions."""

    def open(self):
        """Those that still exist."""
        return self.filter(closed_on=None)

    def agreed(self):
        """Those to whom somebody may be sent: open, and they agreed to it (R36)."""
        return self.open().exclude(agreed_on=None)

    def visible_to(self, user):
        """Everybody who guides people onward; others have no use for what was agreed."""
        return self.all() if has_role(user, *SEEN_BY) else self.none()

    def manageable_by(self, user):
        """Those of the municipalities where this user keeps them (R41)."""
        return self.filter(municipality__in=municipalities_of(user).order_by())


class Provision(models.Model):
    """A community house, library, garden, club …: with aims of its own, so nobody is sent there unagreed (R36)."""

    name = models.CharField(_("name"), max_length=120)
    kind = models.CharField(_("kind"), max_length=15, choices=ProvisionKind.choices)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="provisions", verbose_name=_("municipality")
    )
    neighbourhood = models.ForeignKey(
        Neighbourhood,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="provisions",
        verbose_name=_("neighbourhood"),
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    website = models.URLField(_("website"), blank=True)
    opening = models.CharField(_("when it is open"), max_length=200, blank=True)
    note = models.TextField(_("note"), blank=True, max_length=1000)
    receives = models.TextField(_("what they want to receive"), blank=True, max_length=1000)
    agreed_on = models.DateField(_("agreed on"), null=True, blank=True)
    agreed_with = models.CharField(_("agreed with"), max_length=120, blank=True)
    withdrawn_on = models.DateField(_("agreement ended on"), null=True, editable=False)
    closed_on = models.DateField(_("closed on"), null=True, editable=False)
    changed_at = models.DateTimeField(_("changed at"), default=timezone.now, editable=False)
    changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    objects = ProvisionQuerySet.as_manager()

    class Meta:
        ordering = ("municipality__name", "name", "pk")
        verbose_name = _("provision")
        verbose_name_plural = _("provisions")
        constraints = [
            models.UniqueConstraint(
                name="provision_name_once", fields=["municipality", "name"], condition=Q(closed_on=None)
            ),
            models.CheckConstraint(name="provision_kind_known", condition=Q(kind__in=ProvisionKind.values)),
            models.CheckConstraint(
                name="provision_agreement_whole",
                condition=Q(agreed_on=None, agreed_with="", receives="")
                | (Q(agreed_on__isnull=False) & ~Q(agreed_with="") & ~Q(receives="")),
            ),
        ]

    def __str__(self):
        return f"{self.name} ({self.municipality.name})"

    @property
    def agreed(self):
        """Whether somebody may be sent there: it is open, and agreed to it (R36)."""
        return self.agreed_on is not None and self.closed_on is None
