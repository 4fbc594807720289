"""What another minimum would do, asked of the engine itself: the same decide() that starts groups."""

import copy
import datetime as dt
from dataclasses import dataclass, replace

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from groups.engine import decide
from groups.happened import history_text
from groups.services.facts import load_facts, load_rules
from groups.services.waitlists import SIZE_CODES
from reporting.wording import clock_text, day_text, list_name, reason_sentences

MOST = 5


@dataclass(frozen=True)
class Consequence:
    """One minimum and what it leads to, as of now."""

    minimum: int
    text: str
    starts: bool
    is_current: bool
    placeable: int


@dataclass(frozen=True)
class Change:
    at: dt.datetime
    who: str
    text: str


def minimum_page(waitlist, *, now):
    """What stands around the form: what other minimums would do, and who changed this one before."""
    outcomes = consequences(waitlist, now=now)
    usual = waitlist.offer.minimum
    return {
        "waitlist": waitlist,
        "eyebrow": list_name(waitlist),
        "consequences": outcomes,
        "placeable": outcomes[0].placeable if outcomes else waitlist.placeable_count,
        "changes": changes_of(waitlist),
        "has_own_sizes": not (waitlist.own_minimum is None and waitlist.own_soft_maximum is None),
        "reset_text": _("Back to the offer's minimum of %(minimum)s") % {"minimum": usual}
        if usual
        else _("Back to the offer: no minimum"),
    }


def changes_of(waitlist):
    """R11: who changed the sizes, when and why; the latest first."""
    rows = waitlist.history.filter(code__in=SIZE_CODES).select_related("by").order_by("-at", "-pk")
    return [_change(row) for row in rows]


def offer_changes(offer):
    """The same of an offer itself, the latest first."""
    return [_change(row) for row in offer.history.select_related("by").order_by("-at", "-pk")]


def _change(row):
    return Change(row.at, row.by.short_name if row.by else row.rule, history_text(row))


def consequences(waitlist, *, now):
    """What each of a few minimums would do to this list today; nothing is written."""
    facts = load_facts(waitlist=waitlist, now=now)
    placeable = decide(facts).placeable
    return [_consequence(waitlist, facts, minimum, placeable) for minimum in _worth_asking(waitlist, placeable)]


def _worth_asking(waitlist, placeable):
    """The present minimum, the offer's, and those around the number of people who could start."""
    present = waitlist.minimum or placeable + 1
    asked = {present, present - 1, present + 1, waitlist.offer.minimum or present, placeable or present}
    most = waitlist.soft_maximum or max(asked)
    return sorted(minimum for minimum in asked if 1 <= minimum <= most)[:MOST]


def _consequence(waitlist, facts, minimum, placeable):
    other = copy.copy(waitlist)
    other.own_minimum = minimum
    decision = decide(replace(facts, rules=load_rules(other)))
    return Consequence(
        minimum=minimum,
        text=_text(decision),
        starts=decision.start is not None,
        is_current=minimum == waitlist.minimum,
        placeable=placeable,
    )


def _text(decision):
    if decision.start is None:
        return " ".join(reason_sentences([reason.as_data() for reason in decision.reasons[:1]]))
    people, slot = len(decision.start.people), decision.start.slot
    return ngettext(
        "A group of %(people)s starts on %(day)s at %(time)s.",
        "A group of %(people)s starts on %(day)s at %(time)s.",
        people,
    ) % {"people": people, "day": day_text(slot.dates[0]), "time": clock_text(slot.start)}
