"""Somebody is ill or away: look who can take over, confirm once, and all is arranged (R14)."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.periods import short_day, short_moment
from accounts.permissions import allow
from groups.colleagues import can_report_absence, colleagues_of
from groups.forms.substitution import AbsenceForm, TakeOverForm
from groups.models import Session
from groups.permissions import can_reschedule
from groups.services.absence import find_gaps, report_absence


@allow(can_report_absence)
def absence(request):
    """Who and when may come with the address or with the form of leave; only `confirm` writes."""
    now, given = timezone.now(), request.POST if request.method == "POST" else request.GET
    asked = given if request.method == "POST" or "first_day" in given else None
    people = colleagues_of(request.user)
    period = AbsenceForm(
        _with_oneself(asked, request.user), by=request.user, people=people, today=timezone.localdate(now)
    )
    context = {"form": period, "takeover": None, "rows": []}
    if period.is_valid():
        takeover = _takeover(request, period, now)
        if takeover.is_valid() and _confirmed(request, period, takeover, now):
            return redirect("groups:schedule")
        context |= {"takeover": takeover, "rows": _rows(request.user, takeover), "who": period.cleaned_data["who"]}
        context["period_text"] = _period_text(period)
    is_wrong = period.errors or (context["takeover"] and context["takeover"].errors)
    return render(request, "groups/absence.html", context, status=422 if is_wrong else 200)


def _period_text(period):
    """Days, and hours where they were given."""
    data = period.cleaned_data
    if data["start_time"] or data["end_time"]:
        return f"{short_moment(period.starts_at)} – {short_moment(period.ends_at)}"
    days = dict.fromkeys(short_day(data[name]) for name in ("first_day", "last_day"))
    return " – ".join(days)


def _with_oneself(asked, user):
    """Whoever says nothing else is away themselves: the form of leave does not ask who."""
    if asked is None or asked.get("who"):
        return asked
    asked = asked.copy()
    asked["who"] = user.pk
    return asked


def _takeover(request, period, now):
    data = period.cleaned_data
    starts_at = min(max(period.starts_at, now), period.ends_at)
    gaps = find_gaps(user=data["who"], starts_at=starts_at, ends_at=period.ends_at, now=now)
    confirmed = request.POST if "confirm" in request.POST else None
    return TakeOverForm(confirmed, gaps=gaps, today=timezone.localdate(now))


def _confirmed(request, period, takeover, now):
    """Whether it is all written; what is refused stands in the form of the take-over."""
    data, choices = period.cleaned_data, takeover.choices()
    with takeover.explaining():
        when = {"starts_at": period.starts_at, "ends_at": period.ends_at, "note": data["note"]}
        report_absence(user=data["who"], choices=choices, by=request.user, now=now, **when)
        messages.success(request, _done(choices))
        return True
    return False


def _done(choices):
    words = [_("The absence is noted.")]
    if choices:
        arranged = ngettext("%(count)s session is arranged.", "%(count)s sessions are arranged.", len(choices))
        words += [arranged % {"count": len(choices)}, _("The page of each group says whom you still have to call.")]
    return " ".join(words)


def _rows(user, takeover):
    """The sessions for the page, with the way to another day where this user may move them."""
    visible = set(
        Session.objects.visible_to(user)
        .filter(pk__in=[gap.session.pk for gap in takeover.gaps])
        .order_by()
        .values_list("pk", flat=True)
    )
    rows = takeover.rows
    for row in rows:
        session = row["gap"].session
        row["may_move"] = session.pk in visible and can_reschedule(user, session.cycle)
    return rows
