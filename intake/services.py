"""What happens at the door: a referral comes in, a social worker judges it. One transaction each."""

import uuid
from dataclasses import dataclass

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from accounts.models import User
from accounts.permissions import has_role
from clients.enums import ConsentPurpose, InvolvementKind
from clients.queries import find_same_person
from clients.services import involve, record_consent, register_client, set_client_availability, update_client
from groups.exceptions import NotAllowed
from groups.models import GroupOffer, ProblemKind
from groups.services.waitlists import join_waitlist
from intake.enums import REFERRAL_MOVES, Decision, ReferralSource, ReferralState
from intake.exceptions import AlreadyJudged, AlreadyReferred, NoPlace
from intake.models import Judgement, Referral, ReferralPlacement, refuse_null
from intake.permissions import can_refer
from neighbourhoods.enums import CatchmentLevel
from neighbourhoods.models import Catchment

SAME_PERSON_BY = ("given_name", "name_prefix", "family_name", "birth_date", "postcode")


@dataclass(frozen=True)
class WantedPlace:
    """A place to take on the list of one offer in one catchment.

    fit_exception is the social worker's reason when age or sex does not fit the offer.
    """

    offer: GroupOffer
    catchment: Catchment
    problem_kind: ProblemKind | None = None
    fit_exception: str = ""


@transaction.atomic
def refer_client(
    *,
    person,
    question,
    consented,
    by,
    now,
    aim="",
    problem_kinds=(),
    wished_offer=None,
    wished_level="",
    availability=(),
    feedback_allowed=False,
    organisation="",
    submission_key=None,
):
    """A new referral, with its client (R1). `person` holds the arguments of register_client.

    The same submission_key with the same words gives the first referral back. AlreadyReferred when the same referrer
    has an open referral of the same person; ValidationError by field; NotAllowed for a theme group in a
    neighbourhood (R15).
    """
    if not can_refer(by):
        raise PermissionDenied
    # One at a time per referrer: the second click waits here, and then finds what the first one wrote.
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    submission_key, first = _first_with(submission_key, by, person, question, aim)
    if first is not None:
        return first
    check_consent(consented)
    check_wish(offer=wished_offer, level=wished_level)
    words = {"question": question.strip(), "aim": aim.strip(), "organisation": organisation.strip()}
    wishes = {"wished_offer": wished_offer, "wished_level": wished_level, "feedback_allowed": feedback_allowed}
    client = _known_or_new_client(person, by=by, now=now)
    referral = _write_referral(client, submission_key, by, now, **words, **wishes)
    referral.problem_kinds.set(problem_kinds)
    _note_agreements(referral, availability, by=by, now=now)
    return referral


def _write_referral(client, submission_key, by, now, **fields):
    referral = Referral(
        client=client,
        referred_by=by,
        source=_source(by),
        neighbourhood=client.neighbourhood,
        received_at=now,
        received_on=timezone.localdate(now),
        submission_key=submission_key,
        **fields,
    )
    referral.clean_fields(exclude={"client", "referred_by", "neighbourhood", "wished_offer"})
    referral.save(force_insert=True)
    return referral


def check_consent(consented):
    """R42: without the client's yes nothing is kept."""
    if not consented:
        raise ValidationError({"consent": _("Without the person's permission we may not keep these data.")})


def check_wish(*, offer, level):
    """NotAllowed when this offer never runs at the level that was asked for (R15)."""
    if offer is None or not level:
        return
    if level == CatchmentLevel.NEIGHBOURHOOD and not offer.may_run_in_neighbourhood:
        raise NotAllowed("theme_not_in_neighbourhood", level=offer.level)
    if level == CatchmentLevel.MUNICIPALITY and offer.level == CatchmentLevel.REGION:
        raise NotAllowed("only_in_region", level=offer.level)


def _first_with(key, by, person, question, aim):
    """(key to use, the referral that this very form already made, or None)."""
    key = key or uuid.uuid4()
    first = Referral.objects.filter(referred_by=by, submission_key=key).select_related("client").first()
    if first is None:
        return key, None
    is_same = (
        (first.question, first.aim) == (question.strip(), aim.strip())
        and first.client.is_reached_as_told_by(by)
        and all(getattr(first.client, field) == person.get(field, "") for field in SAME_PERSON_BY)
    )
    # The back button brings an old form: other words in it are a referral of their own.
    return (key, first) if is_same else (uuid.uuid4(), None)


def _known_or_new_client(person, *, by, now):
    known = find_same_person(by=by, **{field: person.get(field, "") for field in SAME_PERSON_BY})
    if known is None:
        return register_client(by=by, now=now, **person)
    earlier = Referral.objects.open().filter(client=known, referred_by=by).first()
    if earlier is not None:
        raise AlreadyReferred(earlier)
    return known


def _source(by):
    if has_role(by, RoleName.TEAM_MEMBER):
        return ReferralSource.SOCIAL_TEAM
    if has_role(by, RoleName.REFERRER):
        return ReferralSource.ORGANISATION
    return ReferralSource.SOCIUS_WORKER


def _note_agreements(referral, availability, *, by, now):
    client, how, today = referral.client, _("in person, at the referral"), referral.received_on
    record_consent(client=client, purpose=ConsentPurpose.REGISTRATION, how=how, by=by, today=today)
    if referral.feedback_allowed:
        record_consent(client=client, purpose=ConsentPurpose.FEEDBACK_TO_REFERRER, how=how, by=by, today=today)
    if availability:
        set_client_availability(client=client, parts=availability)
    involve(client=client, user=by, kind=InvolvementKind.REFERRER, now=now)


@transaction.atomic
def judge_referral(
    *,
    referral,
    decision,
    by,
    now,
    places=(),
    client_type="",
    basic_needs_urgent=False,
    hold_reason="",
    destination="",
    reason="",
    notes="",
    problem_kinds=None,
    consented=False,
    availability=None,
    refuses_own_neighbourhood=None,
    contact=None,
):
    """The social worker's word on a referral (R3–R6): the places, and what the intake found, or none of it.

    problem_kinds, availability, refuses_own_neighbourhood and contact stay as they were when None. AlreadyJudged for
    a second judgement, NoPlace when a list refuses, ValidationError by field.
    """
    referral = _lock_for_judgement(referral, by)
    check_decision(decision=decision, places=places, destination=destination, reason=reason)
    judgement = Judgement(
        referral=referral,
        by=by,
        judged_at=now,
        decision=decision,
        client_type=client_type,
        basic_needs_urgent=basic_needs_urgent,
        destination=destination.strip(),
        reason=reason.strip(),
        notes=notes.strip(),
    )
    judgement.clean_fields(exclude={"referral", "by"})
    judgement.save(force_insert=True)
    _take_places(referral, places if decision == Decision.WAITLIST else (), judgement, hold_reason.strip())
    _note_findings(referral, problem_kinds, consented, availability, by=by, now=now)
    _note_privacy(referral.client, refuses_own_neighbourhood, contact, by=by, now=now)
    _move(referral, ReferralState.JUDGED)
    return judgement


def check_decision(*, decision, places, destination, reason):
    """ValidationError by field when a decision lacks what it needs (R4)."""
    errors = {}
    if decision == Decision.WAITLIST and not places:
        errors["offers"] = _("Choose at least one group.")
    if decision == Decision.REFER_OUT and not destination.strip():
        errors["destination"] = _("Say where this person goes.")
    if decision == Decision.REFER_OUT and not reason.strip():
        errors["reason"] = _("Say why this is not for Socius.")
    if errors:
        raise ValidationError(errors)


def _lock_for_judgement(referral, by):
    """The referral, locked; PermissionDenied outside the work areas of `by`."""
    locked = Referral.objects.select_for_update(of=("self",)).select_related("client").get(pk=referral.pk)
    if not Referral.objects.in_work_areas_of(by).filter(pk=locked.pk).exists():
        raise PermissionDenied
    if locked.state != ReferralState.RECEIVED:
        raise AlreadyJudged(locked)
    return locked


def _take_places(referral, places, judgement, hold_reason):
    # Always in one order, so that two judgements never wait for each other's lists.
    for place in sorted(places, key=lambda wanted: (wanted.offer.pk, wanted.catchment.pk)):
        refuse_null(place.fit_exception)
        try:
            entry = join_waitlist(
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
                hold_reason=hold_reason if judgement.basic_needs_urgent else "",
            )
        except NotAllowed as refused:
            raise NoPlace(place.offer, refused.reason) from refused
        ReferralPlacement.objects.create(referral=referral, entry=entry)


def _note_findings(referral, problem_kinds, consented, availability, *, by, now):
    client = referral.client
    if problem_kinds is not None:
        referral.problem_kinds.set(problem_kinds)
    if consented:
        how, today = _("in person, at the intake"), timezone.localdate(now)
        record_consent(client=client, purpose=ConsentPurpose.REGISTRATION, how=how, by=by, today=today)
    if availability is not None:
        set_client_availability(client=client, parts=availability)
    involve(client=client, user=by, kind=InvolvementKind.SOCIAL_WORKER, now=now)


def _note_privacy(client, refuses_own_neighbourhood, contact, *, by, now):
    """R18 and R40: what the client asks for, kept with the client."""
    changes = {}
    if refuses_own_neighbourhood is not None and refuses_own_neighbourhood != client.refuses_own_neighbourhood:
        changes["refuses_own_neighbourhood"] = refuses_own_neighbourhood
    if changes or contact is not None:
        update_client(client=client, by=by, now=now, contact=contact, **changes)


def _move(referral, to):
    """The one mover of a referral's state."""
    if to not in REFERRAL_MOVES[referral.state]:
        raise AlreadyJudged(referral)
    referral.state = to
    referral.save(update_fields=["state"])
