"""A referral comes in (R1). One transaction each."""

import uuid

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from accounts.models import User
from accounts.permissions import has_role
from clients.enums import ConsentPurpose, InvolvementKind
from clients.queries import find_same_person
from clients.services import involve, note_likenesses, record_consent, register_client, set_client_availability
from groups.exceptions import NotAllowed
from intake.enums import ReferralSource
from intake.exceptions import AlreadyReferred
from intake.models import Referral
from intake.permissions import can_refer
from intake.services.referral_drafts import forget_draft
from intake.services.told import take_word, told_of
from neighbourhoods.enums import CatchmentLevel

SAME_PERSON_BY = ("given_name", "name_prefix", "family_name", "birth_date", "postcode")


def refer_client(*, person, by, now, **told):
    """A new referral, with its client (R1). `person` holds the arguments of register_client, `told` those of _refer.

    The same submission_key with the same words gives the first referral back. AlreadyReferred when the same referrer
    has an open referral of the same person; ValidationError by field; NotAllowed for a theme group in a
    neighbourhood (R15).
    """
    try:
        return _refer(person=person, by=by, now=now, **told)
    except AlreadyReferred as earlier:
        take_word(earlier.referral.client, person, by=by, now=now)  # what is not safe is heard all the same (R40)
        raise


@transaction.atomic
def _refer(
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
    basics_first=False,
    organisation="",
    submission_key=None,
):
    if not can_refer(by):
        raise PermissionDenied
    # One at a time per referrer: the second click waits here, and then finds what the first one wrote.
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    if submission_key is not None:
        forget_draft(submission_key=submission_key, by=by)
    submission_key, first = _first_with(submission_key, by, person, question, aim)
    if first is not None:
        return first
    check_consent(consented)
    check_wish(offer=wished_offer, level=wished_level)
    words = {"question": question.strip(), "aim": aim.strip(), "organisation": organisation.strip()}
    wishes = {"wished_offer": wished_offer, "wished_level": wished_level, "feedback_allowed": feedback_allowed}
    wishes["basics_first"] = basics_first
    known = _known_client(person, by=by)
    client = _new_client(person, by=by, now=now) if known is None else take_word(known, person, by=by, now=now)
    words["told"] = told_of(person, known=known and client, availability=availability)
    referral = _write_referral(client, submission_key, by, now, **words, **wishes)
    referral.problem_kinds.set(problem_kinds)
    if availability and known is None:
        set_client_availability(client=client, parts=availability)
    _note_agreements(referral, by=by, now=now)
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
    first = Referral.objects.filter(referred_by=by, submission_key=key).select_related("client__key").first()
    if first is None:
        return key, None
    is_same = (
        (first.question, first.aim) == (question.strip(), aim.strip())
        and first.client.is_reached_as_told_by(by)
        and all(getattr(first.client, field) == person.get(field, "") for field in SAME_PERSON_BY)
    )
    # The back button brings an old form: other words in it are a referral of their own.
    return (key, first) if is_same else (uuid.uuid4(), None)


def _new_client(person, *, by, now):
    client = register_client(by=by, now=now, **person)
    note_likenesses(client=client, now=now)
    return client


def _known_client(person, *, by):
    """Whom `by` referred before, and nobody else's client; AlreadyReferred while that is still open (R43)."""
    known = find_same_person(by=by, **{field: person.get(field, "") for field in SAME_PERSON_BY})
    if known is None:
        return None
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


def _note_agreements(referral, *, by, now):
    client, how, today = referral.client, _("in person, at the referral"), referral.received_on
    record_consent(client=client, purpose=ConsentPurpose.REGISTRATION, how=how, by=by, today=today)
    if referral.feedback_allowed:
        record_consent(client=client, purpose=ConsentPurpose.FEEDBACK_TO_REFERRER, how=how, by=by, today=today)
    involve(client=client, user=by, kind=InvolvementKind.REFERRER, now=now)
