"""The page to refer, with all the bad input it gets, and the referrer's own list."""

import uuid

import pytest
from django.test import Client as Browser
from django.urls import reverse
from django.utils import timezone

from clients.models import AccessLog, Client
from intake.models import Referral
from neighbourhoods.enums import CatchmentLevel, PostcodeKind
from tests.factories.accounts import make_coordinator, make_desk, make_group_worker, make_social_worker
from tests.factories.groups import make_offer
from tests.factories.intake import (
    make_door,
    make_judgement,
    make_kind,
    make_postcode,
    make_referral,
    make_referrer,
    refer_data,
)
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood

pytestmark = pytest.mark.django_db
REFER = "/verwijzen/"


@pytest.fixture
def door():
    return make_door()


@pytest.fixture
def teun(client, door):
    user = make_referrer()
    client.force_login(user)
    return user


def errors(response):
    return {field: [str(error) for error in found] for field, found in response.context["form"].errors.items()}


def years_ago(years):
    today = timezone.localdate()
    return f"{min(today.day, 28)}-{today.month}-{today.year - years}"


def test_a_complete_form_is_one_referral(client, teun, door):
    response = client.post(REFER, refer_data())
    referral = Referral.objects.get()
    assert response["Location"] == reverse("intake:referral", args=[referral.pk])
    person = referral.client
    assert (person.full_name, person.postcode, person.neighbourhood) == ("Anna de Fantasie", "1941 AB", door)
    assert (referral.referred_by, referral.feedback_allowed) == (teun, True)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("", "Vul de postcode in."),
        ("1904 AB", "niet in gebruik"),
        ("postcode", "Vul een postcode in zoals 1943 AB"),
        ("1941", "Vul een postcode in zoals 1943 AB"),
        ("1012 AB", ": Beverwijk."),
        ("1940 AB", "alleen postbussen"),
        ("0000 AA", "Vul een postcode in zoals 1943 AB"),
    ],
)
def test_a_wrong_postcode_is_told_at_the_field_and_nothing_is_lost(client, teun, door, typed, told):
    make_postcode("1940", kind=PostcodeKind.PO_BOX, municipality=door.municipality)
    response = client.post(REFER, refer_data(postcode=typed))
    assert list(errors(response)) == ["postcode"]
    page = response.content.decode()
    assert told in page
    assert 'value="Fantasie"' in page
    assert 'value="12-3-1980"' in page
    assert "Ik ben veel alleen." in page
    assert (Referral.objects.count(), Client.objects.count()) == (0, 0)


@pytest.mark.parametrize("typed", ["31-2-1980", "gisteren", "12-3-80", "99999999", "-", "12-3-1980; DROP TABLE"])
def test_an_impossible_birth_date_is_told_at_the_field(client, teun, typed):
    response = client.post(REFER, refer_data(birth_date=typed))
    assert list(errors(response)) == ["birth_date"]
    assert Referral.objects.count() == 0


def test_a_day_the_calendar_does_not_have_is_named_back(client, teun):
    for typed in ("31-2-1980", "31/2/1980"):
        response = client.post(REFER, refer_data(birth_date=typed))
        assert errors(response) == {"birth_date": ["31-2-1980 bestaat niet."]}


def test_each_missing_field_is_asked_for_by_its_name(client, teun):
    names = ("given_name", "family_name", "birth_date", "postcode", "question")
    response = client.post(REFER, refer_data(**dict.fromkeys(names)))
    assert errors(response) == {
        "given_name": ["Vul de voornaam in."],
        "family_name": ["Vul de achternaam in."],
        "birth_date": ["Vul de geboortedatum in."],
        "postcode": ["Vul de postcode in."],
        "question": ["Vul in wat deze persoon wil."],
    }


def test_somebody_nobody_can_reach_is_asked_about_and_nothing_is_lost(client, teun):
    nowhere = refer_data(phone=" ", email=None)
    response = client.post(REFER, nowhere)
    page = response.content.decode()
    assert list(errors(response)) == ["phone"]
    assert "hoe we deze persoon dan wel bereiken" in page
    assert "Ik ben veel alleen." in page
    assert 'value="Fantasie"' in page
    assert Referral.objects.count() == 0
    assert client.post(REFER, nowhere | {"instructions": "Loop langs bij de buurvrouw."}).status_code == 302
    assert Client.objects.get().contact.instructions == "Loop langs bij de buurvrouw."


@pytest.mark.parametrize("way", ["phone", "email"])
def test_phone_or_mail_alone_is_enough(client, teun, way):
    client.post(REFER, refer_data(**{way: None}))
    assert Referral.objects.count() == 1


def test_a_birth_date_in_the_future_or_too_long_ago_is_told_at_the_field(client, teun):
    for typed in ("1-1-2199", "1-1-1800", "1-1-0001"):
        assert list(errors(client.post(REFER, refer_data(birth_date=typed)))) == ["birth_date"]
    assert Referral.objects.count() == 0


@pytest.mark.parametrize("typed", ["12-3-1980", "12/3/1980", "12.03.1980", "12 3 1980", "12031980", "1980-03-12"])
def test_a_birth_date_may_be_written_in_any_usual_way(client, teun, typed):
    client.post(REFER, refer_data(birth_date=typed))
    assert Client.objects.get().birth_date.isoformat() == "1980-03-12"


def test_a_sixteen_year_old_is_refused_and_pointed_to_youth_help(client, teun):
    response = client.post(REFER, refer_data(birth_date=years_ago(16)))
    assert list(errors(response)) == ["birth_date"]
    assert "jeugdteam" in errors(response)["birth_date"][0]
    assert Referral.objects.count() == 0


def test_a_seventeen_year_old_is_warned_about_and_accepted(client, teun):
    data = refer_data(birth_date=years_ago(17))
    response = client.post(REFER, data)
    page = response.content.decode()
    assert errors(response) == {}
    assert "Let op: deze persoon is 17" in page
    assert "klopt nog niet" not in page
    assert 'name="is_seventeen_discussed"' in page
    assert Referral.objects.count() == 0
    assert client.post(REFER, data | {"is_seventeen_discussed": "on"}).status_code == 302
    assert Referral.objects.count() == 1


def test_an_adult_is_not_asked_about_age(client, teun):
    response = client.post(REFER, refer_data(birth_date=years_ago(18), consent=None))
    assert "is_seventeen_discussed" not in response.content.decode()


def test_consent_is_required(client, teun):
    response = client.post(REFER, refer_data(consent=None))
    assert list(errors(response)) == ["consent"]
    assert Client.objects.count() == 0


def test_wrong_phone_and_mail_are_told_together(client, teun):
    response = client.post(REFER, refer_data(phone="12", email="anna@"))
    assert set(errors(response)) == {"phone", "email"}


def test_safe_contact_needs_a_way(client, teun):
    """R40."""
    response = client.post(REFER, refer_data(is_sensitive="on"))
    assert list(errors(response)) == ["instructions"]
    client.post(REFER, refer_data(is_sensitive="on", may_mail=None, instructions="Bel haar zus."))
    contact = Client.objects.get().contact
    assert (contact.is_sensitive, contact.may_mail, contact.may_letter) == (True, False, False)
    assert contact.instructions == "Bel haar zus."


def test_an_ambiguous_postcode_asks_and_then_takes_the_answer(client, teun, door):
    other = make_neighbourhood("Warande")
    make_postcode("1943", door, other)
    response = client.post(REFER, refer_data(postcode="1943 AB"))
    assert list(errors(response)) == ["neighbourhood"]
    assert [(place.name, share) for place, share in response.context["form"].candidates] == [
        ("Centrum", 67),
        ("Warande", 33),
    ]
    client.post(REFER, refer_data(postcode="1943 AB", neighbourhood=other.pk))
    assert Client.objects.get().neighbourhood == other


def test_while_the_neighbourhood_is_open_its_groups_ask_for_it(client, teun, door):
    other = make_neighbourhood("Warande")
    make_postcode("1943", door, other)
    make_offer(name="De Krachtcentrale")
    make_offer(name="Rouwverwerking", level=CatchmentLevel.REGION)
    asked = "Kies eerst de wijk, dan ziet u hoe ver de lijst is"
    url = "/verwijzen/passend/"
    assert client.post(url, refer_data(postcode="1943 AB")).content.decode().count(asked) == 1
    data = refer_data(postcode="1943 AB", neighbourhood=other.pk)
    assert asked not in client.post(url, data).content.decode()


def test_a_neighbourhood_that_is_no_candidate_is_asked_again(client, teun, door):
    make_postcode("1943", door, make_neighbourhood("Warande"))
    elsewhere = make_neighbourhood("Duin")
    response = client.post(REFER, refer_data(postcode="1943 AB", neighbourhood=elsewhere.pk))
    assert list(errors(response)) == ["neighbourhood"]
    assert Client.objects.count() == 0


def test_a_sent_form_sent_again_leads_to_the_same_referral(client, teun):
    data = refer_data()
    first, second = client.post(REFER, data), client.post(REFER, data)
    assert first["Location"] == second["Location"]
    assert Referral.objects.count() == 1


def test_the_same_person_twice_points_to_the_earlier_referral(client, teun):
    client.post(REFER, refer_data())
    response = client.post(REFER, refer_data(question="Nog een vraag."))
    page = response.content.decode()
    assert f'href="/verwijzingen/{Referral.objects.get().pk}/#changed"' in page
    assert "Nog een vraag." in page
    assert (Referral.objects.count(), Client.objects.count()) == (1, 1)


def test_somebody_elses_client_is_not_revealed(client, teun, door):
    """R43: the answer is the same as for a person nobody knows."""
    make_referral(by=make_referrer("Tess"), neighbourhood=door, person={"family_name": "Fantasie"})
    response = client.post(REFER, refer_data())
    assert response.status_code == 302
    assert Referral.objects.filter(referred_by=teun).count() == 1


def test_a_theme_group_in_the_neighbourhood_is_refused_with_the_reason_and_the_right_list(client, teun):
    """R15."""
    grief = make_offer(level=CatchmentLevel.REGION, name="Rouwverwerking")
    data = refer_data(wished_offer=grief.pk, wished_level="neighbourhood")
    response = client.post(REFER, data)
    assert list(errors(response)) == ["wished_level"]
    assert "Overal in de regio" in errors(response)["wished_level"][0]
    assert Referral.objects.count() == 0
    assert client.post(REFER, data | {"wished_level": "region"}).status_code == 302
    assert Referral.objects.get().wished_offer == grief


def test_an_offer_for_the_region_only_is_refused_at_the_municipality(client, teun):
    grief = make_offer(level=CatchmentLevel.REGION, name="Rouwverwerking")
    response = client.post(REFER, refer_data(wished_offer=grief.pk, wished_level="municipality"))
    assert list(errors(response)) == ["wished_level"]


@pytest.mark.parametrize(
    "changes",
    [
        {"problem_kinds": ["bestaat-niet"]},
        {"wished_offer": "99999"},
        {"wished_offer": "abc"},
        {"sex": "xxx"},
        {"availability": ["9-morning"]},
        {"availability": ["0"]},
        {"submission_key": "geen-sleutel"},
        {"given_name": "x" * 500},
        {"family_name": "   "},
        {"neighbourhood": "x" * 50},
    ],
)
def test_nonsense_is_refused_and_never_breaks(client, teun, changes):
    for url in (REFER, "/verwijzen/passend/"):
        assert client.post(url, refer_data(**changes)).status_code == 200
    assert Referral.objects.count() == 0


def test_what_fits_is_shown_while_the_form_fills(client, teun, door):
    kind = make_kind()
    near = make_offer(name="De Krachtcentrale")
    near.problem_kinds.add(kind)
    make_judgement(make_referral(by=make_referrer("Tess"), neighbourhood=door), offer=near)
    response = client.post("/verwijzen/passend/", {"postcode": "1941", "problem_kinds": [kind.pk], "sex": "female"})
    page = response.content.decode()
    assert [row.fit.offer for row in response.context["lists"].best] == [near]
    assert "1 wacht" in page
    assert "nog 3 nodig" in page
    assert 'hx-swap-oob="true"' in page
    assert Client.objects.count() == 1


def test_what_does_not_fit_says_why(client, teun):
    make_offer(name="Zestig en ouder", age_from=60)
    response = client.post("/verwijzen/passend/", {"birth_date": "12-3-1990"})
    assert [row.fit.offer.name for row in response.context["lists"].others] == ["Zestig en ouder"]


def test_without_javascript_a_button_shows_what_fits_and_keeps_what_was_typed(client, teun):
    make_offer(name="De Krachtcentrale")
    response = client.post(REFER, refer_data(family_name=None, preview="1"))
    page = response.content.decode()
    assert errors(response) == {}
    assert "De Krachtcentrale" in page
    assert "Ik ben veel alleen." in page
    assert Referral.objects.count() == 0


def test_the_fit_never_tells_whether_somebody_is_known(client, teun, door):
    """R43: with a known person's data the fragment is the same as with anybody's."""
    make_offer()
    data = refer_data()
    before = client.post("/verwijzen/passend/", data).content
    make_referral(by=make_referrer("Tess"), neighbourhood=door, person={"family_name": "Fantasie"})
    assert client.post("/verwijzen/passend/", data).content == before


def test_a_session_that_ended_hands_the_typed_form_back(client, door):
    response = client.post(REFER, refer_data(question='Zij zegt: "help"'))
    page = response.content.decode()
    assert response.status_code == 401
    assert '<input type="hidden" name="family_name" value="Fantasie">' in page
    assert "Zij zegt: &quot;help&quot;" in page
    assert "csrfmiddlewaretoken" in page
    assert Client.objects.count() == 0


def test_after_logging_in_again_the_handed_back_form_is_sent_as_it_was(door):
    browser, teun, data = Browser(enforce_csrf_checks=True), make_referrer(), refer_data()
    ours = {"Sec-Fetch-Site": "same-origin"}
    browser.force_login(teun)
    response = browser.post(REFER, data | {"csrfmiddlewaretoken": "oud"}, headers=ours)
    assert (response.status_code, Referral.objects.count()) == (401, 0)
    token = response.context["csrf_token"]
    assert browser.post(REFER, data | {"csrfmiddlewaretoken": str(token)}, headers=ours).status_code == 302
    assert Referral.objects.count() == 1


def test_another_site_cannot_send_our_form_nor_get_it_handed_back(door):
    browser, data = Browser(enforce_csrf_checks=True), refer_data()
    browser.force_login(make_referrer())
    for headers in ({"Sec-Fetch-Site": "cross-site"}, {}, {"Origin": "https://elders.example"}):
        response = browser.post(REFER, data, headers=headers)
        assert response.status_code == 403
        assert "Fantasie" not in response.content.decode()
    assert Referral.objects.count() == 0


def test_who_is_not_logged_in_is_asked_to_log_in(client):
    for url in (REFER, "/verwijzingen/"):
        assert client.get(url)["Location"] == f"/inloggen/?next={url}"


def test_a_coordinator_does_not_refer(client):
    client.force_login(make_coordinator())
    assert client.get(REFER).status_code == 403
    assert client.post(REFER, refer_data()).status_code == 403


def test_a_stranger_gets_404_for_somebody_elses_referral(client, teun, door):
    referral = make_referral(by=make_referrer("Tess"), neighbourhood=door)
    assert client.get(f"/verwijzingen/{referral.pk}/").status_code == 404
    assert client.get("/verwijzingen/999999/").status_code == 404


@pytest.mark.parametrize("page", ["verwijzingen", "intake"])
def test_asking_for_somebody_elses_referral_is_noted_on_the_file(client, door, page):
    """R41."""
    referral = make_referral(neighbourhood=door)
    sam = make_social_worker("Sam", municipalities=[make_municipality("Heemskerk", "GM0396")])
    client.force_login(sam)
    for pk in (referral.pk, referral.pk + 1):
        assert client.get(f"/{page}/{pk}/").status_code == 404
    assert [(row.client, row.user, row.action) for row in AccessLog.objects.all()] == [
        (referral.client, sam, "denied")
    ]


def test_opening_an_own_referral_is_logged(client, teun):
    """R41."""
    referral = make_referral(by=teun)
    assert client.get(f"/verwijzingen/{referral.pk}/").status_code == 200
    assert [(row.client, row.user, row.action) for row in AccessLog.objects.all()] == [
        (referral.client, teun, "referred")
    ]


def test_the_desk_sees_how_far_it_is_and_nothing_more(client, door):
    loes = make_desk()
    client.force_login(loes)
    referral = make_referral(by=loes, person={"family_name": "Fantasie"})
    page = client.get(f"/verwijzingen/{referral.pk}/").content.decode()
    assert "ontvangen op" in page
    assert "Fantasie" not in page
    assert "Ik ben veel alleen." not in page


def test_the_list_shows_short_names_and_no_title_holds_a_name(client, teun):
    referral = make_referral(by=teun, person={"family_name": "Fantasie"})
    for url in ("/verwijzingen/", f"/verwijzingen/{referral.pk}/"):
        page = client.get(url).content.decode()
        assert "A. de F." in page
        assert "Fantasie" not in page
        assert "A. de F." not in page.split("</title>")[0]


def test_the_list_holds_my_own_referrals_only(client, teun, door):
    make_referral(by=make_referrer("Tess"), neighbourhood=door)
    mine = make_referral(by=teun)
    rows = client.get("/verwijzingen/").context["rows"]
    assert [row["referral"] for row in rows] == [mine]


def test_without_feedback_consent_the_list_says_no_more_than_in_progress(client, teun):
    make_judgement(make_referral(by=teun, feedback_allowed=False), offer=make_offer(name="De Krachtcentrale"))
    page = client.get("/verwijzingen/").content.decode()
    assert "in behandeling" in page
    assert "Krachtcentrale" not in page


@pytest.mark.parametrize("rows", [1, 3])
def test_the_list_costs_the_same_however_long(client, teun, rows, django_assert_num_queries):
    offer = make_offer()
    for _number in range(rows):
        make_judgement(make_referral(by=teun), offer=offer)
    with django_assert_num_queries(QUERIES_OF_A_LIST):
        client.get("/verwijzingen/")


# Session, user, roles; own drafts; count, rows with status facts, placements, participations; which files are open.
QUERIES_OF_A_LIST = 9


@pytest.mark.parametrize("offers", [1, 3])
def test_the_fit_costs_the_same_however_many_offers(client, teun, offers, django_assert_max_num_queries):
    for _number in range(offers):
        make_offer()
    with django_assert_max_num_queries(15):
        client.post("/verwijzen/passend/", refer_data())


def test_group_and_social_workers_refer_too(client, door):
    for user in (make_group_worker(), make_social_worker()):
        client.force_login(user)
        assert client.get(REFER).status_code == 200
        client.post(REFER, refer_data(submission_key=str(uuid.uuid4()), given_name=user.first_name))
    assert Referral.objects.count() == 2
