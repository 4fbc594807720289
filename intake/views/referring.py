"""Refer somebody, and see what became of it."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.permissions import allow
from clients.enums import AccessAction
from clients.models import Client
from clients.services import find_or_refuse, open_file
from groups.enums import EntryState
from groups.exceptions import NotAllowed
from groups.fit import fit_offers
from groups.forecast import forecast_entries, forecast_text
from groups.permissions import sees_counts
from intake.enums import ReferralState
from intake.exceptions import AlreadyReferred, DraftRefused
from intake.fitting import expected_starts, fit_lists
from intake.forms import NoteForm, ReferForm, availability_rows
from intake.kept import keeps_what_was_typed
from intake.models import Referral, ReferralDraft
from intake.permissions import can_refer, is_from_outside
from intake.queries import can_be_judged_by, names_known_to, referral_status, story_of, with_status_facts
from intake.services import note_change, refer_client
from intake.views.referral_drafts import REFUSALS, draft_data, keep_from
from intake.wording import refusal_text, status_text, status_tone, step_text
from neighbourhoods.postcodes import POSTCODE_ATTRIBUTION

ROWS_A_PAGE = 50
LONGEST_NUMBER = 19


@keeps_what_was_typed
@allow(can_refer)
def refer(request):
    """One page to refer somebody; "preview" shows what fits and "keep" keeps a draft, without JavaScript too."""
    refused = ""
    if "keep" in request.POST:
        refused = _keep(request)
        if not refused:
            return redirect("intake:referrals")
    form, draft = _form(request, is_preview=bool(refused))
    referral = _send(request, form) if form.is_complete else None
    if referral is not None:
        messages.success(request, _("Your referral has been received. Thank you."))
        return redirect("intake:referral", pk=referral.pk)
    context = _page(request, form) | {"draft": draft, "refused": refused, "is_apart": False}
    return render(request, "intake/referral_form.html", context)


def _form(request, *, is_preview):
    """(the form as it was sent, or as a draft holds it, or empty; that draft or None)"""
    today = timezone.localdate()
    number = request.GET.get("concept", "")
    if request.method != "POST" and number.isascii() and number.isdecimal() and len(number) < LONGEST_NUMBER:
        draft, data = draft_data(request, int(number))
        return ReferForm(data, today=today, is_preview=True), draft
    is_preview = is_preview or "preview" in request.POST
    return ReferForm(request.POST or None, today=today, is_preview=is_preview), None


def _keep(request):
    """Why what was typed is not kept as a draft; "" when it is."""
    try:
        draft = keep_from(request)
    except DraftRefused as error:
        return REFUSALS[error.code]
    if draft is not None:
        messages.success(request, _("Kept as a draft. You find it here, for two weeks."))
    return ""


def _send(request, form):
    """The referral, or None with the errors put at their fields."""
    try:
        return refer_client(person=form.person(), by=request.user, now=timezone.now(), **form.wishes())
    except AlreadyReferred as earlier:
        said = _("You referred this person before and that referral is still open. Nothing was sent twice.")
        url = reverse("intake:referral", args=[earlier.referral.pk])
        form.add_error(None, format_html('{} <a href="{}#changed">{}</a>', said, url, _("Say what changed")))
    except NotAllowed as refused:
        form.add_error("wished_level", refusal_text(form.cleaned_data["wished_offer"], refused.reason))
    except ValidationError as error:
        form.add_error(None, error)
    return None


@allow(can_refer)
@require_POST
def refer_fit(request):
    """What changes while the form fills: what fits, the neighbourhood, a word about age."""
    form = ReferForm(request.POST, today=timezone.localdate(), is_preview=True)
    form.is_valid()
    return render(request, "intake/_refer_live.html", _page(request, form) | {"is_fragment": True})


def _page(request, form):
    facts = form.fit_facts()
    wish = str(form["wished_offer"].value() or "")
    fits = fit_offers(today=form.today, **facts)
    expected = expected_starts(fits, request.user, now=timezone.now(), **form.forecast_facts())
    return {
        "form": form,
        "lists": fit_lists(
            fits,
            {wish},
            is_place_open=form.is_place_open,
            expected=expected,
            shows_counts=sees_counts(request.user),
        ),
        "wish": wish,
        "is_started": any(facts[name] for name in ("birth_date", "neighbourhood", "problem_kinds")),
        "week": availability_rows(form["availability"]),
        "is_fragment": False,
        "attribution": POSTCODE_ATTRIBUTION,
    }


@allow(can_refer)
@require_safe
def referrals(request):
    """My referrals, the newest first, each with what became of it (R9)."""
    mine = with_status_facts(Referral.objects.referred_by_user(request.user)).select_related("client__key")
    page = Paginator(mine.order_by("-received_at", "-pk"), ROWS_A_PAGE).get_page(request.GET.get("pagina"))
    known = names_known_to(request.user, page)
    rows = [
        {"referral": row, "name": known[row.pk], "status": _status_line(referral_status(row), request.user)}
        for row in page
    ]
    drafts = ReferralDraft.objects.of(request.user)
    return render(request, "intake/referral_list.html", {"page": page, "rows": rows, "drafts": drafts})


@allow(can_refer)
@require_safe
def referral(request, pk):
    """One referral: what was asked, and how far it is. A stranger gets 404, and that is noted."""
    seen = with_status_facts(Referral.objects.visible_to(request.user)).select_related("client__key")
    return _referral_page(request, seen, pk, NoteForm())


def _referral_page(request, seen, pk, note, *, status=200):
    found = find_or_refuse(seen, by=request.user, now=timezone.now(), pk=pk)
    client = _open_if_visible(found.client, request.user)
    is_own = found.referred_by_id == request.user.pk
    is_told_more = not is_own or (found.feedback_allowed and found.has_feedback_consent)
    context = {
        "referral": found,
        "name": names_known_to(request.user, [found])[found.pk],
        "note": note if is_own and found.state != ReferralState.CLOSED else None,
        "client": client,
        "sees_words": client is not None or (is_own and is_from_outside(request.user)),
        "status": _status_line(referral_status(found, details=None if is_own else True), request.user),
        "story": [(step.on, step_text(step)) for step in story_of(found, details=is_told_more)],
        "expected": _expected(found, request.user) if is_told_more else [],
        "is_own": is_own,
        "is_told_more": is_told_more,
        "may_judge": can_be_judged_by(found, request.user),
    }
    return render(request, "intake/referral_detail.html", context, status=status)


@allow(can_refer)
@require_POST
def referral_note(request, pk):
    """Something changed since: who judges hears it."""
    mine = Referral.objects.referred_by_user(request.user)
    found, form = find_or_refuse(mine, by=request.user, now=timezone.now(), pk=pk), NoteForm(request.POST)
    if form.is_valid():
        try:
            note_change(referral=found, by=request.user, now=timezone.now(), **form.cleaned_data)
        except ValidationError as error:
            form.add_error(None, error)
        else:
            messages.success(request, _("Passed on to who judges. Thank you."))
            return redirect("intake:referral", pk=pk)
    seen = with_status_facts(mine).select_related("client__key")
    return _referral_page(request, seen, pk, form, status=422)


def _status_line(status, user):
    return {"text": status_text(status, shows_counts=sees_counts(user)), "tone": status_tone(status)}


def _expected(referral, user):
    """[(offer, when this person begins there, as the engine has it now)] for each list they wait on (R9, R12)."""
    entries = [placement.entry for placement in referral.placements.all()]
    found = forecast_entries([entry for entry in entries if entry.state == EntryState.WAITING], now=timezone.now())
    return [
        (
            "" if entry.offer.is_sensitive else entry.offer.name,
            forecast_text(found[entry.pk], user, tells_why=sees_counts(user)),
        )
        for entry in entries
        if entry.pk in found
    ]


def _open_if_visible(client, user):
    """The file, opened and logged; None for the desk, for whom no file is open."""
    if not Client.objects.visible_to(user).filter(pk=client.pk).exists():
        return None
    return open_file(client=client, by=user, action=AccessAction.REFERRED, now=timezone.now())
