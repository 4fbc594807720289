"""What all pages that a client opens by a link without logging in have in common (R40, R43)."""

from functools import wraps

from django.conf import settings
from django.utils import translation
from django.utils.cache import patch_vary_headers

from groups.notifications import CLIENT_LANGUAGE


def discreet(view):
    """In Dutch unless the other language was chosen; nothing of this page is kept, indexed or passed on."""

    @wraps(view)
    def answered(request, *args, **kwargs):
        if settings.LANGUAGE_COOKIE_NAME not in request.COOKIES:
            translation.activate(CLIENT_LANGUAGE)
            request.LANGUAGE_CODE = CLIENT_LANGUAGE
        response = view(request, *args, **kwargs)
        response["X-Robots-Tag"] = "noindex, nofollow"
        response["Referrer-Policy"] = "no-referrer"
        response["Cache-Control"] = "no-store"
        patch_vary_headers(response, ["Cookie"])
        return response

    return answered


def keep_language(request, response):
    """Whether the other language was pressed; it is kept with the response."""
    language = request.POST.get("language")
    if language in dict(settings.LANGUAGES):
        response.set_cookie(settings.LANGUAGE_COOKIE_NAME, language, samesite="Lax", secure=request.is_secure())
    return bool(language)
