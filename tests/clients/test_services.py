from datetime import UTC, date, datetime, timedelta

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction

from clients import services
from clients.enums import AccessAction, ConsentPurpose, InvolvementKind
from clients.models import AccessLog, Client, ContactPreference, Exclusion
from clients.queries import excluded_pairs, excluded_with, find_same_person, has_consent, safe_address
from tests.factories.accounts import make_group_worker, make_social_worker, make_team_member
from tests.factories.clients import make_client, make_neighbourhood

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)
TODAY = date(2027, 1, 12)


@pytest.fixture
def sofie():
    """A social worker of Beverwijk, where clients live unless told otherwise."""
    return make_social_worker("Sofie", municipalities=[make_neighbourhood().municipality])


def test_register_client_cleans_what_people_type(sofie):
    client = make_client(
        "  Vries ", given_name=" Anna  Maria ", postcode="1943ab", phone="+31 (0)6-1234 5678", by=sofie, now=NOW
    )
    client.refresh_from_db()
    assert (client.full_name, client.postcode, client.phone) == ("Anna Maria Vries", "1943 AB", "0612345678")
    assert (client.created_by, client.created_at, client.changed_at) == (sofie, NOW, NOW)
    assert (client.contact.may_mail, client.contact.is_sensitive) == (True, False)


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("06 12345678", "0612345678"),
        ("0031612345678", "0612345678"),
        ("0251-123456", "0251123456"),
        ("+32 2 123 45 67", "+3221234567"),
        ("", ""),
    ],
)
def test_phone_numbers(typed, kept):
    assert make_client(phone=typed).phone == kept


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("phone", "12345"),
        ("phone", "06 1234567"),
        ("phone", "bel maar"),
        ("phone", "٠٦١٢٣٤٥٦٧٨"),
        ("email", "geen adres"),
        ("postcode", "0943 AB"),
        ("postcode", "Beverwijk"),
        ("birth_date", TODAY + timedelta(days=1)),
        ("birth_date", date(1906, 12, 31)),
        ("given_name", "  "),
        ("given_name", "An\x00na"),
        ("family_name", "x" * 81),
        ("sex", "anders"),
        ("email", "an\x00na@voorbeeld.example"),
    ],
)
def test_what_cannot_be_is_refused_at_its_field(field, value):
    with pytest.raises(ValidationError) as caught:
        make_client(now=NOW, **{field: value})
    assert list(caught.value.message_dict) == [field]
    assert not Client.objects.exists()


def test_all_errors_are_told_at_once():
    with pytest.raises(ValidationError) as caught:
        make_client(now=NOW, phone="1", email="2", birth_date=date(2030, 1, 1))
    assert set(caught.value.message_dict) == {"phone", "email", "birth_date"}


@pytest.mark.parametrize("birth_date", [None, TODAY, date(1907, 1, 1), date(2010, 3, 4)])
def test_birth_dates_that_can_be(birth_date):
    assert make_client(now=NOW, birth_date=birth_date).birth_date == birth_date


def test_contact_preferences_come_along_and_are_checked():
    client = make_client(contact={"is_sensitive": True, "may_mail": False, "instructions": "alleen overdag"})
    stored = ContactPreference.objects.get(client=client)
    assert (stored.is_sensitive, stored.may_mail, stored.may_phone) == (True, False, True)
    assert len(stored.refusals) == 1
    with pytest.raises(ValidationError):
        make_client(contact={"instructions": "nul \x00"})
    with pytest.raises(TypeError):
        make_client(contact={"may_shout": True})


@pytest.mark.parametrize(
    ("email", "may_mail", "address"),
    [("a@x.example", True, "a@x.example"), ("a@x.example", False, None), ("", True, None)],
)
def test_safe_address(email, may_mail, address):
    assert safe_address(make_client(email=email, contact={"may_mail": may_mail})) == address


def test_no_contact_preference_is_not_safe():
    client = make_client()
    ContactPreference.objects.filter(client=client).delete()
    assert safe_address(Client.objects.get()) is None


def test_update_client_is_logged_and_says_who_changed_contact(sofie):
    client = make_client(now=NOW)
    later = NOW + timedelta(days=1)
    services.update_client(client=client, by=sofie, now=later, given_name="Hanna")
    client.refresh_from_db()
    assert (client.given_name, client.contact_changed_by, client.changed_at) == ("Hanna", None, later)
    assert client.sort_key == "vries  hanna  de"
    services.update_client(client=client, by=sofie, now=later, phone="0251123456", contact={"may_letter": False})
    client.refresh_from_db()
    assert (client.phone, client.contact.may_letter, client.contact_changed_by) == ("0251123456", False, sofie)
    assert list(AccessLog.objects.values_list("action", flat=True).order_by("pk")) == ["changed", "changed"]


def test_a_refused_change_writes_nothing_at_all(sofie):
    client = make_client()
    with pytest.raises(ValidationError):
        services.update_client(client=client, by=sofie, now=NOW, given_name="Hanna", phone="1")
    client.refresh_from_db()
    assert client.given_name == "Anna"
    assert not AccessLog.objects.exists()


CHANGES = {
    services.update_client: {"given_name": "X"},
    services.change_availability: {"parts": {(1, "evening")}},
    services.add_consent: {"purpose": "registration", "how": "x"},
    services.withdraw_consent: {"purpose": "registration"},
    services.record_exclusion: {"other": None},
    services.remove_exclusion: {"other": None},
}


@pytest.mark.parametrize("change", CHANGES, ids=lambda change: change.__name__)
def test_who_refers_or_is_a_stranger_changes_nothing(sofie, change):
    teun = make_team_member("Teun")
    client, other = make_client(by=teun), make_client("Pot", by=teun)
    far = make_client("Jansen", neighbourhood=make_neighbourhood("Centrum", "Heemskerk"))
    arguments = {name: other if name == "other" else value for name, value in CHANGES[change].items()}
    with pytest.raises(PermissionDenied):
        change(client=client, by=teun, now=NOW, **arguments)
    with pytest.raises(PermissionDenied):
        change(client=far, by=sofie, now=NOW, **arguments)
    assert not AccessLog.objects.exists()


# --- opening a file --------------------------------------------------------------------------------------------------


def test_opening_a_file_is_logged(sofie):
    client = make_client()
    opened = services.open_file(client=client, by=sofie, action=AccessAction.CALLED, now=NOW, reason=" belt  terug ")
    row = AccessLog.objects.get()
    assert (opened, row.client, row.user, row.action, row.reason, row.at) == (
        client,
        client,
        sofie,
        "called",
        "belt terug",
        NOW,
    )


def test_a_stranger_gets_neither_file_nor_silence(sofie):
    far = make_client("Jansen", neighbourhood=make_neighbourhood("Centrum", "Heemskerk"))
    with pytest.raises(PermissionDenied):
        services.open_file(client=far, by=sofie, action=AccessAction.READ, now=NOW)
    assert not AccessLog.objects.exists()
    services.log_refusal(public_id=far.public_id, by=sofie, now=NOW)
    assert AccessLog.objects.get().action == "denied"


def test_a_page_that_stays_open_is_noted_once_an_hour_and_never_opens_for_a_stranger(sofie):
    """R41."""
    client, minutes = make_client(), [0, 59, 61]
    for minute in minutes:
        asked = {"by": sofie, "action": AccessAction.JUDGED, "now": NOW + timedelta(minutes=minute)}
        assert services.keep_file_open(client=client, **asked) == client
    assert AccessLog.objects.count() == 2
    sofie.work_areas.all().delete()
    with pytest.raises(PermissionDenied):
        services.keep_file_open(client=client, **asked)


def test_no_log_no_data(sofie):
    """An action that the log cannot hold: the file does not open either."""
    client = make_client()
    with pytest.raises(IntegrityError), transaction.atomic():
        services.open_file(client=client, by=sofie, action="stiekem", now=NOW)
    assert not AccessLog.objects.exists()


def test_searching_shows_own_area_only_and_logs_whom(sofie):
    anna = make_client("Vries", given_name="Anna")
    make_client("Vriesma", neighbourhood=make_neighbourhood("Centrum", "Heemskerk"))
    make_client("Jansen")
    assert services.find_clients(text="VRÎ", by=sofie, now=NOW) == [anna]
    assert AccessLog.objects.get().action == "searched"
    assert services.find_clients(text="vr", by=sofie, now=NOW) == []


# --- consent, availability, exclusion, involvement -------------------------------------------------------------------


def test_consent_given_withdrawn_and_given_again(sofie):
    client = make_client(consented=False)
    purpose = ConsentPurpose.REGISTRATION
    assert not has_consent(client, purpose)
    first = services.record_consent(client=client, purpose=purpose, how="gesproken", by=sofie, today=TODAY)
    assert services.record_consent(client=client, purpose=purpose, how="x", by=sofie, today=TODAY) == first
    assert has_consent(client, purpose)
    assert services.withdraw_consent(client=client, purpose=purpose, by=sofie, now=NOW)
    assert not services.withdraw_consent(client=client, purpose=purpose, by=sofie, now=NOW)
    assert not has_consent(client, purpose)
    again = services.add_consent(client=client, purpose=purpose, how="op papier", by=sofie, now=NOW)
    assert has_consent(client, purpose)
    assert list(client.consents.order_by("pk")) == [first, again]


def test_consent_in_bulk(django_assert_num_queries):
    yes, no = make_client("Jansen"), make_client("Vries", consented=False)
    with django_assert_num_queries(1):
        found = {client.pk: client.has_consent for client in Client.objects.with_consent(ConsentPurpose.REGISTRATION)}
    assert found == {yes.pk: True, no.pk: False}
    [both] = Client.objects.with_consent(ConsentPurpose.FEEDBACK_TO_REFERRER).filter(pk=yes.pk)
    assert both.has_consent is False


def test_one_consent_in_force_per_purpose():
    client = make_client()
    with pytest.raises(IntegrityError, match="consent_in_force_once"):
        client.consents.create(purpose=ConsentPurpose.REGISTRATION, given_on=TODAY, how="x")


def test_availability_is_replaced_and_none_is_any_time(sofie):
    client = make_client(now=NOW)
    services.set_client_availability(client=client, parts={(1, "evening"), (0, "morning")})
    later = NOW + timedelta(hours=1)
    services.change_availability(client=client, parts={(4, "afternoon")}, by=sofie, now=later)
    assert list(client.availability.values_list("weekday", "part").order_by("weekday")) == [(4, "afternoon")]
    client.refresh_from_db()
    assert client.changed_at == later
    services.set_client_availability(client=client, parts=set())
    assert not client.availability.exists()


@pytest.mark.parametrize(("parts", "error"), [({(7, "evening")}, ValidationError), ({(1, "night")}, ValueError)])
def test_impossible_availability_changes_nothing(parts, error):
    client = make_client()
    services.set_client_availability(client=client, parts={(1, "evening")})
    with pytest.raises(error):
        services.set_client_availability(client=client, parts=parts)
    assert client.availability.count() == 1


def test_an_exclusion_holds_both_ways_and_is_stored_once(sofie):
    anna, bo, cor = make_client("Aa"), make_client("Bo"), make_client("Cor")
    first = services.record_exclusion(client=bo, other=anna, by=sofie, now=NOW)
    assert services.record_exclusion(client=anna, other=bo, by=sofie, now=NOW) == first
    assert excluded_pairs([anna.pk, bo.pk, cor.pk]) == {frozenset({anna.pk, bo.pk})}
    assert excluded_pairs([anna.pk, cor.pk]) == set()
    assert (list(excluded_with(anna)), list(excluded_with(bo)), list(excluded_with(cor))) == ([bo], [anna], [])
    services.remove_exclusion(client=anna, other=bo, by=sofie, now=NOW)
    assert excluded_pairs([anna.pk, bo.pk]) == set()


def test_the_database_keeps_an_exclusion_symmetric(sofie):
    anna, bo = make_client("Aa"), make_client("Bo")
    with pytest.raises(IntegrityError, match="exclusion_lower_first"):
        Exclusion.objects.create(client=bo, other=anna, recorded_by=sofie, recorded_at=NOW)


def test_nobody_is_excluded_from_themselves_or_from_an_invisible_person(sofie):
    anna = make_client()
    far = make_client("Jansen", neighbourhood=make_neighbourhood("Centrum", "Heemskerk"))
    with pytest.raises(ValidationError):
        services.record_exclusion(client=anna, other=anna, by=sofie, now=NOW)
    with pytest.raises(PermissionDenied):
        services.record_exclusion(client=anna, other=far, by=sofie, now=NOW)


def test_an_exclusion_is_noted_on_both_files_and_stays_when_the_other_moved_away(sofie):
    """R18, R41."""
    anna, bo = make_client("Aa"), make_client("Bo")
    services.record_exclusion(client=anna, other=bo, by=sofie, now=NOW)
    changed = {(row.client, row.user, row.action) for row in AccessLog.objects.all()}
    assert changed == {(anna, sofie, "changed"), (bo, sofie, "changed")}
    duin = make_neighbourhood("Centrum", "Heemskerk")
    services.update_client(client=bo, by=sofie, now=NOW, neighbourhood=duin)
    with pytest.raises(PermissionDenied):
        services.remove_exclusion(client=anna, other=bo, by=sofie, now=NOW)
    assert excluded_pairs([anna.pk, bo.pk]) == {frozenset({anna.pk, bo.pk})}


def test_removing_an_exclusion_is_noted_on_both_files(sofie):
    anna, bo = make_client("Aa"), make_client("Bo")
    services.record_exclusion(client=anna, other=bo, by=sofie, now=NOW)
    services.remove_exclusion(client=anna, other=bo, by=sofie, now=NOW)
    assert [AccessLog.objects.filter(client=person, action="changed").count() for person in (anna, bo)] == [2, 2]


def test_involving_twice_is_once():
    client, joris = make_client(), make_group_worker("Joris")
    lead = InvolvementKind.LEAD
    first = services.involve(client=client, user=joris, kind=lead, now=NOW)
    assert services.involve(client=client, user=joris, kind=lead, now=NOW + timedelta(days=1)) == first
    client.involvements.update(ended_at=NOW + timedelta(days=2))
    assert services.involve(client=client, user=joris, kind=lead, now=NOW + timedelta(days=3)) != first


# --- the same person -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "typed",
    [
        {},
        {"given_name": "ANNA ", "family_name": "vries"},
        {"name_prefix": "", "family_name": "De Vries"},
        {"postcode": "1943ab"},
    ],
)
def test_the_same_person_by_the_same_referrer_is_recognised(typed):
    teun = make_team_member("Teun")
    client = make_client(by=teun)
    asked = {"given_name": "Anna", "name_prefix": "de", "family_name": "Vries"}
    asked |= {"birth_date": date(1980, 5, 17), "postcode": "1943 AB"}
    assert find_same_person(by=teun, **(asked | typed)) == client


@pytest.mark.parametrize(
    "typed",
    [
        {"given_name": "Hanna"},
        {"birth_date": date(1980, 5, 18)},
        {"birth_date": ""},
        {"postcode": "1943 AC"},
        {"postcode": "onzin"},
    ],
)
def test_another_person_is_another_person(typed):
    teun = make_team_member("Teun")
    make_client(by=teun)
    asked = {"given_name": "Anna", "name_prefix": "de", "family_name": "Vries"}
    asked |= {"birth_date": date(1980, 5, 17), "postcode": "1943 AB"}
    assert find_same_person(by=teun, **(asked | typed)) is None


def test_another_referrer_is_not_told_who_is_known():
    make_client(by=make_team_member("Teun"))
    asked = {"given_name": "Anna", "name_prefix": "de", "family_name": "Vries"}
    asked |= {"birth_date": date(1980, 5, 17), "postcode": "1943 AB"}
    assert find_same_person(by=make_team_member("Tanja"), **asked) is None
