"""Which referrals are over: nothing that came of them goes on any more."""

from django.db.models import CharField, Exists, OuterRef, Q, Value
from django.db.models.functions import Cast, Concat

from clients.models import FollowUp
from groups.enums import COUNTING_PARTICIPATIONS, EntryState
from groups.models import WaitlistEntry
from intake.enums import OpenQuestionState, ReferralState
from intake.models import OpenQuestion, Referral


def ended_referrals():
    """Judged, and the person waits on no list of it, has no place in a group of it, not in a next round either.

    Nor is its question still open, nor does a colleague still ask after them because of it (R5, R8b, R10).
    """
    asked_after = FollowUp.objects.open().filter(
        client=OuterRef("client"), key=Concat(Value("referral:"), Cast(OuterRef("pk"), CharField()))
    )
    open_questions = OpenQuestion.objects.filter(referral=OuterRef("pk"), state=OpenQuestionState.OPEN)
    return Referral.objects.filter(
        ~Exists(_going_on()), ~Exists(open_questions), ~Exists(asked_after), state=ReferralState.JUDGED
    )


def _going_on():
    """Places of this person on lists of the offers that came of the referral: areas are joined, rounds follow."""
    offers = WaitlistEntry.objects.filter(referral_placements__referral=OuterRef(OuterRef("pk")))
    return WaitlistEntry.objects.filter(
        Q(state=EntryState.WAITING) | Q(state=EntryState.PLACED, participations__state__in=COUNTING_PARTICIPATIONS),
        client=OuterRef("client"),
        waitlist__offer__in=offers.order_by().values("waitlist__offer"),
    )
