"""Every page of the demo, for each role, at phone and at desktop width: axe finds nothing, no title holds a name."""

import datetime as dt

import pytest
from django.core.mail import EmailMessage
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from clients.models import Client, Likeness
from groups.enums import CycleState
from groups.links import answer_token, mark_token
from groups.models import Competence, CourseDay, Cycle, PlaybookPart, Waitlist
from intake.models import Appointment, IntakeDraft, IntakeSlot, OpenQuestion, Referral, ReferralDraft
from intake.queries.planning import to_plan
from neighbourhoods.models import Provision, Venue
from neighbourhoods.queries import bordering_catchments
from notifications.mailbox import MailboxBackend, list_mails
from tests.browser import DESKTOP, PHONE, assert_accessible
from tests.e2e.more import add_more

pytestmark = pytest.mark.django_db(transaction=True)


def pages_of_team_member():
    cycle = Cycle.objects.get(state=CycleState.RUNNING)
    referral = Referral.objects.filter(referred_by__email="teamlid@socius.example").order_by("pk").first()
    yield from addresses("reporting:today", "intake:refer", "intake:referrals", "groups:offers", "groups:availability")
    yield from addresses("groups:schedule", "groups:leave_add", "neighbourhoods:neighbourhoods")
    yield from addresses("groups:day_hours", "groups:absence")
    yield from pages_of_training()
    yield reverse("intake:refer") + f"?concept={ReferralDraft.objects.get().pk}"
    last = timezone.localdate() + dt.timedelta(60)
    yield reverse("groups:absence") + f"?first_day={timezone.localdate()}&last_day={last}"
    yield reverse("groups:schedule") + f"?dag={cycle.starts_on}&wie=all&vorm=week"
    yield reverse("groups:schedule") + f"?dag={cycle.starts_on}&wie=all&vorm=list"
    yield reverse("groups:cycle", args=[cycle.pk])
    yield reverse("intake:referral", args=[referral.pk])
    yield reverse("groups:offer", args=["krachtcentrale"])
    yield reverse("groups:offer", args=["veilig-en-krachtig"])
    yield reverse("clients:file", args=[cycle.participations.order_by("pk").first().client.public_id])


def pages_of_social_worker():
    referrals = Referral.objects.order_by("pk")
    yield from addresses("reporting:today", "intake:queue", "groups:waitlists", "neighbourhoods:venues")
    yield from addresses("intake:slots", "intake:open_questions", "clients:likenesses", "clients:letters")
    yield from addresses("clients:follow_ups", "intake:desk_absence")
    sofie = User.objects.get(email="maatschappelijk@socius.example")
    asked = OpenQuestion.objects.visible_to(sofie).open().order_by("pk").first()
    yield reverse("intake:open_question", args=[asked.pk])
    for waitlist in Waitlist.objects.order_by("pk")[:2]:
        yield reverse("groups:waitlist", args=[waitlist.pk])
    likeness = Likeness.objects.open().order_by("pk").last()
    yield reverse("clients:likeness", args=[likeness.pk])
    yield reverse("intake:merge", args=[likeness.pk])
    yield reverse("intake:judge", args=[IntakeDraft.objects.filled().first().referral_id])
    yield reverse("intake:judge", args=[referrals.filter(state="received").first().pk])
    yield reverse("intake:judge", args=[referrals.filter(judgement__decision="waitlist").first().pk])
    yield reverse("intake:judge", args=[referrals.filter(judgement__decision="refer_out").first().pk])
    file = Client.objects.order_by("pk").last().public_id
    for name in ("file", "edit", "availability", "consent", "exclusion"):
        yield reverse(f"clients:{name}", args=[file])
    yield reverse("clients:consent_withdraw", args=[file, "registration"])
    yield reverse("groups:person_history", args=[file])
    sensitive = Client.objects.filter(contact__is_sensitive=True).first()
    yield reverse("clients:file", args=[sensitive.public_id])


def pages_of_group_worker():
    yield from pages_of_training()
    formed = Cycle.objects.get(state=CycleState.FORMED)
    session = formed.sessions.order_by("number").first()
    waiting = Waitlist.objects.get(catchment__code="wk038301")
    entry = waiting.entries.order_by("pk").first()
    yield from addresses("reporting:today", "groups:waitlists", "groups:schedule", "intake:open_questions")
    for waitlist in Waitlist.objects.order_by("pk"):
        yield reverse("groups:waitlist", args=[waitlist.pk])
    yield reverse("groups:cycle_form", args=[waiting.pk])
    yield reverse("groups:cycle_form", args=[Waitlist.objects.get(offer__slug="vriendschap-en-ontmoeting").pk])
    for name in ("entry_talk", "entry_hold", "entry_release", "entry_priority", "entry_leave"):
        yield reverse(f"groups:{name}", args=[entry.pk])
    yield reverse("groups:waitlist_history", args=[waiting.pk])
    for name in ("cycle", "cycle_history", "cycle_substitute", "cycle_decide", "cycle_cancel"):
        yield reverse(f"groups:{name}", args=[formed.pk])
    for name in ("session", "session_move", "session_cancel", "session_room"):
        yield reverse(f"groups:{name}", args=[session.pk])
    for held in Cycle.objects.get(state=CycleState.RUNNING).sessions.order_by("number"):
        yield reverse("groups:session", args=[held.pk])
    running = Cycle.objects.get(state=CycleState.RUNNING)
    yield from (reverse(f"groups:{name}", args=[running.pk]) for name in ("cycle", "after_five", "cycle_marks"))
    participation = formed.participations.filter(state="invited").order_by("pk").first()
    for name in ("participation_answer", "participation_talk"):
        yield reverse(f"groups:{name}", args=[participation.pk])


def pages_of_coordinator():
    venue = Venue.objects.order_by("pk").first()
    yield from addresses("reporting:today", "reporting:overview", "reporting:minimum_choose", "groups:waitlists")
    yield from addresses("neighbourhoods:neighbourhoods", "neighbourhoods:venues", "neighbourhoods:venue_add")
    yield from addresses("groups:absence", "intake:open_questions")
    yield reverse("reporting:minimum", args=[Waitlist.objects.get(catchment__code="wk037503").pk])
    yield reverse("reporting:minimum", args=[Waitlist.objects.get(offer__slug="rouwverwerking").pk])
    running = Cycle.objects.get(state=CycleState.RUNNING)
    yield reverse("groups:cycle", args=[running.pk])
    yield reverse("groups:session", args=[running.sessions.order_by("number").first().pk])
    slow = Waitlist.objects.filter(catchment__level="neighbourhood").order_by("pk").first()
    yield from (reverse(f"groups:{name}", args=[slow.pk]) for name in ("waitlist", "wider", "list_widen"))
    beside = bordering_catchments(slow.catchment)[0]
    yield reverse("groups:area_join", args=[slow.pk, beside.pk])
    yield reverse("groups:waitlist_mode", args=[Waitlist.objects.order_by("pk").first().pk])
    yield reverse("groups:area_mode", args=[Waitlist.objects.order_by("pk").first().catchment_id])
    yield reverse("neighbourhoods:neighbourhood", args=["WK037507"])
    for name in ("venue", "venue_edit", "venue_hours", "venue_close", "room_add"):
        yield reverse(f"neighbourhoods:{name}", args=[venue.pk])
    yield reverse("neighbourhoods:room", args=[venue.rooms.order_by("pk").first().pk])
    yield from pages_about_provisions()
    yield from pages_about_training()


def pages_about_provisions():
    agreed, without = (
        Provision.objects.filter(agreed_on__isnull=empty).order_by("pk").first() for empty in (False, True)
    )
    yield from addresses("provisions:list", "provisions:add")
    yield reverse("provisions:list") + f"?wijk={agreed.neighbourhood_id}"
    yield reverse("neighbourhoods:neighbourhood", args=[agreed.neighbourhood_id])
    yield from (reverse(f"provisions:{name}", args=[agreed.pk]) for name in ("detail", "edit", "withdraw", "close"))
    yield reverse("provisions:detail", args=[without.pk])


def pages_of_training():
    """What there is to pick from and to learn, for who works here (R31, R38)."""
    session = Cycle.objects.get(state=CycleState.RUNNING).sessions.order_by("number").last()
    yield from addresses("groups:courses", "groups:my_competences")
    yield reverse("groups:playbook", args=["krachtcentrale"])
    yield reverse("groups:session_plan", args=[session.pk])


def pages_about_training():
    part, day = PlaybookPart.objects.order_by("pk").first(), CourseDay.objects.order_by("pk").first()
    yield from addresses("groups:courses", "groups:course_add", "groups:competences", "groups:competence_grant")
    yield from (reverse(f"groups:{name}", args=["krachtcentrale"]) for name in ("playbook", "part_add"))
    yield reverse("groups:part_edit", args=[part.pk])
    yield from (
        reverse(f"groups:{name}", args=[day.course_id]) for name in ("course", "course_edit", "course_day_add")
    )
    yield from (
        reverse(f"groups:{name}", args=[day.pk]) for name in ("course_day", "course_day_edit", "course_day_cancel")
    )
    yield reverse("groups:competence_end", args=[Competence.objects.order_by("pk").first().pk])


def pages_of_the_desk():
    booked = Appointment.objects.booked().order_by("pk").first()
    slot = IntakeSlot.objects.order_by("pk").first()
    yield from addresses("reporting:today", "intake:refer", "intake:referrals", "clients:letters")
    yield from addresses("intake:desk_week", "intake:desk_queue", "intake:slots", "intake:slot_add")
    yield from addresses("intake:slot_extra", "clients:likenesses")
    yield reverse("intake:desk_week") + f"?dag={booked.date}&wie={booked.worker_id}"
    waiting = to_plan(User.objects.get(email="loket@socius.example")).first()
    yield reverse("intake:desk_book", args=[waiting.pk])
    yield reverse("intake:desk_book", args=[waiting.pk]) + f"?wie={booked.worker_id}"
    yield reverse("intake:desk_place", args=[slot.pk, slot.first_day().isoformat()])
    for name in ("desk_appointment", "desk_move", "desk_cancel"):
        yield reverse(f"intake:{name}", args=[booked.pk])
    for name in ("slot_change", "slot_stop", "slot_skip"):
        yield reverse(f"intake:{name}", args=[slot.pk])
    yield reverse("clients:likeness", args=[Likeness.objects.open().order_by("pk").last().pk])


def pages_of_the_administrator():
    yield from addresses("reporting:today", "account_change_password")


def public_pages():
    participations = Cycle.objects.get(state=CycleState.FORMED).participations.order_by("pk")
    for participation in participations:
        yield reverse("groups:answer", args=[answer_token(participation)])
        yield reverse("groups:mark", args=[mark_token(participation)])
    mail = EmailMessage("Uw groep", "Beste Anna,\n\nTot dan.", to=["anna@voorbeeld.example"])
    MailboxBackend().send_messages([mail])
    yield from addresses("account_login", "notifications:mailbox")
    yield reverse("notifications:mail", args=[list_mails()[0].name])


def addresses(*names):
    return [reverse(name) for name in names]


ROLES = {
    "teamlid": pages_of_team_member,
    "maatschappelijk": pages_of_social_worker,
    "groepswerker": pages_of_group_worker,
    "coordinator": pages_of_coordinator,
    "loket": pages_of_the_desk,
    "beheer": pages_of_the_administrator,
    None: public_pages,
}


@pytest.mark.parametrize("role", ROLES)
def test_every_page_is_accessible_and_discreet(open_page, demo, role):
    add_more(demo)
    names = {client.family_name for client in Client.objects.all()}
    page = open_page(user=demo.get(role))
    for address in ROLES[role]():
        answer = page.goto(address)
        assert answer.status == 200, address
        assert not [name for name in names if name in page.title()], address
        for viewport in (PHONE, DESKTOP):
            page.set_viewport_size(viewport)
            assert_accessible(page)
