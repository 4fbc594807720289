"""Two files, one person (R43): whatever is written about a client goes along, and what is sealed stays readable."""

import pytest
from django.apps import apps
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, connection, transaction

from clients.enums import AccessAction, ConsentPurpose, ContactWay, FollowUpAbout, InvolvementKind, LikenessState, Sex
from clients.exceptions import MergeRefused
from clients.models import (
    AccessLog,
    Client,
    ContactMoment,
    ContactPreference,
    FollowUp,
    Letter,
    Likeness,
)
from clients.models.person import EMPTIED
from clients.queries import excluded_with, readers_of, search_clients
from clients.sealing import SealBroken, Sealed
from clients.services import (
    involve,
    note_contact,
    plan_follow_up,
    record_consent,
    record_exclusion,
    set_client_availability,
    update_client,
)
from clients.services.handing_over import links_to_client, sealed_of_clients
from clients.services.merging import differing
from intake.services.merging import HANDLED, merge_files
from notifications.enums import NotificationState
from notifications.models import Notification
from notifications.services import notify
from tests.factories.accounts import make_group_worker, make_social_worker
from tests.factories.clients import make_client
from tests.factories.groups import NOW, TODAY, fresh
from tests.factories.neighbourhoods import make_municipality

LATER = NOW.replace(hour=15)
WITH_OWN_KEY = {"intake.ReferralDraft"}
OF_A_GROUP = {"groups.SessionReport", "groups.StartReason", "groups.Theme", "groups.WorkerMark"}


@pytest.fixture
def sofie(db):
    return make_social_worker("Sofie", municipalities=[make_municipality()])


@pytest.fixture
def kept(sofie):
    return make_client("Fantasie", now=NOW, email="", phone="")


@pytest.fixture
def other(sofie, kept):
    return make_client("Kanarie", now=NOW, given_name="Zebra", phone="0687654321", email="kanarie@voorbeeld.example")


def merge(kept, other, by, **chosen):
    return fresh(merge_files(kept=kept, other=other, by=by, now=LATER, **chosen))


# --- nothing can be forgotten


def test_whatever_says_which_client_it_is_about_is_seen_to():
    assert set(links_to_client()) == HANDLED


def test_whatever_a_client_s_key_seals_is_found(sofie):
    sealed = {model._meta.label for model in apps.get_models() if issubclass(model, Sealed)}
    found = {model._meta.label: model for model in sealed_of_clients()}
    assert sealed == {*found, *WITH_OWN_KEY, *OF_A_GROUP}
    for model in found.values():
        assert model.objects.filter(**{model.seal_client.replace(".", "__"): 0}).count() == 0


def test_a_link_that_nobody_sees_to_stops_the_merge(kept, other, sofie, monkeypatch):
    note_contact(client=other, way=ContactWay.PHONE, is_reached=True, by=sofie, at=NOW, now=NOW)
    monkeypatch.setattr("clients.services.merging.MOVED", ())
    with pytest.raises(RuntimeError, match="clients.Consent.client|clients.ContactMoment.client"):
        merge(kept, other, sofie)
    assert fresh(other).merged_into is None


# --- who the person is


def test_the_kept_file_s_word_holds_and_what_is_empty_is_filled(kept, other, sofie):
    done = merge(kept, other, sofie)
    assert (done.given_name, done.family_name) == ("Anna", "Fantasie")
    assert (done.phone, done.email) == ("0687654321", "kanarie@voorbeeld.example")


def test_what_differs_is_asked_and_what_one_does_not_know_is_not(kept, other):
    assert differing(kept, other) == ["name"]
    other.sex, other.birth_date, other.postcode = Sex.FEMALE, None, "2041 XX"
    assert differing(kept, other) == ["name", "address"]


@pytest.mark.parametrize("chosen", [[], ["address"]])
def test_the_address_that_was_chosen_comes_whole(kept, other, sofie, chosen):
    Client.objects.filter(pk=other.pk).update(street="Kanariestraat 1", town="Heemskerk", postcode="1961 ZZ")
    Client.objects.filter(pk=kept.pk).update(street="Dorpsweg 2", town="Beverwijk")
    done = merge(kept, other, sofie, chosen=chosen)
    wanted = ("1961 ZZ", "Kanariestraat 1", "Heemskerk") if chosen else ("1943 AB", "Dorpsweg 2", "Beverwijk")
    assert (done.postcode, done.street, done.town) == wanted


def test_a_street_completes_the_same_postcode(kept, other, sofie):
    Client.objects.filter(pk=other.pk).update(street="Kanariestraat 1", town="Beverwijk")
    assert merge(kept, other, sofie).street == "Kanariestraat 1"


def test_there_is_no_such_choice(kept, other, sofie):
    with pytest.raises(TypeError):
        merge(kept, other, sofie, chosen=["shoe_size"])


# --- safety (R18, R40)


def test_the_most_careful_word_on_contact_holds(kept, other, sofie):
    mine = {"may_phone": False, "instructions": "Alleen op dinsdag."}
    theirs = {"is_sensitive": True, "may_mail": False, "address_is_secret": True, "instructions": "Nooit bellen."}
    update_client(client=kept, by=sofie, now=NOW, contact=mine)
    update_client(client=other, by=sofie, now=NOW, contact=theirs, refuses_own_neighbourhood=True)
    done = merge(kept, other, sofie)
    contact = done.contact
    assert (contact.is_sensitive, contact.address_is_secret, done.refuses_own_neighbourhood) == (True, True, True)
    assert (contact.may_mail, contact.may_phone, contact.may_letter) == (False, False, True)
    assert contact.instructions == "Alleen op dinsdag.\nNooit bellen."
    assert not ContactPreference.objects.filter(client=other).exists()


def test_no_word_on_safety_is_left_out_to_make_it_fit(kept, other, sofie):
    for person, word in ((kept, "a"), (other, "b")):
        update_client(client=person, by=sofie, now=NOW, contact={"instructions": word * 300})
    with pytest.raises(MergeRefused, match="instructions_too_long"):
        merge(kept, other, sofie)
    assert fresh(other).contact.instructions == "b" * 300


def test_whom_either_must_never_meet_the_kept_one_never_meets(kept, other, sofie):
    third, fourth = make_client("Derde"), make_client("Vierde")
    for one, two in ((kept, third), (other, third), (fourth, other)):
        record_exclusion(client=one, other=two, by=sofie, now=NOW)
    done = merge(kept, other, sofie)
    assert set(excluded_with(done)) == {third, fourth}
    assert not excluded_with(other).exists()


def test_who_must_never_meet_the_other_is_not_the_same_person(kept, other, sofie):
    record_exclusion(client=kept, other=other, by=sofie, now=NOW)
    with pytest.raises(MergeRefused, match="never_together"):
        merge(kept, other, sofie)


@pytest.mark.parametrize(
    ("mine", "theirs", "together"),
    [(set(), {(0, "morning")}, {(0, "morning")}), ({(1, "evening")}, set(), {(1, "evening")})]
    + [({(1, "evening")}, {(0, "morning"), (1, "evening")}, {(0, "morning"), (1, "evening")})],
)
def test_when_they_can_come_is_what_either_named(kept, other, sofie, mine, theirs, together):
    set_client_availability(client=kept, parts=mine)
    set_client_availability(client=other, parts=theirs)
    assert set(merge(kept, other, sofie).availability.values_list("weekday", "part")) == together


# --- what was agreed, who works with them, what is to be done


def test_consent_is_in_force_once_since_the_first_day(kept, other, sofie):
    early = TODAY.replace(day=1)
    kept.consents.all().delete()
    record_consent(client=kept, purpose=ConsentPurpose.REGISTRATION, how="later", by=sofie, today=TODAY)
    other.consents.update(given_on=early)
    record_consent(client=other, purpose=ConsentPurpose.FEEDBACK_TO_REFERRER, how="x", by=sofie, today=TODAY)
    done = merge(kept, other, sofie)
    found = set(done.consents.in_force().values_list("purpose", "given_on"))
    assert found == {("registration", early), ("feedback_to_referrer", TODAY)}


def test_who_works_with_both_works_with_one(kept, other, sofie):
    wil = make_group_worker("Wil", municipalities=[])
    involve(client=other, user=sofie, kind=InvolvementKind.SOCIAL_WORKER, now=NOW)
    involve(client=kept, user=sofie, kind=InvolvementKind.SOCIAL_WORKER, now=LATER)
    involve(client=other, user=wil, kind=InvolvementKind.LEAD, now=NOW)
    done = merge(kept, other, sofie)
    found = set(done.involvements.open().values_list("user", "started_at"))
    assert found == {(sofie.pk, NOW), (wil.pk, NOW)}
    assert done in Client.objects.visible_to(wil)


def test_contacts_follow_ups_and_letters_go_along(kept, other, sofie):
    note_contact(client=other, way=ContactWay.PHONE, is_reached=True, by=sofie, at=NOW, now=NOW, note="Kanarie belt.")
    for person, days in ((kept, 9), (other, 3)):
        due_on = TODAY.replace(day=TODAY.day + days)
        plan_follow_up(client=person, about=FollowUpAbout.CONTACT, due_on=due_on, by=sofie, now=NOW)
    letter = Letter.objects.create(client=other, kind="confirmed", text="Beste Kanarie", made_at=NOW, dedupe_key="a")
    Client.objects.filter(pk=kept.pk).update(street="Dorpsweg 2", town="Beverwijk")
    done = merge(kept, other, sofie)
    assert ContactMoment.objects.get(client=done).note == "Kanarie belt."
    assert list(FollowUp.objects.open().values_list("client", "due_on")) == [
        (done.pk, TODAY.replace(day=TODAY.day + 3))
    ]
    assert FollowUp.objects.filter(client=done).count() == 2
    assert (fresh(letter).client, fresh(letter).text, fresh(letter).state) == (done, "Beste Kanarie", "withdrawn")


def test_pairs_with_others_go_along_and_two_people_stays_two_people(kept, other, sofie):
    third, fourth = make_client("Derde"), make_client("Vierde")
    settled = {"state": LikenessState.DIFFERENT, "settled_by": sofie, "settled_at": NOW}
    Likeness.objects.create(client=kept, other=third, found_at=NOW)
    Likeness.objects.create(client=other, other=third, found_at=NOW, **settled)
    Likeness.objects.create(client=other, other=fourth, found_at=NOW)
    merge(kept, other, sofie)
    found = set(Likeness.objects.values_list("client", "other", "state"))
    assert found == {
        (kept.pk, third.pk, "different"),
        (kept.pk, fourth.pk, "open"),
        (kept.pk, other.pk, "merged"),
    }


def mail_to(person, **fields):
    return notify(to=person.email, now=NOW, subject="Nieuws", body="-", recipient_key=person.public_id, **fields)


def test_mail_to_another_address_never_leaves_and_to_the_same_one_is_found_again(kept, other, sofie):
    Client.objects.filter(pk=kept.pk).update(email="fantasie@voorbeeld.example")
    kept.refresh_from_db()
    mine, theirs = mail_to(kept), mail_to(other)
    merge(kept, other, sofie)
    assert fresh(theirs).state == NotificationState.WITHDRAWN
    assert (fresh(mine).state, fresh(mine).recipient_key) == (NotificationState.QUEUED, kept.public_id)
    third = make_client("Derde", email="fantasie@voorbeeld.example")
    same = mail_to(third)
    merge(kept, third, sofie)
    assert (fresh(same).state, fresh(same).recipient_key) == (NotificationState.QUEUED, kept.public_id)
    assert Notification.objects.filter(recipient_key=other.public_id).count() == 0


# --- what is left of the other


def rows_with(words):
    """The tables in which one of these words can be read, whatever the column."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT relname FROM pg_stat_user_tables WHERE relname ~ '^(clients|intake|groups)_'")
        tables = [name for (name,) in cursor.fetchall()]
        found = []
        for table in tables:
            for word in words:
                cursor.execute(f'SELECT 1 FROM "{table}" t WHERE t::text ILIKE %s', [f"%{word}%"])
                found += [table] if cursor.fetchone() else []
        return found


def test_no_word_of_the_other_file_is_left_but_what_was_filled_in(kept, other, sofie):
    Client.objects.filter(pk=kept.pk).update(phone="0600000000", email="fantasie@voorbeeld.example")
    words = ["kanarie", "zebra", "0687654321"]
    assert rows_with(words)
    merge(kept, other, sofie)
    assert rows_with(words) == []
    left = fresh(other)
    assert {name: getattr(left, name) for name in EMPTIED} == EMPTIED
    assert (left.merged_into, left.created_by, left.contact_changed_by) == (kept, None, None)


def test_the_other_key_is_destroyed_and_opens_nothing(kept, other, sofie):
    note_contact(client=other, way=ContactWay.PHONE, is_reached=True, by=sofie, at=NOW, now=NOW, note="Kanarie belt.")
    before = ContactMoment.objects.values_list("note", flat=True).get()
    done = merge(kept, other, sofie)
    assert ContactMoment.objects.values_list("note", flat=True).get() != before
    assert ContactMoment.objects.get().note == "Kanarie belt."
    key = fresh(other).key
    assert (key.wrapped, key.destroyed_by) == (None, sofie)
    with pytest.raises(SealBroken):
        key.unwrap()
    assert done.key.unwrap()


def test_the_other_file_is_nobody_s_and_in_no_search(kept, other, sofie):
    merge(kept, other, sofie)
    assert list(Client.objects.visible_to(sofie)) == [kept]
    assert list(search_clients("kanarie", by=sofie)) == []


def test_both_logs_say_so_and_the_old_readings_are_shown_with_the_new(kept, other, sofie):
    AccessLog.objects.create(client=other, user=sofie, action=AccessAction.READ, at=NOW)
    merge(kept, other, sofie)
    logged = set(AccessLog.objects.filter(action=AccessAction.MERGED).values_list("client", "user"))
    assert logged == {(kept.pk, sofie.pk), (other.pk, sofie.pk)}
    assert set(readers_of(kept).values_list("action", "client")) >= {("read", other.pk), ("merged", kept.pk)}


def test_who_referred_one_sees_no_contact_data_of_both(kept, other, sofie):
    assert merge(kept, other, sofie).contact_changed_by == sofie


def test_of_three_files_the_last_leads_to_the_first_in_one_step(kept, other, sofie):
    third = make_client("Derde")
    merge(third, other, sofie)
    merge(kept, third, sofie)
    assert fresh(other).merged_into == fresh(third).merged_into == kept


# --- refusals


@pytest.mark.parametrize("which", ["group worker", "elsewhere"])
def test_who_may_not_know_both_merges_nothing(kept, other, sofie, which):
    by = make_group_worker(municipalities=[make_municipality()]) if which == "group worker" else None
    by = by or make_social_worker("Sjaak", municipalities=[])
    with pytest.raises(PermissionDenied):
        merge(kept, other, by)
    assert fresh(other).merged_into is None


def test_what_was_merged_is_not_merged_again(kept, other, sofie):
    merge(kept, other, sofie)
    for pair in ((kept, other), (other, kept)):
        with pytest.raises(MergeRefused, match="already_merged"):
            merge(*pair, sofie)


def test_nothing_is_written_about_a_merged_file(kept, other, sofie):
    merge(kept, other, sofie)
    with pytest.raises(IntegrityError, match="merged into another"), transaction.atomic():
        FollowUp.objects.create(
            client=other, about=FollowUpAbout.CONTACT, due_on=TODAY, for_role="group_worker", created_at=NOW
        )
    with pytest.raises(IntegrityError, match="client_merged_is_empty"), transaction.atomic():
        Client.objects.filter(pk=other.pk).update(phone="0612345678")
