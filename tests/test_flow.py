"""From a referral to a started cycle, with a real Celery worker and beat and nobody touching anything between."""

import re
from email import message_from_bytes, policy
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from django.conf import settings
from django.test import Client as Browser
from django.urls import reverse

from accounts.enums import RoleName
from accounts.models import WorkerBooking
from clients.models import AccessLog, Client
from groups.enums import CycleState, EntryState, ParticipationState
from groups.models import Cycle, GroupOffer, Participation, Waitlist
from groups.services.cycles import cancel_cycle
from intake.models import Referral
from neighbourhoods.models import Neighbourhood, RoomBooking
from tests.demo import demo  # noqa: F401 (fixture)
from tests.factories.intake import judge_data, refer_data
from tests.processes import wait_until

pytestmark = pytest.mark.django_db(transaction=True)
HERE = "WK039606"  # Noordbroek en De Trompet, Heemskerk
POSTCODE = "1963 AB"
LINK = re.compile(r"https?://\S+/antwoord/\S+/")


def browser_of(user):
    browser = Browser()
    browser.force_login(user)
    return browser


def refer(browser, given_name, **changes):
    """As the form sends it; returns the referral."""
    data = {
        "given_name": given_name,
        "family_name": "Stroomproef",
        "postcode": POSTCODE,
        "email": f"{given_name}@voorbeeld.example".lower(),
        "wished_offer": str(GroupOffer.objects.get(slug="krachtcentrale").pk),
        "problem_kinds": ["divorce"],
    }
    response = browser.post(reverse("intake:refer"), refer_data(**(data | changes)))
    assert response.status_code == 302, response.content.decode()
    return Referral.objects.select_related("client").get(client__given_name=given_name)


def judge(browser, referral):
    offer = GroupOffer.objects.get(slug="krachtcentrale")
    data = judge_data(
        offers=[str(offer.pk)], problem_kinds=["divorce"], main_problem="divorce", client_type="customer"
    )
    response = browser.post(reverse("intake:judge", args=[referral.pk]), data)
    assert response.status_code == 302, response.content.decode()
    return browser.get(response.url).content.decode()


def mails_to(address):
    """The mails in the mailbox on disk, as Python reads them."""
    found = [message_from_bytes(path.read_bytes(), policy=policy.default) for path in mailbox().glob("*.eml")]
    return [mail for mail in found if mail["To"] == address]


def mailbox():
    return Path(settings.MAILBOX_DIR)


def answer_link(given_name):
    """The link in the mail to this person, once it is there."""
    address = f"{given_name}@voorbeeld.example".lower()
    mail = wait_until(lambda: mails_to(address), what=f"a mail to {given_name}")[-1]
    assert mail["Subject"] == "Een bericht van Socius"
    text = mail.get_body().get_content()
    assert "Stroomproef" not in text
    assert given_name not in text
    return urlsplit(LINK.search(text).group()).path


def place_of(given_name):
    return Participation.objects.get(client__given_name=given_name)


def test_from_referral_to_cycle(demo, celery_worker_process):  # noqa: F811
    team_member, social_worker = browser_of(demo["teamlid2"]), browser_of(demo["maatschappelijk"])
    catchment = Neighbourhood.objects.get(pk=HERE).catchment
    lists = Waitlist.objects.filter(catchment=catchment, offer__slug="krachtcentrale")
    assert not lists.exists()

    # A team member refers, a social worker judges; the page says how many are still needed.
    first = refer(team_member, "Aaltje")
    assert "nog 2" in judge(social_worker, first)
    assert AccessLog.objects.filter(client=first.client, user=demo["maatschappelijk"]).exists()
    judge(social_worker, refer(team_member, "Berend"))
    wait_until(lambda: lists.filter(placeable_count=2).exists(), what="the count of two")
    assert not Cycle.objects.filter(waitlist__in=lists).exists()
    assert "nog 1" in team_member.get(reverse("intake:referrals")).content.decode()

    # Within fifteen seconds of the third, nobody touching anything, there is a cycle with all that belongs to it.
    judge(social_worker, refer(team_member, "Coba"))
    cycle = wait_until(lambda: Cycle.objects.filter(waitlist__in=lists).first(), seconds=15, what="a cycle")
    assert_is_whole(cycle)
    assert {p.client.given_name for p in cycle.participations.all()} == {"Aaltje", "Berend", "Coba"}

    # The link in the mail takes yes and no, without logging in and only once.
    yes, no = answer_link("Aaltje"), answer_link("Berend")
    answer_link("Coba")
    page = Browser().get(yes)
    assert page.status_code == 200
    assert "Stroomproef" not in page.content.decode()
    assert Browser().post(yes, {"answer": "yes"}).status_code == 302
    assert place_of("Aaltje").state == ParticipationState.CONFIRMED
    Browser().post(no, {"answer": "no"})
    assert place_of("Berend").state == ParticipationState.DECLINED
    assert place_of("Berend").entry.state == EntryState.WAITING
    Browser().post(no, {"answer": "yes"})
    assert place_of("Berend").state == ParticipationState.DECLINED

    # The freed place is refilled, and a fourth joins the formed cycle instead of waiting alone.
    for given_name in ("Dirkje", "Evert"):
        judge(social_worker, refer(team_member, given_name))
        wait_until(lambda: Participation.objects.filter(client__given_name=given_name).first(), what="joining")  # noqa: B023
    assert cycle.participations.counting().count() == 4
    assert Cycle.objects.filter(waitlist__in=lists).count() == 1

    # The worker enters an answer too; the referrer sees what became of each.
    lead = browser_of(cycle.lead)
    response = lead.post(reverse("groups:participation_answer", args=[place_of("Dirkje").pk]), {"answer": "yes"})
    assert response.status_code == 302
    assert place_of("Dirkje").answered_by == cycle.lead
    overview = team_member.get(reverse("intake:referrals")).content.decode()
    assert overview.count("geplaatst") >= 4
    assert "Traceback" not in celery_worker_process.log


def assert_is_whole(cycle):
    """Five sessions in a free room, an experienced lead and a team member beside, three invited."""
    sessions = list(cycle.sessions.order_by("number"))
    assert [session.number for session in sessions] == [1, 2, 3, 4, 5]
    assert len({session.date.weekday() for session in sessions}) == 1
    assert all((b.date - a.date).days % 7 == 0 for a, b in zip(sessions, sessions[1:], strict=False))
    assert RoomBooking.objects.filter(session__cycle=cycle, room=cycle.room).count() == 5
    assert cycle.room.venue.municipality.name == "Heemskerk"
    for user, role in ((cycle.lead, RoleName.GROUP_WORKER), (cycle.co_lead, RoleName.TEAM_MEMBER)):
        assert user.role_names == {role}
        assert WorkerBooking.objects.filter(user=user, session_seat__session__cycle=cycle).count() == 5
    assert [p.state for p in cycle.participations.all()] == [ParticipationState.INVITED] * 3
    assert cycle.state == CycleState.FORMED


def test_a_lower_minimum_makes_the_list_react(demo, celery_worker_process):  # noqa: F811
    """Kuenenkwartier has two people waiting and needs three; the coordinator says two will do."""
    waitlist = Waitlist.objects.get(catchment__code="wk037503", offer__slug="krachtcentrale")
    wait_until(lambda: Waitlist.objects.filter(pk=waitlist.pk, placeable_count=2).exists(), what="looking")
    coordinator = browser_of(demo["coordinator"])
    url = reverse("reporting:minimum", args=[waitlist.pk])
    assert coordinator.post(url, {"minimum": "2", "reason": "Twee is genoeg om te beginnen"}).status_code == 302
    cycle = wait_until(lambda: Cycle.objects.filter(waitlist=waitlist).first(), seconds=15, what="a cycle of two")
    assert (cycle.minimum, cycle.participations.count()) == (2, 2)
    page = coordinator.get(url).content.decode()
    assert "Twee is genoeg om te beginnen" in page
    assert Client.objects.get(participations=cycle.participations.first()).family_name not in page


def test_the_friendship_group_starts_when_it_gets_a_minimum(demo, celery_worker_process):  # noqa: F811
    """An offer without a minimum never starts by itself; set one, and it does, with everyone who waited."""
    waitlist = Waitlist.objects.get(catchment__code="wk038302", offer__slug="vriendschap-en-ontmoeting")
    assert [reason["code"] for reason in waitlist.reasons] == ["no_minimum"]
    url = reverse("reporting:minimum", args=[waitlist.pk])
    browser_of(demo["coordinator"]).post(url, {"minimum": "3", "reason": "Drie mensen wachten al"})
    cycle = wait_until(lambda: Cycle.objects.filter(waitlist=waitlist).first(), seconds=15, what="a cycle")
    assert cycle.participations.count() == 3
    cancel_cycle(cycle=cycle, reason="proef", now=cycle.formed_at, by=cycle.lead)
    again = wait_until(lambda: Cycle.objects.filter(waitlist=waitlist, number=2).first(), what="a new start")
    assert again.participations.count() == 3
