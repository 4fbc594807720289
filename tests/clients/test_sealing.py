"""How to reach somebody is sealed in the database, plain in Python, and closed as soon as anything is wrong."""

import logging
import threading
import uuid
from datetime import UTC, datetime

import pytest
from django.core.exceptions import FieldError, ValidationError
from django.db import connection, transaction
from django.db.models import F, Value
from django.db.models.functions import Length
from django.urls import reverse

from clients.models import AccessLog, Client, ContactPreference, SealKey
from clients.sealing import Ciphertext, SealBroken, SealedText
from clients.services import destroy_key, update_client
from tests.factories.accounts import make_social_worker
from tests.factories.clients import make_client, make_neighbourhood

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
TEXT = "Bel haar zus Ans, nooit thuis: hij neemt op."


@pytest.fixture
def anna():
    return make_client("Vries", contact={"instructions": TEXT}).contact


@pytest.fixture
def bo():
    return make_client("Jansen", contact={"instructions": "Liefst per mail."}).contact


def box(row):
    """What the database has."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT instructions FROM clients_contactpreference WHERE client_id = %s", [row.pk])
        return bytes(cursor.fetchone()[0])


def set_column(row, column, value):
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE clients_contactpreference SET {column} = %s WHERE client_id = %s", [value, row.pk])


def again(row):
    return ContactPreference.objects.get(pk=row.pk)


def test_the_database_has_no_word_of_it_and_python_has_all(anna):
    sealed = box(anna)
    assert len(sealed) == 1 + 12 + len(TEXT.encode()) + 16
    assert [word for word in TEXT.split() if word.encode() in sealed] == []
    assert again(anna).instructions == TEXT


@pytest.mark.parametrize("text", ["", "ë", "🙂" * 500, "regel\r\nregel\t", "'; --"])
def test_any_text_comes_back_as_it_went(anna, text):
    anna.instructions = text
    anna.save()
    assert again(anna).instructions == text


def test_the_same_text_sealed_twice_looks_different(anna):
    first = box(anna)
    anna.instructions = TEXT
    anna.save()
    assert (box(anna) == first, again(anna).instructions) == (False, TEXT)


def test_a_row_saved_without_looking_keeps_its_very_bytes(anna):
    before = box(anna)
    row = again(anna)
    row.may_letter = False
    row.save()
    assert (box(anna), again(anna).may_letter) == (before, False)


def test_only_the_named_field_is_saved(anna):
    row = again(anna)
    row.instructions, row.may_letter = "Anders.", False
    row.save(update_fields=["instructions"])
    assert (again(anna).instructions, again(anna).may_letter) == ("Anders.", True)


def test_a_row_made_outright_and_rows_made_together_are_sealed(anna, bo):
    ContactPreference.objects.all().delete()
    made = ContactPreference.objects.create(client=anna.client, instructions=TEXT)
    [also] = ContactPreference.objects.bulk_create([ContactPreference(client=bo.client, instructions=TEXT)])
    also.may_letter = False
    also.save()
    assert [again(row).instructions for row in (made, also)] == [TEXT, TEXT]
    assert [TEXT.encode() in box(row) for row in (made, also)] == [False, False]


def test_empty_is_empty_without_a_key(anna, settings):
    anna.instructions = ""
    anna.save()
    settings.MASTER_KEYS = {"other": bytes(32)}
    assert (box(anna), again(anna).instructions) == (b"", "")


def test_whether_it_is_empty_can_be_asked_and_nothing_else(anna, bo):
    bo.instructions = ""
    bo.save()
    rows = ContactPreference.objects
    assert [rows.get(instructions="").pk, rows.exclude(instructions="").get().pk] == [bo.pk, anna.pk]
    assert rows.filter(instructions__isnull=True).count() == 0
    for lookup in ("exact", "contains", "in", "gt", "iexact"):
        with pytest.raises(FieldError, match="sealed"):
            rows.filter(**{f"instructions__{lookup}": TEXT})
    with pytest.raises(FieldError, match="sealed"):
        rows.filter(instructions__length=3)


def test_what_cannot_be_sealed_is_refused_aloud(anna):
    rows, before = ContactPreference.objects.filter(pk=anna.pk), box(anna)
    for value in ("Anders.", F("instructions"), Value("Anders.", output_field=SealedText())):
        with pytest.raises(FieldError, match="save each row"), transaction.atomic():
            rows.update(instructions=value)
    anna.instructions = "Anders."
    with pytest.raises(FieldError, match="save each row"), transaction.atomic():
        ContactPreference.objects.bulk_update([anna], ["instructions"])
    assert box(anna) == before
    assert rows.update(instructions="") == 1
    assert box(anna) == b""


def test_values_are_no_texts(anna):
    [sealed] = ContactPreference.objects.values_list("instructions", flat=True)
    assert (sealed, repr(sealed), len({sealed, Ciphertext(box(anna))})) == (Ciphertext(box(anna)), "<sealed>", 1)
    with pytest.raises(TypeError, match="through its row"):
        str(sealed)
    assert ContactPreference.objects.annotate(long=Length(Value("abc"))).get().long == 3


def test_length_and_null_characters_are_checked(anna):
    for text, code in (("x" * 501, "max_length"), ("a\0b", "null_characters_not_allowed")):
        anna.instructions = text
        with pytest.raises(ValidationError) as refused:
            anna.clean_fields()
        assert [error.code for error in refused.value.error_dict["instructions"]] == [code]
    anna.instructions = "x" * 500
    anna.full_clean()


def test_a_list_that_does_not_show_it_opens_nothing(anna, bo):
    for row in (anna, bo):
        set_column(row, "instructions", b"broken")
    rows = list(ContactPreference.objects.order_by("pk"))
    assert [row.may_mail for row in rows] == [True, True]
    with pytest.raises(SealBroken):
        rows[0].instructions  # noqa: B018 (reading is what is tested)


def test_a_list_that_shows_it_asks_once(anna, bo, django_assert_num_queries):
    with django_assert_num_queries(1):
        rows = ContactPreference.objects.select_related("client__key").order_by("pk")
        assert [row.instructions for row in rows] == [TEXT, "Liefst per mail."]


def test_reading_again_and_later(anna, django_assert_num_queries):
    row = ContactPreference.objects.defer("instructions").select_related("client__key").get()
    with django_assert_num_queries(1):
        assert [row.instructions, row.instructions] == [TEXT, TEXT]
    anna.instructions = "Anders."
    anna.save()
    row.refresh_from_db()
    assert row.instructions == "Anders."
    row.instructions = "Nooit bewaard."
    row.refresh_from_db(fields=["instructions"])
    assert row.instructions == "Anders."
    only = ContactPreference.objects.only("may_mail").get()
    only.may_mail = False
    only.save()
    assert again(anna).instructions == "Anders."


def flip(sealed, position):
    changed = bytearray(sealed)
    changed[position] ^= 1
    return bytes(changed)


SPOILED = {
    "format": lambda sealed: flip(sealed, 0),
    "nonce": lambda sealed: flip(sealed, 5),
    "text": lambda sealed: flip(sealed, 20),
    "tag": lambda sealed: flip(sealed, -1),
    "longer": lambda sealed: sealed + b"\0",
    "shorter": lambda sealed: sealed[:-1],
    "cut": lambda sealed: sealed[:20],
    "one byte": lambda sealed: sealed[:1],
    "plain": lambda sealed: TEXT.encode(),
}


@pytest.mark.parametrize("how", SPOILED)
def test_whatever_was_tampered_with_stays_closed(anna, caplog, how):
    spoiled = SPOILED[how](box(anna))
    set_column(anna, "instructions", spoiled)
    closed_and_kept(anna, caplog, spoiled)


def closed_and_kept(row, caplog, sealed):
    """Nothing is shown, nothing is overwritten, and the log has no more than model and number."""
    fresh = again(row)
    caplog.clear()
    with caplog.at_level(logging.DEBUG), pytest.raises(SealBroken) as broken:
        fresh.instructions  # noqa: B018 (reading is what is tested)
    assert str(broken.value) == f"clients.ContactPreference #{row.pk}"
    assert (broken.value.__cause__, broken.value.__suppress_context__) == (None, True)
    assert [record.getMessage() for record in caplog.records] == [
        f"clients.ContactPreference #{row.pk}: a sealed text cannot be opened"
    ]
    fresh.may_letter = False
    fresh.save()
    assert box(row) == sealed


def test_swapped_between_clients(anna, bo, caplog):
    mine, theirs = box(anna), box(bo)
    set_column(anna, "instructions", theirs)
    set_column(bo, "instructions", mine)
    closed_and_kept(anna, caplog, theirs)
    closed_and_kept(bo, caplog, mine)


def test_swapped_with_the_number_of_the_row(anna, bo, caplog):
    mine, theirs = again(anna).seal_id, again(bo).seal_id
    sealed = box(bo)
    set_column(anna, "instructions", sealed)
    set_column(anna, "seal_id", theirs)
    closed_and_kept(anna, caplog, sealed)
    assert mine != theirs


def test_another_number_of_the_row(anna, caplog):
    set_column(anna, "seal_id", uuid.uuid4())
    closed_and_kept(anna, caplog, box(anna))


def test_swapped_keys(anna, bo, caplog):
    mine, theirs = anna.client.key, bo.client.key
    spare = SealKey.objects.make()
    for client, key in ((anna.client, spare), (bo.client, mine), (anna.client, theirs)):
        Client.objects.filter(pk=client.pk).update(key=key)
    closed_and_kept(anna, caplog, box(anna))
    closed_and_kept(bo, caplog, box(bo))


def test_swapped_contents_of_keys(anna, bo, caplog):
    SealKey.objects.filter(client=anna.client).update(wrapped=bytes(bo.client.key.wrapped))
    closed_and_kept(anna, caplog, box(anna))


@pytest.mark.parametrize("keys", [{"test": bytes(32)}, {"other": bytes(32)}], ids=["wrong", "missing"])
def test_without_the_right_master_key(anna, caplog, settings, keys):
    settings.MASTER_KEYS = keys
    closed_and_kept(anna, caplog, box(anna))


def test_a_destroyed_key_closes_all_it_sealed_for_good(anna, bo, caplog):
    key = destroy_key(client=anna.client, by=None, now=NOW)
    assert (bytes(key.wrapped or b""), key.destroyed_at) == (b"", NOW)
    closed_and_kept(anna, caplog, box(anna))
    row = again(anna)
    row.instructions = "Nieuw."
    with pytest.raises(SealBroken), transaction.atomic():
        row.save()
    assert again(bo).instructions == "Liefst per mail."
    assert destroy_key(client=anna.client, by=None, now=datetime(2028, 1, 1, tzinfo=UTC)).destroyed_at == NOW


def test_a_broken_seal_is_told_in_words_and_nothing_is_written_over(client, anna):
    sofie = make_social_worker("Sofie", municipalities=[make_neighbourhood().municipality])
    client.force_login(sofie)
    url = reverse("clients:file", args=[anna.client.public_id])
    assert TEXT in client.get(url).content.decode()
    opened = AccessLog.objects.count()
    set_column(anna, "instructions", flip(box(anna), 30))
    answer = client.get(url)
    page = answer.content.decode()
    assert (answer.status_code, "503.html" in [template.name for template in answer.templates]) == (503, True)
    assert (TEXT in page, "Anna" in page, "errand" in page) == (False, False, True)
    assert answer.headers["Cache-Control"] == "private, no-store"
    assert AccessLog.objects.count() == opened + 1
    sealed = box(anna)
    with pytest.raises(SealBroken):
        update_client(client=anna.client, by=sofie, now=NOW, contact={"instructions": "Over de oude heen."})
    assert box(anna) == sealed


@pytest.mark.django_db(transaction=True)
def test_threads_never_mix_keys():
    rows = [make_client(f"Jansen {n}", contact={"instructions": f"van {n}"}).contact for n in range(4)]
    wrong = []

    def work(row, own):
        try:
            for turn in range(25):
                fresh = ContactPreference.objects.get(pk=row.pk)
                if not fresh.instructions.startswith(own):
                    wrong.append(fresh.instructions)
                fresh.instructions = f"{own}, {turn}"
                fresh.save()
        except Exception as error:
            wrong.append(repr(error))
        finally:
            connection.close()

    workers = [threading.Thread(target=work, args=(row, f"van {n}")) for n, row in enumerate(rows) for _twice in "ab"]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert wrong == []
    assert [again(row).instructions for row in rows] == [f"van {n}, 24" for n in range(4)]
