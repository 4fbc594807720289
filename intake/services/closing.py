"""A referral is closed when all that came of it has ended, so that the same person can be referred again (R1, R42)."""

import logging

from django.db import transaction
from django.utils.translation import gettext as _

from clients.enums import InvolvementKind
from clients.services import end_involvement
from intake.enums import REFERRAL_MOVES, ReferralState
from intake.models import Referral
from intake.queries import ended_referrals

logger = logging.getLogger(__name__)
AT_ONCE = 500


def close_ended_referrals(*, now):
    """How many were closed. Safe twice, and twice at once; those of long ago are found as well."""
    found = list(ended_referrals().order_by("pk").values_list("pk", flat=True)[:AT_ONCE])
    return sum(_close_safely(pk, now) for pk in found)


def _close_safely(pk, now):
    """One referral that cannot be closed never holds up the others."""
    try:
        with transaction.atomic():
            return _close(pk, now)
    except Exception:
        logger.exception("closing: referral %s could not be closed", pk)
        return False


def _close(pk, now):
    rows = Referral.objects.select_for_update(of=("self",), skip_locked=True).select_related("client__key")
    referral = rows.filter(pk=pk).first()
    if referral is None or not ended_referrals().filter(pk=pk).exists():
        return False
    if ReferralState.CLOSED not in REFERRAL_MOVES[referral.state]:
        raise ValueError(referral.state)
    referral.state, referral.closed_reason = ReferralState.CLOSED, _("All that came of it has ended.")
    referral.save(update_fields=["state", "closed_reason"])
    _end_access(referral, now)
    return True


def _end_access(referral, now):
    """R41: who sent somebody knows them for as long as a referral of theirs goes on."""
    sent = Referral.objects.open().filter(client=referral.client_id, referred_by=referral.referred_by_id)
    if referral.referred_by_id is not None and not sent.exists():
        who = {"client": referral.client_id, "user": referral.referred_by_id}
        end_involvement(kind=InvolvementKind.REFERRER, now=now, **who)
