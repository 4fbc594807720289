"""What is typed at an intake is kept while it is typed, sealed, and never silently overwritten."""

import json

from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from intake.enums import ReferralState
from intake.exceptions import AlreadyJudged, DraftChanged, DraftTooLong
from intake.models import IntakeDraft, Referral

MOST_SIGNS = 100_000  # all fields of a form at their longest, several times over


@transaction.atomic
def save_draft(*, referral, values, version, by, now):
    """Keep {field: [what was sent]}; `version` is that of the draft which the page shows, 0 for none.

    DraftChanged when it was saved elsewhere since, AlreadyJudged, DraftTooLong; PermissionDenied outside the work
    areas of `by`.
    """
    text = json.dumps(values, ensure_ascii=False)
    if len(text) > MOST_SIGNS:
        raise DraftTooLong
    referral = _check_open(referral, by)
    draft = _locked(referral, by, now)
    if draft.version != version:
        raise DraftChanged(draft)
    if not draft.values:
        draft.started_at = now
    draft.values, draft.version, draft.saved_at = text, draft.version + 1, now
    draft.save()
    return draft


@transaction.atomic
def discard_draft(*, referral, by, now):
    """Begin anew: nothing of it is left but its version, so that an older tab does not write over what comes."""
    draft = IntakeDraft.objects.select_for_update(of=("self",)).filter(referral=referral, worker=by).first()
    if draft is None:
        return
    draft.values, draft.version, draft.saved_at = "", draft.version + 1, now
    draft.save()


def forget_old_drafts(*, now):
    """R42: drafts that nobody touched for thirty days are deleted. Returns how many."""
    return IntakeDraft.objects.abandoned(now=now).delete()[0]


def read_draft(draft):
    """{field: [what was sent]}; empty when there is nothing in it."""
    return json.loads(draft.values) if draft is not None and draft.values else {}


def _check_open(referral, by):
    """The referral as it is now, locked: nobody merges its file meanwhile, with another key (R43)."""
    rows = Referral.objects.select_for_update(of=("self",), no_key=True)
    found = rows.filter(pk__in=Referral.objects.in_work_areas_of(by).order_by().values("pk"), pk=referral.pk).first()
    if found is None:
        raise PermissionDenied
    if found.state != ReferralState.RECEIVED:
        raise AlreadyJudged(found)
    return found


def _locked(referral, by, now):
    """The draft, locked; a new one at version 0. Two first saves at one moment: the second waits for the first."""
    drafts = IntakeDraft.objects.select_for_update(of=("self",)).filter(referral=referral, worker=by)
    found = drafts.select_related("referral__client__key").first()
    if found is not None:
        return found
    try:
        with transaction.atomic():
            return IntakeDraft.objects.create(referral=referral, worker=by, started_at=now, saved_at=now)
    except IntegrityError:
        return drafts.get()
