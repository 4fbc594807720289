"""Drafts of referrals: kept while one types, taken up again, thrown away."""

from uuid import UUID

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.permissions import allow
from intake.exceptions import DraftRefused
from intake.forms import ReferForm
from intake.models import ReferralDraft
from intake.permissions import can_refer
from intake.services.referral_drafts import discard_draft, keep_draft

# What the form sends along that nobody typed.
NOT_TYPED = {"submission_key", "draft_version"}
# What is ticked or chosen before anybody does anything is no beginning of a referral.
INITIAL = {"sex": ["unknown"], "may_mail": ["on"], "may_phone": ["on"]}
REFUSALS = {
    "sent": gettext_lazy("This referral was sent already. What you change here is not kept."),
    "too_long": gettext_lazy("This is too much to keep as a draft. Nothing is lost while this page is open."),
    "too_many": gettext_lazy("You have very many drafts. Send or discard some first; this one is not kept yet."),
}


@allow(can_refer)
@require_POST
def draft_keep(request):
    """What htmx sends after a pause in typing; says in one line what became of it."""
    refused = draft = None
    try:
        draft = keep_from(request)
    except DraftRefused as error:
        refused = REFUSALS[error.code]
    is_apart = draft is not None and str(draft.submission_key) != request.POST.get("submission_key", "").lower()
    context = {"draft": draft, "refused": refused, "is_apart": is_apart, "is_page": False}
    return render(request, "intake/_refer_draft.html", context)


@allow(can_refer)
@require_POST
def draft_discard(request, pk):
    if not discard_draft(pk=pk, by=request.user):
        raise Http404
    messages.success(request, _("The draft is gone."))
    return redirect("intake:referrals")


def keep_from(request):
    """The draft of what this request sent, as keep_draft() gives it."""
    names = set(ReferForm.base_fields) - NOT_TYPED
    typed = {name: values for name, values in request.POST.lists() if name in names and any(values)}
    typed = {} if all(INITIAL.get(name) == values for name, values in typed.items()) else typed
    return keep_draft(
        submission_key=_key(request.POST.get("submission_key")),
        version=_version(request.POST.get("draft_version")),
        values=typed,
        by=request.user,
        now=timezone.now(),
    )


def _key(text):
    try:
        return UUID(text or "")
    except ValueError:
        raise Http404 from None


def _version(text):
    """A number the database can hold; anything else is that of no draft."""
    return int(text) if (text or "").isascii() and (text or "").isdecimal() and len(text) < 10 else 0


def draft_data(request, pk):
    """(an own draft, its fields as a form is given them); a stranger gets 404."""
    draft = get_object_or_404(ReferralDraft.objects.of(request.user), pk=pk)
    data = QueryDict(mutable=True)
    for name, values in draft.values.items():
        data.setlist(name, values)
    data["submission_key"], data["draft_version"] = str(draft.submission_key), str(draft.version)
    return draft, data
