"""Changing what is planned: a session's moment or room, who leads. A clash is refused and explained (R14, R20)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.permissions import allow
from groups.discretion import shown_place
from groups.enums import LIVE_CYCLES, Seat, SessionState
from groups.forms.sessions import AddSessionForm, CancelSessionForm, ChangeRoomForm, MoveRestForm, MoveSessionForm
from groups.forms.substitution import SubstituteForm
from groups.models import Session
from groups.permissions import can_change_session, can_reschedule, can_see_schedule
from groups.queries import cycle_detail, held_number
from groups.services.scheduling import cancel_session, change_room, move_session
from groups.services.series import add_session, move_rest, next_day
from groups.services.substitution import substitute_leader
from groups.time_words import moment_text
from groups.views.cycles import cycle_lead, cycle_to_change, over_already
from groups.views.planning import plan_step
from groups.views.steps import day_of, posted, step_page, take_step

SUBSTITUTE_CONSEQUENCES = [
    gettext_lazy("The substitute may open the files of the participants."),
    gettext_lazy("Only people with a valid competence, free time and room in their calendar can take over."),
    gettext_lazy("The substitute gets a message with day, time and place."),
    gettext_lazy("Participants who may be mailed hear who leads; call the others."),
]


def _step(request, pk, make_form, service, *, done, may=can_change_session, **page):
    """One step about one planned session; 404 for a stranger, 403 for who may not change it."""
    session = get_object_or_404(Session.objects.visible_to(request.user).select_related("room__venue"), pk=pk)
    session.cycle = get_object_or_404(cycle_detail(request.user), pk=session.cycle_id)
    if not may(request.user, session):
        raise PermissionDenied
    to = ("groups:cycle", session.cycle_id)
    if session.state != SessionState.PLANNED:
        messages.info(request, _("This session is over or was cancelled."))
        return redirect(*to)
    form, now = make_form(session), timezone.now()

    def act():
        service(session=session, by=request.user, now=now, **form.cleaned_data)

    page |= {"back": reverse(to[0], args=to[1:]), "eyebrow": str(session.cycle.offer), "lead": _lead(session)}
    return plan_step(request, session.cycle, form, act, done=done, to=to, **page)


def _may_change_rest(user, session):
    """The sessions after it need not be one's own."""
    return can_reschedule(user, session.cycle)


def _lead(session):
    """The stored session in words, not what the service tried last."""
    stored = Session.objects.annotate(held_number=held_number()).select_related("room__venue").get(pk=session.pk)
    return _("Session %(number)s: %(when)s, %(place)s") % {
        "number": stored.held_number,
        "when": moment_text(stored.date, stored.start_time, stored.end_time),
        "place": shown_place(session.cycle.offer, stored.room),
    }


@allow(can_see_schedule)
def move(request, pk):
    """Another day or time."""

    def make_form(session):
        initial = {"date": session.date, "start_time": session.start_time}
        return MoveSessionForm(posted(request), initial=initial, today=timezone.localdate())

    return _step(
        request,
        pk,
        make_form,
        move_session,
        done=_("The session is moved."),
        title=_("Move this session"),
        action=_("Move the session"),
        consequences=[_("Room and leaders stay the same and must be free then.")],
    )


@allow(can_see_schedule)
def move_on(request, pk):
    """This session and all after it to another day or time, week after week (R20)."""

    def make_form(session):
        initial = {"date": session.date, "start_time": session.start_time}
        return MoveRestForm(posted(request), initial=initial, today=timezone.localdate())

    return _step(
        request,
        pk,
        make_form,
        move_rest,
        may=_may_change_rest,
        done=_("The sessions are moved."),
        title=_("Move all sessions from here on"),
        action=_("Move the sessions"),
        consequences=[
            _("Room and leaders stay the same and must be free then."),
            _("A public holiday is skipped; the series then ends a week later."),
        ],
    )


@allow(can_see_schedule)
def add(request, pk):
    """One session more, after the last."""
    cycle, now = cycle_to_change(request, pk), timezone.now()
    to = ("groups:cycle", cycle.pk)
    if cycle.state not in LIVE_CYCLES:
        return over_already(request, cycle)
    initial = {"date": next_day(cycle, now=now), "start_time": cycle.start_time}
    form = AddSessionForm(posted(request), initial=initial, today=timezone.localdate(now))

    def act():
        add_session(cycle=cycle, by=request.user, now=now, **form.cleaned_data)

    page = {"lead": cycle_lead(cycle), "eyebrow": str(cycle.offer), "back": reverse(to[0], args=to[1:])}
    return plan_step(request, cycle, form, act, to=to, **page, **_add_words())


def _add_words():
    return {
        "done": _("The session is added."),
        "title": _("Add a session"),
        "action": _("Add the session"),
        "consequences": [_("It is as long as the others, with the room and the leaders of the cycle.")],
        "tone": "info",
    }


@allow(can_see_schedule)
def cancel(request, pk):
    """One session does not take place; one is added at the end, unless told otherwise."""

    def make_form(_session):
        return CancelSessionForm(posted(request), today=timezone.localdate())

    return _step(
        request,
        pk,
        make_form,
        cancel_session,
        done=_("The session is cancelled."),
        title=_("Cancel this session?"),
        action=_("Cancel the session"),
        consequences=[_("Room and leaders are free again at that time.")],
        tone="stop",
    )


@allow(can_see_schedule)
def room(request, pk):
    """Another room, for this session or from here on."""

    def make_form(session):
        return ChangeRoomForm(posted(request), session=session, today=timezone.localdate())

    return _step(
        request,
        pk,
        make_form,
        change_room,
        done=_("The room is changed."),
        title=_("Another room"),
        action=_("Change the room"),
    )


@allow(can_see_schedule)
def substitute(request, pk):
    """Another leader or second leader, for a while or for good (R14)."""
    cycle = cycle_to_change(request, pk)
    to = ("groups:cycle", cycle.pk)
    if cycle.state not in LIVE_CYCLES:
        return over_already(request, cycle)
    now = timezone.now()
    asked = {"cycle": cycle, "now": now, "today": timezone.localdate(now), "initial": _asked(request)}
    form = SubstituteForm(posted(request), **asked)

    def act():
        substitute_leader(cycle=cycle, by=request.user, now=now, **form.cleaned_data)

    return take_step(request, form, act, done=_("The substitute is noted."), to=to) or step_page(
        request,
        form,
        title=_("Substitute"),
        action=_("Save the substitute"),
        lead=cycle_lead(cycle),
        eyebrow=str(cycle.offer),
        back=reverse(to[0], args=to[1:]),
        consequences=[str(words) for words in SUBSTITUTE_CONSEQUENCES],
        tone="info",
    )


def _asked(request):
    """Who came from the leave page brings the seat and the days along."""
    days = {name: day_of(request.GET.get(name, "")) for name in ("from_date", "until_date")}
    seat = request.GET.get("seat")
    return {name: day for name, day in days.items() if day} | ({"seat": seat} if seat in Seat.values else {})
