from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from groups.enums import Audience, CompetenceKind, EntryPolicy, Guidance, Openness, TalkMoment
from neighbourhoods.enums import CatchmentLevel


class ProblemKind(models.Model):
    """What somebody comes with; the list can be extended by the coordinator (domain.md §4)."""

    code = models.SlugField(primary_key=True, max_length=40)
    name_nl = models.CharField(max_length=80)
    name_en = models.CharField(max_length=80)
    is_psychosocial = models.BooleanField(default=False, help_text="R13 puts these together when no kind fills alone.")

    class Meta:
        ordering = ["name_nl"]

    def __str__(self):
        return self.name_en if (get_language() or "nl").startswith("en") else self.name_nl


class GroupOfferQuerySet(models.QuerySet):
    def active(self):
        return self.filter(is_active=True)


class GroupOffer(models.Model):
    """A kind of group one can sign up for. What the organisation has not decided stays empty, never guessed."""

    slug = models.SlugField(unique=True, max_length=60)
    name = models.CharField(max_length=120)
    is_active = models.BooleanField(default=True)
    summary = models.TextField(blank=True, help_text="One or two plain sentences for a resident.")
    what_happens = models.TextField(blank=True)
    for_whom = models.TextField(blank=True)
    how_to_motivate = models.TextField(blank=True)

    level = models.CharField(max_length=20, choices=CatchmentLevel.choices)
    may_run_in_neighbourhood = models.BooleanField(default=False, help_text="False for theme groups (R15).")
    municipalities = models.ManyToManyField(
        "neighbourhoods.Municipality",
        blank=True,
        related_name="offers",
        help_text="Where it is held; empty means anywhere.",
    )
    problem_kinds = models.ManyToManyField(ProblemKind, blank=True, related_name="offers")
    audience = models.CharField(max_length=10, choices=Audience.choices, default=Audience.ALL)
    age_from = models.PositiveSmallIntegerField(null=True, blank=True)
    age_to = models.PositiveSmallIntegerField(null=True, blank=True)

    sessions_count = models.PositiveSmallIntegerField(null=True, blank=True)
    session_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    minimum = models.PositiveSmallIntegerField(null=True, blank=True)
    soft_maximum = models.PositiveSmallIntegerField(null=True, blank=True)
    hard_maximum = models.PositiveSmallIntegerField(null=True, blank=True)
    fixed_weekday = models.PositiveSmallIntegerField(null=True, blank=True, help_text="0 is Monday.")
    fixed_start_time = models.TimeField(null=True, blank=True)
    fixed_day_part = models.CharField(max_length=10, blank=True, help_text="clients.enums.DayPart, or empty.")

    second_seat_required = models.BooleanField(default=True, help_text="R14; missing it is a reason that shows.")
    two_workers_required = models.BooleanField(default=False, help_text="The second seat needs a social worker too.")
    is_rolling = models.BooleanField(default=False)
    entry_policy = models.CharField(max_length=20, choices=EntryPolicy.choices, default=EntryPolicy.CLOSED)
    entry_until_session = models.PositiveSmallIntegerField(null=True, blank=True)
    talk_moment = models.CharField(max_length=24, choices=TalkMoment.choices, default=TalkMoment.BEFORE_PLACEMENT)
    needs_judgement = models.BooleanField(default=True)
    is_sensitive = models.BooleanField(default=False, help_text="Its name is not put in mails or on shared lists.")
    place_is_hidden = models.BooleanField(default=False, help_text="R40: the place is shown to nobody without need.")
    skips_school_holidays = models.BooleanField(default=False)
    lead_time_days = models.PositiveSmallIntegerField(default=7, help_text="R20, days between forming and session 1.")
    talks_count = models.PositiveSmallIntegerField(default=0, help_text="R29: individual talks a participant.")
    talk_minutes = models.PositiveSmallIntegerField(null=True, blank=True)
    talks_after_session = models.PositiveSmallIntegerField(null=True, blank=True)
    openness = models.CharField(max_length=10, choices=Openness.choices, blank=True)
    guidance = models.CharField(max_length=12, choices=Guidance.choices, blank=True)
    source_note = models.TextField(blank=True, help_text="Where these settings come from.")
    added_on = models.DateField(null=True, blank=True, help_text="R37: for the weekly overview; empty: long ago.")

    objects = GroupOfferQuerySet.as_manager()

    class Meta:
        ordering = ["name"]
        constraints = [
            models.CheckConstraint(name="offer_minimum_at_least_1", condition=Q(minimum__gte=1)),
            models.CheckConstraint(name="offer_maxima_in_order", condition=Q(soft_maximum__lte=F("hard_maximum"))),
            models.CheckConstraint(name="offer_minimum_under_maximum", condition=Q(minimum__lte=F("soft_maximum"))),
            models.CheckConstraint(name="offer_has_sessions", condition=Q(sessions_count__gte=1)),
            models.CheckConstraint(
                name="offer_talks_have_length",
                condition=Q(talks_count=0) | Q(talk_minutes__gte=1, talks_after_session__gte=1),
            ),
            models.CheckConstraint(name="offer_weekday", condition=Q(fixed_weekday__lte=6)),
            models.CheckConstraint(
                name="offer_neighbourhood_allowed",
                condition=~Q(level=CatchmentLevel.NEIGHBOURHOOD) | Q(may_run_in_neighbourhood=True),
            ),
        ]

    def __str__(self):
        return self.name

    @property
    def entry_until(self):
        """R22 as one number: the last session at which newcomers enter; None is every session."""
        if self.entry_policy == EntryPolicy.EVERY_SESSION:
            return None
        return 1 if self.entry_policy == EntryPolicy.CLOSED else self.entry_until_session or 1

    @entry_until.setter
    def entry_until(self, number):
        policies = {None: EntryPolicy.EVERY_SESSION, 1: EntryPolicy.CLOSED}
        self.entry_policy = policies.get(number, EntryPolicy.UNTIL_SESSION)
        self.entry_until_session = number if self.entry_policy == EntryPolicy.UNTIL_SESSION else None

    @property
    def has_sessions(self):
        """Whether the number and the length of its sessions are known; without them no cycle can be planned."""
        return self.sessions_count is not None and self.session_minutes is not None


class OfferText(models.Model):
    """What the page of an offer said from a moment on (R37); the highest number is what the offer has now."""

    offer = models.ForeignKey(GroupOffer, on_delete=models.CASCADE, related_name="texts")
    number = models.PositiveIntegerField()
    what_happens = models.TextField(blank=True)
    for_whom = models.TextField(blank=True)
    how_to_motivate = models.TextField(blank=True)
    changed_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    changed_at = models.DateTimeField()

    class Meta:
        ordering = ["offer_id", "-number"]
        constraints = [
            models.UniqueConstraint(name="offer_text_once", fields=["offer", "number"]),
            models.CheckConstraint(name="offer_text_number", condition=Q(number__gte=1)),
        ]

    def __str__(self):
        return f"{self.offer_id} {self.number}"


class CompetenceQuerySet(models.QuerySet):
    def valid(self, *, today):
        return self.filter(Q(expires_on=None) | Q(expires_on__gt=today), granted_on__lte=today)

    def for_offer(self, offer):
        return self.filter(Q(offer=None) | Q(offer=offer))


class Competence(models.Model):
    """That somebody may lead or co-lead, for one offer or all, from a date until a date (R14)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="competences")
    kind = models.CharField(max_length=10, choices=CompetenceKind.choices)
    offer = models.ForeignKey(GroupOffer, null=True, blank=True, on_delete=models.CASCADE, related_name="competences")
    granted_on = models.DateField()
    expires_on = models.DateField(null=True, blank=True)

    objects = CompetenceQuerySet.as_manager()

    class Meta:
        ordering = ["user_id", "kind"]
        verbose_name = _("competence")
        constraints = [
            models.UniqueConstraint(name="competence_once", fields=["user", "kind", "offer"], nulls_distinct=False),
            models.CheckConstraint(name="competence_dates", condition=Q(expires_on__gt=F("granted_on"))),
        ]

    def __str__(self):
        return f"{self.user_id}: {self.kind}"
