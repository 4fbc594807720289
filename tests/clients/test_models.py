from datetime import UTC, date, datetime

import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import InternalError

from clients.enums import AccessAction, DayPart
from clients.models import AccessLog, Client
from clients.names import make_sort_key, plain_name
from clients.services import involve, open_file
from tests.factories.accounts import (
    make_administrator,
    make_coordinator,
    make_desk,
    make_group_worker,
    make_referrer,
    make_social_worker,
    make_team_member,
    make_user,
)
from tests.factories.clients import make_client, make_neighbourhood

pytestmark = pytest.mark.django_db

NOW = datetime(2027, 1, 12, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("names", "full", "short"),
    [
        (("Anna", "de", "Vries"), "Anna de Vries", "A. de V."),
        (("Bo", "", "Jansen"), "Bo Jansen", "B. J."),
        (("Yusuf", "el", "Amrani"), "Yusuf el Amrani", "Y. el A."),
    ],
)
def test_names(names, full, short):
    client = Client(given_name=names[0], name_prefix=names[1], family_name=names[2])
    assert (client.full_name, client.short_name) == (full, short)


def test_clients_sort_as_dutch_readers_expect():
    people = [
        ("Vries", "de", "Anna"),
        ("Vriesma", "", "Aad"),
        ("Vries Jansen", "", "Aad"),
        ("Óscarsson", "", "Bo"),
        ("Ösman", "", "Ali"),
        ("Aa", "van der", "Zoë"),
        ("Vries", "", "Bert"),
    ]
    for family_name, prefix, given_name in people:
        make_client(family_name, name_prefix=prefix, given_name=given_name)
    assert [client.full_name for client in Client.objects.order_by("sort_key")] == [
        "Zoë van der Aa",
        "Bo Óscarsson",
        "Ali Ösman",
        "Anna de Vries",
        "Bert Vries",
        "Aad Vries Jansen",
        "Aad Vriesma",
    ]


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("Ça-Va", "ca va"),
        ("Łukasz", "lukasz"),
        ("D'Angelo", "dangelo"),
        ("  Møller  Æ ", "moller ae"),
        ("Strauß", "strauss"),
        ("İnci", "inci"),
        ("王", "王"),
    ],
)
def test_plain_name(text, plain):
    assert plain_name(text) == plain


def test_sort_key_fits_its_column_whatever_the_names():
    key = make_sort_key(given_name="ß" * 80, name_prefix="æ" * 20, family_name="ﷺ" * 80)
    assert len(key) == Client._meta.get_field("sort_key").max_length
    assert key.startswith("صلى")
    make_client("ﷺ" * 80)


@pytest.mark.parametrize(
    ("day", "age"),
    [(date(2027, 5, 16), 46), (date(2027, 5, 17), 47), (date(2028, 2, 29), 47), (date(2027, 12, 31), 47)],
)
def test_age_on(day, age):
    assert Client(birth_date=date(1980, 5, 17)).age_on(day) == age


def test_age_of_who_was_born_on_29_february():
    client = Client(birth_date=date(2008, 2, 29))
    assert (client.age_on(date(2026, 2, 28)), client.age_on(date(2026, 3, 1))) == (17, 18)
    assert Client(birth_date=None).age_on(date(2027, 1, 1)) is None


def test_str_tells_no_name():
    client = make_client()
    assert str(client) == f"client #{client.pk}"


@pytest.mark.parametrize("fields", [{"postcode": "1943AB"}, {"given_name": ""}, {"birth_date": date(1800, 1, 1)}])
def test_the_database_guards_what_it_can(fields):
    client = make_client()
    with pytest.raises(IntegrityError), transaction.atomic():
        Client.objects.filter(pk=client.pk).update(**fields)


def test_day_parts_follow_each_other():
    bounds = [(part.starts_at.hour, part.ends_at.hour) for part in DayPart]
    assert bounds == [(8, 12), (12, 17), (17, 22)]


# --- who sees whom ---------------------------------------------------------------------------------------------------


@pytest.fixture
def town():
    """Anna lives in Beverwijk and was referred by Teun; Bo lives in Heemskerk and was referred by nobody here."""
    teun = make_team_member("Teun")
    anna = make_client(by=teun, neighbourhood=make_neighbourhood("Oosterwijk", "Beverwijk"))
    bo = make_client("Jansen", neighbourhood=make_neighbourhood("Centrum", "Heemskerk"))
    return {"teun": teun, "anna": anna, "bo": bo, "beverwijk": anna.neighbourhood.municipality}


def sees(user):
    return list(Client.objects.visible_to(user).order_by("sort_key"))


def test_a_referrer_sees_their_own_referral_only(town):
    assert sees(town["teun"]) == [town["anna"]]
    assert sees(make_team_member("Tanja")) == []
    assert sees(make_referrer("Rein")) == []


@pytest.mark.parametrize("make", [make_group_worker, make_social_worker])
def test_who_places_sees_their_municipalities(town, make):
    assert sees(make("Fatima", municipalities=[town["beverwijk"]])) == [town["anna"]]
    assert sees(make("Joris")) == []


@pytest.mark.parametrize("make", [make_coordinator, make_administrator, make_desk])
def test_who_needs_counts_only_sees_nobody(town, make):
    user = make()
    user.work_areas.create(municipality=town["beverwijk"])
    involve(client=town["anna"], user=user, kind="referrer", now=NOW)
    assert sees(user) == []


def test_a_team_member_does_not_see_a_whole_municipality(town):
    tanja = make_team_member("Tanja")
    tanja.work_areas.create(municipality=town["beverwijk"])
    assert sees(tanja) == []


def test_the_file_closes_when_the_involvement_ends(town):
    joris = make_group_worker("Joris")
    involvement = involve(client=town["bo"], user=joris, kind="lead", now=NOW)
    assert sees(joris) == [town["bo"]]
    involvement.ended_at = NOW
    involvement.save()
    assert sees(joris) == []


def test_nobody_anonymous_or_closed_or_without_role_sees_anyone(town, django_user_model):
    from_beverwijk = make_group_worker("Fatima", municipalities=[town["beverwijk"]], is_active=False)
    nobody = make_user("Niemand")
    involve(client=town["anna"], user=nobody, kind="lead", now=NOW)
    assert (sees(from_beverwijk), sees(nobody)) == ([], [])


def test_two_involvements_show_a_client_once(town):
    fatima = make_group_worker("Fatima", municipalities=[town["beverwijk"]])
    for kind in ("lead", "social_worker"):
        involve(client=town["anna"], user=fatima, kind=kind, now=NOW)
    assert sees(fatima) == [town["anna"]]


# --- the access log --------------------------------------------------------------------------------------------------


@pytest.fixture
def logged(town):
    open_file(client=town["anna"], by=town["teun"], action=AccessAction.READ, now=NOW)
    return AccessLog.objects.get()


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE clients_accesslog SET reason = 'anders'",
        "DELETE FROM clients_accesslog",
        "TRUNCATE clients_accesslog",
        "TRUNCATE clients_client CASCADE",
    ],
)
def test_the_access_log_only_grows(logged, statement):
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        with pytest.raises((IntegrityError, InternalError), match="append-only"), transaction.atomic():
            cursor.execute(statement)
    assert AccessLog.objects.get().reason == ""


def test_the_access_log_refuses_the_orm_too(logged):
    logged.reason = "anders"
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        logged.save()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        logged.delete()
    with pytest.raises(IntegrityError, match="append-only"), transaction.atomic():
        AccessLog.objects.update(reason="anders")
