"""The words of messages: what is sent when, in which words, and back to the default (R40)."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.permissions import allow
from notifications.models import MessageText
from notifications.permissions import can_change_messages
from notifications.services import TextChanged, reset_text, set_text
from reporting.message_form import MessageForm
from reporting.messages import KINDS, preview, rows_by_audience

VERSIONS_SHOWN = 10


@require_safe
@allow(can_change_messages)
def message_list(request):
    return render(request, "reporting/messages.html", {"groups": rows_by_audience()})


def _find(code):
    """(kind, its rows, the newest first); 404 for what nobody edits."""
    kind = KINDS.get(code)
    if kind is None or kind.is_fixed:
        raise Http404
    return kind, list(MessageText.objects.history_of(code)[:VERSIONS_SHOWN])


@require_http_methods(["GET", "HEAD", "POST"])
@allow(can_change_messages)
def message(request, code):
    """Words of one kind with a preview; `preview` in a POST only looks, also without JavaScript."""
    kind, versions = _find(code)
    form = _form(request, kind, versions)
    if request.method == "POST" and form.is_valid() and "preview" not in request.POST:
        if _is_saved(request, form):
            return redirect("reporting:message", code)
        versions = _find(code)[1]
        form.look_at(versions[0].number)
    shown = {"kind": kind, "form": form, "versions": versions, "newest": versions[0] if versions else None}
    shown["example"] = _example(kind, form)
    is_fragment = request.htmx and "preview" in request.POST
    return render(request, "reporting/_message_preview.html" if is_fragment else "reporting/message.html", shown)


def _form(request, kind, versions):
    chosen = [row for row in versions if str(row.number) == request.GET.get("versie")]
    shown = next(iter(chosen or versions), None)
    seen = versions[0].number if versions else 0
    return MessageForm(request.POST if request.method == "POST" else None, kind=kind, shown=shown, seen=seen)


def _example(kind, form):
    """What somebody would read; None while the text cannot be sent."""
    if not form.is_bound:
        return preview(kind, form.initial["subject"], form.initial["body"])
    return preview(kind, form.cleaned_data["subject"], form.cleaned_data["body"]) if form.is_valid() else None


def _is_saved(request, form):
    words = {name: form.cleaned_data[name] for name in ("subject", "body", "seen", "telling")}
    try:
        set_text(kind=form.kind, by=request.user, now=timezone.now(), **words)
    except TextChanged:
        form.add_error(
            None, _("A colleague changed this text meanwhile. Look below, and save yours again if it is right.")
        )
        return False
    messages.success(request, _("Saved. Mail that waits leaves in these words too."))
    return True


@require_http_methods(["GET", "HEAD", "POST"])
@allow(can_change_messages)
def message_reset(request, code):
    kind, versions = _find(code)
    if request.method == "POST":
        try:
            reset_text(kind=kind, seen=versions[0].number if versions else 0, by=request.user, now=timezone.now())
            messages.success(request, _("The default text holds again."))
        except TextChanged:
            messages.error(request, _("A colleague changed this text meanwhile. Look at it first."))
        return redirect("reporting:message", code)
    consequences = [
        _("Messages of this kind leave in the default words from now on, also those that wait."),
        _("Your text stays in the history, so that you can use it again."),
    ]
    return render(request, "reporting/message_reset.html", {"kind": kind, "consequences": consequences})
