"""Which groups have a place for this person now (R3), asked of the engine while the form is filled."""

import datetime as dt
from dataclasses import dataclass

from groups.fit import OfferFit
from groups.models import Cycle, ProblemKind
from groups.services.direct import find_direct_place, is_talk_first, person_for
from groups.wording import reason_text, sentence
from intake.fitting import needs_word


@dataclass(frozen=True)
class DirectRow:
    """One offer that has a group: the day from which there is a place, or why there is none for this person."""

    fit: OfferFit
    first_date: dt.date | None
    why_not: str
    is_talk_first: bool
    is_chosen: bool


def direct_rows(form, fits):
    """A row for each joinable offer with a live group on the list for this person; none unless that is decided."""
    if not form.is_direct:
        return []
    lists = [fit.waitlist.pk for fit in fits if fit.waitlist is not None]
    live = set(Cycle.objects.live().filter(waitlist__in=lists).order_by().values_list("waitlist", flat=True))
    rows = [_row(form, fit) for fit in fits if fit.waitlist is not None and fit.waitlist.pk in live]
    return sorted(rows, key=lambda row: (row.first_date is None, row.first_date or dt.date.max))


def _row(form, fit):
    person = person_for(
        client=form.client,
        waitlist=fit.waitlist,
        waiting_since=form.received_on,
        today=form.today,
        problem_kind=_main_kind(form),
        parts=chosen_parts(form),
        refuses=bool(form["refuses_own_neighbourhood"].value()),
        has_consent=form.has_consent,
        has_fit_exception=needs_word(fit),
    )
    found = find_direct_place(waitlist=fit.waitlist, person=person, now=form.now)
    why_not = "; ".join(reason_text(reason) for reason in found.reasons)
    return DirectRow(
        fit=fit,
        first_date=found.first_date,
        why_not=sentence(why_not) if why_not else "",
        is_talk_first=is_talk_first(fit.offer),
        is_chosen=str(form["direct_offer"].value() or "") == str(fit.offer.pk),
    )


def _main_kind(form):
    kinds = [str(kind) for kind in form["problem_kinds"].value() or ()]
    main = form["main_problem"].value() or (kinds[0] if len(kinds) == 1 else "")
    return ProblemKind.objects.filter(pk=str(main)).first() if main else None


def chosen_parts(form):
    """{(weekday, part)}; what is no part of the week is told at its field, and is not looked at here."""
    known = {value for value, _label in form.fields["availability"].choices}
    chosen = (str(value) for value in form["availability"].value() or ())
    return {(int(value.split("-")[0]), value.split("-")[1]) for value in chosen if value in known}
