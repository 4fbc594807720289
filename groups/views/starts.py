"""R23: the one click that starts a prepared cycle. Twice, or by two people, it is one start."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from accounts.permissions import allow
from groups.exceptions import NotAllowed
from groups.happened import started_text
from groups.permissions import can_form_cycles
from groups.queries import cycles_since, waitlist_detail
from groups.services.starting import start_prepared
from groups.views.waitlists import show_waitlist
from groups.wording import reason_text, sentence


@allow(can_form_cycles)
@require_POST
def waitlist_start(request, pk):
    """Start what the page showed; when that is no longer so, nothing starts and the page says what changed."""
    row = get_object_or_404(waitlist_detail(request.user), pk=pk)
    fingerprint = request.POST.get("proposal", "")
    try:
        cycles = start_prepared(waitlist=row, fingerprint=fingerprint, by=request.user, now=timezone.now())
    except NotAllowed as refusal:
        notice = _already_started(request, row) or _refused(refusal)
        return show_waitlist(request, waitlist_detail(request.user).get(pk=pk), notice=notice, status=409)
    words = ngettext(
        "The group is started; the invitations go out now.",
        "The groups are started; the invitations go out now.",
        len(cycles),
    )
    messages.success(request, words)
    return redirect("groups:cycle", cycles[0].pk) if len(cycles) == 1 else redirect("groups:waitlist", pk)


def _already_started(request, waitlist):
    """What the second hears; `seen` is the number of cycles that had come of this list when the page was made."""
    seen = request.POST.get("seen", "")
    if not seen.isdecimal() or len(seen) > 9:
        return None
    cycle = cycles_since(waitlist, int(seen)).first()
    if cycle is None:
        return None
    return {"why": started_text(cycle), "cycle": cycle, "next": ""}


def _refused(refusal):
    following = _("Look at the new proposal below and start that one.")
    if refusal.reason.code == "nothing_to_start":
        following = _("Below stands why not, and what helps.")
    return {"why": sentence(reason_text(refusal.reason)), "next": following}
