"""Something changed since the referral: whoever sent it says so, and who judges hears it."""

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from clients.enums import FollowUpAbout
from clients.services import plan_follow_up
from intake.enums import ReferralState
from intake.models import Referral, ReferralNote
from intake.permissions import can_refer


@transaction.atomic
def note_change(*, referral, text, by, now):
    """Kept with the referral, sealed. Once it was judged, who judged it looks at it today; before, it stands there.

    PermissionDenied for a referral of somebody else; ValidationError by field. Sent twice is once.
    """
    rows = Referral.objects.select_for_update(of=("self",), no_key=True).select_related("client__key")
    referral = rows.get(pk=referral.pk)
    if not can_refer(by) or referral.referred_by_id != by.pk:
        raise PermissionDenied
    if referral.state == ReferralState.CLOSED:
        raise ValidationError(_("This referral is closed. Refer this person again; that takes two minutes."))
    if not text.strip():
        raise ValidationError({"text": _("Say what changed.")})
    last = referral.notes.select_related("referral__client__key").last()
    if last is not None and last.text == text.strip():
        return last
    note = ReferralNote(referral=referral, text=text.strip(), by=by, at=now)
    note.clean_fields(exclude={"referral", "by"})
    note.save(force_insert=True)
    if referral.state == ReferralState.JUDGED:
        _ask_to_look(referral, note, by, now)
    return note


def _ask_to_look(referral, note, by, now):
    plan_follow_up(
        client=referral.client,
        about=FollowUpAbout.CHANGED,
        due_on=timezone.localdate(now),
        by=by,
        now=now,
        key=f"changed:{referral.pk}",
        for_user=referral.judgement.by,
        for_role=RoleName.SOCIAL_WORKER,
        args={"referral": referral.pk},
    )
