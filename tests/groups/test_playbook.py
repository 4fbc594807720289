"""R31: parts of a playbook, what a leader picks of them, and the same on one page."""

import datetime as dt
import re
import zlib

import pytest
import typst
from django.core.exceptions import PermissionDenied
from django.urls import reverse
from django.utils import timezone, translation

from groups.enums import HistoryCode, SessionState
from groups.exceptions import NotAllowed
from groups.models import PlaybookPart, Session, SessionPart, SessionReport
from groups.plan_pdf import plan_data, plan_pdf
from groups.playbooks import plan_of, planned_session
from groups.services.cycles import cancel_cycle
from groups.services.notes import notes_of
from groups.services.plans import drop_part, pick_part, shift_picked
from groups.services.playbook import FIELDS, change_part, restore_part, retire_part, shift_part
from tests.factories.groups import NOW, fresh, make_cycle, make_offer, make_worker
from tests.factories.play import PART, coordinator, make_part
from tests.groups.pages import browser_of, statements, text_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def coba():
    return coordinator()


@pytest.fixture
def cycle():
    return make_cycle(3)


@pytest.fixture
def session(cycle):
    return cycle.sessions.get(number=1)


def in_order(offer):
    return [part.title for part in offer.playbook.in_use()]


def change(part, by, seen=0, **values):
    values = {name: getattr(part, name) for name in FIELDS} | values
    return change_part(part=part, values=values, seen=seen, by=by)


def pick(session, *parts, by=None):
    for part in parts:
        pick_part(session=session, part=part, by=by or session.cycle.lead, now=NOW)


def picked(session):
    return [row.part.title for row in session.parts.all()]


# --- the coordinator's parts -----------------------------------------------------------------------------------------


def test_a_new_part_stands_at_the_end_and_moves_up_and_down(coba):
    offer = make_offer()
    parts = [make_part(offer, title, by=coba) for title in ("een", "twee", "drie")]
    shift_part(part=parts[2], step=-1, by=coba)
    assert in_order(offer) == ["een", "drie", "twee"]
    shift_part(part=parts[0], step=-1, by=coba)
    shift_part(part=parts[1], step=1, by=coba)
    assert in_order(offer) == ["een", "drie", "twee"], "at the edge it stays"


def test_parts_move_past_what_is_out_of_use(coba):
    offer = make_offer()
    parts = [make_part(offer, title, by=coba) for title in ("een", "twee", "drie")]
    retire_part(part=parts[1], by=coba)
    shift_part(part=parts[2], step=-1, by=coba)
    assert in_order(offer) == ["drie", "een"]


def test_the_second_of_two_who_change_a_part_is_told(coba):
    part = make_part(make_offer(), "Schaalvraag", by=coba)
    change(part, coba, minutes=30)
    with pytest.raises(NotAllowed, match="part_changed"):
        change(part, coordinator(), minutes=10)
    assert (fresh(part).minutes, fresh(part).version) == (30, 1)


def test_the_same_once_more_is_no_change(coba):
    part = make_part(make_offer(), by=coba)
    change(part, coba)
    assert fresh(part).version == 0


def test_one_title_once_among_those_in_use(coba):
    offer = make_offer()
    part = make_part(offer, "Doelen", by=coba)
    with pytest.raises(NotAllowed, match="title_taken"):
        make_part(offer, " Doelen ", by=coba)
    make_part(make_offer(), "Doelen", by=coba)
    retire_part(part=part, by=coba)
    other = make_part(offer, "Doelen", by=coba)
    with pytest.raises(NotAllowed, match="title_taken"):
        restore_part(part=part, by=coba)
    change(other, coba, title="Andere doelen")
    restore_part(part=part, by=coba)
    restore_part(part=part, by=coba)
    assert in_order(offer) == ["Andere doelen", "Doelen"]


def test_only_the_coordinator_writes_a_playbook(coba):
    part, worker = make_part(make_offer(), by=coba), make_worker(lead=True)
    for act in (
        lambda: make_part(part.offer, by=worker),
        lambda: change(part, worker),
        lambda: shift_part(part=part, step=1, by=worker),
        lambda: retire_part(part=part, by=worker),
        lambda: restore_part(part=part, by=worker),
    ):
        with pytest.raises(PermissionDenied):
            act()


# --- what a leader picks ---------------------------------------------------------------------------------------------


def test_a_leader_picks_and_orders_and_takes_out(session, coba):
    parts = [make_part(session.cycle.offer, title, by=coba) for title in ("een", "twee", "drie")]
    pick(session, *parts, parts[0])
    assert picked(session) == ["een", "twee", "drie"]
    shift_picked(session=session, part=parts[2], step=-1, by=session.cycle.lead, now=NOW)
    shift_picked(session=session, part=parts[0], step=-1, by=session.cycle.lead, now=NOW)
    drop_part(session=session, part=parts[0], by=session.cycle.lead, now=NOW)
    drop_part(session=session, part=parts[0], by=session.cycle.lead, now=NOW)
    assert picked(session) == ["drie", "twee"]


def test_each_who_plans_is_in_the_history_once_a_day(session, coba):
    parts = [make_part(session.cycle.offer, by=coba) for _ in range(3)]
    pick(session, *parts)
    drop_part(session=session, part=parts[0], by=session.cycle.co_lead, now=NOW)
    pick_part(session=session, part=parts[0], by=session.cycle.lead, now=NOW + dt.timedelta(days=1))
    rows = session.history.filter(code=HistoryCode.PLAN_CHANGED).order_by("pk")
    assert [row.by for row in rows] == [session.cycle.lead, session.cycle.co_lead, session.cycle.lead]


def test_who_sits_in_the_session_and_the_cycles_lead_pick_and_nobody_else(session, coba):
    part = make_part(session.cycle.offer, by=coba)
    pick(session, part, by=session.cycle.co_lead)
    stranger, other = make_worker(lead=True), make_worker()
    for user in (stranger, other, coba):
        with pytest.raises(PermissionDenied):
            pick(session, part, by=user)
    session.staff.filter(user=session.cycle.co_lead).update(user=other)
    drop_part(session=session, part=part, by=other, now=NOW)
    with pytest.raises(PermissionDenied):
        pick(session, part, by=session.cycle.co_lead)


def test_a_retired_part_and_one_of_another_offer_are_not_picked(session, coba):
    part, foreign = make_part(session.cycle.offer, by=coba), make_part(make_offer(), by=coba)
    retire_part(part=part, by=coba)
    with pytest.raises(NotAllowed, match="part_retired"):
        pick(session, part)
    with pytest.raises(NotAllowed, match="part_of_other_offer"):
        pick(session, foreign)


def test_a_picked_part_that_is_retired_stays_readable(session, coba):
    part = make_part(session.cycle.offer, "Oude oefening", by=coba)
    pick(session, part)
    retire_part(part=part, by=coba)
    page = text_of(browser_of(session.cycle.lead).get(reverse("groups:session_plan", args=[session.pk])))
    assert "Oude oefening" in page
    assert "out of use" in page


def test_after_the_session_it_is_for_the_record_until_the_report_is_closed(session, coba):
    first, second = (make_part(session.cycle.offer, by=coba) for _ in range(2))
    Session.objects.filter(pk=session.pk).update(state=SessionState.HELD)
    pick(session, first)
    SessionReport.objects.create(
        session=session, notes=notes_of(session.cycle), closed_at=NOW, closed_by=session.cycle.lead
    )
    for act in (pick, lambda *args: drop_part(session=session, part=first, by=session.cycle.lead, now=NOW)):
        with pytest.raises(NotAllowed, match="report_closed"):
            act(session, second)


def test_a_part_that_was_used_is_not_taken_out(session, coba):
    part = make_part(session.cycle.offer, by=coba)
    pick(session, part)
    SessionPart.objects.update(is_used=True)
    with pytest.raises(NotAllowed, match="part_was_used"):
        drop_part(session=session, part=part, by=session.cycle.lead, now=NOW)


def test_nothing_is_planned_for_a_cancelled_session(cycle, session, coba):
    part = make_part(cycle.offer, by=coba)
    cancel_cycle(cycle=cycle, reason="proef", by=coba, now=NOW)
    with pytest.raises(NotAllowed, match="session_is_over"):
        pick(session, part)


def test_minutes_beyond_the_session_are_a_hint_and_no_refusal(session, coba):
    part, long = (make_part(session.cycle.offer, minutes=minutes, by=coba) for minutes in (30, 100))
    pick(session, part, long)
    plan = plan_of(session)
    assert (plan.minutes, plan.length, plan.over, plan.left) == (130, 120, 10, 0)
    first, second = plan.parts
    begins = session.start_time
    assert (first.starts, second.starts) == (begins, dt.time(begins.hour, begins.minute + 30))
    page = text_of(browser_of(session.cycle.lead).get(reverse("groups:session_plan", args=[session.pk])))
    assert "The parts take 10 minutes more than the session lasts." in page


def test_material_is_listed_once(session, coba):
    pick(
        session, *(make_part(session.cycle.offer, material=text, by=coba) for text in ("stiften, Flap", "flap ,,klok"))
    )
    assert plan_of(session).material == ["stiften", "Flap", "klok"]


# --- on one page -----------------------------------------------------------------------------------------------------


def pages_of(pdf):
    streams = re.findall(rb"stream\r?\n(.*?)endstream", pdf, re.S)
    text = b"".join(zlib.decompressobj().decompress(stream) for stream in streams if stream[:1] == b"\x78")
    return len(re.findall(rb"/Type\s*/Page\b", pdf + text))


def test_the_pages_are_counted_where_there_are_two():
    """Or the tests below would pass on anything."""
    assert [pages_of(typst.compile(text)) for text in (b"een", b"een #pagebreak() twee")] == [1, 2]


@pytest.mark.parametrize(
    ("count", "values"),
    [
        (0, {}),
        (4, {"description": "Kort.\n\nEn nog iets.", "material": "stiften, kaarten"}),
        (6, {"description": "Een lange uitleg met veel woorden. " * 110}),
        (30, {"description": "Wat er gebeurt. " * 20, "material": "van alles, en nog wat"}),
        (70, {"minutes": 480, "material": ", ".join(f"ding {number}" for number in range(30))}),
    ],
    ids=["nothing", "a few", "long", "many", "far too many"],
)
def test_the_plan_is_one_page_whatever_was_picked(session, coba, count, values):
    offer, lead = session.cycle.offer, session.cycle.lead
    parts = PlaybookPart.objects.bulk_create(
        PlaybookPart(offer=offer, title=f"Onderdeel {number}" + " lang" * 18, position=number, **(PART | values))
        for number in range(count)
    )
    SessionPart.objects.bulk_create(
        SessionPart(session=session, part=part, position=number) for number, part in enumerate(parts)
    )
    found = planned_session(lead).get(pk=session.pk)
    pdf = plan_pdf(found, plan_of(found))
    assert pdf.startswith(b"%PDF-")
    assert pages_of(pdf) == 1


def test_markup_in_a_part_stays_text(session, coba):
    nasty = '#pagebreak() *vet* $x$ #read("/etc/passwd") <a> \\ " ] } é 👩‍👩‍👧 \u202e\x07 ش'
    values = {"description": nasty, "material": nasty}
    pick(session, make_part(session.cycle.offer, nasty, by=coba, **values))
    found = planned_session(session.cycle.lead).get(pk=session.pk)
    assert pages_of(plan_pdf(found, plan_of(found))) == 1
    assert plan_data(found, plan_of(found))["parts"][0]["title"] == nasty


def data_of(session):
    found = planned_session(session.cycle.lead).get(pk=session.pk)
    with translation.override("en"):
        return plan_data(found, plan_of(found))


def test_the_sheet_says_when_where_and_what_and_names_nobody(session, coba):
    pick(session, make_part(session.cycle.offer, "Schaalvraag", minutes=25, by=coba))
    data = data_of(session)
    assert (data["name"], data["parts"][0]["title"]) == (
        f"{session.cycle.offer.name}, {session.cycle.catchment}",
        "Schaalvraag",
    )
    assert data["about"][0].startswith("Session 1, ")
    assert (data["about"][1], data["about"][2]) == (str(session.room), "25 of 120 minutes planned")
    for person in session.cycle.participations.select_related("client"):
        assert person.client.family_name not in str(data)


def test_a_hidden_place_and_a_closed_groups_name_are_not_printed(session, coba):
    type(session.cycle.offer).objects.update(place_is_hidden=True, is_sensitive=True)
    said = str(data_of(session))
    assert (session.room.name in said, session.cycle.offer.name in said) == (False, False)
    assert "Place known to the participants" in said


def test_the_sheet_is_for_who_sees_the_session(session):
    address = reverse("groups:session_plan_pdf", args=[session.pk])
    answer = browser_of(session.cycle.lead).get(address)
    assert (answer.status_code, answer["Content-Type"], answer["Cache-Control"]) == (
        200,
        "application/pdf",
        "no-store",
    )
    assert "draaiboek.pdf" in answer["Content-Disposition"]
    assert browser_of(make_worker()).get(address).status_code == 404


# --- pages -----------------------------------------------------------------------------------------------------------


def test_the_page_of_a_playbook_is_read_by_workers_and_written_by_the_coordinator(coba):
    offer = make_offer()
    make_part(offer, "Schaalvraag", description="Van 0 tot 10.", by=coba)
    url = reverse("groups:playbook", args=[offer.slug])
    reader, writer = text_of(browser_of(make_worker(lead=True)).get(url)), text_of(browser_of(coba).get(url))
    assert "Schaalvraag" in reader
    assert "Van 0 tot 10." in reader
    assert ("Add a part" in reader, "Add a part" in writer) == (False, True)


def test_adding_changing_ordering_and_retiring_by_the_page(coba):
    offer, browser = make_offer(), browser_of(coba)
    for title in ("Een", "Twee"):
        answer = browser.post(reverse("groups:part_add", args=[offer.slug]), PART | {"title": title})
        assert answer.status_code == 302
    second = offer.playbook.get(title="Twee")
    answer = browser.post(reverse("groups:part_shift", args=[second.pk]), {"step": "up"})
    assert "autofocus" in browser.get(answer.url).content.decode(), "the button can be pressed again"
    assert in_order(offer) == ["Twee", "Een"]
    browser.post(reverse("groups:part_retire", args=[second.pk]))
    assert in_order(offer) == ["Een"]
    browser.post(reverse("groups:part_restore", args=[second.pk]))
    assert in_order(offer) == ["Een", "Twee"]
    assert browser.post(reverse("groups:part_shift", args=[second.pk]), {"step": "sideways"}).status_code == 400


def test_a_taken_title_is_said_at_its_field(coba):
    offer = make_offer()
    make_part(offer, "Doelen", by=coba)
    answer = browser_of(coba).post(reverse("groups:part_add", args=[offer.slug]), PART | {"title": "Doelen"})
    assert answer.status_code == 422
    assert "a part with that name already" in answer.context["form"].errors["title"][0]


def test_who_saves_something_older_sees_both_and_can_save_on_purpose(coba):
    part = make_part(make_offer(), "Doelen", minutes=10, by=coba)
    change(part, coba, minutes=45)
    browser, url = browser_of(coordinator()), reverse("groups:part_edit", args=[part.pk])
    typed = PART | {"title": "Doelen in tweetallen", "seen": "0"}
    answer = browser.post(url, typed)
    page = text_of(answer)
    assert answer.status_code == 422
    assert ("Doelen in tweetallen" in page, "45 min" in page, "somebody changed" in page.lower()) == (True, True, True)
    assert browser.post(url, typed | {"seen": answer.context["form"]["seen"].value()}).status_code == 302
    assert fresh(part).title == "Doelen in tweetallen"


def test_picking_by_the_page_goes_on_at_the_next_part(session, coba):
    parts = [make_part(session.cycle.offer, title, by=coba) for title in ("een", "twee")]
    browser, url = browser_of(session.cycle.lead), reverse("groups:session_plan", args=[session.pk])
    answer = browser.post(url, {"part": parts[0].pk, "step": "pick"}, follow=True)
    assert "Picked: een" in text_of(answer)
    assert answer.context["pressed"] == parts[1].pk
    for data in ({}, {"part": "x", "step": "pick"}, {"part": "999999", "step": "pick"}, {"part": parts[0].pk}):
        assert "That did not work" in text_of(browser.post(url, data, follow=True))
    assert picked(session) == ["een"]


def test_who_only_looks_has_no_buttons(session, coba):
    make_part(session.cycle.offer, by=coba)
    answer = browser_of(coba).get(reverse("groups:session_plan", args=[session.pk]))
    assert (answer.context["may_pick"], 'value="pick"' in answer.content.decode()) == (False, False)
    assert browser_of(coba).post(reverse("groups:session_plan", args=[session.pk])).status_code == 302


def test_pages_cost_the_same_with_one_and_three_parts(session, coba):
    urls = [
        (browser_of(session.cycle.lead), reverse("groups:session_plan", args=[session.pk])),
        (browser_of(coba), reverse("groups:playbook", args=[session.cycle.offer.slug])),
    ]
    pick(session, make_part(session.cycle.offer, by=coba))
    make_part(session.cycle.offer, by=coba)
    before = [statements(*asked) for asked in urls]
    for _ in range(2):
        pick(session, make_part(session.cycle.offer, by=coba))
        make_part(session.cycle.offer, by=coba)
    assert [statements(*asked) for asked in urls] == before
    assert max(before) <= 15


def test_it_is_a_plan_of_today_too():
    """A cycle of now, as the pages read it."""
    cycle = make_cycle(3, now=timezone.now())
    url = reverse("groups:session_plan", args=[cycle.sessions.first().pk])
    assert "Nothing is picked yet" in text_of(browser_of(cycle.lead).get(url))
