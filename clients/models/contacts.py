"""When somebody was spoken to, and when they are to be asked after again: nobody drops out of sight (R7, R10)."""

from django.conf import settings
from django.db import models
from django.db.models import Case, Exists, OuterRef, Q, Value, When
from django.utils.translation import gettext_lazy as _

from accounts.enums import BookingKind, RoleName
from accounts.models import User, WorkerBooking
from clients.enums import ContactWay, FollowUpAbout, SettledHow
from clients.models.person import WITH_NEIGHBOURHOODS, Client
from clients.sealing import Sealed, SealedText

# After so many attempts in a row something else is tried than calling once more.
MISSES_BEFORE_LETTER = 3


class ContactMomentQuerySet(models.QuerySet):
    def reached(self):
        return self.filter(is_reached=True)

    def since_reached(self):
        """Attempts in vain that no talk came after."""
        later = ContactMoment.objects.reached().filter(client=OuterRef("client"), at__gte=OuterRef("at"))
        return self.filter(~Exists(later), is_reached=False)


class ContactMoment(Sealed):
    """One attempt to speak with a client. Attempts in vain count too: three of them ask for another way (R40)."""

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="contact_moments")
    at = models.DateTimeField()
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    way = models.CharField(_("how"), max_length=10, choices=ContactWay, default=ContactWay.PHONE)
    is_reached = models.BooleanField(_("reached"))
    note = SealedText(_("note"), blank=True, max_length=1000)
    next_on = models.DateField(_("next contact on"), null=True, blank=True)
    next_for = SealedText(_("what for"), max_length=100, blank=True)
    recorded_at = models.DateTimeField()

    objects = ContactMomentQuerySet.as_manager()

    class Meta:
        ordering = ["-at", "-pk"]
        indexes = [
            models.Index(fields=["client", "-at"], condition=Q(is_reached=True), name="contact_reached"),
            models.Index(fields=["client", "-at"], name="contact_of_client"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(way__in=ContactWay.values), name="contact_way_known"),
            models.CheckConstraint(
                condition=Q(next_for="") | Q(next_on__isnull=False), name="contact_next_for_has_day"
            ),
        ]

    def __str__(self):
        return f"contact of {self.client_id} at {self.at:%Y-%m-%d %H:%M}"


def available_placers(*, now):
    """Who places people, has an account that works, and is not on leave at this moment."""
    leave = WorkerBooking.objects.filter(user=OuterRef("pk"), kind=BookingKind.LEAVE, period__contains=now)
    return User.objects.with_role(*WITH_NEIGHBOURHOODS).filter(~Exists(leave)).order_by()


class FollowUpQuerySet(models.QuerySet):
    def open(self):
        return self.filter(settled_at__isnull=True)

    def due(self, *, today):
        """The longest due first."""
        return self.open().filter(due_on__lte=today).order_by("due_on", "pk")

    def visible_to(self, user):
        """Of clients in the user's own work areas, or with whom they work (R41)."""
        return self.filter(client__in=Client.objects.visible_to(user).order_by())

    def for_today_of(self, user, *, now):
        """What this user answers for: what was given to them, and what is anybody's in their role and area.

        What was given to a colleague who is away, left or works elsewhere now falls to all who place people in the
        client's municipality; `fell` says so.
        """
        if not user.role_names.intersection(WITH_NEIGHBOURHOODS):
            return self.none()
        answers = available_placers(now=now).filter(
            pk=OuterRef("for_user"), work_areas__municipality=OuterRef("client__neighbourhood__municipality")
        )
        stays = Q(for_user__isnull=True) | Q(Exists(answers))
        rows = self.visible_to(user).annotate(fell=Case(When(stays, then=Value(False)), default=Value(True)))
        mine = Q(for_user=user.pk) | Q(for_user__isnull=True, for_role__in=user.role_names) | Q(fell=True)
        return rows.filter(mine)


class FollowUp(models.Model):
    """Somebody is asked after, from a day on and until it is settled (R10). `key` keeps what asks for it single."""

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="follow_ups")
    about = models.CharField(max_length=20, choices=FollowUpAbout)
    due_on = models.DateField()
    for_user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.SET_NULL,
        null=True,
        blank=True,
        related_name="follow_ups",
        help_text="Empty: whoever holds for_role where the client lives.",
    )
    for_role = models.CharField(max_length=20, choices=RoleName)
    key = models.CharField(max_length=60, blank=True, help_text="What it came of, like entry:12; one open row each.")
    args = models.JSONField(default=dict, blank=True, help_text="Codes that the words ask for; never a text.")
    created_at = models.DateTimeField()
    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    snoozed_count = models.PositiveSmallIntegerField(default=0)
    settled_at = models.DateTimeField(null=True, blank=True)
    settled_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    settled_how = models.CharField(max_length=20, choices=SettledHow, blank=True)

    objects = FollowUpQuerySet.as_manager()

    class Meta:
        ordering = ["due_on", "pk"]
        indexes = [
            models.Index(fields=["due_on", "id"], condition=Q(settled_at__isnull=True), name="follow_up_due"),
            models.Index(fields=["client"], condition=Q(settled_at__isnull=True), name="follow_up_open_of"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["client", "about", "key"], condition=Q(settled_at__isnull=True), name="follow_up_open_once"
            ),
            models.CheckConstraint(condition=Q(about__in=FollowUpAbout.values), name="follow_up_about_known"),
            models.CheckConstraint(
                condition=Q(for_role__in=[str(role) for role in WITH_NEIGHBOURHOODS]), name="follow_up_for_who_places"
            ),
            models.CheckConstraint(
                condition=Q(settled_at__isnull=True, settled_how="")
                | Q(settled_at__isnull=False, settled_how__in=SettledHow.values),
                name="follow_up_settled_says_how",
            ),
        ]

    def __str__(self):
        return f"{self.client_id}: {self.about} {self.due_on}"
