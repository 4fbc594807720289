"""The social worker's queue and judgement (R3–R7)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import allow
from clients.enums import AccessAction, ConsentPurpose
from clients.queries import has_consent
from clients.services import find_or_refuse, keep_file_open, open_file
from groups.wording import reasons_text
from intake.enums import ClientType, ReferralState
from intake.exceptions import AlreadyJudged, NoPlace
from intake.forms import JudgeForm, availability_rows
from intake.kept import keeps_what_was_typed
from intake.models import Judgement, Referral
from intake.permissions import can_judge
from intake.queries import outcome_rows, queue_for, queue_rows, with_status_facts
from intake.services import judge_referral
from intake.wording import APPROACH, refusal_text, status_text, status_tone

ROWS_A_PAGE = 50


@allow(can_judge)
@require_safe
def queue(request):
    """Referrals waiting for a judgement in my work areas, the longest first (R3, R7)."""
    page = Paginator(queue_for(request.user), ROWS_A_PAGE).get_page(request.GET.get("pagina"))
    rows = queue_rows(page, today=timezone.localdate())
    return render(request, "intake/referral_queue.html", {"page": page, "rows": rows})


@keeps_what_was_typed
@allow(can_judge)
def judge(request, pk):
    """The intake and its decision; once judged, the page shows the outcome. Each opening of the file is logged."""
    mine = with_status_facts(Referral.objects.in_work_areas_of(request.user))
    found = find_or_refuse(mine, by=request.user, now=timezone.now(), pk=pk)
    if found.state != ReferralState.RECEIVED:
        return _show_outcome(request, found)
    is_preview = "preview" in request.POST
    if is_preview and request.htmx:
        client = keep_file_open(client=found.client, by=request.user, action=AccessAction.JUDGED, now=timezone.now())
        form = JudgeForm.for_referral(found, client, request.POST, today=timezone.localdate(), is_preview=True)
        return render(request, "intake/_judge_fit.html", {"form": form})
    client = open_file(client=found.client, by=request.user, action=AccessAction.JUDGED, now=timezone.now())
    form = JudgeForm.for_referral(found, client, request.POST, today=timezone.localdate(), is_preview=is_preview)
    if form.is_valid() and not is_preview and _decide(request, found, form):
        return redirect("intake:judge", pk=pk)
    return render(request, "intake/referral_judge.html", _page(found, client, form))


def _decide(request, referral, form):
    """True when there is an outcome to show; otherwise the errors stand at their fields."""
    try:
        judge_referral(referral=referral, by=request.user, now=timezone.now(), **form.judgement())
        messages.success(request, _("The judgement has been saved."))
        return True
    except AlreadyJudged:
        _say_too_late(request)
        return True
    except NoPlace as refused:
        form.add_error("offers", f"{refused.offer}: {refusal_text(refused.offer, refused.reason)}")
    except ValidationError as error:
        form.add_error(None, error)
    return False


def _page(referral, client, form):
    return {
        "referral": referral,
        "client": client,
        "form": form,
        "age": client.age_on(form.today),
        "days": referral.days_waiting(form.today),
        "has_consent": has_consent(client, ConsentPurpose.REGISTRATION),
        "approaches": [(kind, APPROACH[kind], form["client_type"].value() == kind.value) for kind in ClientType],
        "week": availability_rows(form["availability"]),
    }


def _show_outcome(request, referral):
    if request.method == "POST":
        _say_too_late(request)
    client = open_file(client=referral.client, by=request.user, action=AccessAction.READ, now=timezone.now())
    context = {
        "referral": referral,
        "judgement": Judgement.objects.select_related("by").filter(referral=referral).first(),
        "client": client,
        "rows": [_outcome_words(row) for row in outcome_rows(referral, now=timezone.now())],
    }
    return render(request, "intake/referral_judged.html", context)


def _outcome_words(row):
    return {
        "entry": row.entry,
        "is_waiting": row.is_waiting,
        "counted": row.counted,
        "goal": row.entry.waitlist.minimum,
        "missing": row.missing,
        "joins_on": row.joins_on,
        "why_not": reasons_text(row.reasons),
        "text": status_text(row.status),
        "tone": status_tone(row.status),
    }


def _say_too_late(request):
    messages.error(request, _("This referral was judged already. Below is what was decided; nothing was changed."))
