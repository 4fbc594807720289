"""One's own calendar outside Socius: the file itself, for whoever knows the address, and making and ending that."""

import hashlib

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.cache import get_conditional_response
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.feeds import find_feed, make_feed, note_read, stop_feed
from accounts.permissions import allow
from groups.feed import feed_of
from groups.permissions import can_keep_time


@require_safe
def feed(request, token):
    """The .ics file; for an unknown or ended address the same 404 as for any other that is not there."""
    found = find_feed(token)
    if found is None:
        raise Http404
    today = timezone.localdate()
    note_read(found, today=today)
    text = feed_of(found.user, since=found.created_at, today=today)
    etag = f'"{hashlib.sha256(text.encode()).hexdigest()[:32]}"'
    response = HttpResponse(text, content_type="text/calendar; charset=utf-8", headers={"ETag": etag})
    response = get_conditional_response(request, etag=etag, response=response)
    response["Cache-Control"] = "private, max-age=300"
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@allow(can_keep_time)
@require_POST
def feed_make(request):
    """A new address, shown on this page and never again; the one before stops."""
    token = make_feed(user=request.user, by=request.user, now=timezone.now())
    address = settings.SITE_URL + reverse("groups:feed", args=[token])
    return render(request, "groups/feed.html", {"address": address})


@allow(can_keep_time)
@require_POST
def feed_stop(request):
    """The address shows nothing any more; twice is once."""
    stop_feed(user=request.user, by=request.user)
    messages.success(request, _("The address of your calendar does not work any more."))
    return redirect("groups:availability")
