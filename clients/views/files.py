"""A client's file and what can be changed on it. Whoever may not see a client gets 404, and that is noted."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_POST, require_safe

from accounts.enums import Weekday
from accounts.permissions import allow, is_logged_in
from clients.enums import AccessAction, ConsentPurpose, DayPart
from clients.exceptions import ChangedMeanwhile
from clients.forms import AvailabilityForm, ClientForm, ConsentForm, SearchForm
from clients.models import Client
from clients.permissions import can_log_contact, can_place, can_see_contact
from clients.queries import contact_log_of, excluded_as_seen, excluded_with, follow_ups_of, kept_file_of, readers_of
from clients.services import (
    add_consent,
    change_availability,
    find_clients,
    log_refusal,
    open_file,
    record_exclusion,
    remove_exclusion,
    update_client,
    withdraw_consent,
)

LAST_CONTACTS = 5
CONSEQUENCES = {
    ConsentPurpose.REGISTRATION: [
        gettext_lazy("The client can no longer be placed in a group."),
        gettext_lazy("The file stays until somebody closes it; that this consent was given stays noted."),
    ],
    ConsentPurpose.FEEDBACK_TO_REFERRER: [gettext_lazy("The referrer no longer hears how it goes.")],
}


def _visible(request, public_id):
    return Client.objects.visible_to(request.user).select_related("contact").filter(public_id=public_id).first()


def _find(request, public_id):
    """The client, if visible; otherwise 404 and a row in the access log."""
    client = _visible(request, public_id)
    if client is None:
        log_refusal(public_id=public_id, by=request.user, now=timezone.now())
        raise Http404
    return client


def _open(request, public_id):
    """The client's file, read and logged in one go."""
    client = _find(request, public_id)
    return open_file(client=client, by=request.user, action=AccessAction.READ, now=timezone.now())


def _week(chosen):
    """[(part, [(value, weekday, is_chosen)])]: what can be ticked."""
    return [
        (part, [(f"{weekday}-{part}", weekday.label, (weekday, part) in chosen) for weekday in Weekday])
        for part in DayPart
    ]


def _days(chosen):
    """[(weekday, [part])] of the days on which the client can come."""
    days = [(day.label, [part.label for part in DayPart if (day, part) in chosen]) for day in Weekday]
    return [(day, parts) for day, parts in days if parts]


def _availability(client):
    return set(client.availability.values_list("weekday", "part"))


@allow(is_logged_in)
@require_safe
def file(request, public_id):
    found = _visible(request, public_id)
    kept = kept_file_of(public_id=public_id, by=request.user) if found is None else None
    if kept is not None:
        return redirect("clients:file", kept.public_id)
    found = found or _find(request, public_id)
    client = open_file(client=found, by=request.user, action=AccessAction.READ, now=timezone.now())
    shown = {"client": client, "sees_contact": can_see_contact(request.user, client), "is_placer": False}
    shown |= _contacts(client, request.user)
    if can_place(request.user):
        shown |= {
            "is_placer": True,
            "days": _days(_availability(client)),
            "consents": client.consents.order_by("purpose", "-given_on", "-pk"),
            **_excluded(client, request.user),
            "readers": readers_of(client),
        }
    return render(request, "clients/client_detail.html", shown)


def _contacts(client, user):
    """The last contacts and what is to be followed up, for who speaks with this client (R41)."""
    may_log = can_log_contact(user, client)
    return {
        "logs_contact": may_log,
        "contact_log": contact_log_of(client)[:LAST_CONTACTS] if may_log else [],
        "follow_ups": follow_ups_of(client, user) if can_place(user) else [],
    }


def _excluded(client, user):
    """Who must not be met: those whose name this user may know, and how many others there are."""
    seen, elsewhere = excluded_as_seen(client, user)
    return {"excluded": seen, "excluded_elsewhere": elsewhere}


@allow(is_logged_in)
def edit(request, public_id):
    client = _to_edit(request, public_id)
    form = ClientForm(client, request.POST if request.method == "POST" else None, today=timezone.localdate())
    if form.is_valid():
        try:
            update_client(client=client, by=request.user, now=timezone.now(), **form.changes())
        except ValidationError as error:
            form.add_error(None, error)
        except ChangedMeanwhile as changed:
            form.show_changed(_find(request, public_id), changed.fields)
        else:
            messages.success(request, _("Saved."))
            return redirect("clients:file", public_id)
    return _answer(request, "clients/client_edit.html", client, form)


@allow(is_logged_in)
def availability(request, public_id):
    client = _to_edit(request, public_id)
    form = AvailabilityForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        change_availability(client=client, parts=form.chosen(), by=request.user, now=timezone.now())
        messages.success(request, _("Saved."))
        return redirect("clients:file", public_id)
    week = _week(_availability(client))
    return _answer(request, "clients/availability_edit.html", client, form, week=week)


@allow(is_logged_in)
def consent(request, public_id):
    client = _to_edit(request, public_id)
    form = ConsentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        add_consent(client=client, by=request.user, now=timezone.now(), **form.cleaned_data)
        messages.success(request, _("Noted."))
        return redirect("clients:file", public_id)
    return _answer(request, "clients/consent_add.html", client, form)


@allow(is_logged_in)
def consent_withdraw(request, public_id, purpose):
    if purpose not in ConsentPurpose.values:
        raise Http404
    client = _to_edit(request, public_id)
    if request.method == "POST":
        withdraw_consent(client=client, purpose=purpose, by=request.user, now=timezone.now())
        messages.success(request, _("The consent is withdrawn from today."))
        return redirect("clients:file", public_id)
    shown = {"purpose": ConsentPurpose(purpose), "consequences": CONSEQUENCES[purpose]}
    return _answer(request, "clients/consent_withdraw.html", client, None, **shown)


@allow(is_logged_in)
def exclusion(request, public_id):
    """Searching is a POST too: a name does not belong in an address."""
    client = _to_edit(request, public_id)
    form, found = SearchForm(request.POST if request.method == "POST" else None), None
    if "other" in request.POST:
        return _exclude(request, client)
    if form.is_valid():
        found = find_clients(text=form.cleaned_data["q"], by=request.user, now=timezone.now())
        found = [other for other in found if other != client]
    return _answer(request, "clients/exclusion_add.html", client, form, found=found)


def _exclude(request, client):
    other = _find_other(request, request.POST["other"])
    try:
        record_exclusion(client=client, other=other, by=request.user, now=timezone.now())
    except ValidationError as error:
        messages.error(request, " ".join(error.messages))
    else:
        messages.success(request, _("Noted: these two are never placed in one group."))
    return redirect("clients:file", client.public_id)


def _find_other(request, public_id):
    try:
        return _find(request, public_id)
    except ValidationError as error:
        raise Http404 from error


@allow(is_logged_in)
@require_POST
def exclusion_remove(request, public_id, other_id):
    client = _to_edit(request, public_id)
    other = get_object_or_404(excluded_with(client), pk=_find(request, other_id).pk)
    remove_exclusion(client=client, other=other, by=request.user, now=timezone.now())
    messages.success(request, _("Removed: these two may meet again."))
    return redirect("clients:file", public_id)


def _to_edit(request, public_id):
    """The client for who may edit; others get 404. Opening the page is logged here, a change by its service."""
    client = _find(request, public_id)
    if not can_place(request.user):
        log_refusal(public_id=public_id, by=request.user, now=timezone.now())
        raise Http404
    return client if request.method == "POST" else _open(request, public_id)


def _answer(request, template, client, form, **more):
    """The page; after a POST that changed nothing it names the client too, so that is a reading of the file."""
    if request.method == "POST":
        open_file(client=client, by=request.user, action=AccessAction.READ, now=timezone.now())
    status = 422 if request.method == "POST" and form is not None and form.errors else 200
    return render(request, template, {"client": client, "form": form, **more}, status=status)
