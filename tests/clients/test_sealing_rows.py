"""Sealed texts in intake and groups: each keeps its own place, and what was plain before the migration is sealed."""

import uuid

import pytest
from django.apps import apps
from django.db import IntegrityError, connection, transaction
from django.db.migrations.executor import MigrationExecutor

from clients.models import SealKey
from clients.sealing import SealBroken, Sealed, SealedText, hand_over
from groups.models import WaitlistEntry
from groups.services.waitlists import give_priority, hold_entry, leave_waitlist
from intake.models import Referral
from tests.factories.accounts import make_team_member
from tests.factories.clients import make_client
from tests.factories.groups import NOW, make_entry, make_waitlist
from tests.factories.intake import make_referral

pytestmark = pytest.mark.django_db

AIM, QUESTION = "Weer onder de mensen komen.", "Ik durf de deur niet uit."


@pytest.fixture
def referral():
    return make_referral(question=QUESTION, aim=AIM)


def columns(table, *names):
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {', '.join(names)} FROM {table} ORDER BY 1")
        return [tuple(bytes(value) if isinstance(value, memoryview) else value for value in row) for row in cursor]


def run(sql, *parameters):
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)


SEALED = {
    "clients.ContactPreference": {"instructions"},
    "groups.Participation": {"outcome_reason"},
    "groups.WaitlistEntry": {"fit_exception", "hold_reason", "leave_note", "priority_reason"},
    "intake.Judgement": {"notes", "reason"},
    "intake.Referral": {"aim", "closed_reason", "question"},
}


@pytest.mark.parametrize("label", SEALED)
def test_these_texts_are_sealed(label):
    fields = apps.get_model(label)._meta.concrete_fields
    sealed = {field.name for field in fields if isinstance(field, SealedText)}
    assert SEALED[label] - sealed == set()


def test_every_sealed_row_has_a_way_to_a_key():
    models = [model for model in apps.get_models() if issubclass(model, Sealed)]
    assert len(models) >= len(SEALED)
    for model in models:
        at = model
        for step in [*filter(None, model.seal_client.split(".")), "key"]:
            at = at._meta.get_field(step).related_model
        assert at is SealKey, model


def test_swapped_between_fields_of_one_row_or_two_rows_of_one_client(referral):
    with connection.cursor() as cursor:
        cursor.execute("UPDATE intake_referral SET aim = question, question = aim")
    row = Referral.objects.get()
    for name in ("aim", "question"):
        with pytest.raises(SealBroken, match=f"intake.Referral #{row.pk}$"):
            getattr(row, name)
    run("UPDATE intake_referral SET aim = question, question = aim")
    assert (Referral.objects.get().aim, Referral.objects.get().question) == (AIM, QUESTION)
    other = Referral.objects.get()
    other.pk, other.seal_id, other.submission_key, other.state = None, uuid.uuid4(), uuid.uuid4(), "closed"
    other.question, other.closed_reason, other._state.adding = "Een andere vraag.", "klaar", True
    other.save()
    run("UPDATE intake_referral a SET question = b.question FROM intake_referral b WHERE b.id <> a.id")
    for row in Referral.objects.order_by("pk"):
        with pytest.raises(SealBroken):
            row.question  # noqa: B018 (reading is what is tested)


def test_given_to_another_client_it_stays_closed_unless_handed_over(referral):
    bo = make_client("Jansen")
    row = Referral.objects.get()
    row.client = bo
    with pytest.raises(ValueError, match="use hand_over"):
        row.save()
    hand_over(Referral.objects.get(), client=bo)
    fresh = Referral.objects.get()
    assert (fresh.client, fresh.question, fresh.aim) == (bo, QUESTION, AIM)
    fresh.state = "closed"
    fresh.closed_reason = "klaar"
    fresh.save()
    Referral.objects.update(client=referral.client)
    with pytest.raises(SealBroken):
        Referral.objects.get().question  # noqa: B018 (reading is what is tested)


def test_constraints_still_see_whether_there_is_a_text(referral):
    for text, holds in (("", False), ("verhuisd", True)):
        row = Referral.objects.get()
        row.state, row.closed_reason = "closed", text
        if holds:
            row.full_clean(exclude=["aim"])
            row.save()
        else:
            with pytest.raises(IntegrityError, match="referral_closed_has_reason"), transaction.atomic():
                row.save()
    assert Referral.objects.get().closed_reason == "verhuisd"
    with pytest.raises(IntegrityError, match="referral_closed_has_reason"), transaction.atomic():
        Referral.objects.update(closed_reason="")


def test_what_is_written_about_who_waits_is_sealed_and_read_back():
    entry, worker = make_entry(make_waitlist()), make_team_member("Teun")
    hold_entry(entry=entry, reason="Eerst een dak.", by=worker, now=NOW)
    give_priority(entry=entry, reason="Verhuist over zes weken.", by=worker, now=NOW)
    leave_waitlist(entry=entry, reason="moved", note="Woont nu bij haar zus.", by=worker, now=NOW)
    fresh = WaitlistEntry.objects.get()
    told = ["Eerst een dak.", "Verhuist over zes weken.", "Woont nu bij haar zus."]
    assert [fresh.hold_reason, fresh.priority_words, fresh.leave_note] == told
    [row] = columns("groups_waitlistentry", "hold_reason", "priority_reason", "leave_note", "fit_exception")
    assert ([box[:1] for box in row], [text.encode() in b"".join(row) for text in told]) == (
        [b"\x01", b"\x01", b"\x01", b""],
        [False] * 3,
    )


BEFORE = [("clients", "0001_initial"), ("groups", "0002_start_engine"), ("intake", "0003_desk")]


@pytest.mark.django_db(transaction=True)
def test_existing_texts_are_sealed_by_the_migration_and_plain_again_without_it():
    referral = make_referral(question=QUESTION, aim="", person={"contact": {"instructions": "Bel haar zus."}})
    entry = make_entry(make_waitlist(), client=referral.client, hold_reason="Eerst wonen.", on_hold=True)
    latest = MigrationExecutor(connection).loader.graph.leaf_nodes()
    try:
        MigrationExecutor(connection).migrate(BEFORE)
        assert columns("intake_referral", "question", "aim", "closed_reason") == [(QUESTION, "", "")]
        assert columns("clients_contactpreference", "instructions") == [("Bel haar zus.",)]
        assert columns("groups_waitlistentry", "hold_reason") == [("Eerst wonen.",)]
        run("UPDATE intake_referral SET aim = %s", AIM)
    finally:
        MigrationExecutor(connection).migrate(latest)
    fresh = Referral.objects.get(pk=referral.pk)
    assert (fresh.question, fresh.aim, fresh.closed_reason) == (QUESTION, AIM, "")
    assert fresh.client.contact.instructions == "Bel haar zus."
    assert WaitlistEntry.objects.get(pk=entry.pk).hold_reason == "Eerst wonen."
    assert [box[:1] for box in columns("intake_referral", "question", "aim", "closed_reason")[0]] == [
        b"\x01",
        b"\x01",
        b"",
    ]
    with connection.cursor() as cursor:
        cursor.execute("SELECT table_name FROM information_schema.columns WHERE column_name LIKE '%%\\_plain'")
        assert cursor.fetchall() == []
