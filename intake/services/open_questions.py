"""R8b: a question without an offer is kept, looked at again, and answered when one comes."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from clients.enums import InvolvementKind
from clients.services import involve
from groups.exceptions import NotAllowed
from groups.fit import fit_offers
from groups.services.waitlists import join_waitlist
from intake.enums import OPEN_QUESTION_MOVES, OpenQuestionState
from intake.exceptions import NoPlace, QuestionClosed
from intake.fitting import can_join
from intake.models import OpenQuestion, ReferralPlacement


def open_question(*, referral, judgement, reason):
    """Keep the question where the client lives. What fitted by the rules was looked at and is not proposed again."""
    client, today = referral.client, timezone.localdate(judgement.judged_at)
    question = OpenQuestion(
        referral=referral,
        client=client,
        neighbourhood=client.neighbourhood,
        received_on=referral.received_on,
        opened_on=today,
        opened_by=judgement.by,
        reason=reason.strip(),
        review_on=judgement.follow_up_on,
        review_by=judgement.follow_up_by,
    )
    kinds = list(referral.problem_kinds.all())
    fits = _fits_now(client, kinds, today)
    question.seen_offers = [fit.offer.pk for fit in fits]
    question.seen_lists = [fit.waitlist.pk for fit in fits if fit.waitlist is not None]
    question.clean_fields(exclude={"referral", "client", "neighbourhood", "opened_by", "review_by"})
    question.save(force_insert=True)
    question.problem_kinds.set(kinds)
    return question


def _fits_now(client, kinds, today):
    fits = fit_offers(
        birth_date=client.birth_date,
        sex=client.sex,
        neighbourhood=client.neighbourhood,
        problem_kinds={kind.pk for kind in kinds},
        today=today,
    )
    return [fit for fit in fits if fit.fits and can_join(fit)]


@transaction.atomic
def answer_open_question(*, question, fit, by, now):
    """Onto the list of an OfferFit of fitting_now(), waiting from the day of the referral (R17).

    QuestionClosed, NoPlace when the list refuses; PermissionDenied outside the work areas of `by`.
    """
    question = _lock_open(question, by)
    kinds = list(question.problem_kinds.all()[:2])
    try:
        entry = join_waitlist(
            client=question.client,
            offer=fit.offer,
            catchment=fit.catchment,
            waiting_since=question.received_on,
            by=by,
            now=now,
            problem_kind=kinds[0] if len(kinds) == 1 else None,
            judged=True,
        )
    except NotAllowed as refused:
        raise NoPlace(fit.offer, refused.reason) from refused
    ReferralPlacement.objects.create(referral_id=question.referral_id, entry=entry)
    involve(client=question.client, user=by, kind=InvolvementKind.SOCIAL_WORKER, now=now)
    question.entry = entry
    _close(question, OpenQuestionState.ANSWERED, by, now)
    return entry


@transaction.atomic
def withdraw_open_question(*, question, reason, by, now):
    """R10: nobody drops out of sight, so with a reason. ValidationError without one, QuestionClosed."""
    if not reason.strip():
        raise ValidationError({"reason": _("Say why this question is no longer open.")})
    question = _lock_open(question, by)
    question.closed_reason = reason.strip()
    question.clean_fields(exclude={"referral", "client", "neighbourhood", "opened_by", "review_by", "entry"})
    _close(question, OpenQuestionState.WITHDRAWN, by, now)
    return question


@transaction.atomic
def review_open_question(*, question, review_on, by, now):
    """Looked at again; the next time is a day after today. ValidationError by field, QuestionClosed."""
    if review_on <= timezone.localdate(now):
        raise ValidationError({"review_on": _("Choose a day after today.")})
    question = _lock_open(question, by)
    question.review_on, question.review_by = review_on, by
    question.save(update_fields=["review_on", "review_by"])
    return question


@transaction.atomic
def refuse_offer(*, question, fit, by):
    """This offer does not suit after all: it is not proposed for this question again. QuestionClosed."""
    question = _lock_open(question, by)
    question.seen_offers = sorted({*question.seen_offers, fit.offer.pk})
    if fit.waitlist is not None:
        question.seen_lists = sorted({*question.seen_lists, fit.waitlist.pk})
    question.save(update_fields=["seen_offers", "seen_lists"])
    return question


def _lock_open(question, by):
    rows = OpenQuestion.objects.select_for_update(of=("self",)).select_related("client__key")
    locked = rows.get(pk=question.pk)
    if not OpenQuestion.objects.visible_to(by).filter(pk=locked.pk).exists():
        raise PermissionDenied
    if locked.state != OpenQuestionState.OPEN:
        raise QuestionClosed
    return locked


def _close(question, to, by, now):
    """The one mover of an open question's state."""
    if to not in OPEN_QUESTION_MOVES[question.state]:
        raise QuestionClosed
    question.state, question.closed_by, question.closed_at = to, by, now
    question.save(update_fields=["state", "closed_by", "closed_at", "closed_reason", "entry"])
