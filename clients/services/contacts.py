"""The contact log, and following up until it is settled (R7, R10)."""

import datetime as dt

from django.conf import settings
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.enums import RoleName
from accounts.permissions import has_role
from accounts.workdays import add_working_days
from clients.enums import AccessAction, ContactWay, FollowUpAbout, SettledHow
from clients.models import Client, ContactMoment, FollowUp
from clients.permissions import can_log_contact, can_place
from clients.services.files import open_file
from clients.validation import clean_text, refuse_null_characters

# Settled so, somebody was spoken to.
SPOKEN = (SettledHow.SPOKEN, SettledHow.NEW_HELP)
# A second press of one button comes within this time.
SENT_AGAIN = dt.timedelta(minutes=1)
# Nothing is planned further ahead than this.
FURTHEST = dt.timedelta(days=366)


def next_contact_day(*, is_reached, today):
    """R7, R10: the day proposed for the next contact: the next working day after no answer, else the rhythm."""
    if is_reached:
        return today + dt.timedelta(weeks=settings.CONTACT_RHYTHM_WEEKS)
    return add_working_days(today, 1)


@transaction.atomic
def log_contact(
    *, client, is_reached, by, now, way=ContactWay.PHONE, on=None, note="", next_on=None, next_for="", is_sent=False
):
    """Somebody tried to speak with this client, on the local day `on` (today unless told).

    Without a date the next attempt after no answer is on the next working day; who was reached comes back by the
    rhythm, as long as they wait. PermissionDenied for who does not speak with this client; ValidationError by field.
    is_sent: it comes from a form, which a second press sends again: the same within a minute is that one.
    """
    today = timezone.localdate(now)
    client = open_file(client=client, by=by, action=AccessAction.CONTACTED, now=now)
    if not can_log_contact(by, client):
        raise PermissionDenied
    _check_days(on or today, next_on, today)
    if next_on is None and not is_reached:
        next_on = next_contact_day(is_reached=False, today=today)
    words = {"way": way, "is_reached": is_reached, "next_on": next_on}
    first = _sent_before(client, by, now, on=on or today, note=note.strip(), **words) if is_sent else None
    if first is not None:
        return first
    return note_contact(
        client=client,
        way=way,
        is_reached=is_reached,
        by=by,
        at=_moment_on(on or today, now),
        now=now,
        note=note,
        next_on=next_on,
        next_for=next_for,
    )


def _sent_before(client, by, now, *, on, note, **words):
    """What this person noted of this client within the last minute, in the same words; the client is locked."""
    _lock(client)
    rows = ContactMoment.objects.filter(client=client, by=by, recorded_at__gt=now - SENT_AGAIN, **words)
    said = ((row, timezone.localdate(row.at), row.note) for row in rows.select_related("client__key"))
    return next((row for row, day, text in said if (day, text) == (on, note)), None)


def _check_days(on, next_on, today):
    errors = {}
    if on > today or on < today - FURTHEST:
        errors["on"] = _("This day cannot be.")
    if next_on is not None and not today <= next_on <= today + FURTHEST:
        errors["next_on"] = _("Choose a day from today on, within a year.")
    if errors:
        raise ValidationError(errors)


def _moment_on(day, now):
    """Now, or for an earlier local day its noon: nobody remembers the minute."""
    if day == timezone.localdate(now):
        return now
    return dt.datetime.combine(day, dt.time(12), tzinfo=timezone.get_default_timezone())


@transaction.atomic
def note_contact(*, client, way, is_reached, by, at, now, note="", next_on=None, next_for=""):
    """Writes the row for other services, which have seen to it that `by` may: an intake or talk that was held.

    What was planned as the next contact is settled by it; with `next_on` the next one is planned.
    """
    refuse_null_characters(note)
    _lock(client)
    moment = ContactMoment(
        client=client,
        at=at,
        by=by,
        way=way,
        is_reached=is_reached,
        note=note.strip(),
        next_on=next_on,
        next_for=clean_text(next_for) if next_on else "",
        recorded_at=now,
    )
    moment.clean_fields(exclude={"client", "by"})
    moment.save(force_insert=True)
    settle_by_rule(client=client, about=FollowUpAbout.CONTACT, now=now, by=by)
    if next_on is not None:
        plan_follow_up(client=client, about=FollowUpAbout.CONTACT, due_on=next_on, by=by, now=now)
    return moment


def _lock(client):
    """One at a time a client: who plans or settles finds what somebody else did."""
    return Client.objects.select_for_update(of=("self",), no_key=True).get(pk=client.pk)


@transaction.atomic
def plan_follow_up(*, client, about, due_on, by, now, key="", for_user=None, for_role=None, args=None):
    """Somebody asks after this client on `due_on` (R10); what is open for the same cause gets that day instead.

    It is for `for_user`, else for whoever holds `for_role` where the client lives. Without either for `by` if they
    place people, else for a group worker there.
    """
    _lock(client)
    user = for_user or (by if for_role is None and by is not None and can_place(by) else None)
    row, is_new = FollowUp.objects.open().get_or_create(
        client=client,
        about=about,
        key=key,
        settled_at=None,
        defaults={
            "due_on": due_on,
            "for_user": user,
            "for_role": for_role or _role_of(user),
            "args": args or {},
            "created_at": now,
            "created_by": by,
        },
    )
    if not is_new and row.due_on != due_on:
        row.due_on = due_on
        row.save(update_fields=["due_on"])
    return row


def _role_of(user):
    is_social = user is not None and not has_role(user, RoleName.GROUP_WORKER)
    return RoleName.SOCIAL_WORKER if is_social else RoleName.GROUP_WORKER


def settle_by_rule(*, client, about, now, by, key=None):
    """What happened meanwhile answers it: a talk was held, a hold released. How many were settled."""
    rows = FollowUp.objects.open().filter(client=client, about=about)
    rows = rows if key is None else rows.filter(key=key)
    return rows.order_by().update(settled_at=now, settled_by=by, settled_how=SettledHow.RULE)


@transaction.atomic
def snooze_follow_up(*, follow_up, until, by, now):
    """It comes back on a later day, and how often that happened is counted. ValidationError by field."""
    today = timezone.localdate(now)
    row = _open_one(follow_up, by, now)
    if not today < until <= today + FURTHEST:
        raise ValidationError({"until": _("Choose a day after today, within a year.")})
    row.due_on, row.snoozed_count = until, row.snoozed_count + 1
    row.save(update_fields=["due_on", "snoozed_count"])
    return row


@transaction.atomic
def settle_follow_up(*, follow_up, how, by, now, way=ContactWay.PHONE):
    """It does not come back any more; `how` is one of SettledHow.to_choose(). ValidationError by field.

    Whoever was spoken to, by `way`, stands in the contact log too.
    """
    row = _open_one(follow_up, by, now)
    if how not in dict(SettledHow.to_choose()):
        raise ValidationError({"how": _("Choose how it was settled.")})
    row.settled_at, row.settled_by, row.settled_how = now, by, how
    row.save(update_fields=["settled_at", "settled_by", "settled_how"])
    if how in SPOKEN:
        note_contact(client=row.client, way=way, is_reached=True, by=by, at=now, now=now)
    return row


def _open_one(follow_up, by, now):
    """The row, locked, and the change noted on the file. ValidationError when somebody settled it meanwhile."""
    if not can_place(by):
        raise PermissionDenied
    open_file(client=follow_up.client, by=by, action=AccessAction.CHANGED, now=now)
    row = FollowUp.objects.select_for_update(of=("self",)).get(pk=follow_up.pk)
    if row.settled_at is not None:
        raise ValidationError(_("Somebody settled this already."))
    return row
