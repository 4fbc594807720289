"""Drafts of referrals: what is typed stays with who typed it, until it is sent, discarded or two weeks old."""

import json
import uuid

from django.core.exceptions import PermissionDenied
from django.db import transaction

from accounts.models import User
from clients.models import SealKey
from intake.exceptions import DraftRefused
from intake.models import Referral, ReferralDraft
from intake.permissions import can_refer

# More than all fields of the form hold together; a draft is no place to store things.
MOST_CHARACTERS = 12_000
MOST_DRAFTS = 30
BATCH = 200


@transaction.atomic
def keep_draft(*, submission_key, version, values, by, now):
    """Keeps what was typed, {field: [values]}, and gives the draft; None while nothing is typed yet.

    `version` is that of the draft the form was made of, 0 for a new form. When another tab kept the same draft
    meanwhile, this becomes a draft of its own, told by its other submission_key: nothing is overwritten.
    DraftRefused: sent, too_long, too_many.
    """
    if not can_refer(by):
        raise PermissionDenied
    content = json.dumps(values, ensure_ascii=False, sort_keys=True)
    if len(content) > MOST_CHARACTERS:
        raise DraftRefused("too_long")
    # The same lock as sending: a draft that arrives late does not outlive its referral.
    User.objects.select_for_update(of=("self",), no_key=True).get(pk=by.pk)
    if Referral.objects.filter(referred_by=by, submission_key=submission_key).exists():
        raise DraftRefused("sent")
    draft = ReferralDraft.objects.filter(user=by, submission_key=submission_key).select_related("key").first()
    if draft is not None and draft.version != version:
        draft, submission_key = None, uuid.uuid4()
    if draft is None:
        return _start(submission_key, content, by, now) if any(map(any, values.values())) else None
    draft.content, draft.version, draft.changed_at = content, draft.version + 1, now
    draft.save(update_fields=["content", "version", "changed_at"])
    return draft


def _start(submission_key, content, by, now):
    if ReferralDraft.objects.filter(user=by).count() >= MOST_DRAFTS:
        raise DraftRefused("too_many")
    return ReferralDraft.objects.create(
        key=SealKey.objects.make(),
        user=by,
        submission_key=submission_key,
        content=content,
        started_at=now,
        changed_at=now,
    )


def discard_draft(*, pk, by):
    """Throws an own draft away with its key; whether there was one."""
    return _destroy(ReferralDraft.objects.filter(user=by, pk=pk)) > 0


def forget_draft(*, submission_key, by):
    """It was sent: the referral has it all."""
    _destroy(ReferralDraft.objects.filter(user=by, submission_key=submission_key))


def delete_left_referral_drafts(*, now):
    """Drafts nobody typed in for KEPT_FOR go; returns how many. Safe twice, and twice at once."""
    count = 0
    while gone := _destroy(ReferralDraft.objects.left_alone(now=now)):
        count += gone
    return count


@transaction.atomic
def _destroy(drafts):
    """The drafts first, then the keys: nothing else was ever sealed with them."""
    rows = list(
        drafts.order_by("pk").select_for_update(of=("self",), skip_locked=True).values_list("pk", "key")[:BATCH]
    )
    ReferralDraft.objects.filter(pk__in=[pk for pk, _key in rows]).delete()
    SealKey.objects.filter(pk__in=[key for _pk, key in rows]).delete()
    return len(rows)
