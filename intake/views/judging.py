"""The social worker's queue and judgement (R3–R8b)."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.permissions import allow
from clients.enums import AccessAction, ConsentPurpose
from clients.exceptions import ChangedMeanwhile
from clients.letters import letter_refusal
from clients.queries import excluded_as_seen, has_consent, safe_address
from clients.services import find_or_refuse, keep_file_open, open_file
from intake.enums import ClientType, ReferralState
from intake.exceptions import AlreadyJudged, NoPlace
from intake.forms import JudgeForm, availability_rows
from intake.kept import keeps_what_was_typed
from intake.models import Referral
from intake.permissions import can_judge
from intake.queries import notes_on, queue_for, queue_rows, with_status_facts
from intake.services import judge_referral
from intake.views.drafts import draft_of, draft_state, keep_what_was_sent, others_at_it, typed_in
from intake.views.outcome import show_outcome
from intake.wording import APPROACH, CLIENT_TYPE, refusal_text, told_lines

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
    found = find_to_judge(request, pk)
    if found.state != ReferralState.RECEIVED:
        return show_outcome(request, found)
    is_preview = "preview" in request.POST
    if is_preview and request.htmx:
        client = keep_file_open(client=found.client, by=request.user, action=AccessAction.JUDGED, now=timezone.now())
        form = _form(request, found, client, data=request.POST, is_preview=True)
        return render(request, "intake/_judge_fit.html", {"form": form})
    client = open_file(client=found.client, by=request.user, action=AccessAction.JUDGED, now=timezone.now())
    form = _form(request, found, client, data=request.POST or None, is_preview=is_preview)
    if form.is_valid() and not is_preview and _decide(request, found, form):
        return redirect("intake:judge", pk=pk)
    state = keep_what_was_sent(request, found) if request.method == "POST" else draft_state(request, found)
    return judge_page(request, found, client, form, state)


def find_to_judge(request, pk):
    """The referral, with what its page says; a stranger gets 404, and that is noted."""
    mine = with_status_facts(Referral.objects.in_work_areas_of(request.user))
    return find_or_refuse(mine, by=request.user, now=timezone.now(), pk=pk)


def _form(request, referral, client, *, data, is_preview):
    draft = typed_in(draft_of(request.user, referral)) if data is None else None
    return JudgeForm.for_referral(
        referral, client, data, draft=draft, by=request.user, now=timezone.now(), is_preview=is_preview
    )


def _decide(request, referral, form):
    """True when there is an outcome to show; otherwise the errors stand at their fields."""
    try:
        judge_referral(referral=referral, by=request.user, now=timezone.now(), **form.judgement())
        messages.success(request, _("The judgement has been saved."))
        return True
    except AlreadyJudged:
        keep_what_was_sent(request, referral)
        messages.error(request, _("This referral was judged already. Below is what was decided; nothing was changed."))
        return True
    except NoPlace as refused:
        field = "direct_offer" if form.is_direct else "offers"
        form.add_error(field, f"{refused.offer}: {refusal_text(refused.offer, refused.reason)}")
    except ValidationError as error:
        form.add_error(None, error)
    except ChangedMeanwhile as changed:
        form.show_changed(find_to_judge(request, referral.pk).client, changed.fields)
    return False


def judge_page(request, referral, client, form, state, *, status=200):
    """The page with the form; `state` is how far it is kept (DraftState)."""
    chosen = form["client_type"].value()
    never_with, elsewhere = excluded_as_seen(client, request.user)
    context = {
        "referral": referral,
        "client": client,
        "form": form,
        "draft": state,
        "others": others_at_it(request.user, referral),
        "age": client.age_on(form.today),
        "days": referral.days_waiting(form.today),
        "has_consent": has_consent(client, ConsentPurpose.REGISTRATION),
        "lacks_address": safe_address(client) is None and letter_refusal(client) == "no_address",
        "never_with": never_with,
        "never_with_elsewhere": elsewhere,
        "told_anew": told_lines(referral),
        "notes": notes_on(referral),
        "approaches": [(kind, CLIENT_TYPE[kind], APPROACH[kind], chosen == kind.value) for kind in ClientType],
        "week": availability_rows(form["availability"]),
    }
    return render(request, "intake/referral_judge.html", context, status=status)
