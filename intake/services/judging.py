"""A social worker judges a referral (R3-R6, R8b): all of it, or none of it."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.enums import ConsentPurpose, ContactWay, FollowUpAbout, InvolvementKind
from clients.models import ContactMoment
from clients.services import (
    check_as_seen,
    involve,
    note_contact,
    plan_follow_up,
    record_consent,
    set_client_availability,
    update_client,
)
from intake.enums import REFERRAL_MOVES, Decision, ReferralState
from intake.exceptions import AlreadyJudged
from intake.models import IntakeDraft, Judgement, Referral
from intake.services.appointments import settle_on_judgement
from intake.services.open_questions import open_question
from intake.services.placing import WantedPlace, lock_lists, take_places

__all__ = ["WantedPlace", "check_decision", "judge_referral"]
WORDS = ("destination", "reason", "notes", "question")
OTHERS = ("client_type", "urgent_needs", "basic_needs_urgent", "provision", "follow_up_on", "follow_up_by")


@transaction.atomic
def judge_referral(
    *,
    referral,
    decision,
    by,
    now,
    places=(),
    talk_held=False,
    hold_reason="",
    problem_kinds=None,
    consented=False,
    availability=None,
    refuses_own_neighbourhood=None,
    contact=None,
    seen=None,
    **said,
):
    """The social worker's word on a referral (R3–R6, R8b): the places, and what the intake found, or none of it.

    said: fields of Judgement by name (WORDS and OTHERS). problem_kinds, availability, refuses_own_neighbourhood and
    contact stay as they were when None; seen: what the page showed of them (clients.shown). AlreadyJudged for a second
    judgement, NoPlace when a list refuses or a direct place is gone, ChangedMeanwhile, ValidationError by field.
    """
    referral = _lock_for_judgement(referral, by)
    places = places if decision in (Decision.WAITLIST, Decision.DIRECT) else ()
    judgement = _write(referral, decision, places, said, by, now)
    lock_lists(places)
    if seen is not None:
        _check_seen(referral.client, seen, contact, availability, refuses_own_neighbourhood)
    _note_findings(referral, problem_kinds, consented, availability, by=by, now=now)
    _note_privacy(referral.client, refuses_own_neighbourhood, contact, by=by, now=now)
    take_places(referral=referral, judgement=judgement, places=places, hold_reason=hold_reason, talk_held=talk_held)
    _plan_follow_up(referral.client, judgement)
    if decision == Decision.NO_OFFER:
        open_question(referral=referral, judgement=judgement, reason=said["reason"])
    _move(referral, ReferralState.JUDGED)
    IntakeDraft.objects.filter(referral=referral, worker=by).delete()
    settle_on_judgement(referral=referral, by=by, now=now)
    if decision == Decision.DIRECT:
        _note_first_contact(referral, by=by, now=now)
    return judgement


def _check_seen(client, seen, contact, availability, refuses_own_neighbourhood):
    """R40: an old page, or one gone on with, takes nothing back that was changed since."""
    others = {"availability": availability, "refuses_own_neighbourhood": refuses_own_neighbourhood}
    others = {name: value for name, value in others.items() if value is not None}
    check_as_seen(client=client, seen=seen, wanted=others | (contact or {}))


def check_decision(*, decision, places, destination="", reason="", provision=None, **others):
    """ValidationError by field when a decision lacks what it needs (R4, R8b, R36)."""
    errors = {}
    if decision == Decision.WAITLIST and not places:
        errors["offers"] = _("Choose at least one group.")
    if decision == Decision.DIRECT and not places:
        errors["direct_offer"] = _("Choose the group.")
    if decision == Decision.DIRECT and others.get("basic_needs_urgent"):
        errors["decision"] = _("Something urgent comes first, so a place in a group has to wait. Choose a waitlist.")
    if decision == Decision.REFER_OUT:
        errors |= _errors_of_referring_out(destination, reason, provision)
    if decision == Decision.NO_OFFER and not reason.strip():
        errors["reason"] = _("Say why no group fits.")
    if decision == Decision.NO_OFFER and others.get("follow_up_on") is None:
        errors["follow_up_on"] = _("Choose the day on which somebody asks again.")
    if errors:
        raise ValidationError(errors)


def _errors_of_referring_out(destination, reason, provision):
    errors = {}
    if provision is None and not destination.strip():
        errors["destination"] = _("Say where this person goes.")
    if provision is not None and not provision.agreed:
        errors["provision"] = _("They have not agreed to receive people, or not any more.")
    if not reason.strip():
        errors["reason"] = _("Say why this is not for Socius.")
    return errors


def _write(referral, decision, places, said, by, now):
    unknown = set(said) - {*WORDS, *OTHERS}
    if unknown:
        raise TypeError(f"a judgement has no {', '.join(sorted(unknown))}")
    said |= {name: said.get(name, "").strip() for name in WORDS}
    said["basic_needs_urgent"] = bool(said.get("basic_needs_urgent") or said.get("urgent_needs"))
    check_decision(decision=decision, places=places, **said)
    if said.get("provision") is not None:
        said["destination"] = said["provision"].name
    if said.get("follow_up_on") is not None:
        said["follow_up_by"] = said.get("follow_up_by") or by
    judgement = Judgement(referral=referral, by=by, judged_at=now, decision=decision, **_kept(decision, said))
    judgement.clean_fields(exclude={"referral", "by", "provision", "follow_up_by"})
    judgement.save(force_insert=True)
    return judgement


def _kept(decision, said):
    """Why no offer fits is kept with the open question, and only there (R8b)."""
    return said | {"reason": ""} if decision == Decision.NO_OFFER else said


def _lock_for_judgement(referral, by):
    """The referral, locked; PermissionDenied outside the work areas of `by`."""
    locked = Referral.objects.select_for_update(of=("self",)).select_related("client").get(pk=referral.pk)
    if not Referral.objects.in_work_areas_of(by).filter(pk=locked.pk).exists():
        raise PermissionDenied
    if locked.state != ReferralState.RECEIVED:
        raise AlreadyJudged(locked)
    return locked


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


def _plan_follow_up(client, judgement):
    """R5, R10: a colleague asks how it goes. Who is on a list is asked after there; an open question is looked at."""
    is_help = judgement.decision == Decision.INDIVIDUAL_HELP
    is_left_alone = judgement.decision == Decision.REFER_OUT and judgement.basic_needs_urgent
    if judgement.follow_up_on is not None and (is_help or is_left_alone):
        plan_follow_up(
            client=client,
            about=FollowUpAbout.INDIVIDUAL_HELP if is_help else FollowUpAbout.HOLD,
            due_on=judgement.follow_up_on,
            by=judgement.by,
            now=judgement.judged_at,
            key=f"referral:{judgement.referral_id}",
            for_user=judgement.follow_up_by,
        )


def _note_first_contact(referral, *, by, now):
    """R7, R8: whoever comes straight from intake into a group was spoken to there, so the clock stops."""
    talks = ContactMoment.objects.reached().filter(client=referral.client, at__date__gte=referral.received_on)
    if not talks.exists():
        note_contact(client=referral.client, way=ContactWay.INTAKE, is_reached=True, by=by, at=now, now=now)


def _move(referral, to):
    """The one mover of a referral's state."""
    if to not in REFERRAL_MOVES[referral.state]:
        raise AlreadyJudged(referral)
    referral.state = to
    referral.save(update_fields=["state"])
