"""What several roles see on their Today: sessions, blocked lists, own referrals."""

import datetime as dt
from dataclasses import dataclass

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.periods import short_moment
from clients.models import Likeness
from clients.permissions import can_settle_likeness
from groups.discretion import shown_name, shown_place
from groups.enums import SessionState
from groups.models import Session, Waitlist
from groups.permissions import can_form_cycles, sees_counts
from groups.queries import BY_CLICK
from groups.time_words import ready_moment
from intake.models import ReferralDraft
from intake.queries import names_known_to, referral_status
from intake.wording import status_text, status_tone
from reporting.cards import Line, Panel, Part, Task, Urgency
from reporting.queries import today as queries
from reporting.wording import Help, area_name, clock_text, day_text, help_for, list_name, reason_sentences, waits_text

MOST_ROWS = 5
DAYS_AHEAD = dt.timedelta(days=7)


def cycle_meta(cycle, user):
    """Which group; and who leads it when that is somebody else."""
    name = list_name(cycle.waitlist)
    if cycle.lead_id == user.pk:
        return name
    return _("%(group)s, led by %(lead)s") % {"group": name, "lead": cycle.lead.short_name}


@dataclass(frozen=True)
class SessionRow:
    session: Session
    group: str
    place: str
    url: str
    is_today: bool


def sessions_part(user, *, today):
    """The sessions this person leads: those of today and those to close as tasks, the coming week as a panel (R25)."""
    sessions = list(queries.sessions_of(user, first=today, last=today + DAYS_AHEAD))
    rows = tuple(
        SessionRow(
            session=session,
            group=list_name(session.cycle.waitlist),
            place=shown_place(session.cycle.offer, session.room),
            url=reverse("groups:cycle", args=[session.cycle_id]),
            is_today=session.date == today,
        )
        for session in sessions
    )
    panel = Panel(
        key="sessions",
        title=_("Your sessions this week"),
        icon="calendar-week",
        template="reporting/_row_session.html",
        rows=tuple(row for row in rows if row.session.date >= today and row.session.state == SessionState.PLANNED),
        empty=_("No sessions in the coming seven days."),
    )
    to_close = [row for row in rows if row.session.date <= today and not row.session.is_closed]
    return Part(tasks=[_session_task(row) for row in to_close], panels=[panel])


def _session_task(row):
    session, place = row.session, row.place
    people = ngettext("%(count)s participant", "%(count)s participants", session.people) % {"count": session.people}
    known = {"number": session.held_number, "time": clock_text(session.start_time), "day": day_text(session.date)}
    return Task(
        title=(
            _("Today at %(time)s: session %(number)s")
            if row.is_today
            else _("Session %(number)s of %(day)s is not closed yet")
        )
        % known,
        meta=row.group,
        why=f"{place}, {people}" if session.people else place,
        url=reverse("groups:session", args=[session.pk]),
        action=_("Close the session"),
        icon="people" if row.is_today else "clipboard-check",
        tone="info" if row.is_today else "wait",
        urgency=Urgency.TODAY,
    )


def split_prepared(waitlists):
    """(lists on manual with a group prepared, the others) among those for which nothing starts by itself (R23)."""
    prepared = [row for row in waitlists if row.waits_for_click and _prepared(row) is not None]
    return prepared, [row for row in waitlists if row not in prepared]


def _prepared(waitlist):
    """What the engine said of the group that waits for a click; None when there is none."""
    return next((reason["args"] for reason in waitlist.reasons if reason["code"] == BY_CLICK), None)


def ready_task(waitlist, user):
    """R23: a group worker starts it with one click; the coordinator sees that it waits."""
    args = _prepared(waitlist)
    words = ngettext("%(people)s participant, %(when)s.", "%(people)s participants, %(when)s.", args["people"])
    return Task(
        title=_("Ready to start: %(list)s") % {"list": list_name(waitlist)},
        why=words % {"people": args["people"], "when": ready_moment(args)},
        url=reverse("groups:waitlist", args=[waitlist.pk]) + "#start",
        action=_("Look and start") if can_form_cycles(user) else _("Look"),
        icon="play-circle",
        urgency=Urgency.TODAY,
    )


@dataclass(frozen=True)
class BlockedRow:
    """A list with people waiting: how far it is, why nothing starts, what helps (R19)."""

    waitlist: Waitlist
    offer: str
    area: str
    url: str
    waits: str
    whys: tuple[str, ...]
    help: Help

    @property
    def goal(self):
        return self.waitlist.minimum


def blocked_row(waitlist, user, *, today):
    return BlockedRow(
        waitlist=waitlist,
        offer=shown_name(waitlist.offer),
        area=area_name(waitlist.catchment),
        url=reverse("groups:waitlist", args=[waitlist.pk]),
        waits=waits_text(waitlist, today),
        whys=tuple(reason_sentences(waitlist.reasons, user)),
        help=help_for(waitlist, user),
    )


def blocked_panel(waitlists, user, *, today):
    """The lists that can be helped on soonest; among those, where somebody waits longest."""
    rows = [blocked_row(waitlist, user, today=today) for waitlist in waitlists]
    rows.sort(key=lambda row: row.help.rank)
    more = len(rows) - MOST_ROWS
    return Panel(
        key="blocked",
        title=_("Why nothing starts yet"),
        icon="hourglass-split",
        template="reporting/_row_blocked.html",
        rows=tuple(rows[:MOST_ROWS]),
        empty=_("No list is stuck. Whoever waits has a group coming."),
        more_url=reverse("groups:waitlists"),
        more_text=ngettext("and %(count)s more list", "and %(count)s more lists", more) % {"count": more}
        if more > 0
        else _("All waitlists"),
    )


@dataclass(frozen=True)
class ReferralRow:
    client: str
    neighbourhood: str
    url: str
    text: str
    tone: str
    changed_at: dt.datetime


def referrals_panel(user):
    """R9: what became of one's own referrals, the latest news on top."""
    found = queries.own_referrals(user).select_related("client__key")[:MOST_ROWS]
    names = names_known_to(user, found)
    rows = tuple(_referral_row(referral, names[referral.pk], user) for referral in found)
    return Panel(
        key="referrals",
        title=_("Your referrals: the latest news"),
        icon="send",
        template="reporting/_row_referral.html",
        rows=rows,
        empty=_("You have not referred anybody yet. It takes two minutes."),
        more_url=reverse("intake:referrals") if rows else reverse("intake:refer"),
        more_text=_("All my referrals") if rows else _("Refer somebody"),
    )


def drafts_task(user):
    """[a Task] for whoever began a referral and did not send it; none while there is nothing to finish."""
    drafts = list(ReferralDraft.objects.of(user)[:MOST_ROWS])
    if not drafts:
        return []
    url = reverse("intake:refer")
    lines = [
        Line(draft.short_name or _("no name yet"), f"{url}?concept={draft.pk}", short_moment(draft.changed_at))
        for draft in drafts
    ]
    return [
        Task(
            title=ngettext(
                "You began a referral and did not send it yet",
                "You began %(count)s referrals and did not send them yet",
                len(drafts),
            )
            % {"count": len(drafts)},
            lines=tuple(lines),
            url=lines[0].url,
            action=_("Go on"),
            icon="journal-text",
            tone="info",
        )
    ]


def likeness_task(user):
    """[a Task] while pairs of files wait for somebody to say whether they are about one person (R43)."""
    pairs = Likeness.objects.visible_to(user).open()
    count = pairs.count() if can_settle_likeness(user) else 0
    if not count:
        return []
    return [
        Task(
            title=ngettext("Perhaps the same person, twice", "%(count)s times perhaps the same person", count)
            % {"count": count},
            why=_("Two files with nearly the same name, date of birth and postcode."),
            url=reverse("clients:likenesses"),
            action=_("Compare"),
            icon="people",
            tone="info",
        )
    ]


def _referral_row(referral, name, user):
    status = referral_status(referral)
    return ReferralRow(
        client=name,
        neighbourhood=str(referral.neighbourhood),
        url=reverse("intake:referral", args=[referral.pk]),
        text=status_text(status, shows_counts=sees_counts(user)),
        tone=status_tone(status),
        changed_at=referral.changed_at,
    )
