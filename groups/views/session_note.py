"""The page of one session, made for a phone: attendance, what it was about, closing it (R24–R27)."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.periods import short_moment
from accounts.permissions import allow
from groups.attendance import attendees_of, counts_of, report_of, sessions_to_note
from groups.discretion import shown_place
from groups.enums import SessionState, ThemeWish
from groups.forms.session_note import SessionNoteForm
from groups.models import Participation
from groups.permissions import can_note_session, can_read_notes, can_see_participants, can_see_schedule
from groups.scale import scale_of_cycle
from groups.services.noting import note_session
from groups.services.progress import SCALE
from groups.views.session_rows import person_rows, text_row, tick_rows
from groups.views.steps import posted
from groups.wording import reason_text, sentence

CONFLICT = 409


@allow(can_see_schedule)
def session(request, pk):
    """Read by who may see the cycle, written by who leads; a coordinator sees counts (R41)."""
    row = get_object_or_404(sessions_to_note(request.user), pk=pk)
    if not can_note_session(request.user, row):
        if request.method == "POST":
            raise PermissionDenied
        return render(request, "groups/session_read.html", _read(request, row))
    form = SessionNoteForm(posted(request), user=request.user, today=timezone.localdate())
    noted = _note(request, row, form) if form.is_valid() else None
    if noted is not None and noted.is_settled:
        return _done(request, row, noted)
    if noted is not None:
        row = sessions_to_note(request.user).get(pk=pk)  # as it stands now
    status = CONFLICT if noted and noted.conflicts else 422 if request.method == "POST" else 200
    return render(request, "groups/session.html", _page(request, row, form, noted), status=status)


def _note(request, row, form):
    """The Noted; None when it was refused as a whole, and then nothing of it was written."""
    action = request.POST.get("action", "")
    typed = form.typings(everybody=action == "everybody")
    words = {"session": row, "by": request.user, "now": timezone.now(), "typed": typed}
    with form.explaining():
        return note_session(**words, key=form.cleaned_data["key"], close=action == "close")
    return None


def _done(request, row, noted):
    """What came of it in words on the next page; a script is told where that is."""
    for person, why in noted.refused:
        messages.warning(request, _refusal_text(person, why))
    if noted.was_closed is not None:
        messages.info(request, _closed_before(noted.was_closed))
    elif noted.is_closed and request.POST.get("action") == "close":
        messages.success(request, _("The session is closed. Thank you."))
    else:
        messages.success(request, _("Saved."))
    to = reverse("groups:session", args=[row.pk])
    if "application/json" in request.headers.get("Accept", ""):
        return JsonResponse({"next": to})
    return redirect(to)


def _refusal_text(person, why):
    if person is None:
        return sentence(reason_text(why))
    return _("%(name)s: %(why)s.") % {"name": person.name, "why": reason_text(why)}


def _closed_before(report):
    known = {"who": report.closed_by.short_name, "when": short_moment(report.closed_at)}
    return _("%(who)s had closed this session already, %(when)s. What you changed was added.") % known


def _head(request, row):
    """What every reader sees of the session itself."""
    offer = row.cycle.waitlist.offer
    return {
        "session": row,
        "cycle": row.cycle,
        "offer": offer,
        "place": shown_place(offer, row.room),
        "report": report_of(row),
        "is_cancelled": row.state == SessionState.CANCELLED,
        "is_coming": row.date > timezone.localdate(),
    }


def _read(request, row):
    """For who does not lead: who was there, and what was written down, as far as they may know it."""
    context = _head(request, row) | {"people": [], "counts": counts_of(row).items(), "texts": [], "themes": []}
    if can_see_participants(request.user):
        places = row.cycle.participations.visible_to(request.user)
        context["people"] = [person for person in attendees_of(row, places).people if person.noted]
    report = context["report"]
    if report is not None and can_read_notes(request.user, row):
        context["texts"] = [(_("Homework"), report.homework), (_("Note"), report.note)]
        context["themes"] = [_with_notes(theme, report.notes).title for theme in report.themes.all()]
    return context


def _with_notes(theme, notes):
    theme.notes = notes
    return theme


def _page(request, row, form, noted):
    """For who leads: the form, with what was typed where it is not settled yet."""
    found, head = attendees_of(row, Participation.objects.filter(cycle=row.cycle)), _head(request, row)
    typed = form.data if form.is_bound else {}
    conflicts = noted.conflicts if noted else []
    # Nothing was written, so nothing more was seen.
    page = {"form": form, "typed": typed, "conflicts": conflicts, "keeps_seen": noted is None}
    asks_scale = any(person.is_last for person in found.people)
    return head | {
        **_people(found, noted, page),
        **_about(row, page),
        "form": form,
        "key": typed.get("key") or uuid.uuid4(),
        "slopes": scale_of_cycle(row.cycle, request.user, session=row) if asks_scale else [],
        "conflicts": conflicts,
        "refused": [_refusal_text(*pair) for pair in noted.refused] if noted else [],
    }


def _people(found, noted, page):
    missing = {person.pk for person in noted.missing} if noted else set()
    rows = person_rows(found.people, missing=missing, **page)
    return {
        "rows": rows,
        "missing": len(missing),
        "later": [person for person in found.others if person.refusal.code == "enters_later"],
        "gone": [person for person in found.others if person.refusal.code == "left_group" and person.noted],
        "asks_goal": any(row.asks_goal for row in rows),
        "scale": [str(number) for number in SCALE],
    }


def _about(row, page):
    """What the session was about."""
    report, notes = report_of(row), getattr(row.cycle, "notes", None)
    themes = [_with_notes(theme, notes) for theme in notes.themes.all()] if notes else []
    dealt = {theme.pk for theme in report.themes.all()} if report else set()
    parts = list(row.parts.select_related("part"))
    return {
        "themes": tick_rows("theme", [(theme, theme.pk in dealt) for theme in themes], **page),
        "parts": tick_rows("part", [(part, part.is_used) for part in parts], **page),
        "homework": text_row("homework", report.homework if report else "", **page),
        "note": text_row("note", report.note if report else "", **page),
        "wishes": ThemeWish.choices,
    }
