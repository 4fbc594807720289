"""Letters for who has no safe mail: who gets one, what it says, who opens it, and when none goes (R21, R40, R41)."""

import datetime as dt
import re
import zlib

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, connection, transaction
from django.urls import reverse

from clients.enums import AccessAction, LetterState
from clients.letters import letter_refusal
from clients.letters_pdf import letters_pdf
from clients.models import AccessLog, Client, Letter
from clients.services import mark_printed, open_letters, update_client
from groups.messages import INVITATION_LETTER
from groups.models import Participation
from groups.services.scheduling import move_session
from notifications.models import Notification
from notifications.services import set_text
from tests.factories.accounts import make_coordinator, make_desk, make_social_worker, make_team_member
from tests.factories.clients import make_client
from tests.factories.groups import NOW, make_entry, make_team_and_room, make_waitlist, sweep

pytestmark = pytest.mark.django_db
ADDRESS = {"street": "Voorbeeldstraat 12", "town": "Beverwijk"}


def add_address(client, **contact):
    """As a worker fills it in on the file."""
    Client.objects.filter(pk=client.pk).update(**ADDRESS)
    type(client.contact).objects.filter(client=client).update(**contact)
    return client


@pytest.fixture
def world():
    """A group of four: with mail, by post, by post but in danger, and by post with a secret address."""
    waitlist = make_waitlist()
    make_team_and_room(waitlist)
    mailed = make_entry(waitlist).client
    post = add_address(make_entry(waitlist, email="", family_name="Briefmans").client)
    danger = add_address(make_entry(waitlist, email="", contact={"is_sensitive": True}).client)
    secret = add_address(make_entry(waitlist, email="").client, address_is_secret=True)
    sweep()
    people = {"mailed": mailed, "post": post, "danger": danger, "secret": secret}
    return people | {"cycle": waitlist.cycles.get(), "here": post.neighbourhood.municipality}


def worker_here(client):
    return make_social_worker(municipalities=[client.neighbourhood.municipality])


def test_an_invitation_goes_by_post_where_it_may_and_the_call_stays(world):
    letter = Letter.objects.get()
    assert (letter.client, letter.kind, letter.state) == (world["post"], INVITATION_LETTER.code, LetterState.TO_PRINT)
    assert "maandag 14 september om 09:00 uur" in letter.text
    assert "Wij bellen u" in letter.text
    assert "/antwoord/" not in letter.text
    assert world["cycle"].offer.name not in letter.text
    place = Participation.objects.get(client=world["post"])
    assert (place.is_mailed, place.call_from) == (False, NOW.date())
    assert Notification.objects.get(kind="invitation").to_address == world["mailed"].email


def test_the_text_is_sealed_in_the_database(world):
    with connection.cursor() as cursor:
        cursor.execute("SELECT text::text FROM clients_letter")
        assert "september" not in str(cursor.fetchall())


def test_a_letter_says_it_in_the_coordinators_words(world):
    by = make_coordinator()
    words = {"subject": "x", "body": "Beste deelnemer, op {wanneer}.\n{plek}", "seen": 0}
    set_text(kind=INVITATION_LETTER, by=by, now=NOW, **words)
    cycle = world["cycle"]
    session = cycle.sessions.get(number=1)
    make_entry(cycle.waitlist, client=add_address(make_client("Later", email="", now=NOW)))
    sweep()
    assert Letter.objects.filter(text="").count() == 0
    assert [letter.text[:18] for letter in Letter.objects.filter(kind=INVITATION_LETTER.code)][
        -1
    ] == "Beste deelnemer, o"
    move_session(
        session=session, date=session.date + dt.timedelta(days=1), start_time=session.start_time, by=by, now=NOW
    )
    assert sorted(Letter.objects.values_list("kind", flat=True)) == [
        *("invitation_letter", "invitation_letter", "session_changed", "session_changed"),
    ]


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"contact": {"is_sensitive": True}}, "dangerous"),
        ({"contact": {"address_is_secret": True}}, "secret"),
        ({"contact": {"may_letter": False}}, "unsafe"),
        ({"street": "", "town": ""}, "no_address"),
        ({"street": "Andere straat 3"}, ""),
    ],
)
def test_a_letter_that_was_not_printed_is_withdrawn_when_post_is_not_safe_any_more(world, changed, why):
    update_client(client=world["post"], by=worker_here(world["post"]), now=NOW, **changed)
    letter = Letter.objects.get()
    assert letter_refusal(letter.client) == why
    assert letter.state == (LetterState.WITHDRAWN if why else LetterState.TO_PRINT)


def text_of(pdf):
    """What stands in the streams of a PDF as glyphs cannot be read; how many pages and the title can."""
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S)
    return b"".join(zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"\x78")


def test_the_pdf_is_one_accessible_file_with_a_page_for_each(world):
    letter = Letter.objects.get()
    one, two = (letters_pdf([letter] * count, today=NOW.date()) for count in (1, 2))
    assert one.startswith(b"%PDF-")
    assert b"pdfuaid" in one + text_of(one)
    assert [len(re.findall(rb"/Type\s*/Page\b", pdf + text_of(pdf))) for pdf in (one, two)] == [1, 2]


def test_what_a_name_holds_never_becomes_markup(world):
    Client.objects.filter(pk=world["post"].pk).update(
        family_name='#panic() *x* $ \\ "]', street='= #read("/etc/passwd")'
    )
    assert letters_pdf([Letter.objects.get()], today=NOW.date()).startswith(b"%PDF-")


def test_opening_is_noted_and_marking_needs_who_and_when(world):
    desk, letter = make_desk(municipalities=[world["here"]]), Letter.objects.get()
    opened = open_letters(letters=[letter], by=desk, now=NOW)
    assert (opened.letters, opened.refused, opened.failed) == ([letter], [], [])
    row = AccessLog.objects.get(user=desk)
    assert (row.client, row.action) == (world["post"], AccessAction.LETTER)
    assert mark_printed(letters=[letter], by=desk, now=NOW) == 1
    assert mark_printed(letters=[letter], by=desk, now=NOW) == 0
    letter.refresh_from_db()
    assert (letter.state, letter.printed_by) == (LetterState.PRINTED, desk)
    with pytest.raises(IntegrityError), transaction.atomic():
        Letter.objects.update(printed_by=None)


def test_a_printed_letter_opens_again_but_not_once_the_address_is_secret(client, world):
    desk, letter = make_desk(municipalities=[world["here"]]), Letter.objects.get()
    client.force_login(desk)
    mark_printed(letters=[letter], by=desk, now=NOW)
    url = reverse("clients:letter", args=[letter.pk])
    assert client.get(url)["Content-Type"] == "application/pdf"
    type(letter.client.contact).objects.filter(client=letter.client).update(address_is_secret=True)
    answer = client.get(url, follow=True)
    assert answer.redirect_chain[-1][0] == reverse("clients:letters")
    assert AccessLog.objects.filter(user=desk).count() == 1


def test_who_is_a_stranger_sees_and_prints_nothing(client, world):
    letter = Letter.objects.get()
    far = make_social_worker("Sjaak")
    with pytest.raises(PermissionDenied):
        open_letters(letters=[letter], by=far, now=NOW)
    assert mark_printed(letters=[letter], by=far, now=NOW) == 0
    client.force_login(far)
    assert client.get(reverse("clients:letter", args=[letter.pk])).status_code == 404
    client.force_login(make_team_member())
    assert client.get(reverse("clients:letters")).status_code == 403


def test_the_page_lists_short_names_and_prints_what_is_ticked(client, world):
    client.force_login(make_desk(municipalities=[world["here"]]))
    page = client.get(reverse("clients:letters")).content.decode()
    assert world["post"].short_name in page
    assert "Briefmans" not in page
    assert "Voorbeeldstraat" not in page
    pk = str(Letter.objects.get().pk)
    url = reverse("clients:letters_print")
    assert client.post(url, {"letter": [pk]})["Content-Type"] == "application/pdf"
    assert client.post(url, {"letter": ["999999", "x"]}).status_code == 302
    client.post(url, {"letter": [pk], "done": "1"})
    assert Letter.objects.get().state == LetterState.PRINTED
    assert client.post(url).status_code == 302


def test_a_secret_address_is_shown_to_who_places_and_to_nobody_else(client, world):
    secret = world["secret"]
    page = reverse("clients:file", args=[secret.public_id])
    client.force_login(worker_here(secret))
    assert "Voorbeeldstraat" in client.get(page).content.decode()
    client.force_login(world["cycle"].co_lead)
    seen = client.get(page).content.decode()
    assert secret.phone in seen
    assert "Voorbeeldstraat" not in seen
    assert secret.postcode not in seen


def test_an_address_is_whole_or_absent(world):
    with pytest.raises(ValidationError) as refused:
        update_client(client=world["post"], by=worker_here(world["post"]), now=NOW, town="")
    assert list(refused.value.message_dict) == ["town"]
    with pytest.raises(IntegrityError), transaction.atomic():
        Client.objects.update(town="")
