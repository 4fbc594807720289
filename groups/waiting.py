"""The group that waits for a click (R23), and why each who counts still waits (R19), for one waitlist's page."""

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _

from accounts.models import User
from groups.discretion import known_reason, shown_place
from groups.enums import HistoryCode
from groups.models import HistoryEntry, WaitlistEntry
from groups.services.forming import answer_deadline
from groups.services.starting import prepare_start
from groups.wording import reason_text, sentence
from neighbourhoods.models import Room


@dataclass(frozen=True)
class PreparedGroup:
    """One cycle as it would start now; who, for who may see names, and how many others."""

    entries: tuple[WaitlistEntry, ...]
    people: int
    reason: str
    passed: tuple[tuple[WaitlistEntry, str], ...]
    lead: User
    co_lead: User | None
    place: str
    dates: tuple[dt.date, ...]
    start: dt.time
    end: dt.time
    answer_by: dt.date
    is_next_round: bool

    @property
    def unnamed(self):
        return self.people - len(self.entries)


@dataclass(frozen=True)
class Proposal:
    """What one click starts. A click on an older one is told by the fingerprint."""

    groups: tuple[PreparedGroup, ...]
    fingerprint: str


def proposal_for(waitlist, entries, user, *, now):
    """The Proposal of a list on manual, None when nothing can start; `entries` whom this user may see by name."""
    if not (waitlist.waits_for_click and waitlist.waiting_count):
        return None
    prepared = prepare_start(waitlist=waitlist, now=now)
    if not prepared.starts:
        return None
    slots = [start.slot for start in prepared.starts]
    users = User.objects.in_bulk({pk for slot in slots for pk in (slot.lead, slot.co_lead) if pk is not None})
    rooms = Room.objects.select_related("venue").in_bulk({slot.place for slot in slots})
    known = {entry.pk: entry for entry in entries}
    groups = [_group(start, waitlist, known, users, rooms[start.slot.place], user) for start in prepared.starts]
    return Proposal(tuple(groups), prepared.fingerprint)


def _group(start, waitlist, known, users, room, user):
    slot = start.slot
    return PreparedGroup(
        entries=tuple(known[pk] for pk in start.people if pk in known),
        people=len(start.people),
        reason=sentence(reason_text(known_reason(start.reason.as_data(), user))),
        passed=tuple((known[row.person], reason_text(row.reason)) for row in start.passed if row.person in known),
        lead=users[slot.lead],
        co_lead=users.get(slot.co_lead),
        place=shown_place(waitlist.offer, room),
        dates=slot.dates,
        start=slot.start,
        end=slot.end,
        answer_by=answer_deadline(slot.dates[0]),
        is_next_round=start.continues is not None,
    )


def why_they_wait(waitlist, entries, list_reasons, proposal):
    """{number of an entry: phrase} for each who counts and still waits: passed, or what holds the whole list up.

    `list_reasons` as this reader may know them; none while the engine is still to look.
    """
    main = next(map(reason_text, list_reasons), "")
    why = dict.fromkeys((entry.pk for entry in entries), main)
    passed = HistoryEntry.objects.filter(waitlist=waitlist, entry__in=list(why), code=HistoryCode.ENTRY_PASSED)
    for row in passed.order_by("entry_id", "-at", "-pk").distinct("entry_id"):
        why[row.entry_id] = _("the last group began without this person: %(why)s") % {
            "why": reason_text(row.args["reason"])
        }
    for group in proposal.groups if proposal else ():
        why |= {entry.pk: _("the prepared group still has to be started") for entry in group.entries}
        why |= {entry.pk: _("not in the prepared group: %(why)s") % {"why": words} for entry, words in group.passed}
    return why
