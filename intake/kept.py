"""A form that is sent after the session ended is handed back, not thrown away; nothing is stored meanwhile."""

from functools import wraps

from django.middleware.csrf import CsrfViewMiddleware
from django.shortcuts import render
from django.views.decorators.csrf import csrf_exempt

# Enough for every field of our forms; somebody who is not logged in gets no more back.
MOST_VALUES = 200


def keeps_what_was_typed(view):
    """Goes around allow(): who sends a form while logged out, or with the token of before a new log-in, gets it back.

    The page that comes back holds only what was sent, shows nothing of ours, and asks to send it once more. Django's
    own token check still stands in front of the view: it only refuses more kindly, and only to our own pages.
    """

    @wraps(view)
    def kept(request, *args, **kwargs):
        refused = CsrfViewMiddleware(view).process_view(request, view, args, kwargs)
        if refused is not None:
            return _hand_back(request) if _comes_from_us(request) else refused
        if request.method == "POST" and not request.user.is_authenticated and not request.htmx:
            return _hand_back(request)
        return view(request, *args, **kwargs)

    return csrf_exempt(kept)


def _comes_from_us(request):
    return request.method == "POST" and request.headers.get("Sec-Fetch-Site") == "same-origin" and not request.htmx


def _hand_back(request):
    typed = [
        (name, value) for name, values in request.POST.lists() if name != "csrfmiddlewaretoken" for value in values
    ]
    context = {"typed": typed[:MOST_VALUES], "is_logged_in": request.user.is_authenticated}
    return render(request, "intake/form_kept.html", context, status=401)
