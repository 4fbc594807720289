"""What clients are told about their group. Always Dutch; never more than is safe (R40, R43).

The words stand in groups/messages.py, or are the coordinator's own; here are who gets which, and what is filled in.
The subject names neither group nor person. Who has a sensitive situation gets no link and no detail: only that
their contact person has news, and that person calls.
"""

from django.conf import settings
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.formats import date_format, time_format
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from clients.letters import write_letters
from clients.queries import is_mail_safe, safe_address
from groups import messages
from groups.enums import ParticipationState, Seat, SessionState
from groups.links import answer_link, mark_link
from groups.models import Session
from notifications.calendar import Appointment, calendar_file
from notifications.services import notify_all, prepare
from notifications.texts import NEWS

CLIENT_LANGUAGE = "nl"
INVITATION = messages.INVITATION.code


def is_told_by_mail(client):
    """Whether a mail may tell this client about their group now (R40), and would arrive."""
    return safe_address(client) is not None and not client.contact.is_sensitive


def is_told_by_link(client):
    """Whether the link in a mail that they have may tell them now (R40), also when a later mail came back."""
    return is_mail_safe(client) and not client.contact.is_sensitive


def invite_all(*, participations, first_on, now):
    """Put the invitations of new participations of one cycle in the outbox, in one statement, and set is_mailed (R21).

    False: there is no safe mail for this client, so somebody must call. first_on is the first session they come to.
    """
    if not participations:
        return
    text = messages.INVITATION_RUNNING if participations[0].enters_at > 1 else messages.INVITATION
    with translation.override(CLIENT_LANGUAGE):
        values = _meeting(participations[0].cycle, first_on)
        values["uiterlijk"] = date_format(participations[0].answer_until(first_on), "l j F")
    _note_who_is_mailed(participations)
    _tell(participations, text, lambda p: values | {"link": answer_link(p)}, kind=INVITATION, now=now)


def _meeting(cycle, day):
    return {"wanneer": _moment(day, cycle.start_time), "plek": _place_line(cycle.room, cycle.offer)}


def _note_who_is_mailed(participations):
    for participation in participations:
        participation.is_mailed = is_told_by_mail(participation.client)


def tell_going_on(*, participations, first_on, now):
    """R28: who said that they go on hears when; nobody is asked again. Sets is_mailed."""
    if not participations:
        return
    with translation.override(CLIENT_LANGUAGE):
        values = _meeting(participations[0].cycle, first_on)
        dates = _own_dates(participations[0])
    _note_who_is_mailed(participations)
    _tell(participations, messages.GOING_ON, values, now=now, dates=dates)


def tell_confirmed(*, participation, first_on, now):
    """R21: who said that they come hears what they said yes to, with the dates for their calendar where that is safe.

    Nothing to who is in danger: a worker who took the answer told them (R40).
    """
    if participation.client.contact.is_sensitive:
        return
    with translation.override(CLIENT_LANGUAGE):
        values = _meeting(participation.cycle, first_on)
        dates = _own_dates(participation)
    _tell([participation], messages.CONFIRMED, values, now=now, dates=dates)


def ask_for_marks(*, participations, until, now):
    """R30: after their last session; nobody whom a mail may not tell, nor anybody of a sensitive group (R40)."""
    if _says_little(participations[0].cycle.offer):
        return
    with translation.override(CLIENT_LANGUAGE):
        day = date_format(until, "l j F")
    _tell(
        [row for row in participations if is_told_by_mail(row.client)],
        messages.MARK_ASKED,
        lambda row: {"uiterlijk": day, "link": mark_link(row)},
        now=now,
    )


def tell_session_changed(*, session, now, key):
    """A session got another date, time, room or leader: everyone who counts hears what is true now."""
    with translation.override(CLIENT_LANGUAGE):
        place = _place_line(session.room, session.cycle.offer)
        values = {"wanneer": _moment(session.date, session.start_time), "plek": place}
    dates = _dates([session], session.cycle.offer)
    _tell(_counting(session.cycle), messages.SESSION_CHANGED, values, now=now, key=f"{key}:{session.pk}", dates=dates)


def tell_session_added(*, session, now):
    """One session more: everyone who counts hears when."""
    with translation.override(CLIENT_LANGUAGE):
        place = _place_line(session.room, session.cycle.offer)
        values = {"wanneer": _moment(session.date, session.start_time), "plek": place}
    dates, key = _dates([session], session.cycle.offer), f"added:{session.pk}"
    _tell(_counting(session.cycle), messages.SESSION_ADDED, values, now=now, key=key, dates=dates)


def tell_session_cancelled(*, session, extra, now):
    """One session does not take place; `extra` is the session added for it, or None."""
    text = messages.SESSION_CANCELLED if extra is None else messages.SESSION_REPLACED
    with translation.override(CLIENT_LANGUAGE):
        values = {"wanneer": _moment(session.date, session.start_time)}
        if extra is not None:
            values["nieuwe_dag"] = _moment(extra.date, extra.start_time)
    kind, key = messages.SESSION_CANCELLED.code, f"cancelled:{session.pk}"
    dates = _dates(filter(None, [session, extra]), session.cycle.offer)
    _tell(_counting(session.cycle), text, values, now=now, kind=kind, key=key, dates=dates)


def tell_cycle_moved(*, cycle, now, key=""):
    """All sessions moved, or all from one on; the dates to come are listed."""
    with translation.override(CLIENT_LANGUAGE):
        planned = list(cycle.sessions.planned().select_related("room__venue"))
        dates = "\n".join("- " + _moment(session.date, session.start_time) for session in planned)
    key = f"moved:{key or f'{cycle.pk}:{cycle.starts_on}'}"
    _tell(
        _counting(cycle), messages.CYCLE_MOVED, {"dagen": dates}, now=now, key=key, dates=_dates(planned, cycle.offer)
    )


def tell_talk(*, talk, now, is_cancelled=False):
    """R29: when the individual talk is and with whom, or that it does not take place."""
    text = messages.TALK_CANCELLED if is_cancelled else messages.TALK_PLANNED
    participation, offer = talk.participation, talk.participation.cycle.offer
    with translation.override(CLIENT_LANGUAGE):
        values = {"wanneer": _moment(talk.date, talk.start_time)}
    if not is_cancelled:
        values["begeleider"] = talk.with_user.short_name
    at = {"starts_at": talk.starts_at, "ends_at": talk.ends_at, "is_cancelled": is_cancelled}
    dates = [] if _says_little(offer) else [Appointment(key=f"talk:{participation.pk}:{talk.number}", **at)]
    told = {"key": f"{talk.pk}:{int(now.timestamp())}", "is_neutral": _says_little(offer), "dates": dates}
    _tell([participation], text, values, now=now, **told)


def tell_cycle_cancelled(*, cycle, participations, now):
    """The group does not start or stops; everyone is back on the waitlist with their own waiting time (R21)."""
    called_off = cycle.sessions.filter(state=SessionState.CANCELLED, date__gte=timezone.localdate(now))
    dates = _dates(called_off.select_related("room__venue"), cycle.offer)
    _tell(participations, messages.CYCLE_CANCELLED, {}, now=now, key=f"cycle-cancelled:{cycle.pk}", dates=dates)


def tell_leader_changed(*, cycle, sessions, leader, now, for_good):
    """Somebody else leads these sessions: everyone who counts hears who and when, by the leader's short name.

    Of a sensitive group or a hidden place a mail says no more than that there is news (R40).
    """
    text = messages.LEADER_CHANGED if for_good else messages.LEADER_AWAY
    with translation.override(CLIENT_LANGUAGE):
        moments = [_moment(session.date, session.start_time) for session in sessions]
    values = {"begeleider": leader.short_name}
    values |= {"wanneer": moments[0]} if for_good else {"dagen": "\n".join(f"- {moment}" for moment in moments)}
    key = f"leader:{leader.pk}:{sessions[0].pk}:{int(now.timestamp())}"
    kind, is_neutral = messages.LEADER_CHANGED.code, _says_little(cycle.offer)
    _tell(_counting(cycle), text, values, now=now, kind=kind, key=key, is_neutral=is_neutral)


def must_be_told(offer, client):
    """Whether somebody has to tell this client who leads: no mail, or one that only says that there is news (R40)."""
    return _says_little(offer) or not is_told_by_mail(client)


def _says_little(offer):
    return offer.is_sensitive or offer.place_is_hidden


def tell_substitute(*, user, seat, cycle, sessions, now):
    """A colleague takes over: when, where unless it is hidden, and the way to the cycle; nobody's name (R40)."""
    with translation.override(CLIENT_LANGUAGE):
        lines = [
            f"- {_moment(session.date, session.start_time)}\n  {_place_line(session.room, cycle.offer)}"
            for session in sessions
        ]
        values = {
            "rol": _("as leader") if seat == Seat.LEAD else _("as second leader"),
            "dagen": "\n".join(lines),
            "link": settings.SITE_URL + reverse("groups:cycle", args=[cycle.pk]),
        }
    mail = prepare(
        text=messages.SUBSTITUTE,
        values=values,
        to=user.email,
        now=now,
        recipient=user,
        dedupe_key=f"substitute:{cycle.pk}:{seat}:{user.pk}:{sessions[0].pk}:{int(now.timestamp())}",
    )
    notify_all([mail])


def _counting(cycle):
    return cycle.participations.counting().select_related("client__contact")


def _own_dates(participation):
    """The planned sessions this person comes to; one statement."""
    planned = Session.objects.planned().filter(cycle=participation.cycle_id, number__gte=participation.enters_at)
    return _dates(planned.select_related("room__venue"), participation.cycle.offer)


def _dates(sessions, offer):
    """What a calendar is told: nothing of a group of which a mail says little."""
    return [] if _says_little(offer) else [_appointment(session) for session in sessions]


def _appointment(session):
    return Appointment(
        key=f"session:{session.cycle_id}:{session.number}",
        starts_at=session.starts_at,
        ends_at=session.ends_at,
        place="" if session.room.venue.is_hidden else _place(session.room),
        is_cancelled=session.state == SessionState.CANCELLED,
    )


def _keeps_dates(participation):
    """Who said yes has the dates in a calendar; who did not answer yet is not told more than they were asked."""
    return participation.state == ParticipationState.CONFIRMED or participation.answered_at is not None


def _tell(participations, text, values, *, now, kind="", key="", is_neutral=False, dates=()):
    """One mail for everybody whom a mail reaches safely: the whole text, or that there is news (R40). Who has no safe
    mail gets a letter, where one may go.

    values: what is filled in for everybody, or a function of the participation. dates: for the calendar of who comes.
    """
    mails, letters, calendar = [], [], calendar_file(dates, now=now)
    for participation in participations:
        address, filled = safe_address(participation.client), values(participation) if callable(values) else values
        sent = {"dedupe_key": f"{kind or text.code}:{participation.public_id.hex}:{key}", "now": now}
        if address is None:
            letters.append((participation.client, filled, sent["dedupe_key"]))
            continue
        sent |= {"kind": kind or text.code, "to": address, "recipient_key": participation.client.public_id}
        if is_neutral or participation.client.contact.is_sensitive:
            mails.append(prepare(text=NEWS, **sent))
        else:
            carried = calendar if _keeps_dates(participation) else ""
            mails.append(prepare(text=text, values=filled, attachment=carried, **sent))
    notify_all(mails)
    if not is_neutral:
        write_letters(text=text, recipients=letters, now=now)


def _place_line(room, offer):
    """R40: a hidden place stands in no mail; the leader tells it."""
    if offer.place_is_hidden or room.venue.is_hidden:
        return _("The group worker will tell you the place.")
    return _("Place: %(place)s") % {"place": _place(room)}


def _place(room):
    return f"{room.name}, {room.venue.name}, {room.venue.address}"


def _moment(day, time):
    return pgettext("date at time", "%(day)s at %(time)s") % {
        "day": date_format(day, "l j F"),
        "time": time_format(time, "H:i"),
    }
