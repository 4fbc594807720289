"""What was typed at an intake is kept while somebody types; paused, and gone on with later."""

import datetime as dt
from dataclasses import dataclass

from django.contrib import messages
from django.http import QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST

from accounts.permissions import allow
from clients.services import find_or_refuse
from intake.exceptions import AlreadyJudged, DraftChanged, DraftTooLong
from intake.forms import JudgeForm
from intake.kept import keeps_what_was_typed
from intake.models import IntakeDraft, Referral
from intake.permissions import can_judge
from intake.services import discard_draft, read_draft, save_draft

# The texts among the fields: what somebody would have to think up again.
WORDS = ("question", "hold_reason", "instructions", "fit_exception", "destination", "reason", "notes")
MOST_DIGITS = 9


@dataclass(frozen=True)
class DraftState:
    """How far the form on this page is kept: its version, since when and until when; and what stands in the way.

    trouble: "" | "changed" (saved elsewhere since: `theirs` is that version) | "judged" | "too_long"
    """

    version: int = 0
    started_at: dt.datetime | None = None
    saved_at: dt.datetime | None = None
    is_resumed: bool = False
    trouble: str = ""
    theirs: int = 0


def draft_of(user, referral):
    return IntakeDraft.objects.filter(referral=referral, worker=user).select_related("referral__client__key").first()


def others_at_it(user, referral):
    """Drafts of colleagues: who is at this intake too, and since when. Not what they typed."""
    drafts = IntakeDraft.objects.filter(referral=referral).filled().exclude(worker=user)
    return drafts.select_related("worker").defer("values")


def typed_in(draft):
    """A draft as the form sent it, or None."""
    values = read_draft(draft)
    if not values:
        return None
    typed = QueryDict(mutable=True)
    for name, texts in values.items():
        typed.setlist(name, texts)
    return typed


def words_of(typed):
    """[(label, text)] of the texts in what was sent."""
    fields = JudgeForm.base_fields
    return [(fields[name].label, typed[name]) for name in WORDS if typed and typed.get(name, "").strip()]


def draft_state(request, referral):
    """For a page that is opened: what of an earlier time stands in it."""
    draft = draft_of(request.user, referral)
    return _state(draft, is_resumed=True) if draft is not None else DraftState()


def keep_what_was_sent(request, referral):
    """A form that was refused is kept as well, so that going away loses nothing; with what stands in the way."""
    try:
        draft = save_draft(
            referral=referral, values=_values(request), version=_version(request), by=request.user, now=timezone.now()
        )
        return _state(draft)
    except DraftChanged as changed:
        theirs = changed.draft
        return DraftState(_version(request), saved_at=theirs.saved_at, trouble="changed", theirs=theirs.version)
    except AlreadyJudged:
        return DraftState(_version(request), trouble="judged")
    except DraftTooLong:
        return DraftState(_version(request), trouble="too_long")


def _state(draft, *, is_resumed=False):
    is_filled = bool(draft.values)
    return DraftState(draft.version, draft.started_at, draft.saved_at, is_resumed=is_resumed and is_filled)


@keeps_what_was_typed
@allow(can_judge)
@require_POST
def save(request, pk):
    """While typing, a word on how it went; by the button, back to the queue, or to the form when it did not go."""
    now = timezone.now()
    found = find_or_refuse(Referral.objects.in_work_areas_of(request.user), by=request.user, now=now, pk=pk)
    state = keep_what_was_sent(request, found)
    if request.htmx:
        context = {"draft": state, "referral": found}
        return render(request, "intake/_draft_state.html", context, status=422 if state.trouble else 200)
    if state.trouble == "changed":
        return render(request, "intake/draft_changed.html", _changed(request, found, state), status=422)
    if state.trouble:
        messages.error(request, TROUBLES[state.trouble])
        return redirect("intake:judge", pk=pk)
    messages.success(request, _("Kept. You can go on with this intake whenever you like."))
    return redirect("intake:judge", pk=pk) if "keep_mine" in request.POST else redirect("intake:queue")


TROUBLES = {
    "judged": gettext_lazy("Somebody judged this referral meanwhile."),
    "too_long": gettext_lazy("This is more text than can be kept. Make it shorter."),
}


def _changed(request, referral, state):
    typed = [(name, text) for name, texts in _values(request).items() for text in texts]
    return {"referral": referral, "draft": state, "typed": typed, "words": words_of(request.POST)}


@allow(can_judge)
@require_POST
def discard(request, pk):
    """Begin this intake anew, with what the referral says; or put away what was typed too late."""
    now = timezone.now()
    found = find_or_refuse(Referral.objects.in_work_areas_of(request.user), by=request.user, now=now, pk=pk)
    discard_draft(referral=found, by=request.user, now=now)
    messages.success(request, _("What you typed at this intake is gone."))
    return redirect(reverse("intake:judge", args=[pk]))


def _values(request):
    return {name: texts for name, texts in request.POST.lists() if name in JudgeForm.base_fields}


def _version(request):
    text = request.POST.get("keep_mine") or request.POST.get("draft_version") or ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS else 0
