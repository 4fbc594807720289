"""R8b: no fitting offer is no dead end."""

from django.conf import settings
from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from accounts.enums import RoleName
from accounts.permissions import has_role
from clients.sealing import Sealed, SealedText
from intake.enums import OpenQuestionState
from intake.models.referral import Referral


class OpenQuestionQuerySet(models.QuerySet):
    def open(self):
        return self.filter(state=OpenQuestionState.OPEN)

    def longest_first(self):
        """R17: waiting counts from the referral."""
        return self.order_by("received_on", "pk")

    def visible_to(self, user):
        """By name: for the social workers of the municipality where the client lives by now (R41)."""
        if not has_role(user, RoleName.SOCIAL_WORKER):
            return self.none()
        return self.filter(client__neighbourhood__municipality__in=user.work_areas.values("municipality"))

    def countable_by(self, user):
        """As a number: a coordinator everywhere, who places where they work (R41)."""
        if has_role(user, RoleName.COORDINATOR):
            return self.all()
        if not has_role(user, RoleName.GROUP_WORKER, RoleName.SOCIAL_WORKER):
            return self.none()
        return self.filter(neighbourhood__municipality__in=user.work_areas.values("municipality"))

    def to_review(self, *, today):
        return self.open().filter(review_on__lte=today)


class OpenQuestion(Sealed):
    """A question for which there was no offer. It waits where it was asked and is found again when one comes.

    What the social worker looked at then is kept, so that only what is new since is proposed.
    """

    referral = models.OneToOneField(Referral, on_delete=models.CASCADE, related_name="open_question")
    client = models.ForeignKey("clients.Client", on_delete=models.PROTECT, related_name="open_questions")
    neighbourhood = models.ForeignKey(
        "neighbourhoods.Neighbourhood", on_delete=models.PROTECT, related_name="open_questions"
    )
    problem_kinds = models.ManyToManyField("groups.ProblemKind", blank=True, related_name="open_questions")
    state = models.CharField(max_length=10, choices=OpenQuestionState, default=OpenQuestionState.OPEN)
    received_on = models.DateField(help_text="The day of the referral, from which waiting counts (R17).")
    opened_on = models.DateField()
    opened_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    reason = SealedText(_("why no group fits"), max_length=1000)
    review_on = models.DateField(_("look again on"))
    review_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    seen_offers = ArrayField(
        models.BigIntegerField(), default=list, blank=True, help_text="Fitted, and were found not to suit."
    )
    seen_lists = ArrayField(
        models.BigIntegerField(), default=list, blank=True, help_text="Their waitlists at that moment."
    )
    entry = models.OneToOneField(
        "groups.WaitlistEntry", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_at = models.DateTimeField(null=True, blank=True)
    closed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    closed_reason = SealedText(_("why it is withdrawn"), max_length=500, blank=True)

    objects = OpenQuestionQuerySet.as_manager()

    class Meta:
        ordering = ["received_on", "pk"]
        indexes = [
            models.Index(
                name="open_question_by_area",
                fields=["neighbourhood", "received_on"],
                condition=Q(state=OpenQuestionState.OPEN),
            ),
            models.Index(
                name="open_question_review",
                fields=["review_by", "review_on"],
                condition=Q(state=OpenQuestionState.OPEN),
            ),
        ]
        constraints = [
            models.CheckConstraint(
                name="open_question_state_whole",
                condition=Q(state=OpenQuestionState.OPEN, closed_at=None, entry=None)
                | Q(state=OpenQuestionState.ANSWERED, closed_at__isnull=False, entry__isnull=False)
                | Q(state=OpenQuestionState.WITHDRAWN, closed_at__isnull=False, entry=None) & ~Q(closed_reason=""),
            ),
            models.CheckConstraint(name="open_question_says_why", condition=~Q(reason="")),
        ]

    def __str__(self):
        """Never a name: strings end up in logs."""
        return f"open question #{self.pk}"

    def days_waiting(self, today):
        return max(0, (today - self.received_on).days)
