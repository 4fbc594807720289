"""bin/bench seal: texts sealed and opened a second, beside bare AES-GCM; lists that show them, beside plain text.

Yardsticks in the same run: AESGCM itself on the same 2,000 characters; the same rows from a table with plain text.
"""

import json
import logging
import os
import statistics
import time
import uuid

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.db import connection, models
from django.test import Client as Browser
from django.test import override_settings

from clients.models import SealKey
from clients.sealing import seal_text, unseal_text
from clients.sealing_box import make_key
from clients.services import rotate_master_key
from intake.models import Referral
from tests.factories.clients import make_client
from tests.factories.groups import NOW
from tests.factories.intake import make_door, make_referral, make_referrer

TEXT = ("Ik ben veel alleen en durf de deur niet uit. " * 50)[:2000]
ROWS, PAGE = 100, 25
PLAIN_STATIC = {"staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}}


class PlainReferral(models.Model):
    """The same text as it would lie there unsealed."""

    client = models.ForeignKey("clients.Client", on_delete=models.CASCADE, related_name="+")
    question = models.TextField()

    class Meta:
        app_label = "intake"
        managed = False
        db_table = "bench_plain_referral"

    def __str__(self):
        return str(self.pk)


def main(_arguments):
    logging.disable(logging.INFO)
    say("one text", **one_text())
    referrer = fill()
    say("reading a page", **a_page())
    with override_settings(STORAGES=settings.STORAGES | PLAIN_STATIC):
        say("pages", **pages(referrer))
    say("rotation", **rotation())


def say(what, **figures):
    print(json.dumps({"bench": "seal", "what": what, **figures}), flush=True)


def median_ms(work, times=60):
    taken = []
    for _turn in range(times):
        started = time.perf_counter()
        work()
        taken.append((time.perf_counter() - started) * 1000)
    return round(statistics.median(taken), 3)


def per_second(work, seconds=2):
    done, started = 0, time.perf_counter()
    while (taken := time.perf_counter() - started) < seconds:
        for _turn in range(100):
            work()
        done += 100
    return round(done / taken)


def one_text():
    """Sealing and opening 2,000 characters, the key unwrapped each time, and what AES-GCM alone takes."""
    key, bare = SealKey.new(), AESGCM(os.urandom(32))
    place = {"key": key, "label": "intake.Referral", "field": "question", "row": uuid.uuid4()}
    sealed, plain = seal_text(TEXT, **place), TEXT.encode()
    nonce = os.urandom(12)
    box = bare.encrypt(nonce, plain, b"")
    rates = {
        "sealed_per_s": per_second(lambda: seal_text(TEXT, **place)),
        "bare_sealed_per_s": per_second(lambda: bare.encrypt(os.urandom(12), plain, b"")),
        "opened_per_s": per_second(lambda: unseal_text(sealed, **place)),
        "bare_opened_per_s": per_second(lambda: bare.decrypt(nonce, box, b"")),
    }
    ratios = {
        f"{what}_ratio": round(rates[f"bare_{what}_per_s"] / rates[f"{what}_per_s"], 1)
        for what in ("sealed", "opened")
    }
    return {"characters": len(TEXT), **rates, **ratios}


def fill():
    referrer, door = make_referrer(), make_door()
    for number in range(ROWS):
        make_referral(by=referrer, neighbourhood=door, question=TEXT, person={"family_name": f"Fantasie {number}"})
    with connection.cursor() as cursor:
        cursor.execute(
            "CREATE TABLE bench_plain_referral AS SELECT id, client_id, %s::text AS question FROM intake_referral",
            [TEXT],
        )
        cursor.execute("ALTER TABLE bench_plain_referral ADD PRIMARY KEY (id)")
        cursor.execute("ANALYZE bench_plain_referral, intake_referral, clients_client, clients_sealkey")
    return referrer


def a_page():
    """A page of rows with their clients, from the database, each text read; and the same where nobody reads it."""
    sealed = Referral.objects.order_by("pk").select_related("client__key")[:PAGE]
    unread = Referral.objects.order_by("pk").select_related("client")[:PAGE]
    plain = PlainReferral.objects.order_by("pk").select_related("client")[:PAGE]
    assert [row.question for row in sealed] == [row.question for row in plain] == [TEXT] * PAGE
    figures = {
        "sealed_ms": median_ms(lambda: [row.question for row in sealed.all()]),
        "unread_ms": median_ms(lambda: list(unread.all())),
        "plain_ms": median_ms(lambda: [row.question for row in plain.all()]),
    }
    return {"rows": PAGE, **figures, "ratio": round(figures["sealed_ms"] / figures["plain_ms"], 2)}


def pages(referrer):
    """The referrer's list as the browser gets it, which shows no text and opens none, and one referral."""
    browser = Browser(SERVER_NAME="localhost")
    browser.force_login(referrer)
    answer = browser.get("/verwijzingen/")
    assert (answer.status_code, TEXT[:40] in answer.content.decode()) == (200, False)
    first = Referral.objects.order_by("-pk").first()
    detail = f"/verwijzingen/{first.pk}/"
    assert TEXT[:40] in browser.get(detail).content.decode()
    return {
        "list_ms": median_ms(lambda: browser.get("/verwijzingen/")),
        "detail_ms": median_ms(lambda: browser.get(detail)),
    }


def rotation():
    """Keys put under another master key, a second."""
    for number in range(ROWS):
        make_client(f"Sleutel {number}", now=NOW)
    with override_settings(MASTER_KEYS={"new": make_key()} | settings.MASTER_KEYS):
        started = time.perf_counter()
        keys = rotate_master_key(batch=500).rewrapped
        return {"keys": keys, "per_s": round(keys / (time.perf_counter() - started))}
