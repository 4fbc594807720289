"""Social teams and the people who work somewhere."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from neighbourhoods.models.areas import Catchment, Municipality


class SocialTeam(models.Model):
    """A wijkteam and the catchments it serves."""

    code = models.SlugField(_("code"), max_length=40, unique=True)
    name = models.CharField(_("name"), max_length=120, unique=True)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="social_teams", verbose_name=_("municipality")
    )
    catchments = models.ManyToManyField(
        Catchment, related_name="social_teams", blank=True, verbose_name=_("catchments")
    )
    note = models.TextField(_("note"), blank=True)

    class Meta:
        ordering = ("municipality__name", "name")
        verbose_name = _("social team")
        verbose_name_plural = _("social teams")

    def __str__(self):
        return self.name


class TeamMembership(models.Model):
    """Somebody belongs to a social team."""

    team = models.ForeignKey(SocialTeam, on_delete=models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="team_memberships")

    class Meta:
        ordering = ("team", "user")
        verbose_name = _("team membership")
        verbose_name_plural = _("team memberships")
        constraints = [models.UniqueConstraint(name="team_membership_once", fields=["team", "user"])]

    def __str__(self):
        return f"{self.team_id} – {self.user_id}"


class WorkArea(models.Model):
    """A municipality where a group worker or social worker works; need to know follows it (R41)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="work_areas")
    municipality = models.ForeignKey(Municipality, on_delete=models.CASCADE, related_name="work_areas")

    class Meta:
        ordering = ("user", "municipality")
        verbose_name = _("work area")
        verbose_name_plural = _("work areas")
        constraints = [models.UniqueConstraint(name="work_area_once", fields=["user", "municipality"])]

    def __str__(self):
        return f"{self.user_id} – {self.municipality_id}"
