"""Municipalities, neighbourhoods, the catchments that offers draw from, and postcodes."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from accounts.permissions import has_role
from neighbourhoods.enums import CatchmentLevel, PostcodeKind


class MunicipalityQuerySet(models.QuerySet):
    def managed_by(self, user):
        """Where this user keeps the venues: a coordinator everywhere, a group worker where they work (R41)."""
        if has_role(user, RoleName.COORDINATOR):
            return self
        return self.filter(work_areas__user=user) if has_role(user, RoleName.GROUP_WORKER) else self.none()


class Municipality(models.Model):
    """A gemeente by its CBS code, with the key figures and outline of the classification of 2024."""

    code = models.CharField(_("code"), max_length=6, primary_key=True)
    name = models.CharField(_("name"), max_length=80, unique=True)
    inhabitants = models.PositiveIntegerField(_("inhabitants"), null=True, blank=True)
    figures = models.JSONField(_("key figures"), default=dict)
    polygon = models.JSONField(_("outline"), default=dict, help_text=_("GeoJSON geometry, longitude and latitude"))

    objects = MunicipalityQuerySet.as_manager()

    class Meta:
        ordering = ("name",)
        verbose_name = _("municipality")
        verbose_name_plural = _("municipalities")

    def __str__(self):
        return self.name


class Catchment(models.Model):
    """Where an offer draws people from, at one of three levels (R11)."""

    level = models.CharField(_("level"), max_length=13, choices=CatchmentLevel.choices)
    name = models.CharField(_("name"), max_length=200)
    municipality = models.ForeignKey(
        Municipality,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="catchments",
        verbose_name=_("municipality"),
    )
    code = models.SlugField(_("code"), max_length=20, unique=True)
    is_manual = models.BooleanField(
        _("on manual"), default=False, help_text=_("R23: cycles here are prepared and wait for one click.")
    )
    joined_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="joined",
        verbose_name=_("joined into"),
        help_text=_("R11: its neighbourhoods are served there now."),
    )

    class Meta:
        ordering = ("level", "municipality__name", "name", "code")
        verbose_name = _("catchment")
        verbose_name_plural = _("catchments")
        constraints = [
            models.CheckConstraint(
                name="catchment_level_known",
                condition=Q(level__in=CatchmentLevel.values),
            ),
            models.CheckConstraint(
                name="catchment_municipality_unless_region",
                condition=Q(level=CatchmentLevel.REGION, municipality=None)
                | (~Q(level=CatchmentLevel.REGION) & Q(municipality__isnull=False)),
            ),
            models.UniqueConstraint(
                name="catchment_one_per_municipality",
                fields=["municipality"],
                condition=Q(level=CatchmentLevel.MUNICIPALITY),
            ),
            models.CheckConstraint(name="catchment_not_joined_into_itself", condition=~Q(joined_into=F("id"))),
            models.UniqueConstraint(
                name="catchment_one_region",
                fields=["level"],
                condition=Q(level=CatchmentLevel.REGION),
            ),
        ]

    def __str__(self):
        if self.level == CatchmentLevel.NEIGHBOURHOOD:
            return f"{self.name} ({self.municipality.name})"
        return self.name


class Neighbourhood(models.Model):
    """A wijk by its CBS code; the name stands without CBS's "Wijk 03 " prefix."""

    code = models.CharField(_("code"), max_length=8, primary_key=True)
    name = models.CharField(_("name"), max_length=120)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="neighbourhoods", verbose_name=_("municipality")
    )
    catchment = models.ForeignKey(
        Catchment,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="neighbourhoods",
        verbose_name=_("catchment"),
    )
    inhabitants = models.PositiveIntegerField(_("inhabitants"), null=True, blank=True)
    figures = models.JSONField(_("key figures"), default=dict)
    polygon = models.JSONField(_("outline"), default=dict, help_text=_("GeoJSON geometry, longitude and latitude"))
    is_current = models.BooleanField(
        _("in use by CBS"),
        default=True,
        help_text=_("Off: no longer in the newest list of CBS; kept for who lives there, offered for nothing new."),
    )

    class Meta:
        ordering = ("municipality__name", "name", "code")
        verbose_name = _("neighbourhood")
        verbose_name_plural = _("neighbourhoods")

    def __str__(self):
        # Names like "Oosterwijk" and "Centrum" exist in more than one municipality (domain.md §4).
        return f"{self.name} ({self.municipality.name})"


class PostcodeArea(models.Model):
    """A four-digit postcode in or around the municipalities where Socius works."""

    pc4 = models.CharField(_("four digits"), max_length=4, primary_key=True)
    place = models.CharField(_("place"), max_length=80)
    kind = models.CharField(_("kind"), max_length=7, choices=PostcodeKind.choices)
    municipality = models.ForeignKey(
        Municipality, on_delete=models.PROTECT, related_name="postcode_areas", verbose_name=_("municipality")
    )

    class Meta:
        ordering = ("pc4",)
        verbose_name = _("postcode area")
        verbose_name_plural = _("postcode areas")
        constraints = [
            models.CheckConstraint(name="postcode_area_kind_known", condition=Q(kind__in=PostcodeKind.values)),
            models.CheckConstraint(name="postcode_area_four_digits", condition=Q(pc4__regex=r"^[1-9][0-9]{3}$")),
        ]

    def __str__(self):
        return f"{self.pc4} {self.place}"


class PostcodeShare(models.Model):
    """Estimated part (0–1) of a postcode area's inhabitants who live in a neighbourhood."""

    area = models.ForeignKey(PostcodeArea, on_delete=models.CASCADE, related_name="shares")
    neighbourhood = models.ForeignKey(Neighbourhood, on_delete=models.CASCADE, related_name="postcode_shares")
    share = models.DecimalField(_("share"), max_digits=4, decimal_places=3)
    is_main = models.BooleanField(_("largest share"), default=False)

    class Meta:
        ordering = ("area", "-share", "neighbourhood")
        verbose_name = _("postcode share")
        verbose_name_plural = _("postcode shares")
        constraints = [
            models.UniqueConstraint(name="postcode_share_once", fields=["area", "neighbourhood"]),
            models.UniqueConstraint(name="postcode_share_one_main", fields=["area"], condition=Q(is_main=True)),
            models.CheckConstraint(name="postcode_share_is_a_part", condition=Q(share__gte=0, share__lte=1)),
        ]

    def __str__(self):
        return f"{self.area_id} → {self.neighbourhood_id}: {self.share}"


class SubNeighbourhood(models.Model):
    """A buurt by its CBS code; which wijk it lies in follows from the code. Written by import_cbs only."""

    code = models.CharField(_("code"), max_length=10, primary_key=True)
    name = models.CharField(_("name"), max_length=120, blank=True)
    neighbourhood = models.ForeignKey(
        Neighbourhood,
        on_delete=models.CASCADE,
        related_name="sub_neighbourhoods",
        verbose_name=_("neighbourhood"),
    )
    inhabitants = models.PositiveIntegerField(_("inhabitants"), null=True, blank=True)

    class Meta:
        ordering = ("code",)
        verbose_name = _("sub-neighbourhood")
        verbose_name_plural = _("sub-neighbourhoods")
        constraints = [
            models.CheckConstraint(name="sub_neighbourhood_code", condition=Q(code__regex=r"^BU[0-9]{4}[0-9A-Z]{4}$")),
        ]

    def __str__(self):
        return self.name or self.code


class Postcode6(models.Model):
    """A full postcode, "1943AB", and the buurt in which most of its house numbers lie (ties: the lowest code)."""

    pc6 = models.CharField(_("postcode"), max_length=6, primary_key=True)
    sub_neighbourhood = models.ForeignKey(
        SubNeighbourhood,
        on_delete=models.CASCADE,
        related_name="postcodes",
        verbose_name=_("sub-neighbourhood"),
    )

    class Meta:
        ordering = ("pc6",)
        verbose_name = _("full postcode")
        verbose_name_plural = _("full postcodes")
        constraints = [
            models.CheckConstraint(name="postcode6_form", condition=Q(pc6__regex=r"^[1-9][0-9]{3}[A-Z]{2}$")),
        ]

    def __str__(self):
        return f"{self.pc6[:4]} {self.pc6[4:]}"
