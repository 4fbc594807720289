"""The queue, the intake and its decision (R3–R7, R18)."""

from datetime import timedelta

import pytest
from django.utils import timezone, translation

from clients.models import AccessLog, Client
from clients.services import record_exclusion, update_client
from groups.models import WaitlistEntry
from intake.enums import Decision, ReferralState, UrgentNeed
from intake.models import Judgement, Referral
from neighbourhoods.enums import CatchmentLevel
from socius.templatetags.socius_tags import day
from tests.factories.accounts import make_group_worker, make_social_worker
from tests.factories.groups import NOW, make_offer
from tests.factories.intake import (
    judge_data,
    make_door,
    make_judge,
    make_judgement,
    make_kind,
    make_referral,
    make_seat,
)
from tests.factories.neighbourhoods import make_municipality, make_neighbourhood

pytestmark = pytest.mark.django_db


@pytest.fixture
def referral():
    return make_referral(problem_kinds=[make_kind()])


@pytest.fixture
def sofie(client, referral):
    user = make_judge("Sofie", referral.neighbourhood.municipality)
    client.force_login(user)
    return user


@pytest.fixture
def offer():
    return make_offer(name="De Krachtcentrale")


def errors(response):
    return {field: [str(error) for error in found] for field, found in response.context["form"].errors.items()}


def test_the_queue_shows_short_names_age_kinds_and_the_clock(client, sofie, referral):
    page = client.get("/intake/").content.decode()
    assert "A. de F." in page
    assert "Fantasie" not in page
    assert "Eenzaamheid" in page
    assert f'href="/intake/{referral.pk}/"' in page


def test_the_queue_of_another_municipality_is_empty(client, referral):
    client.force_login(make_social_worker("Sam", municipalities=[make_municipality("Heemskerk", "GM0396")]))
    assert client.get("/intake/").context["rows"] == []
    assert client.get(f"/intake/{referral.pk}/").status_code == 404


def test_who_moved_is_judged_where_they_live_now(client, sofie, referral):
    """R41: the queue and the judgement follow the client; the municipality that was left sees nothing any more."""
    sam = make_social_worker("Sam", municipalities=[make_municipality("Heemskerk", "GM0396")])
    duin = make_neighbourhood("Duin", sam.work_areas.get().municipality)
    update_client(client=referral.client, by=sofie, now=NOW, neighbourhood=duin)
    assert "A. de F." not in client.get("/intake/").content.decode()
    assert [client.get(f"/{page}/{referral.pk}/").status_code for page in ("intake", "verwijzingen")] == [404, 404]
    client.force_login(sam)
    assert "Duin (Heemskerk)" in client.get("/intake/").content.decode()
    response = client.post(f"/intake/{referral.pk}/", judge_data(decision="individual_help"))
    assert response.status_code == 302
    assert referral.judgement.by == sam


def test_only_social_workers_judge(client, referral):
    client.force_login(make_group_worker("Gea", municipalities=[referral.neighbourhood.municipality]))
    assert client.get("/intake/").status_code == 403
    assert client.post(f"/intake/{referral.pk}/", judge_data()).status_code == 403
    client.logout()
    assert client.get("/intake/")["Location"] == "/inloggen/?next=/intake/"


def test_opening_the_intake_is_logged(client, sofie, referral):
    """R41."""
    assert client.get(f"/intake/{referral.pk}/").status_code == 200
    assert [(row.client, row.user, row.action) for row in AccessLog.objects.all()] == [
        (referral.client, sofie, "judged")
    ]


def test_the_aim_stands_beside_the_clients_own_question(client, sofie):
    """R1."""
    referral = make_referral(aim="Contact in de wijk", question="Ik ben veel alleen")
    page = client.get(f"/intake/{referral.pk}/").content.decode()
    assert "Contact in de wijk" in page
    assert "Ik ben veel alleen" in page
    assert "Fantasie" not in page.split("</title>")[0]


def test_the_wished_group_is_ticked_beforehand(client, sofie, offer):
    referral = make_referral(wished_offer=offer)
    lists = client.get(f"/intake/{referral.pk}/").context["form"].lists
    assert [(row.fit.offer, row.is_ticked) for row in lists.best] == [(offer, True)]


def test_onto_a_waitlist_says_how_many_are_needed(client, sofie, referral, offer):
    data = judge_data(offers=[offer.pk], client_type="customer", problem_kinds=["loneliness"])
    response = client.post(f"/intake/{referral.pk}/", data, follow=True)
    entry = WaitlistEntry.objects.get()
    assert (entry.client, entry.waitlist.offer) == (referral.client, offer)
    assert entry.problem_kind.pk == "loneliness"
    assert "Nog 2 deelnemers nodig" in response.content.decode()
    assert Judgement.objects.get().client_type == "customer"


def test_a_group_with_places_is_named_instead_of_how_many_are_needed(client, sofie, referral, offer):
    """R12: in what fits, and once it is judged."""
    first, starts_on = make_referral(), timezone.localdate() + timedelta(days=8)
    make_judgement(first, offer=offer)
    make_seat(first.placements.get().entry, starts_on=starts_on)
    told = f"Er is plaats in de groep die {day(starts_on)} begint"
    page = client.get(f"/intake/{referral.pk}/")
    assert [row.fit.next_cycle.starts_on for row in page.context["form"].lists.best] == [starts_on]
    assert "nog 3 nodig" not in page.content.decode()
    data = judge_data(offers=[offer.pk], consent="on")
    page = client.post(f"/intake/{referral.pk}/", data, follow=True).content.decode()
    assert told in page
    assert "deelnemers nodig" not in page


def test_an_empty_choice_says_choose(client, sofie, referral):
    page = client.get(f"/intake/{referral.pk}/").content.decode()
    assert "Kies …" in page
    assert "---------" not in page


def test_a_waitlist_without_a_group_is_told_at_the_field(client, sofie, referral, offer):
    response = client.post(f"/intake/{referral.pk}/", judge_data(notes="Niet vergeten"))
    assert list(errors(response)) == ["offers"]
    assert "Niet vergeten" in response.content.decode()
    referral.refresh_from_db()
    assert referral.state == ReferralState.RECEIVED


def test_refer_out_asks_where_and_why(client, sofie, referral):
    """R4."""
    response = client.post(f"/intake/{referral.pk}/", judge_data(decision="refer_out"))
    assert set(errors(response)) == {"destination", "reason"}
    client.post(f"/intake/{referral.pk}/", judge_data(decision="refer_out", destination="Elders", reason="LVB"))
    assert Judgement.objects.get().decision == Decision.REFER_OUT


def test_an_offer_against_age_needs_the_social_workers_word(client, sofie, referral):
    old = make_offer(name="Zestig en ouder", age_from=60)
    response = client.post(f"/intake/{referral.pk}/", judge_data(offers=[old.pk]))
    assert list(errors(response)) == ["fit_exception"]
    assert "Zestig en ouder" in errors(response)["fit_exception"][0]
    client.post(f"/intake/{referral.pk}/", judge_data(offers=[old.pk], fit_exception="Zorgt voor haar moeder."))
    assert WaitlistEntry.objects.get().fit_exception == "Zorgt voor haar moeder."


def test_another_subject_is_the_social_workers_own_judgement(client, sofie, referral):
    money = make_offer(name="Geld")
    money.problem_kinds.add(make_kind("financial", "Geldzorgen"))
    client.post(f"/intake/{referral.pk}/", judge_data(offers=[money.pk], problem_kinds=["loneliness"]))
    assert WaitlistEntry.objects.get().fit_exception == ""


def test_an_offer_held_elsewhere_cannot_be_ticked(client, sofie, referral):
    money = make_offer(name="Geld", level=CatchmentLevel.MUNICIPALITY)
    money.municipalities.add(make_municipality("Heemskerk", "GM0396"))
    response = client.post(f"/intake/{referral.pk}/", judge_data(offers=[money.pk]))
    assert "offers" in errors(response)
    assert WaitlistEntry.objects.count() == 0


def test_a_theme_group_goes_to_the_regions_list(client, sofie, referral):
    """R15."""
    grief = make_offer(level=CatchmentLevel.REGION, name="Rouwverwerking")
    client.post(f"/intake/{referral.pk}/", judge_data(offers=[grief.pk]))
    assert WaitlistEntry.objects.get().waitlist.catchment.level == CatchmentLevel.REGION


def test_who_refuses_the_own_neighbourhood_goes_to_another_ones_list(client, sofie, referral, offer):
    """R18."""
    other = make_neighbourhood("Warande")
    seen = client.get(f"/intake/{referral.pk}/").context["form"]["seen"].value()
    data = judge_data(offers=[offer.pk], refuses_own_neighbourhood="on", seen=seen)
    assert list(errors(client.post(f"/intake/{referral.pk}/", data))) == ["other_catchment"]
    client.post(f"/intake/{referral.pk}/", data | {"other_catchment": other.catchment.pk})
    assert WaitlistEntry.objects.get().waitlist.catchment == other.catchment
    assert Client.objects.get().refuses_own_neighbourhood is True


def test_urgent_needs_are_named_and_the_person_does_not_count_until_somebody_asked(client, sofie, referral, offer):
    """R5."""
    data = judge_data(offers=[offer.pk], urgent_needs=["no_home", "other"], follow_up_on=None)
    assert set(errors(client.post(f"/intake/{referral.pk}/", data))) == {"hold_reason", "follow_up_on"}
    ask_on = timezone.localdate() + timedelta(days=7)
    data |= {"hold_reason": "slaapt in de auto", "follow_up_on": ask_on.isoformat()}
    response = client.post(f"/intake/{referral.pk}/", data, follow=True)
    entry = WaitlistEntry.objects.get()
    assert (entry.is_on_hold, entry.hold_until) == (True, ask_on)
    with translation.override("nl"):
        assert entry.hold_reason == f"{UrgentNeed.NO_HOME.label}; slaapt in de auto"
    assert Judgement.objects.get().urgent_needs == ["no_home", "other"]
    assert "Nog 3 deelnemers nodig" in response.content.decode()


def test_a_second_judgement_is_refused_with_a_clear_message(client, sofie, referral, offer):
    other = make_offer(name="Tweede")
    client.post(f"/intake/{referral.pk}/", judge_data(offers=[offer.pk]))
    response = client.post(f"/intake/{referral.pk}/", judge_data(offers=[other.pk]))
    assert "was al beoordeeld" in response.content.decode()
    assert [entry.waitlist.offer for entry in WaitlistEntry.objects.all()] == [offer]


def test_a_judged_referral_leaves_the_queue(client, sofie, referral, offer):
    client.post(f"/intake/{referral.pk}/", judge_data(offers=[offer.pk]))
    assert client.get("/intake/").context["rows"] == []


@pytest.mark.parametrize(
    "changes",
    [
        {"decision": "weet niet"},
        {"client_type": "xxx"},
        {"offers": ["99999", "abc"]},
        {"problem_kinds": ["x"]},
        {"main_problem": "x"},
        {"other_catchment": "9" * 40, "refuses_own_neighbourhood": "on"},
        {"other_catchment": "abc", "refuses_own_neighbourhood": "on"},
        {"availability": ["1-nacht"]},
        {"notes": "x" * 5000, "decision": "individual_help"},
    ],
)
def test_nonsense_is_refused_and_never_breaks(client, sofie, referral, offer, changes):
    for more in ({}, {"preview": "1"}):
        assert client.post(f"/intake/{referral.pk}/", judge_data(**changes) | more).status_code == 200
    assert Judgement.objects.count() == 0


def test_the_fit_follows_what_is_ticked(client, sofie, referral):
    money = make_offer(name="Geld")
    money.problem_kinds.add(make_kind("financial", "Geldzorgen"))
    data = judge_data(problem_kinds=["financial"], preview="1")
    response = client.post(f"/intake/{referral.pk}/", data, headers={"HX-Request": "true"})
    assert [row.fit.offer for row in response.context["form"].lists.best] == [money]
    assert "Fantasie" not in response.content.decode()


def test_what_fits_is_noted_once_with_the_page_and_also_without_it(client, sofie, referral):
    """R41: age and sex are read from the file, whoever asks and however often a box is ticked."""

    def tick():
        data = judge_data(preview="1")
        assert client.post(f"/intake/{referral.pk}/", data, headers={"HX-Request": "true"}).status_code == 200
        return [(row.client, row.user, row.action) for row in AccessLog.objects.all()]

    assert tick() == [(referral.client, sofie, "judged")]
    assert tick() == [(referral.client, sofie, "judged")]


def test_individual_help_is_shown_as_decided(client, sofie, referral):
    response = client.post(f"/intake/{referral.pk}/", judge_data(decision="individual_help"), follow=True)
    assert "Individuele hulp" in response.content.decode()
    assert Referral.objects.get().state == ReferralState.JUDGED


@pytest.mark.parametrize("rows", [1, 3])
def test_the_queue_costs_the_same_however_long(client, sofie, referral, rows, django_assert_num_queries):
    for _number in range(rows - 1):
        make_referral(problem_kinds=[make_kind()])
    # Session, user, roles; count, rows, problem kinds, who is at it.
    with django_assert_num_queries(7):
        client.get("/intake/")


def test_the_outcome_names_who_judged_and_can_be_opened_again(client, sofie, referral, offer):
    make_judgement(referral, by=sofie, offer=offer, notes="Belt zelf terug.")
    page = client.get(f"/intake/{referral.pk}/").content.decode()
    assert "Sofie Voorbeeld" in page
    assert "Belt zelf terug." in page
    assert make_door() == referral.neighbourhood


def test_whom_one_may_not_know_is_counted_and_not_named(client, sofie, referral):
    """R18, R41."""
    far = make_neighbourhood("Bakkum", make_municipality("Castricum", "GM0383"))
    other = make_referral(neighbourhood=far, person={"given_name": "Xaviera", "family_name": "Quintessens"}).client
    make_judge("Allard")
    record_exclusion(client=referral.client, other=other, by=make_judge("Allard"), now=NOW)
    page = client.get(f"/intake/{referral.pk}/")
    assert "X. de Q." not in page.content.decode()
    assert (page.context["never_with"], page.context["never_with_elsewhere"]) == ([], 1)
