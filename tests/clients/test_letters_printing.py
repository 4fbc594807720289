"""Printing at the desk: what one sees is what is noted, no letter holds up another, and only where one works (R41)."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from clients.enums import AccessAction, LetterState
from clients.models import AccessLog, Client, Letter
from clients.services import mark_printed, open_letters, update_client
from clients.validation import clean_text
from reporting.today import build_today
from tests.factories.accounts import make_coordinator, make_desk, make_social_worker
from tests.factories.clients import make_client
from tests.factories.groups import NOW
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood

pytestmark = pytest.mark.django_db
PRINT, PAGE = "clients:letters_print", "clients:letters"


def make_letter(family_name="Jansen", *, neighbourhood=None, **fields):
    """Past the services: a file can be older than what they refuse."""
    person = make_client(neighbourhood=neighbourhood or make_neighbourhood(), now=NOW)
    Client.objects.filter(pk=person.pk).update(
        street="Voorbeeldstraat 12", town="Beverwijk", family_name=family_name, name_prefix=""
    )
    person, key = Client.objects.get(pk=person.pk), f"proef:{Letter.objects.count()}"
    return Letter.objects.create(client=person, kind="x", text="Hallo", made_at=NOW, dedupe_key=key, **fields)


@pytest.fixture
def here():
    return make_neighbourhood()


@pytest.fixture
def desk(here, client):
    user = make_desk(municipalities=[here.municipality])
    client.force_login(user)
    return user


def states():
    return list(Letter.objects.order_by("pk").values_list("state", flat=True))


@pytest.mark.parametrize("name", ["\u738b\u5c0f\u660e", "\u0e01", "\U0001f469", "A\x01", "\uffff"])
def test_one_name_holds_up_no_other_letter(client, here, desk, name):
    letters = [make_letter(family, neighbourhood=here) for family in ("Jansen", name, "Bakker")]
    bad = letters[1]
    answer = client.post(reverse(PRINT), {"shown": [letter.pk for letter in letters]})
    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    logged = AccessLog.objects.filter(action=AccessAction.LETTER, user=desk).values_list("client", flat=True)
    assert sorted(logged) == sorted([letters[0].client_id, letters[2].client_id])
    assert bad.client.short_name in client.get(reverse(PAGE)).content.decode()
    alone = client.get(reverse("clients:letter", args=[bad.pk]), follow=True)
    assert [bad.client.short_name in str(message) for message in alone.context["messages"]] == [True]
    assert mark_printed(letters=letters, by=desk, now=NOW) == 2
    assert states() == [LetterState.PRINTED, LetterState.TO_PRINT, LetterState.PRINTED]


def test_each_that_cannot_be_set_is_found_however_many(here, desk):
    letters = [make_letter("\u738b" if number % 3 == 0 else "Jansen", neighbourhood=here) for number in range(7)]
    opened = open_letters(letters=letters, by=desk, now=NOW)
    assert opened.failed == [letters[0], letters[3], letters[6]]
    assert len(opened.letters) == 4


@pytest.mark.parametrize("sign", ["\x01", "\x7f", "\uffff", "\ufdd0", "\ue000", "\ud800", "\u202e", "\u2066"])
def test_a_sign_that_nobody_can_read_is_refused_in_a_name(here, sign):
    with pytest.raises(ValidationError):
        clean_text(f"An{sign}na")
    worker, person = make_social_worker(municipalities=[here.municipality]), make_client(neighbourhood=here)
    with pytest.raises(ValidationError) as refused:
        update_client(client=person, by=worker, now=NOW, family_name=f"Jan{sign}sen")
    assert list(refused.value.message_dict) == ["family_name"]


def test_names_of_the_world_are_not_refused():
    for name in ("\u0141ukasz", "\u0645\u062d\u0645\u062f", "O\u2019Brien", "Ng\u1ecdc", "\u738b", "a\u200cb"):
        assert clean_text(f" {name}  {name}") == f"{name} {name}"


def test_only_what_the_page_showed_is_noted_as_printed(client, here, desk):
    seen, _later = make_letter(neighbourhood=here), make_letter("Bakker", neighbourhood=here)
    client.post(reverse(PRINT), {"shown": [seen.pk], "done": "1"})
    assert states() == [LetterState.PRINTED, LetterState.TO_PRINT]


def test_ticks_go_before_what_was_shown_and_the_page_says_what_it_shows(client, here, desk):
    one, two = make_letter(neighbourhood=here), make_letter("Bakker", neighbourhood=here)
    page = client.get(reverse(PAGE)).content.decode()
    assert all(f'name="shown" value="{letter.pk}"' in page for letter in (one, two))
    client.post(reverse(PRINT), {"shown": [one.pk, two.pk], "letter": [two.pk], "done": "1"})
    assert states() == [LetterState.TO_PRINT, LetterState.PRINTED]


@pytest.mark.parametrize("data", [{}, {"done": "1"}, {"done": "1", "letter": ["x"], "shown": ["-1"]}])
def test_nothing_chosen_notes_nothing_and_says_so(client, here, desk, data):
    make_letter(neighbourhood=here)
    answer = client.post(reverse(PRINT), data, follow=True)
    assert answer.redirect_chain == [(reverse(PAGE), 302)]
    assert len(answer.context["messages"]) == 1
    assert states() == [LetterState.TO_PRINT]


def test_the_desk_sees_and_prints_the_letters_of_where_it_works(client, here, desk):
    far = make_neighbourhood("Bakkum", make_municipality("Castricum", "GM0383"))
    letter = make_letter("Quintessens", neighbourhood=far)
    assert letter.client.short_name not in client.get(reverse(PAGE)).content.decode()
    assert client.get(reverse("clients:letter", args=[letter.pk])).status_code == 404
    assert mark_printed(letters=[letter], by=desk, now=NOW) == 0
    there = make_desk("Lara", municipalities=[far.municipality])
    assert mark_printed(letters=[letter], by=there, now=NOW) == 1


def test_the_coordinator_sees_where_letters_wait_and_not_for_whom():
    letter, coordinator = make_letter(), make_coordinator()
    assert "printer" not in [task.icon for task in build_today(coordinator, now=NOW + dt.timedelta(hours=20)).tasks]
    [task] = [
        task for task in build_today(coordinator, now=NOW + dt.timedelta(hours=25)).tasks if task.icon == "printer"
    ]
    assert [(line.text, line.note) for line in task.lines] == [(letter.client.neighbourhood.municipality.name, "1")]
    assert letter.client.short_name not in repr(task)


def test_a_withdrawn_letter_says_why_it_does_not_open(client, here, desk):
    letter = make_letter(neighbourhood=here, state=LetterState.WITHDRAWN)
    answer = client.get(reverse("clients:letter", args=[letter.pk]), follow=True)
    assert answer.redirect_chain == [(reverse(PAGE), 302)]
    assert len(answer.context["messages"]) == 1
    assert not AccessLog.objects.filter(action=AccessAction.LETTER).exists()
