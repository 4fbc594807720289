"""No mail comes back without a person hearing of it, and none goes on to an address that does not work (R10, R40)."""

import datetime as dt

import pytest
from django.urls import reverse

from clients.enums import FollowUpAbout, InvolvementKind, SettledHow
from clients.models import Client, FollowUp, Letter
from clients.queries import safe_address
from clients.services import involve, log_contact, settle_follow_up, update_client
from groups.models import Participation
from groups.services.capacity import notice_changes
from groups.services.invitations import answer_invitation
from groups.services.scheduling import move_session
from intake.enums import Decision
from intake.services.merging import merge_files
from intake.services.reminding import remind_of_intakes
from intake.services.returned_mail import pass_on_returned_mail
from notifications.enums import BounceReason, NotificationState
from notifications.models import Notification
from notifications.services import notify, send_notifications
from reporting.queries.today import failed_mail_participations
from reporting.today import build_today
from tests.factories.accounts import make_desk, make_group_worker
from tests.factories.clients import make_client
from tests.factories.groups import NOW, make_cycle, make_entry, make_waitlist, sweep
from tests.factories.intake import make_appointment, make_judge, make_judgement, make_referral

pytestmark = pytest.mark.django_db
LATER = NOW + dt.timedelta(hours=1)
DAY = dt.timedelta(days=1)
NEW = "nieuw@voorbeeld.example"


def come_back(mail, *, at=LATER):
    """As take_bounce() leaves it."""
    came = {"state": NotificationState.BOUNCED, "bounced_at": at, "bounce_reason": BounceReason.UNKNOWN_ADDRESS}
    Notification.objects.filter(pk=mail.pk).update(sent_at=NOW, **came)


def mail_to(client, **fields):
    return notify(to=client.email, now=NOW, subject="Nieuws", body="-", recipient_key=client.public_id, **fields)


def lose_mail_to(client):
    come_back(mail_to(client))
    assert pass_on_returned_mail(now=LATER) == 1
    return Client.objects.select_related("contact").get(pk=client.pk)


def asked():
    """(who, what for) of all that is open."""
    return [(row.for_user, row.for_role) for row in FollowUp.objects.open().filter(about=FollowUpAbout.MAIL_RETURNED)]


def here(client):
    return make_group_worker("Gonda", municipalities=[client.neighbourhood.municipality])


# --- a person hears of it


def test_of_somebody_whom_nobody_has_yet_the_social_workers_hear():
    referral, judge = make_referral(), make_judge()
    lose_mail_to(referral.client)
    assert asked() == [(None, "social_worker")]
    titles = [task.title for task in build_today(judge, now=LATER).tasks if task.icon == "envelope-exclamation"]
    assert len(titles) == 1
    assert referral.client.short_name in titles[0]


def test_of_somebody_with_an_intake_its_worker_hears_and_the_desk_calls():
    appointment = make_appointment()
    come_back(Notification.objects.get(kind="intake_booked"))
    assert pass_on_returned_mail(now=LATER) == 1
    assert asked() == [(appointment.worker, "social_worker")]
    appointment.refresh_from_db()
    assert appointment.is_untold


def test_of_an_intake_that_was_moved_since_the_first_mail_makes_no_call():
    appointment = make_appointment()
    mail = Notification.objects.get(kind="intake_booked")
    type(appointment).objects.update(version=1)
    come_back(mail)
    pass_on_returned_mail(now=LATER)
    appointment.refresh_from_db()
    assert not appointment.is_untold


def test_of_who_waits_the_worker_who_spoke_to_them_hears_else_those_of_the_area():
    entry = make_entry(make_waitlist())
    worker = here(entry.client)
    lose_mail_to(entry.client)
    assert asked() == [(None, "group_worker")]
    settle_follow_up(follow_up=FollowUp.objects.get(), how=SettledHow.NOT_NEEDED, by=worker, now=LATER)
    log_contact(client=entry.client, is_reached=True, by=worker, now=LATER)
    come_back(mail_to(entry.client))
    pass_on_returned_mail(now=LATER + DAY)
    assert asked() == [(worker, "group_worker")]


def test_of_who_gets_individual_help_who_judged_hears():
    referral = make_referral()
    make_judgement(referral, decision=Decision.INDIVIDUAL_HELP)
    lose_mail_to(referral.client)
    assert asked() == [(make_judge(), "social_worker")]


def test_of_who_is_in_a_group_its_leader_hears_once():
    cycle = make_cycle()
    place = cycle.participations.order_by("pk").first()
    involve(client=place.client, user=cycle.lead, kind=InvolvementKind.LEAD, now=NOW)
    come_back(Notification.objects.get(recipient_key=place.client.public_id))
    assert list(failed_mail_participations(cycle.lead, now=LATER)) == [place]
    pass_on_returned_mail(now=LATER)
    assert asked() == [(cycle.lead, "group_worker")]
    assert list(failed_mail_participations(cycle.lead, now=LATER)) == []
    titles = [task.title for task in build_today(cycle.lead, now=LATER).tasks if task.icon == "envelope-exclamation"]
    assert len(titles) == 1


def test_where_the_role_has_nobody_the_other_role_of_the_area_hears():
    client = make_client()
    here(client)
    lose_mail_to(client)
    assert asked() == [(None, "group_worker")]


def test_mail_that_could_not_be_sent_is_somebodys_task_too_and_holds_nothing():
    client = make_client()
    Notification.objects.filter(pk=mail_to(client).pk).update(state=NotificationState.FAILED)
    assert pass_on_returned_mail(now=LATER) == 1
    client = Client.objects.get(pk=client.pk)
    assert len(asked()) == 1
    assert safe_address(client) == client.email


def test_each_mail_is_passed_on_once_and_a_settled_task_stays_settled():
    client = make_client()
    worker = here(client)
    come_back(mail_to(client))
    come_back(mail_to(client))
    assert [pass_on_returned_mail(now=LATER) for _time in range(2)] == [2, 0]
    settle_follow_up(follow_up=FollowUp.objects.get(), how=SettledHow.NOT_NEEDED, by=worker, now=LATER)
    assert pass_on_returned_mail(now=LATER + DAY) == 0
    assert asked() == []


def test_mail_to_a_colleague_or_to_nobody_we_know_is_no_clients_task():
    client = make_client()
    come_back(notify(to="x@voorbeeld.example", now=NOW, subject="x", body="x", recipient=make_desk()))
    mail = mail_to(client)
    come_back(mail)
    Notification.objects.filter(pk=mail.pk).update(recipient_key="00000000-0000-4000-8000-000000000000")
    assert pass_on_returned_mail(now=LATER) == 0
    assert asked() == []
    assert Notification.objects.to_pass_on().count() == 0


# --- nothing more goes there


def test_no_mail_goes_to_an_address_that_came_back_until_it_is_another_one():
    client = lose_mail_to(make_client())
    assert safe_address(client) is None
    worker = here(client)
    update_client(client=client, by=worker, now=LATER, email=client.email.upper(), phone="0612345670")
    client = Client.objects.get(pk=client.pk)
    assert safe_address(client) is None
    update_client(client=client, by=worker, now=LATER, email=NEW)
    assert safe_address(Client.objects.get(pk=client.pk)) == NEW


def test_a_report_about_an_earlier_address_asks_somebody_and_holds_nothing():
    client = make_client()
    mail = mail_to(client)
    update_client(client=client, by=here(client), now=NOW, email=NEW)
    come_back(mail)
    assert pass_on_returned_mail(now=LATER) == 1
    assert safe_address(Client.objects.get(pk=client.pk)) == NEW


def test_what_waits_for_that_address_never_leaves(mailoutbox):
    client = make_client()
    waiting = mail_to(client, due_at=LATER + DAY)
    lose_mail_to(client)
    waiting.refresh_from_db()
    assert waiting.state == NotificationState.WITHDRAWN
    send_notifications(now=LATER + 2 * DAY)
    assert mailoutbox == []


def test_a_change_of_the_group_then_goes_by_post_and_who_was_invited_is_called():
    cycle = make_cycle()
    place = cycle.participations.order_by("pk").first()
    Client.objects.filter(pk=place.client.pk).update(street="Voorbeeldstraat 12", town="Beverwijk")
    come_back(Notification.objects.get(recipient_key=place.client.public_id))
    pass_on_returned_mail(now=LATER)
    notice_changes(now=LATER)
    assert list(Participation.objects.to_call(today=NOW.date())) == [place]
    session = cycle.sessions.order_by("number").first()
    move_session(session=session, date=session.date + DAY, start_time=session.start_time, by=cycle.lead, now=LATER)
    assert [letter.client for letter in Letter.objects.all()] == [place.client]
    assert Notification.objects.queued().filter(recipient_key=place.client.public_id).count() == 0


def test_who_has_the_link_may_still_answer():
    cycle = make_cycle()
    place = cycle.participations.order_by("pk").first()
    lose_mail_to(place.client)
    place.refresh_from_db()
    assert answer_invitation(participation=place, coming=True, now=LATER).state == "confirmed"


def test_the_next_list_that_starts_sends_no_mail_there():
    cycle = make_cycle()
    late = make_entry(cycle.waitlist).client
    lose_mail_to(late)
    sweep(now=LATER)
    assert not Participation.objects.get(client=late).is_mailed
    assert Notification.objects.queued().filter(recipient_key=late.public_id).count() == 0


def test_no_reminder_of_an_intake_goes_there():
    appointment = make_appointment()
    come_back(Notification.objects.get(kind="intake_booked"))
    pass_on_returned_mail(now=LATER)
    remind_of_intakes(now=appointment.starts_at - DAY)
    assert not Notification.objects.filter(kind="intake_reminder").exists()


def test_after_two_files_became_one_the_address_that_is_kept_says_whether_mail_arrives():
    judge = make_judge()
    kept = make_client("Een", email="een@voorbeeld.example")
    other = make_client("Twee", email="twee@voorbeeld.example")
    judge.work_areas.get_or_create(municipality=kept.neighbourhood.municipality)
    lose_mail_to(other)
    third = make_client("Drie", email="drie@voorbeeld.example")
    merge_files(kept=kept, other=other, chosen={"email"}, by=judge, now=LATER)
    assert safe_address(Client.objects.get(pk=kept.pk)) is None
    merge_files(kept=kept, other=third, chosen={"email"}, by=judge, now=LATER)
    assert safe_address(Client.objects.get(pk=kept.pk)) == "drie@voorbeeld.example"


def test_the_form_says_that_mail_does_not_arrive(client):
    lost = lose_mail_to(make_client())
    worker = here(lost)
    client.force_login(worker)
    edit = reverse("clients:edit", args=[lost.public_id])
    assert client.get(edit).context["form"].fields["email"].help_text
    update_client(client=lost, by=worker, now=LATER, email=NEW)
    assert not client.get(edit).context["form"].fields["email"].help_text
