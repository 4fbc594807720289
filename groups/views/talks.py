"""Individual talks of a cycle: who has which, planning, moving and noting them (R29)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import allow
from groups.enums import COUNTING_PARTICIPATIONS, LIVE_CYCLES, TalkState
from groups.exceptions import NotAllowed
from groups.forms.talks import CancelTalkForm, TalkForm, own_moment
from groups.models import IndividualTalk, Participation
from groups.notifications import is_told_by_mail
from groups.permissions import can_plan_talks, can_see_participants, can_see_schedule
from groups.queries import cycle_detail, participants_of
from groups.services.free_moments import free_moments
from groups.services.talks import cancel_talk, hold_talk, leaders_of, move_talk, plan_talk
from groups.talk_window import is_in_window, talk_window
from groups.time_words import moment_text
from groups.views.steps import posted, step_page, take_step
from groups.wording import reason_text, sentence


@allow(can_see_schedule)
@require_safe
def talks(request, pk):
    """Each participant with their talks; names only for who may see them (R41)."""
    cycle = get_object_or_404(cycle_detail(request.user), pk=pk)
    if not can_see_participants(request.user):
        raise PermissionDenied
    window = talk_window(cycle.offer, list(cycle.sessions.order_by("number")))
    people = participants_of(cycle, request.user).filter(state__in=COUNTING_PARTICIPATIONS)
    context = {
        "cycle": cycle,
        "window": window,
        "rows": _rows(cycle, people, window),
        "may_plan": window is not None and cycle.state in LIVE_CYCLES and can_plan_talks(request.user, cycle),
    }
    return render(request, "groups/talks.html", context)


def _rows(cycle, people, window):
    """[{person, talks, next_number}] in the order of the cycle's page; two statements."""
    people, now = list(people), timezone.now()
    leaders = {cycle.lead_id, cycle.co_lead_id}
    found = IndividualTalk.objects.filter(participation__in=people).exclude(state=TalkState.CANCELLED)
    by_person = {}
    for talk in found.select_related("with_user").order_by("number"):
        talk.is_over = talk.starts_at <= now
        talk.is_misplaced = talk.state == TalkState.PLANNED and not is_in_window(talk, window)
        talk.has_other_leader = talk.state == TalkState.PLANNED and talk.with_user_id not in leaders
        by_person.setdefault(talk.participation_id, []).append(talk)
    return [
        {
            "person": person,
            "talks": by_person.get(person.pk, []),
            "lacks": cycle.offer.talks_count - len(by_person.get(person.pk, [])),
            "call": not is_told_by_mail(person.client),
        }
        for person in people
    ]


def _place_to_plan(request, pk):
    """The participation for who may plan its talks and see names; 404 for a stranger, 403 for others."""
    people = Participation.objects.visible_to(request.user).select_related("client__contact")
    place = get_object_or_404(people, pk=pk)
    place.cycle = get_object_or_404(cycle_detail(request.user), pk=place.cycle_id)
    if not (can_see_participants(request.user) and can_plan_talks(request.user, place.cycle)):
        raise PermissionDenied
    return place


def _talk_to_change(request, pk):
    talk = get_object_or_404(IndividualTalk.objects.select_related("with_user"), pk=pk)
    talk.participation = _place_to_plan(request, talk.participation_id)
    return talk


@allow(can_see_schedule)
def plan(request, pk):
    """One more talk, on a moment that is free."""
    place, now = _place_to_plan(request, pk), timezone.now()
    return _form_page(request, place, now, None)


@allow(can_see_schedule)
def move(request, pk):
    talk = _talk_to_change(request, pk)
    if talk.state != TalkState.PLANNED:
        return _over(request, talk)
    return _form_page(request, talk.participation, timezone.now(), talk)


def _form_page(request, place, now, talk):
    to = ("groups:talks", place.cycle_id)
    form = TalkForm(
        posted(request),
        leaders=leaders_of(place.cycle),
        proposals=free_moments(participation=place, now=now),
        initial=own_moment(talk) if talk else {},
        today=timezone.localdate(now),
    )

    def act():
        given = {"by": request.user, "now": now, **form.plan()}
        move_talk(talk=talk, **given) if talk else plan_talk(participation=place, **given)

    done = _("The talk is moved.") if talk else _("The talk is planned.")
    page = {"lead": _lead(place, talk), "eyebrow": str(place.cycle.offer), "back": reverse(to[0], args=to[1:])}
    about = {"consequences": [_who_tells(place)], "contact": place.client.contact, "tone": "info"}
    return take_step(request, form, act, done=done, to=to) or step_page(
        request, form, **page, **about, **_form_words(talk)
    )


def _form_words(talk):
    if talk:
        return {"title": _("Move this talk"), "action": _("Move the talk")}
    return {"title": _("Plan a talk"), "action": _("Plan the talk")}


@allow(can_see_schedule)
def cancel(request, pk):
    """It does not take place; another one can be planned."""
    talk = _talk_to_change(request, pk)
    if talk.state != TalkState.PLANNED:
        return _over(request, talk)
    to, form = ("groups:talks", talk.participation.cycle_id), CancelTalkForm(posted(request), today=None)

    def act():
        cancel_talk(talk=talk, by=request.user, now=timezone.now())

    return take_step(request, form, act, done=_("The talk is cancelled."), to=to) or step_page(
        request,
        form,
        title=_("Cancel this talk?"),
        action=_("Cancel the talk"),
        lead=_lead(talk.participation, talk),
        eyebrow=str(talk.participation.cycle.offer),
        back=reverse(to[0], args=to[1:]),
        consequences=[_("The colleague is free again at that time."), _who_tells(talk.participation)],
        tone="stop",
        contact=talk.participation.client.contact,
    )


@allow(can_see_schedule)
@require_POST
def held(request, pk):
    """It was held; twice is once."""
    talk = _talk_to_change(request, pk)
    if talk.state != TalkState.HELD:
        try:
            hold_talk(talk=talk, by=request.user, now=timezone.now())
        except NotAllowed as refusal:
            messages.error(request, sentence(reason_text(refusal.reason)))
            return redirect("groups:talks", talk.participation.cycle_id)
    messages.success(request, _("Noted: the talk was held."))
    return redirect("groups:talks", talk.participation.cycle_id)


def _over(request, talk):
    messages.info(request, sentence(reason_text({"code": "talk_is_over", "args": {}})))
    return redirect("groups:talks", talk.participation.cycle_id)


def _lead(place, talk):
    """The person, by short name, and the talk as it is planned now."""
    if talk is None:
        return place.client.short_name
    return f"{place.client.short_name} · {moment_text(talk.date, talk.start_time, talk.end_time)}"


def _who_tells(place):
    if is_told_by_mail(place.client):
        return _("%(name)s gets a message now.") % {"name": place.client.short_name}
    return _("No mail reaches %(name)s safely: call. It stands in the tasks.") % {"name": place.client.short_name}
