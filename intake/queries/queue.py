"""The social workers' queue of referrals to judge."""

from dataclasses import dataclass

from django.db.models import Prefetch, Subquery

from groups.contacts import first_contact_due, talks_since
from intake.enums import ReferralState
from intake.models import IntakeDraft, Referral


def queue_for(user):
    """Referrals that wait for this social worker's judgement, the longest waiting first (R3, R17)."""
    first_talk = talks_since("received_on").order_by("at")
    return (
        Referral.objects.in_work_areas_of(user)
        .to_judge()
        .annotate(contacted_at=Subquery(first_talk.values("at")[:1]))
        .longest_first()
        .select_related("client__neighbourhood__municipality", "referred_by")
        .defer("client__neighbourhood__polygon", "client__neighbourhood__municipality__polygon")
        .prefetch_related("problem_kinds", Prefetch("drafts", _busy_with()))
    )


def _busy_with():
    """Who is at an intake, and since when; not what they typed."""
    return IntakeDraft.objects.filled().select_related("worker").defer("values")


@dataclass(frozen=True)
class QueueRow:
    """One line of the queue: short name, age and how long, with R7's clock, which the first talk stops."""

    referral: Referral
    age: int | None
    days: int
    due_on: object
    is_over: bool
    contacted_at: object = None

    @property
    def drafts(self):
        """Who is at this intake; for pages that show it, with queue_for()'s prefetch."""
        return self.referral.drafts.all()


def queue_rows(referrals, *, today):
    return [_queue_row(referral, today) for referral in referrals]


def _queue_row(referral, today):
    due_on = first_contact_due(referral.received_on)
    return QueueRow(
        referral=referral,
        age=referral.client.age_on(today),
        days=referral.days_waiting(today),
        due_on=due_on,
        is_over=today > due_on and referral.contacted_at is None,
        contacted_at=referral.contacted_at,
    )


def can_be_judged_by(referral, user):
    """Still to judge, and in this user's work areas."""
    if referral.state != ReferralState.RECEIVED:
        return False
    return Referral.objects.in_work_areas_of(user).filter(pk=referral.pk).exists()
