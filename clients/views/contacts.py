"""The contact log and what is followed up (R7, R10). A contact is noted in two taps: the person, and how it went."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.http import Http404, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.periods import short_day
from accounts.permissions import allow, is_logged_in
from clients.enums import AccessAction, ContactWay
from clients.forms import ContactForm, SettleForm, SnoozeForm
from clients.models import Client, FollowUp
from clients.permissions import can_log_contact, can_place, can_see_contact
from clients.queries import contact_log_of, follow_ups_of, misses_in_a_row
from clients.services import (
    find_or_refuse,
    log_contact,
    log_refusal,
    next_contact_day,
    open_file,
    settle_follow_up,
    snooze_follow_up,
)

ROWS_A_PAGE = 50


def _find(request, public_id):
    """The client, for who speaks with them; others get 404, and that is noted (R41)."""
    client = Client.objects.visible_to(request.user).select_related("contact").filter(public_id=public_id).first()
    if client is None or not can_log_contact(request.user, client):
        log_refusal(public_id=public_id, by=request.user, now=timezone.now())
        raise Http404
    return client


@allow(is_logged_in)
@require_safe
def contacts(request, public_id):
    """All attempts to speak with a client; each opening is logged."""
    client = _find(request, public_id)
    open_file(client=client, by=request.user, action=AccessAction.CONTACTS, now=timezone.now())
    page = Paginator(contact_log_of(client), ROWS_A_PAGE).get_page(request.GET.get("pagina"))
    context = {"client": client, "page": page, "follow_ups": follow_ups_of(client, request.user)}
    return render(request, "clients/contact_list.html", context)


@allow(is_logged_in)
def contact_add(request, public_id):
    """Two buttons, "spoken" and "not reached"; everything else may stay as it is."""
    client, today = _find(request, public_id), timezone.localdate()
    posted = request.POST if request.method == "POST" else None
    form = ContactForm(posted, today=today, may_phone=client.contact.may_phone, proposal=_proposal(today))
    back = _back(request, client)
    if form.is_valid() and _is_reached(request) is not None and _log(request, client, form):
        return HttpResponseRedirect(back)
    open_file(client=client, by=request.user, action=AccessAction.READ, now=timezone.now())
    context = {
        "client": client,
        "form": form,
        "back": back,
        "sees_contact": can_see_contact(request.user, client),
        "misses": misses_in_a_row(client),
        "log": contact_log_of(client)[:3],
    }
    return render(request, "clients/contact_add.html", context, status=422 if form.is_bound else 200)


def _is_reached(request):
    return {"ja": True, "nee": False}.get(request.POST.get("bereikt"))


def _log(request, client, form):
    """Whether it was noted; else the form says why not."""
    is_reached = _is_reached(request)
    try:
        moment = log_contact(
            client=client,
            is_reached=is_reached,
            by=request.user,
            now=timezone.now(),
            is_sent=True,
            **form.cleaned_data,
        )
    except ValidationError as error:
        form.add_error(None, error)
        return False
    said = _("Noted: spoken to.") if is_reached else _("Noted: not reached.")
    if moment.next_on:
        said += " " + _("It comes back on %(day)s.") % {"day": short_day(moment.next_on)}
    messages.success(request, said)
    return True


def _proposal(today):
    days = {
        "soon": short_day(next_contact_day(is_reached=False, today=today)),
        "later": short_day(next_contact_day(is_reached=True, today=today)),
    }
    return _("Left empty: after “not reached” %(soon)s; after “spoken” %(later)s, if the person still waits.") % days


def _back(request, client):
    """Where somebody came from, if that is a page of ours; else the contact log."""
    wanted = request.POST.get("next") or request.GET.get("next") or ""
    if wanted.startswith("/") and url_has_allowed_host_and_scheme(wanted, allowed_hosts=None):
        return wanted
    return reverse("clients:contacts", args=[client.public_id])


@allow(can_place)
@require_safe
def follow_ups(request):
    """R10: all that this person follows up, the longest due first."""
    now = timezone.now()
    rows = FollowUp.objects.for_today_of(request.user, now=now).open().select_related("client__contact", "for_user")
    page = Paginator(rows.order_by("due_on", "pk"), ROWS_A_PAGE).get_page(request.GET.get("pagina"))
    return render(request, "clients/follow_up_list.html", {"page": page, "today": timezone.localdate(now)})


@allow(can_place)
def follow_up(request, pk):
    """Settle it, saying how, or let it come back later."""
    now = timezone.now()
    rows = FollowUp.objects.visible_to(request.user).select_related("client__contact", "for_user", "settled_by")
    row = find_or_refuse(rows, by=request.user, now=now, pk=pk)
    later = next_contact_day(is_reached=True, today=timezone.localdate(now))
    is_snooze = "until" in request.POST
    posted = request.POST if request.method == "POST" else None
    settle, snooze = (
        SettleForm(None if is_snooze else posted),
        SnoozeForm(posted if is_snooze else None, proposal=later),
    )
    form = snooze if is_snooze else settle
    if form.is_valid() and _follow(request, row, form, is_snooze):
        return redirect("reporting:today")
    open_file(client=row.client, by=request.user, action=AccessAction.READ, now=now)
    context = {"follow_up": row, "settle": settle, "snooze": snooze, "form": form}
    return render(request, "clients/follow_up.html", context, status=422 if form.is_bound else 200)


def _follow(request, row, form, is_snooze):
    now, values = timezone.now(), form.cleaned_data
    try:
        if is_snooze:
            snooze_follow_up(follow_up=row, by=request.user, now=now, **values)
            messages.success(request, _("It comes back on %(day)s.") % {"day": short_day(values["until"])})
        else:
            way = values["way"] or ContactWay.PHONE
            settle_follow_up(follow_up=row, how=values["how"], way=way, by=request.user, now=now)
            messages.success(request, _("Settled."))
    except ValidationError as error:
        form.add_error(None, error)
        return False
    return True
