"""Headers on every answer, errors included, and input that no database can hold."""

import logging
from io import StringIO

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError
from django.test import Client
from django.urls import include, path

from socius import urls
from socius.logs import LineFormatter

EXPECTED = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
}


def break_down(request, secret="canary"):
    raise IntegrityError(f"Key (email)=({secret}) already exists")


def refuse(request):
    raise PermissionDenied


urlpatterns = [
    path("stuk/<str:secret>/", break_down),
    path("mag-niet/", refuse),
    path("", include(urls.urlpatterns)),
]
handler400, handler403, handler404, handler500 = urls.handler400, urls.handler403, urls.handler404, urls.handler500

pytestmark = [pytest.mark.urls(__name__), pytest.mark.django_db]


def assert_headers(answer):
    assert {name: answer.headers.get(name) for name in EXPECTED} == EXPECTED
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]
    assert "unsafe" not in answer.headers["Content-Security-Policy"]
    assert {"private", "no-store"} <= set(answer.headers["Cache-Control"].split(", "))
    assert "camera=()" in answer.headers["Permissions-Policy"]


@pytest.mark.parametrize(
    ("address", "options", "status"),
    [
        ("/healthz", {}, 503),
        ("/inloggen/", {}, 200),
        ("/bestaat-niet/", {}, 404),
        ("/mag-niet/", {}, 403),
        ("/stuk/canary/", {}, 500),
        ("/healthz", {"HTTP_HOST": "elsewhere.example"}, 400),
        ("/healthz?q=%00", {}, 400),
        ("/healthz?%00=1", {}, 400),
        ("/stuk/%00/", {}, 400),
        ("/healthz", {"HTTP_COOKIE": 'sessionid="a\\000b"'}, 400),
    ],
)
def test_each_answer_carries_the_headers(address, options, status):
    answer = Client(raise_request_exception=False).get(address, **options)
    assert answer.status_code == status
    assert_headers(answer)
    assert answer.content


def test_nul_in_a_form_is_refused(client):
    answer = client.post("/inloggen/", {"login": "a\0b@example.org", "password": "x"})
    assert answer.status_code == 400
    assert_headers(answer)


def test_form_of_another_site_is_refused_kindly():
    answer = Client(enforce_csrf_checks=True).post("/inloggen/", {"login": "a@example.org", "password": "x"})
    assert answer.status_code == 403
    assert_headers(answer)
    assert answer.templates[0].name == "403_csrf.html"


def test_trouble_is_told_without_what_was_in_it():
    output = StringIO()
    handler = logging.StreamHandler(output)
    handler.setFormatter(LineFormatter())
    logging.getLogger().addHandler(handler)
    try:
        Client(raise_request_exception=False).get("/stuk/canary/?q=canary")
    finally:
        logging.getLogger().removeHandler(handler)
    told = output.getvalue()
    assert "django.db.utils.IntegrityError" in told
    assert "break_down" in told
    assert "/stuk/<str:secret>/" in told
    assert "canary" not in told
