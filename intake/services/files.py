"""An intake is about somebody: who asks for one that is not theirs is noted on the file (R41)."""

from django.http import Http404

from clients.services import log_refusal
from intake.models import Appointment


def find_appointment(rows, *, pk, by, now):
    """The one of `rows` with this key; else Http404, noted on the client's file."""
    found = rows.filter(pk=pk).first()
    if found is None:
        keys = Appointment.objects.filter(pk=pk).values_list("referral__client__public_id", flat=True)
        for public_id in keys.order_by():
            log_refusal(public_id=public_id, by=by, now=now)
        raise Http404
    return found
