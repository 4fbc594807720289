"""Printing letters. Who opens one reads the client's file, and that is noted (R41)."""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from clients.enums import AccessAction, LetterState
from clients.letters import letter_refusal
from clients.models import AccessLog, Letter


@transaction.atomic
def open_letters(*, letters, by, now):
    """(those to print, those refused): freshly read, each opening noted on the file.

    What may not go by post any more is withdrawn if it was not printed yet (R40). PermissionDenied for letters that
    are not `by`'s to see.
    """
    wanted = {letter.pk for letter in letters}
    rows = Letter.objects.visible_to(by).filter(pk__in=wanted).exclude(state=LetterState.WITHDRAWN)
    found = list(rows.select_related("client__contact", "client__key").select_for_update(of=("self",)))
    if not found:
        raise PermissionDenied
    refused = [letter for letter in found if letter_refusal(letter.client)]
    Letter.objects.to_print().filter(pk__in=[letter.pk for letter in refused]).update(state=LetterState.WITHDRAWN)
    opened = [letter for letter in found if letter not in refused]
    AccessLog.objects.bulk_create(
        AccessLog(client=client, user=by, action=AccessAction.LETTER, at=now)
        for client in dict.fromkeys(letter.client for letter in opened)
    )
    return opened, refused


def mark_printed(*, letters, by, now):
    """These lie in their envelopes; returns how many were still to print."""
    rows = Letter.objects.visible_to(by).to_print().filter(pk__in=[letter.pk for letter in letters]).order_by()
    return rows.update(state=LetterState.PRINTED, printed_at=now, printed_by=by)
