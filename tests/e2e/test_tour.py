"""The new user's tour, in Dutch, in a real browser, with a real worker and beat: a look at each of the four roles."""

import re

import pytest

from groups.models import Cycle, Waitlist
from socius.demo import DEMO_PASSWORD
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "wk039606"  # Noordbroek en De Trompet, Heemskerk: nobody waits there in the demo


@pytest.fixture
def enter(open_page):
    """Logs in by the form, as a new user does, on a page of their own."""

    def enter(name):
        page = open_page()
        page.goto("/")
        page.fill("input[name=login]", f"{name}@socius.example")
        page.fill("input[name=password]", DEMO_PASSWORD)
        page.get_by_role("button", name="Inloggen").click()
        page.get_by_role("heading", level=1).wait_for()
        page.wait_for_url("**/")
        return page

    return enter


def refer(page, given_name):
    """From Vandaag to the thank-you, with what the page says about the list on the way."""
    page.goto("/")
    page.get_by_role("main").get_by_role("link", name="Verwijzen").first.click()
    page.fill("#id_given_name", given_name)
    page.fill("#id_family_name", "Rondleiding")
    page.fill("#id_birth_date", "12-3-1980")
    page.fill("#id_postcode", "1963 AB")
    page.fill("#id_email", f"{given_name}@voorbeeld.example".lower())
    page.fill("#id_question", "Ik wil weer onder de mensen komen.")
    page.get_by_label("Scheiding", exact=True).check()
    card = page.locator(".fit", has_text="De Krachtcentrale")
    card.get_by_text("Noordbroek en De Trompet (Heemskerk)").wait_for()
    said = card.inner_text()
    card.get_by_role("radio").check()
    page.check("#id_consent")
    page.check("#id_feedback_allowed")
    page.get_by_role("button", name="Verwijzing versturen").click()
    page.get_by_text("Uw verwijzing is ontvangen").wait_for()
    return said


def judge(page, short_name):
    """The social worker's queue, the short intake, and what the outcome says."""
    page.goto("/intake/")
    page.get_by_role("link", name=short_name, exact=True).click()
    page.locator("input[name=client_type][value=customer]").check()
    page.get_by_role("main").get_by_label("De Krachtcentrale").check()
    page.get_by_role("button", name="Beoordeling opslaan").click()
    page.get_by_text("De beoordeling is opgeslagen").first.wait_for()
    return page.get_by_role("main").inner_text()


def test_the_tour(enter, open_page, demo, request):
    # Only now, so that mail carries links to this test's server.
    request.getfixturevalue("celery_worker_process")
    team_member, social_worker = enter("teamlid2"), enter("maatschappelijk")
    assert "nog 3 nodig" in refer(team_member, "Anouk")
    assert "Nog 2 deelnemers nodig" in judge(social_worker, "A. R.")
    counted = Waitlist.objects.filter(catchment__code=HERE, placeable_count=1)
    wait_until(counted.exists, what="the engine's count")
    assert "nog 2 nodig" in refer(team_member, "Boudewijn")
    assert "Nog 1 deelnemer nodig" in judge(social_worker, "B. R.")
    refer(team_member, "Cato")
    judge(social_worker, "C. R.")
    cycle = wait_until(lambda: Cycle.objects.filter(waitlist__catchment__code=HERE).first(), what="the cycle")

    see_what_became_of_it(team_member)
    say_yes(open_page, cycle)
    plan(enter(cycle.lead.email.partition("@")[0]), cycle)
    lower_a_minimum(enter("coordinator"))
    # The browser itself notes the refused move (422) in its console.
    open_page.complaints[:] = [line for line in open_page.complaints if "422" not in line]


def see_what_became_of_it(page):
    page.goto("/verwijzingen/")
    main = page.get_by_role("main")
    assert len(re.findall("De Krachtcentrale: geplaatst", main.inner_text())) == 3


def say_yes(open_page, cycle):
    """The mail in the mailbox, its link, and yes: without logging in."""
    page = open_page()
    row = page.get_by_role("row").filter(has_text="cato@voorbeeld.example")

    def is_there():
        page.goto("/mailbox/")
        return row.count()

    wait_until(is_there, what="the mail to Cato")
    row.get_by_role("link").click()
    page.locator("a[href*='/antwoord/']").click()
    page.get_by_role("button", name="Ja, ik kom").click()
    page.get_by_role("heading", name="U hebt ja gezegd").wait_for()
    assert cycle.participations.get(client__given_name="Cato").state == "confirmed"


def plan(page, cycle):
    """The lead sees the cycle in the schedule, enters an answer, and moves a session; a clash is explained."""
    page.goto(f"/groepen/rooster/?dag={cycle.starts_on}")
    page.get_by_role("main").get_by_role("link", name=re.compile("Krachtcentrale")).first.click()
    page.goto(f"/groepen/cycli/{cycle.pk}/")
    page.get_by_role("button", name=re.compile(r"Zegt ja.*B\. R\.")).click()
    page.get_by_text("Het antwoord is vastgelegd").wait_for()
    assert cycle.participations.get(client__given_name="Boudewijn").answered_by == cycle.lead
    last = cycle.sessions.order_by("-number").first()
    page.goto(f"/groepen/bijeenkomsten/{last.pk}/verzetten/")
    page.fill("#id_date", cycle.starts_on.isoformat())
    page.locator("main form button.btn-primary").first.click()
    page.get_by_text("Bijeenkomsten moeten op volgorde blijven").first.wait_for()
    assert page.locator("#id_date").input_value() == cycle.starts_on.isoformat()


def lower_a_minimum(page):
    page.goto("/overzicht/")
    assert "Kuenenkwartier" in page.get_by_role("main").inner_text()
    row = page.get_by_role("row").filter(has_text="Kuenenkwartier")
    row.locator("a[href*='/overzicht/minimum/']").click()
    page.fill("#id_minimum", "2")
    page.fill("#id_reason", "Twee is genoeg om te beginnen")
    page.locator("main form button.btn-primary").first.click()
    page.get_by_text("Binnen 15 seconden").wait_for()
    started = Cycle.objects.filter(waitlist__catchment__code="wk037503")
    wait_until(started.exists, what="a cycle in Kuenenkwartier")
    page.goto("/overzicht/")
    assert "Rondleiding" not in page.content()
