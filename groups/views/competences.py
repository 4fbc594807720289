"""Who may lead or co-lead what until when: for the coordinator all of it, for everybody their own (R14, R38)."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.permissions import allow
from groups.enums import CompetenceKind
from groups.forms.training import EndForm, GrantForm
from groups.models import Competence, GroupOffer
from groups.permissions import can_keep_time, can_manage_training
from groups.services.competences import end_competence, grant_competence
from groups.training import (
    CompetenceFilter,
    competence_text,
    competences_page,
    enrolments_of,
    until_words,
    waiting_enrolments,
    waits_words,
)
from groups.views.steps import number_of, posted, step_page, take_step

ROWS_A_PAGE, MOST_CHANGES = 50, 30
END_CONSEQUENCES = [
    gettext_lazy("New groups are not planned with this colleague in that seat any more."),
    gettext_lazy("While planned sessions need it, it cannot end: first find a substitute."),
]


@allow(can_manage_training)
@require_safe
def competences(request):
    """By name; what expired stands at the bottom."""
    chosen = {name: request.GET.get(name, "") for name in ("kind", "offer", "state")}
    rows = competences_page(today=timezone.localdate(), **chosen)
    page = Paginator(rows, ROWS_A_PAGE).get_page(request.GET.get("pagina"))
    context = {
        "page": page,
        "rows": [(row, competence_text(row), until_words(row.expires_on)) for row in page],
        "chosen": chosen,
        "keep": "&" + urlencode(chosen),
        "is_narrowed": any(chosen.values()),
        "kinds": CompetenceKind,
        "states": CompetenceFilter,
        "offers": GroupOffer.objects.order_by("name"),
    }
    return render(request, "groups/competences.html", context)


@allow(can_manage_training)
def competence_grant(request):
    """By hand, with why; one that somebody has already is extended."""
    asked = {"user": number_of(request.GET.get("collega")), "kind": request.GET.get("soort")}
    initial = {name: value for name, value in asked.items() if value}
    form = GrantForm(posted(request), today=timezone.localdate(), initial=initial)
    if form.is_valid():
        with form.explaining():
            grant_competence(by=request.user, now=timezone.now(), **form.cleaned_data)
            messages.success(request, _("The competence is granted. Lists that waited for it are looked at again."))
            return redirect("groups:competences")
    context = {"form": form, "title": _("Grant a competence"), "back_url": reverse("groups:competences")}
    return render(request, "groups/edit.html", context | {"eyebrow": ""}, status=422 if form.errors else 200)


@allow(can_manage_training)
def competence_end(request, pk):
    """Withdrawn or ended on a day; what is planned already is not torn apart."""
    row = get_object_or_404(Competence.objects.select_related("user", "offer"), pk=pk)
    form = EndForm(posted(request), today=timezone.localdate())

    def act():
        end_competence(competence=row, by=request.user, now=timezone.now(), **form.cleaned_data)

    to = ("groups:competences",)
    return take_step(request, form, act, done=_("The competence ends."), to=to) or step_page(
        request,
        form,
        title=_("End this competence?"),
        action=_("End the competence"),
        lead=f"{row.user.full_name}: {competence_text(row)}, {until_words(row.expires_on)}",
        back=reverse(*to),
        consequences=[str(words) for words in END_CONSEQUENCES],
        tone="stop",
    )


@allow(can_keep_time)
@require_safe
def my_competences(request):
    """What one may oneself, until when, what is still to come of a course, and what happened."""
    user, today = request.user, timezone.localdate()
    rows = competences_page(today=today).filter(user=user)
    waiting = {row.pk: waits_words(row.beside, row.day.course) for row in waiting_enrolments().filter(user=user)}
    changes = user.competence_changes.select_related("offer", "by")[:MOST_CHANGES]
    context = {
        "rows": [(row, competence_text(row), until_words(row.expires_on)) for row in rows],
        "enrolments": [(row, waiting.get(row.pk, "")) for row in enrolments_of(user)],
        "changes": [(row, competence_text(row), until_words(row.expires_on)) for row in changes],
    }
    return render(request, "groups/my_competences.html", context)
