"""Referring: how little it takes, by keyboard alone, pressed twice, and with a name that is a script."""

import pytest

from groups.enums import CycleState
from groups.models import Cycle, Waitlist, WaitlistEntry
from intake.models import Referral
from intake.services import WantedPlace, judge_referral, refer_client
from tests.factories.groups import NOW, make_offer, sweep
from tests.factories.intake import make_door, make_judge, make_kind, make_referrer, person_values

pytestmark = pytest.mark.django_db(transaction=True)
SEND = "Verwijzing versturen"
TYPED = {
    "given_name": "Anna",
    "family_name": "Fantasie",
    "birth_date": "12-3-1980",
    "postcode": "1941 AB",
    "phone": "0612345678",
    "question": "Ik ben veel alleen.",
}


@pytest.fixture
def teun():
    offer = make_offer(name="De Krachtcentrale")
    offer.problem_kinds.add(make_kind())
    make_door()
    return make_referrer()


# Two minutes to refer (docs/operations.md): what a whole referral may take at most.
MOST_FIELDS, MOST_PRESSES, MOST_PAGES, MOST_KEYS = 6, 4, 2, 45
SMALL = {"width": 360, "height": 740}


class Counted:
    """A page on which fields filled, presses and pages opened are counted."""

    def __init__(self, page):
        self.page, self.fields, self.presses, self.pages = page, 0, 0, 0
        page.on("framenavigated", self._navigated)

    def _navigated(self, frame):
        self.pages += frame == self.page.main_frame

    def fill(self, name, text):
        self.page.fill(f"#id_{name}", text)
        self.fields += 1

    def press(self, locator):
        locator.click()
        self.presses += 1


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_a_whole_referral_takes_few_fields_presses_and_pages_on_a_phone(open_page, teun, javascript):
    page = open_page(viewport=SMALL, user=teun, javascript=javascript)
    counted = Counted(page)
    page.goto("/verwijzen/")
    for name, text in TYPED.items():
        counted.fill(name, text)
    counted.press(page.locator("#id_problem_kinds_0"))
    for tick in ("consent", "feedback_allowed"):
        counted.press(page.locator(f"#id_{tick}"))
    counted.press(page.get_by_role("button", name=SEND))
    page.get_by_text("Uw verwijzing is ontvangen").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth") <= SMALL["width"]
    referral = Referral.objects.get()
    assert (referral.client.full_name, referral.feedback_allowed) == ("Anna Fantasie", True)
    assert counted.fields <= MOST_FIELDS
    assert counted.presses <= MOST_PRESSES
    assert counted.pages <= MOST_PAGES


def tab_to(page, element_id, limit=80):
    """Tab until that field has the focus, which shows; fails when it cannot be reached. Gives the number of tabs."""
    for tabs in range(1, limit + 1):
        page.keyboard.press("Tab")
        found = page.evaluate("document.activeElement.id")
        if found == element_id:
            look = page.evaluate("(e => [e.outlineStyle, e.boxShadow])(getComputedStyle(document.activeElement))")
            assert look != ["none", "none"], f"the focus on {element_id} does not show"
            return tabs
    pytest.fail(f"{element_id} cannot be reached by keyboard")


def test_the_whole_referral_by_keyboard(open_page, teun):
    page = open_page(user=teun)
    page.goto("/verwijzen/")
    keys = 0
    for name in ("given_name", "family_name", "birth_date", "postcode", "phone"):
        keys += tab_to(page, f"id_{name}")
        page.keyboard.type(TYPED[name])
    keys += tab_to(page, "id_question")
    page.keyboard.type(TYPED["question"])
    keys += tab_to(page, "id_problem_kinds_0")
    page.keyboard.press("Space")
    page.locator(".fit", has_text="De Krachtcentrale").get_by_text("nog 3 nodig").wait_for()
    page.wait_for_timeout(500)
    assert page.evaluate("document.activeElement.id") == "id_problem_kinds_0", "the live part took the focus"
    keys += tab_to(page, "id_consent")
    page.keyboard.press("Space")
    keys += tab_to(page, "id_feedback_allowed")
    page.keyboard.press("Space")
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.get_by_text("Uw verwijzing is ontvangen").wait_for()
    referral = Referral.objects.get()
    assert (referral.feedback_allowed, [kind.pk for kind in referral.problem_kinds.all()]) == (True, ["loneliness"])
    assert keys + 5 <= MOST_KEYS  # with three ticks, the last step and Enter


@pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])
def test_pressed_twice_is_sent_once(open_page, teun, javascript):
    page = open_page(user=teun, javascript=javascript)
    page.goto("/verwijzen/")
    for name, text in TYPED.items():
        page.fill(f"#id_{name}", text)
    page.check("#id_consent")
    page.get_by_role("button", name=SEND).dblclick()
    page.get_by_text("Uw verwijzing is ontvangen").wait_for()
    assert Referral.objects.count() == 1
    page.go_back()
    if page.url.endswith("/verwijzen/") and page.locator("#id_consent").is_checked():
        page.get_by_role("button", name=SEND).click()
        page.wait_for_load_state()
    assert Referral.objects.count() == 1


def test_under_sixteen_is_refused_at_the_field_and_nothing_is_lost(open_page, teun):
    page = open_page(user=teun)
    page.goto("/verwijzen/")
    for name, text in (TYPED | {"birth_date": "1-6-2012"}).items():
        page.fill(f"#id_{name}", text)
    page.check("#id_consent")
    page.get_by_role("button", name=SEND).click()
    page.get_by_text("Groepswerk van Socius is voor mensen vanaf 17 jaar").first.wait_for()
    for name, text in (TYPED | {"birth_date": "1-6-2012"}).items():
        assert page.locator(f"#id_{name}").input_value() == text
    assert not Referral.objects.exists()


SCRIPTS = (
    "<script>window.ran=1</script>",
    "<img src=x onerror=window.ran=1>",
    "\"'><svg onload=window.ran=1>",
    "{{ 7|add:7 }}javascript:window.ran=1",
)


@pytest.mark.parametrize("script", SCRIPTS)
def test_what_people_type_never_runs(open_page, teun, script):
    """S4: planted in every text of a person, looked at by each role that may see it."""
    judge = make_judge()
    door = make_door()
    texts = {"given_name": script, "family_name": script, "name_prefix": "<b>van"}
    contact = {"is_sensitive": True, "instructions": script}
    person = person_values(door, **texts, contact=contact)
    referral = refer_client(
        person=person, question=script, aim=script, consented=True, feedback_allowed=True, by=teun, now=NOW
    )
    visited = [(teun, f"/verwijzingen/{referral.pk}/"), (teun, "/verwijzingen/"), (teun, "/")]
    look(open_page, visited)
    look(open_page, [(judge, "/"), (judge, "/intake/"), (judge, f"/intake/{referral.pk}/")])
    offer = Waitlist.objects.model.offer.field.related_model.objects.get(name="De Krachtcentrale")
    places = [WantedPlace(offer, door.catchment)]
    judge_referral(
        referral=referral, decision="waitlist", places=places, reason=script, notes=script, by=judge, now=NOW
    )
    sweep()
    waitlist = Waitlist.objects.get()
    assert WaitlistEntry.objects.count() == 1
    assert not Cycle.objects.filter(state=CycleState.FORMED).exists()
    file = f"/clienten/{referral.client.public_id}/"
    addresses = (f"/intake/{referral.pk}/", f"/groepen/wachtlijsten/{waitlist.pk}/", file, f"{file}gegevens/")
    look(open_page, [(judge, address) for address in addresses])


def look(open_page, visits):
    page = open_page(user=visits[0][0])
    page.on("dialog", lambda dialog: pytest.fail(f"a dialog opened: {dialog.message}"))
    for _user, address in visits:
        assert page.goto(address).status == 200
        assert page.evaluate("window.ran") is None, address
        planted = page.evaluate("document.querySelectorAll('img[src=x], svg[onload], script:not([src])').length")
        assert planted == 0, address
