"""The building blocks of every page; docs/design.md shows each with an example."""

import re
from functools import cache

from django import template
from django.conf import settings
from django.template.loader import render_to_string
from django.utils import dateformat
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import mark_safe
from django.utils.translation import gettext, ngettext

from accounts.periods import short_day

register = template.Library()

TONES = {"neutral", "info", "ok", "wait", "warn", "stop"}
TONE_ICONS = {
    "neutral": "circle",
    "info": "info-circle",
    "ok": "check-circle",
    "wait": "hourglass-split",
    "warn": "exclamation-triangle",
    "stop": "x-circle",
}
# A row longer than this is read as a number, not as dots.
MOST_DOTS = 15
DOT_STEP = 18
MARK_WIDTH = 10


# --- words -----------------------------------------------------------------------------------------------------------


@register.filter(expects_localtime=True)
def day(value):
    """A date or moment as "di 12 jan" (English: "Tue 12 Jan"); nothing for nothing."""
    return short_day(value) if value else ""


@register.filter(expects_localtime=True)
def daytime(value):
    """A moment as "di 12 jan, 19:30", in local time."""
    return f"{day(value)}, {clock(value)}" if value else ""


@register.filter(expects_localtime=True)
def clock(value):
    """A moment or time of day as "19:30"."""
    return dateformat.time_format(value, "H:i") if value else ""


@register.filter(expects_localtime=True)
def long_day(value):
    """A date or moment as "dinsdag 12 januari 2027"."""
    return dateformat.format(value, "l j F Y") if value else ""


@register.filter
def postcode(value):
    """A Dutch postcode as "1943 AB"; anything else stays as it is."""
    match = re.fullmatch(r"\s*(\d{4})\s*([A-Za-z]{2})\s*", str(value or ""))
    return f"{match[1]} {match[2].upper()}" if match else (value or "")


# --- pictures --------------------------------------------------------------------------------------------------------


@cache
def _drawing(name):
    """The inside of one vendored icon. Raises LookupError with what to do when it is not among them."""
    [folder] = (settings.BASE_DIR / "static" / "vendor").glob("bootstrap-icons-*")
    path = folder / f"{name}.svg"
    if not re.fullmatch(r"[a-z0-9-]+", name) or not path.is_file():
        raise LookupError(f'No icon "{name}" in static/vendor: choose another, or add it to ICONS in bin/vendor.')
    return re.sub(r"^\s*<svg[^>]*>|</svg>\s*$", "", path.read_text(encoding="utf-8")).strip()


def _icon(name, label=""):
    """An icon that takes the text's colour and size; without a label it is decoration, and said to nobody."""
    drawing = mark_safe(_drawing(name))
    if label:
        return format_html('<svg class="icon" viewBox="0 0 16 16" role="img" aria-label="{}">{}</svg>', label, drawing)
    return format_html('<svg class="icon" viewBox="0 0 16 16" aria-hidden="true" focusable="false">{}</svg>', drawing)


register.simple_tag(_icon, name="icon")


@register.simple_tag
def dots(filled, goal=None, maximum=None, number=True):
    """A waitlist as a row of dots that fills up to its minimum (R19 in one look).

    filled: how many count; goal: the minimum (None: none set); maximum: places there are. The text alternative says
    what is missing; number=False leaves out the figure beside the row, for where the text already says it.
    """
    filled, goal, maximum = int(filled), int(goal or 0), int(maximum or 0)
    shown = min(max(filled, goal, maximum, 1), MOST_DOTS)
    kinds = ["filled" if n < filled else "missing" if n < goal else "spare" for n in range(shown)]
    gap = MARK_WIDTH if 0 < goal < shown else 0
    context = {
        "dots": [{"x": 9 + DOT_STEP * n + (gap if n >= goal else 0), "kind": kind} for n, kind in enumerate(kinds)],
        "mark": DOT_STEP * goal + gap // 2 if gap else None,
        "width": DOT_STEP * shown + gap,
        "text": _dots_text(filled, goal),
        "number": (f"{filled}/{goal}" if goal else str(filled)) if number else "",
        "is_enough": bool(goal) and filled >= goal,
    }
    return mark_safe(render_to_string("components/_dots.html", context).strip())


def _dots_text(filled, goal):
    if not goal:
        return ngettext("%(count)d waiting, no minimum set", "%(count)d waiting, no minimum set", filled) % {
            "count": filled
        }
    if filled >= goal:
        return gettext("%(count)d of %(goal)d: enough to start") % {"count": filled, "goal": goal}
    return gettext("%(count)d of %(goal)d: %(missing)d more needed") % {
        "count": filled,
        "goal": goal,
        "missing": goal - filled,
    }


@register.simple_tag(takes_context=True)
def session_strip(context, sessions, now=None, label=""):
    """A cycle as a strip, one box a session (objects or dicts with starts_at, and state if they have one).

    state "cancelled", "moved", "to_close" and "closed" show as such; otherwise a session is over or coming by `now`
    (from the page's context when not given), and the first coming one is marked as next. A `url` opens it.
    """
    now = now or context.get("now")
    strip = [_strip_box(number, session, now) for number, session in enumerate(sessions, start=1)]
    coming = next((box for box in strip if box["kind"] in {"coming", "moved"}), None)
    if coming and now:
        coming["kind"], coming["text"] = "next", gettext("next")
    return mark_safe(
        render_to_string("components/_session_strip.html", {"strip": strip, "label": label or gettext("Sessions")})
    )


def _strip_box(number, session, now):
    def read(name):
        return session.get(name) if isinstance(session, dict) else getattr(session, name, None)

    starts_at, state = read("starts_at"), str(read("state") or "")
    if state == "cancelled":
        kind, text = "cancelled", gettext("cancelled")
    elif state == "to_close":
        kind, text = "to-close", gettext("to close")
    elif state == "closed":
        kind, text = "past", gettext("noted and closed")
    elif state in {"held", "done"} or (now and starts_at and starts_at < now):
        kind, text = "past", gettext("held")
    elif state == "moved":
        kind, text = "moved", gettext("moved")
    else:
        kind, text = "coming", gettext("planned")
    number = read("number") or read("position") or number
    return {"number": number, "starts_at": starts_at, "kind": kind, "text": text, "url": read("url") or ""}


@register.simple_tag
def status_badge(text, tone="neutral", icon=""):
    """A word about a state, with an icon, so that colour never says it alone. tone: one of TONES."""
    return format_html(
        '<span class="status status-{}">{}{}</span>', _known(tone), _icon(icon or TONE_ICONS[tone]), text
    )


# --- blocks ----------------------------------------------------------------------------------------------------------


@register.simple_tag
def empty_state(title, text="", url="", action="", icon="cup-hot"):
    """What stands where a list has no rows: kind words, and the next step if there is one."""
    context = {"title": title, "text": text, "url": url, "action": action, "icon": icon}
    return mark_safe(render_to_string("components/_empty_state.html", context))


@register.simple_tag
def reason(why, next_step="", tone="wait", url="", action=""):
    """Why something is as it is, and what would change it (R19). `why` is one text or a list of them."""
    whys = [why] if isinstance(why, (str, Promise)) or not hasattr(why, "__iter__") else list(why)
    context = {"whys": whys, "next_step": next_step, "tone": _known(tone), "icon": TONE_ICONS[tone], "url": url}
    return mark_safe(render_to_string("components/_reason.html", context | {"action": action}))


@register.simple_tag
def figure(value, label, url="", note="", tone="neutral"):
    """One number with its name; with a url it opens the list behind it."""
    context = {"value": value, "label": label, "url": url, "note": note, "tone": _known(tone)}
    return mark_safe(render_to_string("components/_figure.html", context))


@register.simple_block_tag
def page_header(content, title, lead="", eyebrow="", back_url="", back_text="", picture=False):
    """The one h1 of a page; between the tags stand its buttons. picture: the shore below it, for Today."""
    context = {"title": title, "lead": lead, "eyebrow": eyebrow, "back_url": back_url, "back_text": back_text}
    context |= {"picture": picture, "actions": _trimmed(content)}
    return mark_safe(render_to_string("components/_page_header.html", context))


@register.simple_block_tag
def panel(content, title="", icon="", tone="plain", id=""):
    """A white sheet with a heading. tone: plain, or one of TONES for a coloured edge."""
    context = {"title": title, "icon": icon, "tone": tone if tone == "plain" else _known(tone), "id": id}
    return mark_safe(render_to_string("components/_panel.html", context | {"content": _trimmed(content)}))


@register.simple_block_tag(takes_context=True)
def task_card(context, content, title, url="", action="", meta="", why="", tone="wait", icon="", method="get"):
    """What needs me now, why, and the one button that settles it. Between the tags: anything more to look at."""
    card = {"title": title, "url": url, "action": action, "meta": meta, "why": why, "method": method}
    card |= {"tone": _known(tone), "icon": icon or TONE_ICONS[tone], "content": _trimmed(content)}
    return mark_safe(render_to_string("components/_task_card.html", card | {"csrf_token": context.get("csrf_token")}))


@register.simple_block_tag(takes_context=True)
def confirm_panel(context, content, title, action, cancel_url, consequences=(), url="", tone="warn"):
    """Before something that cannot be taken back: what will happen, in words, and a way out.

    Between the tags: the form's own fields, if it asks anything. It posts to url, or to the page itself.
    """
    card = {"title": title, "action": action, "cancel_url": cancel_url, "url": url, "consequences": consequences}
    card |= {"tone": _known(tone), "icon": TONE_ICONS[tone], "content": _trimmed(content)}
    return mark_safe(
        render_to_string("components/_confirm_panel.html", card | {"csrf_token": context.get("csrf_token")})
    )


def _trimmed(content):
    return mark_safe(content.strip())


def _known(tone):
    if tone not in TONES:
        raise template.TemplateSyntaxError(f'No tone "{tone}": choose from {", ".join(sorted(TONES))}.')
    return tone
