"""One file of two: what differs is chosen, what happens is said, and then it is done for good (R43)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts.periods import short_day
from accounts.permissions import allow
from clients.enums import LikenessState
from clients.exceptions import MergeRefused
from clients.permissions import can_merge_files
from clients.services import open_likeness
from intake.forms.merging import MergeForm
from intake.merge_wording import merge_consequences, merge_refusal
from intake.services.merging import merge_files


@require_http_methods(["GET", "HEAD", "POST"])
@allow(can_merge_files)
def merge(request, pk):
    """The older file is kept. Who answers nothing, merges nothing."""
    now = timezone.now()
    pair = open_likeness(pk=pk, by=request.user, now=now)
    if pair.state != LikenessState.OPEN:
        messages.info(request, _("This pair was settled already. Nothing was changed."))
        return redirect("clients:likeness", pk=pk)
    form = MergeForm(request.POST if request.method == "POST" else None, kept=pair.client, other=pair.other)
    if form.is_valid():
        return _merge(request, pair, form, now)
    day = short_day(timezone.localtime(pair.client.created_at))
    context = {"pair": pair, "form": form, "consequences": merge_consequences(day)}
    return render(request, "intake/merge.html", context, status=422 if form.is_bound else 200)


def _merge(request, pair, form, now):
    try:
        kept = merge_files(kept=pair.client, other=pair.other, by=request.user, now=now, chosen=form.chosen)
    except PermissionDenied:  # somebody moved one of them elsewhere this very moment
        raise Http404 from None
    except MergeRefused as refused:
        messages.error(request, merge_refusal(refused))
        return redirect("clients:likeness", pk=pair.pk)
    messages.success(request, _("One file was made of the two."))
    return redirect("clients:file", kept.public_id)
