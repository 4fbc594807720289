"""The places that come of a judgement: on waitlists, or at once in a group (R3, R5, R17)."""

from dataclasses import dataclass

from django.utils import timezone

from clients.enums import FollowUpAbout
from clients.services import plan_follow_up
from groups.exceptions import NotAllowed
from groups.models import GroupOffer, ProblemKind
from groups.services.direct import place_directly
from groups.services.waitlists import join_waitlist, lock_waitlist_for, record_talk
from intake.enums import Decision
from intake.exceptions import NoPlace
from intake.models import ReferralPlacement, refuse_null
from neighbourhoods.models import Catchment


@dataclass(frozen=True)
class WantedPlace:
    """A place to take on the list of one offer in one catchment.

    fit_exception is the social worker's reason when age or sex does not fit the offer.
    """

    offer: GroupOffer
    catchment: Catchment
    problem_kind: ProblemKind | None = None
    fit_exception: str = ""


def lock_lists(places):
    """Before the client's rows are written, as the engine does it, and always in one order: nobody waits in a ring."""
    for place in _sorted(places):
        try:
            lock_waitlist_for(offer=place.offer, catchment=place.catchment)
        except NotAllowed as refused:
            raise NoPlace(place.offer, refused.reason) from refused


def take_places(*, referral, judgement, places, hold_reason="", talk_held=False):
    """Each place, waiting from the day of the referral; NoPlace when a list or the engine refuses one."""
    for place in _sorted(places):
        refuse_null(place.fit_exception)
        try:
            entry = _join(referral, judgement, place, hold_reason)
            _ask_after(entry, judgement)
            if talk_held:
                today = timezone.localdate(judgement.judged_at)
                entry = record_talk(entry=entry, held_on=today, by=judgement.by, now=judgement.judged_at)
            if judgement.decision == Decision.DIRECT:
                place_directly(entry=entry, now=judgement.judged_at)
        except NotAllowed as refused:
            raise NoPlace(place.offer, refused.reason) from refused
        ReferralPlacement.objects.create(referral=referral, entry=entry)


def _join(referral, judgement, place, hold_reason):
    return join_waitlist(
        client=referral.client,
        offer=place.offer,
        catchment=place.catchment,
        waiting_since=referral.received_on,
        by=judgement.by,
        now=judgement.judged_at,
        problem_kind=place.problem_kind,
        judged=True,
        fit_exception=place.fit_exception,
        on_hold=judgement.basic_needs_urgent,
        hold_reason=hold_reason.strip() if judgement.basic_needs_urgent else "",
        hold_until=judgement.follow_up_on,
    )


def _ask_after(entry, judgement):
    """R5: whoever is on hold is asked after, by who was named."""
    if entry.is_on_hold and judgement.follow_up_on is not None:
        plan_follow_up(
            client=entry.client,
            about=FollowUpAbout.HOLD,
            due_on=judgement.follow_up_on,
            by=judgement.by,
            now=judgement.judged_at,
            key=f"entry:{entry.pk}",
            for_user=judgement.follow_up_by,
        )


def _sorted(places):
    return sorted(places, key=lambda wanted: (wanted.offer.pk, wanted.catchment.pk))
