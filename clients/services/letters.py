"""Printing letters. Who opens one reads the client's file, and that is noted (R41)."""

from dataclasses import dataclass

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from clients.enums import AccessAction, LetterState
from clients.letters import letter_refusal
from clients.letters_pdf import set_letters
from clients.models import AccessLog, Letter


@dataclass(frozen=True)
class Opened:
    """What came of opening letters. failed: those whose name or address cannot be set in type."""

    pdf: bytes | None
    letters: list
    refused: list
    failed: list


@transaction.atomic
def open_letters(*, letters, by, now):
    """One PDF of these, freshly read; each that is in it is noted on the file.

    What may not go by post any more is withdrawn if it was not printed yet (R40). PermissionDenied for letters that
    are not `by`'s to see.
    """
    found = _held(Letter.objects.visible_to(by), letters)
    if not found:
        raise PermissionDenied
    refused = [letter for letter in found if letter.state == LetterState.WITHDRAWN or letter_refusal(letter.client)]
    Letter.objects.to_print().filter(pk__in=[letter.pk for letter in refused]).update(state=LetterState.WITHDRAWN)
    pdf, failed = set_letters([letter for letter in found if letter not in refused], today=timezone.localdate(now))
    opened = [letter for letter in found if letter not in refused and letter not in failed]
    AccessLog.objects.bulk_create(
        AccessLog(client=client, user=by, action=AccessAction.LETTER, at=now)
        for client in dict.fromkeys(letter.client for letter in opened)
    )
    return Opened(pdf=pdf, letters=opened, refused=refused, failed=failed)


@transaction.atomic
def mark_printed(*, letters, by, now):
    """These lie in their envelopes; returns how many were still to print. What cannot be set was never printed."""
    found = _held(Letter.objects.visible_to(by).to_print(), letters)
    _pdf, failed = set_letters(found, today=timezone.localdate(now))
    printed = [letter.pk for letter in found if letter not in failed]
    rows = Letter.objects.to_print().filter(pk__in=printed).order_by()
    return rows.update(state=LetterState.PRINTED, printed_at=now, printed_by=by)


def _held(rows, letters):
    rows = rows.filter(pk__in={letter.pk for letter in letters}).select_related("client__contact", "client__key")
    return list(rows.select_for_update(of=("self",)))
