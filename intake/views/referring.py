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
from groups.exceptions import NotAllowed
from groups.fit import fit_offers
from intake.exceptions import AlreadyReferred
from intake.fitting import fit_lists
from intake.forms import ReferForm, availability_rows
from intake.kept import keeps_what_was_typed
from intake.models import Referral
from intake.permissions import can_refer
from intake.queries import can_be_judged_by, referral_status, with_status_facts
from intake.services import refer_client
from intake.wording import refusal_text, status_text, status_tone
from neighbourhoods.postcodes import POSTCODE_ATTRIBUTION

ROWS_A_PAGE = 50


@keeps_what_was_typed
@allow(can_refer)
def refer(request):
    """One page to refer somebody; "preview" shows what fits, without JavaScript too."""
    is_preview = "preview" in request.POST
    form = ReferForm(request.POST or None, today=timezone.localdate(), is_preview=is_preview)
    referral = _send(request, form) if form.is_complete else None
    if referral is not None:
        messages.success(request, _("Your referral has been received. Thank you."))
        return redirect("intake:referral", pk=referral.pk)
    return render(request, "intake/referral_form.html", _page(form))


def _send(request, form):
    """The referral, or None with the errors put at their fields."""
    try:
        return refer_client(person=form.person(), by=request.user, now=timezone.now(), **form.wishes())
    except AlreadyReferred as earlier:
        said = _("You referred this person before and that referral is still open. Nothing was sent twice.")
        url = reverse("intake:referral", args=[earlier.referral.pk])
        form.add_error(None, format_html('{} <a href="{}">{}</a>', said, url, _("Open that referral")))
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
    return render(request, "intake/_refer_live.html", _page(form) | {"is_fragment": True})


def _page(form):
    facts = form.fit_facts()
    wish = str(form["wished_offer"].value() or "")
    return {
        "form": form,
        "lists": fit_lists(fit_offers(today=form.today, **facts), {wish}, is_place_open=form.is_place_open),
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
    mine = with_status_facts(Referral.objects.referred_by_user(request.user)).order_by("-received_at", "-pk")
    page = Paginator(mine, ROWS_A_PAGE).get_page(request.GET.get("pagina"))
    rows = [{"referral": row, "status": _status_line(referral_status(row))} for row in page]
    return render(request, "intake/referral_list.html", {"page": page, "rows": rows})


@allow(can_refer)
@require_safe
def referral(request, pk):
    """One referral: what was asked, and how far it is. A stranger gets 404, and that is noted."""
    seen = with_status_facts(Referral.objects.visible_to(request.user))
    found = find_or_refuse(seen, by=request.user, now=timezone.now(), pk=pk)
    is_own = found.referred_by_id == request.user.pk
    context = {
        "referral": found,
        "client": _open_if_visible(found.client, request.user),
        "status": _status_line(referral_status(found, details=None if is_own else True)),
        "is_own": is_own,
        "is_told_more": not is_own or (found.feedback_allowed and found.has_feedback_consent),
        "may_judge": can_be_judged_by(found, request.user),
    }
    return render(request, "intake/referral_detail.html", context)


def _status_line(status):
    return {"text": status_text(status), "tone": status_tone(status)}


def _open_if_visible(client, user):
    """The file, opened and logged; None for the desk, for whom no file is open."""
    if not Client.objects.visible_to(user).filter(pk=client.pk).exists():
        return None
    return open_file(client=client, by=user, action=AccessAction.REFERRED, now=timezone.now())
