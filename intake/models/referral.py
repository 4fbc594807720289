"""Somebody asks for help or is sent (R1). Names and addresses are in clients."""

import json
import uuid

from django.conf import settings
from django.core.validators import ProhibitNullCharactersValidator
from django.db import models
from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from accounts.permissions import has_role
from clients.models import Involvement
from clients.sealing import Sealed, SealedText
from intake.enums import AppointmentState, ReferralSource, ReferralState
from neighbourhoods.enums import CatchmentLevel

refuse_null = ProhibitNullCharactersValidator()
# Who may hold referrals of their own. A coordinator and an administrator see counts, not people.
WITH_REFERRALS = (
    RoleName.TEAM_MEMBER,
    RoleName.SOCIAL_WORKER,
    RoleName.GROUP_WORKER,
    RoleName.DESK,
    RoleName.REFERRER,
)


class ReferralQuerySet(models.QuerySet):
    def open(self):
        return self.exclude(state=ReferralState.CLOSED)

    def to_judge(self):
        return self.filter(state=ReferralState.RECEIVED)

    def longest_first(self):
        """R17: waiting counts from the referral."""
        return self.order_by("received_on", "received_at", "pk")

    def referred_by_user(self, user):
        return self.filter(referred_by=user) if has_role(user, *WITH_REFERRALS) else self.none()

    def in_work_areas_of(self, user):
        """The referrals a social worker judges: of who lives, by now, in the municipalities they work in (R41)."""
        if not has_role(user, RoleName.SOCIAL_WORKER):
            return self.none()
        return self.filter(client__neighbourhood__municipality__in=user.work_areas.values("municipality"))

    def of_desk(self, user):
        """The referrals the desk, or a social worker, plans intakes for: of who lives in their work areas by now.

        Without the question and the aim: who plans an intake need not know why (R41).
        """
        if not has_role(user, RoleName.DESK, RoleName.SOCIAL_WORKER):
            return self.none()
        areas = user.work_areas.values("municipality")
        return self.filter(client__neighbourhood__municipality__in=areas).defer("question", "aim", "told")

    def without_appointment(self):
        """To judge, and no intake is planned (R2)."""
        return self.to_judge().exclude(appointments__state=AppointmentState.BOOKED)

    def visible_to(self, user):
        """Own referrals; a social worker's work areas; who places, where involved with the client (R41)."""
        if not has_role(user, *WITH_REFERRALS):
            return self.none()
        mine = Q(referred_by=user)
        if has_role(user, RoleName.SOCIAL_WORKER):
            mine |= Q(client__neighbourhood__municipality__in=user.work_areas.values("municipality"))
        if has_role(user, RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER):
            mine |= Q(Exists(Involvement.objects.open().filter(client=OuterRef("client"), user=user)))
        return self.filter(mine)


class Referral(Sealed):
    """One question about one person; the referrer's aim and the client's own words are kept apart (R1)."""

    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="referrals")
    referred_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="referrals"
    )
    source = models.CharField(_("comes from"), max_length=20, choices=ReferralSource)
    organisation = models.CharField(_("organisation"), max_length=120, blank=True, validators=[refuse_null])
    question = SealedText(_("the client's own question"), max_length=2000)
    aim = SealedText(_("the referrer's aim"), max_length=2000, blank=True)
    problem_kinds = models.ManyToManyField("groups.ProblemKind", blank=True, related_name="referrals")
    wished_offer = models.ForeignKey(
        "groups.GroupOffer", null=True, blank=True, on_delete=models.PROTECT, related_name="wished_in"
    )
    wished_level = models.CharField(
        _("where"), max_length=13, choices=CatchmentLevel, blank=True, help_text="Empty: no preference."
    )
    neighbourhood = models.ForeignKey(
        "neighbourhoods.Neighbourhood", on_delete=models.PROTECT, related_name="referrals"
    )
    state = models.CharField(max_length=10, choices=ReferralState, default=ReferralState.RECEIVED)
    received_at = models.DateTimeField()
    received_on = models.DateField(help_text="The local day from which waiting counts (R17).")
    submission_key = models.UUIDField(
        default=uuid.uuid4, help_text="One per form that was opened: sent twice is once."
    )
    feedback_allowed = models.BooleanField(
        default=False, help_text="The client agreed, at this referral, that the referrer hears how it goes (R9)."
    )
    basics_first = models.BooleanField(
        _("basics first"), default=False, help_text="R5: the referrer sees urgent needs; the social worker judges."
    )
    closed_reason = SealedText(blank=True, max_length=500)
    told = SealedText(
        blank=True,
        max_length=4000,
        help_text="JSON, {name: [given, prefix, family], anew: {field: what differs from the file}}.",
    )

    hears_talks_after = models.DateTimeField(
        null=True, blank=True, help_text="R43: its file was joined with another then; earlier talks were about that."
    )

    objects = ReferralQuerySet.as_manager()

    class Meta:
        ordering = ["-received_at", "-pk"]
        indexes = [
            models.Index(
                name="referral_to_judge",
                fields=["neighbourhood", "received_on"],
                condition=Q(state=ReferralState.RECEIVED),
            ),
            models.Index(name="referral_own", fields=["referred_by", "-received_at"]),
        ]
        constraints = [
            models.UniqueConstraint(
                name="referral_sent_once", fields=["referred_by", "submission_key"], nulls_distinct=False
            ),
            models.UniqueConstraint(
                name="referral_open_once",
                fields=["client", "referred_by"],
                condition=~Q(state=ReferralState.CLOSED),
            ),
            models.CheckConstraint(name="referral_source_known", condition=Q(source__in=ReferralSource.values)),
            models.CheckConstraint(name="referral_state_known", condition=Q(state__in=ReferralState.values)),
            models.CheckConstraint(
                name="referral_wished_level_known", condition=Q(wished_level__in=["", *CatchmentLevel.values])
            ),
            models.CheckConstraint(
                name="referral_closed_has_reason", condition=~Q(state=ReferralState.CLOSED) | ~Q(closed_reason="")
            ),
        ]

    def __str__(self):
        """Never a name: strings end up in logs."""
        return f"referral #{self.pk}"

    def days_waiting(self, today):
        return max(0, (today - self.received_on).days)

    @property
    def told_name(self):
        """[given name, prefix, family name] as the referrer wrote it; nothing of one from before this was kept."""
        return json.loads(self.told)["name"] if self.told else []

    @property
    def told_anew(self):
        """{field: what the referrer says otherwise of somebody who was known}, for who judges."""
        return json.loads(self.told)["anew"] if self.told else {}
