"""After a round: what each person and their leaders decide together, for one or for all in one sweep (R28)."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts.permissions import allow
from groups.cycle_people import attendance_strip, people_of
from groups.cycle_queries import agreed_provisions, cycle_page
from groups.enums import STAYED, CycleState, Outcome
from groups.forms.after_five import RoundForm
from groups.going_on import foresee_next_round, next_round_text
from groups.models import GroupOffer
from groups.permissions import can_decide_after, can_see_participants
from groups.queries import sessions_of
from groups.services.after_five import DecisionsRefused, decide_after_round
from groups.services.facts import load_facts
from groups.views.steps import posted


@allow(can_see_participants)
@require_http_methods(["GET", "HEAD", "POST"])
def after_five(request, pk):
    """One form, one save; what cannot be stands at its person, and nothing typed is lost."""
    cycle = cycle_to_close(request, pk)
    if cycle.state in (CycleState.FORMED, CycleState.CANCELLED):
        messages.info(request, _("This group has not begun, or does not take place: there is nothing to decide yet."))
        return redirect("groups:cycle", cycle.pk)
    now = timezone.now()
    sessions, people = list(sessions_of(cycle)), list(people_of(cycle, request.user))
    form = _form(request, cycle, sessions, people, now)
    if form.is_valid() and _save(request, cycle, form, now):
        return redirect("groups:after_five", cycle.pk)
    context = {
        "cycle": cycle,
        "form": form,
        "rows": [(person, attendance_strip(person.row, sessions)) for person in form.people],
        "gone": [row for row in people if row.outcome == Outcome.STOPPED],
        "coming": _coming(request.user, cycle, sessions, form.people, now),
    }
    return render(request, "groups/after_five.html", context, status=422 if form.is_bound else 200)


def cycle_to_close(request, pk):
    """The cycle for who leads it; 404 for a stranger, 403 for who only sees it."""
    cycle = get_object_or_404(cycle_page(request.user, today=timezone.localdate()), pk=pk)
    if not can_decide_after(request.user, cycle):
        raise PermissionDenied
    return cycle


def _form(request, cycle, sessions, people, now):
    staying = [row for row in people if row.state in STAYED]
    return RoundForm(
        posted(request),
        cycle=cycle,
        sessions=sessions,
        people=staying,
        provisions=agreed_provisions({row.client.neighbourhood.municipality_id for row in staying}),
        offers=list(GroupOffer.objects.active().exclude(pk=cycle.offer.pk).only("pk", "name").order_by("name")),
        now=now,
        today=timezone.localdate(now),
    )


def _save(request, cycle, form, now):
    """Whether it was kept."""
    decisions = form.decisions()
    try:
        decide_after_round(cycle=cycle, decisions=decisions, by=request.user, now=now)
    except DecisionsRefused as refused:
        form.add_refusals(refused.reasons)
        return False
    done = ngettext("Saved for %(count)s person.", "Saved for %(count)s people.", len(decisions))
    messages.success(request, done % {"count": len(decisions)})
    return True


def _coming(user, cycle, sessions, people, now):
    """What becomes of who goes on (R28): a next round that is there, else as the engine would form it now."""
    if cycle.next_round_pk:
        return {"next_round": (cycle.next_round_pk, cycle.next_round_on)}
    facts = load_facts(waitlist=cycle.waitlist, now=now)
    undecided = [person.row for person in people if person.is_asked and not person.row.outcome]
    texts = {"now": foresee_next_round(facts, cycle, sessions, going=[], decided=0)}
    texts["if_all"] = (
        foresee_next_round(facts, cycle, sessions, going=undecided, decided=len(undecided)) if undecided else None
    )
    return {name: next_round_text(found, user) for name, found in texts.items() if found is not None}
