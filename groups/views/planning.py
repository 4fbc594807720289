"""A change of the plan in two steps: what is asked, then what it will do; only what was shown is done (R20)."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from groups.consequences import consequence_lines, warning_lines
from groups.discretion import shown_place
from groups.notifications import is_told_by_mail
from groups.queries import participants_of
from groups.services.foresee import PlanChanged, act_as_foreseen, foresee
from groups.views.steps import step_page
from neighbourhoods.models import Room

SEEN, BACK = "seen", "back"


def plan_step(request, cycle, form, act, *, done, to, **page):
    """The page that asks, the page that shows what it will do, or a redirect to `to` once that was done.

    act() is the one service call. What was typed stays: in the form, and hidden behind what is shown.
    """
    if form.is_valid() and BACK not in request.POST:
        with form.explaining():
            try:
                found = _found(request, cycle, act)
            except PlanChanged as changed:
                messages.warning(request, _("Something has changed meanwhile. This is what happens now."))
                found = changed.found
            if found is not None:
                return _preview(request, cycle, form, found, **page)
            messages.success(request, done)
            return redirect(*to)
    milder = {"action": _("Show what happens"), "tone": "info" if page.get("tone") == "info" else "warn"}
    return step_page(request, form, **page | milder)


def _found(request, cycle, act):
    """The consequences to show; None when they were shown and have come about."""
    seen = request.POST.get(SEEN)
    if not seen:
        return foresee(cycle=cycle, act=act)
    act_as_foreseen(cycle=cycle, act=act, seen=seen)
    return None


def _preview(request, cycle, form, found, *, title, action, back, lead, eyebrow, consequences=(), tone="warn"):
    context = {
        "title": title,
        "action": action,
        "eyebrow": eyebrow,
        "lead": lead,
        "tone": tone,
        "back_url": back,
        "form": form,
        "seen": found.fingerprint,
        "rows": _rows(cycle, found),
        "consequences": [*consequences, *consequence_lines(found)],
        "warnings": warning_lines(found),
        "to_call": _names_to_call(request.user, cycle) if found.to_call else [],
    }
    return render(request, "groups/plan_preview.html", context)


def _rows(cycle, found):
    """Each session that changes, as it was and as it will be."""
    places = {moment.place for moment in (*found.before, *found.after)}
    rooms = {room.pk: room for room in Room.objects.filter(pk__in=places).select_related("venue")}
    rows = [(found.was(moment), moment) for moment in found.changed]
    rows += [(moment, None) for moment in found.dropped]
    return [
        {"was": was, "will": will, "place": _place_change(cycle, rooms, was, will)}
        for was, will in sorted(rows, key=lambda row: (row[0] or row[1]).number)
    ]


def _place_change(cycle, rooms, was, will):
    """Where it will be, if that is new; nothing for a session that only moves or does not take place."""
    if will is None or (was is not None and was.place == will.place):
        return ""
    return shown_place(cycle.offer, rooms[will.place])


def _names_to_call(user, cycle):
    """Short names of who no mail reaches safely, for who may see names."""
    people = participants_of(cycle, user).counting()
    return [person.client.short_name for person in people if not is_told_by_mail(person.client)]
