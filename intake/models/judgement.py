"""What a social worker judged (R3), and the places that came of it."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from clients.sealing import Sealed, SealedText
from intake.enums import ClientType, Decision, UrgentNeed
from intake.models.referral import Referral, refuse_null


class Judgement(Sealed):
    """What the social worker found and decided; one per referral, so a second tab cannot judge again (R3–R6)."""

    referral = models.OneToOneField(Referral, on_delete=models.CASCADE, related_name="judgement")
    by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="judgements")
    judged_at = models.DateTimeField()
    decision = models.CharField(_("decision"), max_length=20, choices=Decision)
    client_type = models.CharField(_("client type"), max_length=12, choices=ClientType, blank=True)
    basic_needs_urgent = models.BooleanField(_("basic needs first"), default=False)
    destination = models.CharField(_("where to"), max_length=200, blank=True, validators=[refuse_null])
    reason = SealedText(_("reason"), blank=True, max_length=1000)
    notes = SealedText(_("notes"), blank=True, max_length=2000)
    question = SealedText(
        _("the question as told at the intake"),
        blank=True,
        max_length=2000,
        help_text="In the client's own words; what came with the referral stays there (R1).",
    )
    urgent_needs = ArrayField(models.CharField(max_length=20, choices=UrgentNeed), default=list, blank=True)
    provision = models.ForeignKey(
        "neighbourhoods.Provision", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    follow_up_on = models.DateField(_("ask again on"), null=True, blank=True)
    follow_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )

    seal_client = "referral.client"

    class Meta:
        ordering = ["-judged_at", "-pk"]
        constraints = [
            models.CheckConstraint(
                name="judgement_urgent_needs_known", condition=Q(urgent_needs__contained_by=UrgentNeed.values)
            ),
            models.CheckConstraint(
                name="judgement_urgent_needs_come_first", condition=Q(urgent_needs=[]) | Q(basic_needs_urgent=True)
            ),
            models.CheckConstraint(
                name="judgement_follow_up_by_somebody",
                condition=Q(follow_up_on=None, follow_up_by=None)
                | Q(follow_up_on__isnull=False, follow_up_by__isnull=False),
            ),
            models.CheckConstraint(name="judgement_decision_known", condition=Q(decision__in=Decision.values)),
            models.CheckConstraint(
                name="judgement_client_type_known", condition=Q(client_type__in=["", *ClientType.values])
            ),
            models.CheckConstraint(
                name="judgement_refer_out_says_where_and_why",
                condition=~Q(decision=Decision.REFER_OUT) | (~Q(destination="") & ~Q(reason="")),
            ),
        ]

    def __str__(self):
        return f"judgement of {self.referral_id}"


class ReferralPlacement(models.Model):
    """Which place on which waitlist came of a referral."""

    referral = models.ForeignKey(Referral, on_delete=models.CASCADE, related_name="placements")
    entry = models.ForeignKey("groups.WaitlistEntry", on_delete=models.PROTECT, related_name="referral_placements")

    class Meta:
        ordering = ["referral_id", "pk"]
        constraints = [models.UniqueConstraint(name="placement_once", fields=["referral", "entry"])]

    def __str__(self):
        return f"{self.referral_id} → {self.entry_id}"
