"""The mailbox of the demo; it does not exist in production."""

from functools import wraps

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from notifications.mailbox import list_mails, read_mail


def only_with_mailbox(view):
    """404 where mail really leaves."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not settings.MAILBOX_DIR:
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@only_with_mailbox
@require_safe
def mailbox(request):
    return render(request, "notifications/mailbox.html", {"mails": list_mails()})


@only_with_mailbox
@require_safe
def mail(request, name):
    try:
        return render(request, "notifications/mail.html", {"mail": read_mail(name)})
    except FileNotFoundError as error:
        raise Http404 from error


@only_with_mailbox
@require_safe
def attachment(request, name, number):
    """Counted from 1. Always saved and never opened by the browser; only a calendar file keeps its type."""
    try:
        found = dict(enumerate(read_mail(name).attachments, start=1))[number]
    except (FileNotFoundError, KeyError) as error:
        raise Http404 from error
    kind = "text/calendar; charset=utf-8" if found.file_name.endswith(".ics") else "application/octet-stream"
    response = HttpResponse(found.content, content_type=kind)
    response["Content-Disposition"] = f'attachment; filename="{found.file_name}"'
    response["X-Content-Type-Options"] = "nosniff"
    return response
