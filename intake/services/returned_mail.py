"""Mail that did not arrive never ends there: a person reaches the client another way (R10, R40).

Nor does a word about an intake that was withdrawn before it left, or that lies as a letter until the day has passed.
"""

from django.db import transaction
from django.utils import timezone

from accounts.enums import RoleName
from clients.enums import FollowUpAbout
from clients.letters import withdraw_letters_of
from clients.models import Client, Letter
from clients.models.contacts import available_placers
from clients.services import note_mail_returned, plan_follow_up
from groups.enums import LIVE_CYCLES
from groups.models import Participation, WaitlistEntry
from intake.models import Appointment, Referral
from intake.notifications import ABOUT_INTAKES
from notifications.enums import NotificationState
from notifications.models import Notification

AT_ONCE = 200


def pass_on_returned_mail(*, now):
    """Each mail to a client that came back or could not be sent becomes a follow-up; returns how many.

    Each is one transaction. Safe twice and twice at once: a mail is passed on once, and one client is asked after
    once, however many mails came back.
    """
    call_about_withdrawn_mail(now=now)
    withdraw_late_letters(now=now)
    rows = Notification.objects.to_pass_on().values_list("pk", "recipient_key")[:AT_ONCE]
    return sum(_pass_on(pk, key, now) for pk, key in list(rows))


@transaction.atomic
def call_about_withdrawn_mail(*, now):
    """R40: of a coming intake the mail was withdrawn, because contact changed; the desk calls. Returns how many."""
    coming = Appointment.objects.filter(starts_at__gt=now).order_by("pk").values_list("pk", "version")
    keys = [f"{code}:{pk}:{version}" for pk, version in coming for code in sorted(ABOUT_INTAKES)]
    withdrawn = Notification.objects.withdrawn().filter(dedupe_key__in=keys, passed_on_at=None).order_by("pk")
    rows = list(withdrawn.select_for_update())
    for mail in rows:
        _have_the_desk_call(mail, now)
    Notification.objects.filter(pk__in=[mail.pk for mail in rows]).order_by().update(passed_on_at=now)
    return len(rows)


@transaction.atomic
def withdraw_late_letters(*, now):
    """A letter about an intake whose day has passed is not printed any more; returns how many."""
    keys = Letter.objects.to_print().values_list("dedupe_key", flat=True)
    about = [(int(key.split(":")[1]), key) for key in keys if key.split(":")[0] in ABOUT_INTAKES]
    passed = Appointment.objects.filter(pk__in=[pk for pk, _key in about], date__lt=timezone.localdate(now))
    past = set(passed.order_by().values_list("pk", flat=True))
    return withdraw_letters_of(keys=[key for pk, key in about if pk in past])


@transaction.atomic
def _pass_on(pk, key, now):
    # The client first, as everybody who changes a file does.
    people = Client.objects.filter(public_id=key, merged_into=None).select_for_update(of=("self",), no_key=True)
    client = people.first()
    mine = Notification.objects.to_pass_on().filter(pk=pk, recipient_key=key).order_by()
    if not mine.update(passed_on_at=now) or client is None:
        return False
    mail = Notification.objects.get(pk=pk)
    if mail.state == NotificationState.BOUNCED:
        note_mail_returned(client=client, address=mail.to_address, returned_at=mail.bounced_at, now=now)
    _have_the_desk_call(mail, now)
    user, role = _who_has(client, now)
    today = timezone.localdate(now)
    about = FollowUpAbout.MAIL_RETURNED
    plan_follow_up(client=client, about=about, due_on=today, by=None, now=now, for_user=user, for_role=role)
    return True


def _have_the_desk_call(mail, now):
    """R2: of an intake that is still to come the client heard nothing; the key says which, and which moment of it."""
    code, *numbers = (mail.dedupe_key or "").split(":")
    if code in ABOUT_INTAKES:
        pk, version = numbers
        Appointment.objects.filter(pk=pk, version=version, starts_at__gt=now).update(is_untold=True)


def _who_has(client, now):
    """(user or None, role): who leads their group, holds their intake, spoke to them last or judged them.

    Nobody of these: whoever places people where they live, of the role whose turn it is.
    """
    user, role = _known(client, now)
    if user is not None:
        return user, RoleName.SOCIAL_WORKER if RoleName.SOCIAL_WORKER in user.role_names else RoleName.GROUP_WORKER
    here = available_placers(now=now).filter(work_areas__municipality=client.neighbourhood.municipality_id)
    other = RoleName.GROUP_WORKER if role == RoleName.SOCIAL_WORKER else RoleName.SOCIAL_WORKER
    has_role = here.filter(pk__in=here.model.objects.with_role(role).order_by().values("pk")).exists()
    return None, role if has_role or not here.exists() else other


def _known(client, now):
    seats = Participation.objects.counting().filter(client=client, cycle__state__in=LIVE_CYCLES)
    seat = seats.select_related("cycle__lead").order_by("pk").last()
    if seat is not None:
        return seat.cycle.lead, RoleName.GROUP_WORKER
    booked = Appointment.objects.booked().filter(referral__client=client, starts_at__gt=now)
    appointment = booked.select_related("worker").order_by("starts_at").first()
    if appointment is not None:
        return appointment.worker, RoleName.SOCIAL_WORKER
    waits = WaitlistEntry.objects.waiting().filter(client=client).exists()
    placers = available_placers(now=now).order_by().values("pk")
    talk = client.contact_moments.reached().filter(by__in=placers).select_related("by").order_by("-at", "-pk").first()
    if talk is not None:
        return talk.by, RoleName.GROUP_WORKER
    judged = Referral.objects.filter(client=client, judgement__isnull=False).select_related("judgement__by")
    last = None if waits else judged.order_by("-judgement__judged_at").first()
    return last and last.judgement.by, RoleName.GROUP_WORKER if waits else RoleName.SOCIAL_WORKER
