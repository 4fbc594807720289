"""Who the client is, how to reach them, when they can come."""

import uuid
from datetime import date

from django.conf import settings
from django.db import models
from django.db.models import Exists, F, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName, Weekday
from accounts.permissions import has_role
from clients.enums import DayPart, Sex
from clients.models.access import Consent, Involvement
from clients.models.keys import SealKey
from clients.names import SORT_KEY_LENGTH, make_sort_key
from clients.sealing import Sealed, SealedText

# Roles that work with single clients; the others see counts only, and a referrer from outside their own referrals.
WITH_CLIENTS = (RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER, RoleName.TEAM_MEMBER)
WITH_NEIGHBOURHOODS = (RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER)
# The state, in intake, of a referral that waits for its intake.
NOT_JUDGED = "received"
# All that is left in a file that was merged into another (R43).
EMPTIED = {
    "given_name": "-",
    "name_prefix": "",
    "family_name": "-",
    "birth_date": None,
    "sex": Sex.UNKNOWN,
    "postcode": "",
    "street": "",
    "town": "",
    "email": "",
    "phone": "",
    "refuses_own_neighbourhood": False,
}


class ClientQuerySet(models.QuerySet):
    def visible_to(self, user):
        """Need to know (R41): an open involvement, or, for who places, the municipalities one works in.

        The desk sees whom it still has to plan an intake for, and nobody else's file. A file that was merged into
        another is nobody's.
        """
        mine = Q()
        if has_role(user, *WITH_CLIENTS):
            mine |= Q(Exists(Involvement.objects.open().filter(client=OuterRef("pk"), user=user)))
        if has_role(user, *WITH_NEIGHBOURHOODS):
            mine |= Q(neighbourhood__municipality__in=user.work_areas.values("municipality"))
        if has_role(user, RoleName.DESK):
            mine |= Q(pk__in=self.model.objects.to_plan(user).order_by().values("pk"))
        return self.filter(mine, merged_into__isnull=True) if mine else self.none()

    def to_plan(self, user):
        """R2: who has a referral that nobody judged yet and lives, by now, where this desk works (R41)."""
        if not has_role(user, RoleName.DESK):
            return self.none()
        # Asked by its name: intake, which knows what a referral is, lies above clients.
        return self.filter(
            pk__in=self.model.objects.filter(
                referrals__state=NOT_JUDGED, neighbourhood__municipality__in=user.work_areas.values("municipality")
            )
            .order_by()
            .values("pk")
        )

    def with_consent(self, purpose):
        """Adds `has_consent`: whether this purpose is consented to now."""
        given = Consent.objects.in_force().filter(client=OuterRef("pk"), purpose=purpose)
        return self.annotate(has_consent=Exists(given))


class Client(models.Model):
    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.OneToOneField(SealKey, on_delete=models.PROTECT, related_name="client", editable=False)
    given_name = models.CharField(_("given name"), max_length=80)
    name_prefix = models.CharField(_("prefix"), max_length=20, blank=True)
    family_name = models.CharField(_("family name"), max_length=80)
    sort_key = models.CharField(max_length=SORT_KEY_LENGTH, editable=False, db_collation="C")
    birth_date = models.DateField(_("date of birth"), null=True, blank=True)
    sex = models.CharField(_("sex"), max_length=10, choices=Sex, default=Sex.UNKNOWN)
    postcode = models.CharField(_("postcode"), max_length=7, blank=True)
    neighbourhood = models.ForeignKey(
        "neighbourhoods.Neighbourhood",
        on_delete=models.PROTECT,
        related_name="clients",
        verbose_name=_("neighbourhood"),
    )
    street = models.CharField(_("street and house number"), max_length=100, blank=True)
    town = models.CharField(_("town"), max_length=60, blank=True)
    email = models.EmailField(_("e-mail address"), blank=True)
    phone = models.CharField(_("phone"), max_length=20, blank=True)
    refuses_own_neighbourhood = models.BooleanField(_("not in their own neighbourhood"), default=False)
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="registered_clients"
    )
    changed_at = models.DateTimeField()
    contact_changed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    merged_into = models.ForeignKey(
        "self",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_files",
        editable=False,
        help_text="R43: this file became part of that one; nothing about the person is left here.",
    )

    objects = ClientQuerySet.as_manager()

    class Meta:
        ordering = ["sort_key", "pk"]
        indexes = [
            models.Index(fields=["sort_key", "id"], name="client_sorted"),
            models.Index(fields=["postcode", "birth_date"], name="client_same_person"),
            models.Index(fields=["changed_at"], name="client_changed"),
        ]
        constraints = [
            models.CheckConstraint(condition=~Q(given_name="") & ~Q(family_name=""), name="client_has_name"),
            models.CheckConstraint(condition=Q(sex__in=Sex.values), name="client_sex_known"),
            models.CheckConstraint(
                condition=Q(postcode="") | Q(postcode__regex=r"^[1-9][0-9]{3}( [A-Z]{2})?$"),
                name="client_postcode_form",
            ),
            models.CheckConstraint(
                condition=Q(street="", town="") | (~Q(street="") & ~Q(town="")), name="client_address_is_whole"
            ),
            models.CheckConstraint(
                condition=Q(birth_date__isnull=True) | Q(birth_date__gte=date(1880, 1, 1)), name="client_birth_date"
            ),
            models.CheckConstraint(
                condition=Q(merged_into__isnull=True) | Q(**EMPTIED) & ~Q(merged_into=F("pk")),
                name="client_merged_is_empty",
            ),
        ]

    def __str__(self):
        """Never the name: strings end up in logs."""
        return f"client #{self.pk}"

    def save(self, *args, **kwargs):
        self.sort_key = make_sort_key(
            given_name=self.given_name, name_prefix=self.name_prefix, family_name=self.family_name
        )
        if self.key_id is None:
            self.key = SealKey.objects.make()
        super().save(*args, **kwargs)

    @property
    def full_name(self):
        return " ".join(part for part in (self.given_name, self.name_prefix, self.family_name) if part)

    @property
    def short_name(self):
        """A. de V.: what lists show."""
        return " ".join(
            part for part in (f"{self.given_name[:1]}.", self.name_prefix, f"{self.family_name[:1]}.") if part
        )

    @property
    def name_in_group(self):
        """Anouk de V.: on the page of their own group, where initials would have two people look alike."""
        return " ".join(part for part in (self.given_name, self.name_prefix, f"{self.family_name[:1]}.") if part)

    def is_reached_as_told_by(self, user):
        """Whether contact data are still those that others left alone: who supplied them may see them (R40)."""
        return self.contact_changed_by_id in (None, user.pk)

    def age_on(self, day):
        """Whole years on that day; None if the date of birth is not known."""
        if self.birth_date is None:
            return None
        had_no_birthday_yet = (day.month, day.day) < (self.birth_date.month, self.birth_date.day)
        return day.year - self.birth_date.year - had_no_birthday_yet


class ContactPreference(Sealed):
    """How this client may safely be reached (R40)."""

    client = models.OneToOneField(Client, on_delete=models.CASCADE, related_name="contact", primary_key=True)
    is_sensitive = models.BooleanField(_("contact can be dangerous"), default=False)
    may_mail = models.BooleanField(_("mail is safe"), default=True)
    may_phone = models.BooleanField(_("calling is safe"), default=True)
    may_letter = models.BooleanField(_("a letter is safe"), default=True)
    address_is_secret = models.BooleanField(_("the address is secret"), default=False)
    instructions = SealedText(_("how to reach them safely"), blank=True, max_length=500)
    mail_fails_since = models.DateTimeField(
        null=True, blank=True, help_text="Mail to the address came back: none goes there until it is another one."
    )

    def __str__(self):
        return f"contact of {self.client_id}"

    @property
    def refusals(self):
        """What must not be done, in words; empty when every way is safe."""
        ways = [
            (self.may_phone, _("Do not call.")),
            (self.may_mail, _("Do not mail.")),
            (self.may_letter, _("Do not send letters.")),
        ]
        return [str(words) for is_safe, words in ways if not is_safe]

    @property
    def warnings(self):
        """All that must be read before reaching out, the gravest first."""
        grave = [str(_("Take care: contact can be dangerous for this client."))] if self.is_sensitive else []
        return [*grave, *self.refusals, *filter(None, [self.instructions])]

    @property
    def is_careful(self):
        """Whether something can go wrong, rather than only something be agreed."""
        return self.is_sensitive or bool(self.refusals)


class ClientAvailability(models.Model):
    """A part of the week in which the client can come. None recorded: any time."""

    client = models.ForeignKey(Client, on_delete=models.CASCADE, related_name="availability")
    weekday = models.PositiveSmallIntegerField(_("day"), choices=Weekday)
    part = models.CharField(_("part of the day"), max_length=10, choices=DayPart)

    class Meta:
        ordering = ["client_id", "weekday", "part"]
        constraints = [
            models.UniqueConstraint(fields=["client", "weekday", "part"], name="client_availability_once"),
            models.CheckConstraint(condition=Q(weekday__lte=6), name="client_availability_weekday"),
            models.CheckConstraint(condition=Q(part__in=DayPart.values), name="client_availability_part"),
        ]

    def __str__(self):
        return f"{self.client_id}: {self.weekday} {self.part}"
