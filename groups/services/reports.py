"""What a session was about (R24, R25): texts, themes that were dealt with, playbook parts that were used."""

from django.core.exceptions import ValidationError

from groups.attendance import report_of
from groups.models import SessionPart, SessionReport, Theme
from groups.noting import Conflict
from groups.services.notes import notes_of

TEXTS = ("homework", "note")


def write_report(*, session, typed, by, now):
    """Makes the report at the first word; the conflicts about its texts. The caller holds the cycle's lock."""
    report = report_of(session)
    if report is None:
        report = session.report = SessionReport(session=session, notes=notes_of(session.cycle))
        report.save(force_insert=True)
    conflicts, changed = _texts(report, typed)
    has_themes = _themes(report, typed, by, now)
    _parts(session, typed.parts)
    if changed or has_themes:
        report.version += 1
        report.save(update_fields=[*changed, "version"])
    return conflicts


def _texts(report, typed):
    """(conflicts, names of what is to be saved)."""
    conflicts, changed = [], []
    for name in TEXTS:
        text, stands = getattr(typed, name), getattr(report, name)
        if text is None or not text.is_changed() or text.value == stands:
            continue
        if text.fits(stands):
            setattr(report, name, text.value)
            changed.append(name)
        else:
            conflicts.append(Conflict(name, stands, text.value))
    report.clean_fields(exclude={"session", "notes", "closed_by"})
    return conflicts, changed


def _themes(report, typed, by, now):
    """Whether the themes that were dealt with changed; two people who each tick one have both."""
    known = set(report.notes.themes.order_by("pk").values_list("pk", flat=True))
    changed = {pk: value.value for pk, value in typed.themes.items() if pk in known and value.is_changed()}
    if typed.new_theme is not None:
        changed[_add_theme(report.notes, typed.new_theme, by, now).pk] = True
    report.themes.add(*[pk for pk, dealt in changed.items() if dealt])
    report.themes.remove(*[pk for pk, dealt in changed.items() if not dealt])
    return bool(changed)


def _add_theme(notes, values, by, now):
    """One more in the inventory; the same title again counts for those who named it before (R24)."""
    for theme in notes.themes.all():
        theme.notes = notes
        if theme.title.casefold() == values["title"].casefold() and theme.wish == values["wish"]:
            return theme
    theme = Theme(notes=notes, added_at=now, added_by=by, **values)
    theme.clean_fields(exclude={"notes", "added_by"})
    if not theme.title:
        raise ValidationError({"title": "a theme has a title"})
    theme.save()
    return theme


def _parts(session, typed):
    """R31: which of the parts that were picked were done."""
    for pk, part in typed.items():
        if part.is_changed():
            SessionPart.objects.filter(pk=pk, session=session).update(is_used=part.value)
