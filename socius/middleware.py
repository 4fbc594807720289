"""What holds for every answer, errors included: headers, a line in the log, and no input that no database can hold."""

import logging
import secrets
import time

from django.core.exceptions import SuspiciousOperation
from django.http import UnreadablePostError
from django.shortcuts import render

from clients.sealing import SealBroken
from socius.logs import request_id, route_of

logger = logging.getLogger("socius.requests")

HEADERS = {
    "Permissions-Policy": "accelerometer=(), camera=(), geolocation=(), gyroscope=(), microphone=(), payment=()",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    # Pages show people; files that a browser may keep say so themselves.
    "Cache-Control": "private, no-store",
}


def response_headers(get_response):
    """Outermost, so that no error made further in passes by it."""

    def middleware(request):
        response = get_response(request)
        for name, value in HEADERS.items():
            response.headers.setdefault(name, value)
        return response

    return middleware


def request_log(get_response):
    """One line for each request: its route, never its path (which holds tokens), and how long it took."""

    def middleware(request):
        started = time.perf_counter()
        token = request_id.set(secrets.token_hex(6))
        try:
            response = get_response(request)
            response.headers["X-Request-ID"] = request_id.get()
            if request.resolver_match:
                write_line(request, response, milliseconds=round((time.perf_counter() - started) * 1000))
            return response
        finally:
            request_id.reset(token)

    return middleware


def write_line(request, response, *, milliseconds):
    route = route_of(request)
    facts = {"method": request.method, "route": route, "status": response.status_code, "ms": milliseconds}
    level = logging.DEBUG if route == "/healthz" and response.status_code == 200 else logging.INFO
    logger.log(level, "%(method)s %(route)s %(status)s, %(ms)s ms", facts, extra=facts)


def storable_input(get_response):
    """A NUL character cannot be stored or searched for in PostgreSQL; whoever sends one gets 400 and not 500."""

    def middleware(request):
        try:
            forms = (request.GET, request.POST)
        except UnreadablePostError:
            raise SuspiciousOperation("the request broke off") from None
        texts = [request.path, *request.COOKIES.values()]
        texts += [text for form in forms for name, values in form.lists() for text in (name, *values)]
        if any("\0" in text for text in texts):
            raise SuspiciousOperation("NUL in the request")
        return get_response(request)

    return middleware


def sealed_texts(get_response):
    """A text whose seal is broken is not shown: words and 503 instead of a page."""

    def middleware(request):
        return get_response(request)

    def process_exception(request, exception):
        return render(request, "503.html", status=503) if isinstance(exception, SealBroken) else None

    middleware.process_exception = process_exception
    return middleware
