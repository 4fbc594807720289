"""Pages about provisions in the neighbourhood (R36): who may be sent where, and under which agreement."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods

from accounts.permissions import allow
from neighbourhoods import services
from neighbourhoods.exceptions import ProvisionChanged
from neighbourhoods.forms import ProvisionForm
from neighbourhoods.models import Neighbourhood, Provision
from neighbourhoods.permissions import can_keep_provisions, can_see_provisions
from neighbourhoods.queries import provisions_by_municipality

FORM_METHODS = ["GET", "HEAD", "POST"]


@require_GET
@allow(can_see_provisions)
def provision_list(request):
    """All provisions by municipality, or those for one neighbourhood."""
    code = request.GET.get("wijk")
    area = get_object_or_404(Neighbourhood.objects.select_related("municipality"), pk=code) if code else None
    context = {
        "municipalities": provisions_by_municipality(request.user, area),
        "neighbourhood": area,
        "can_add": can_keep_provisions(request.user),
    }
    return render(request, "neighbourhoods/provision_list.html", context)


@require_GET
@allow(can_see_provisions)
def provision(request, pk):
    """One provision: how to reach it, and whether and under what agreement somebody may be sent."""
    found = _find(Provision.objects.visible_to(request.user), pk)
    can_edit = Provision.objects.manageable_by(request.user).filter(pk=pk).exists()
    return render(request, "neighbourhoods/provision_detail.html", {"provision": found, "can_edit": can_edit})


@require_http_methods(FORM_METHODS)
@allow(can_keep_provisions)
def provision_add(request):
    """A new provision, with or without an agreement."""
    initial = {"where": request.GET.get("wijk", "")}
    form = ProvisionForm(request.POST or None, by=request.user, today=timezone.localdate(), initial=initial)
    if request.method == "POST" and form.is_valid():
        try:
            added = services.add_provision(**form.values(), by=request.user, now=timezone.now())
        except ValidationError as refused:
            form.add_error("name", refused)
        else:
            return _saved(request, added.pk)
    return _form_page(request, form, _("Add a provision"), reverse("provisions:list"))


@require_http_methods(FORM_METHODS)
@allow(can_keep_provisions)
def provision_edit(request, pk):
    """Everything about it, what it agreed to included."""
    found = _find(Provision.objects.manageable_by(request.user), pk)
    form = ProvisionForm(request.POST or None, instance=found, by=request.user, today=timezone.localdate())
    if request.method == "POST" and form.is_valid():
        fields = form.values() | {"seen": form.cleaned_data["seen"]}
        try:
            services.change_provision(provision=found, **fields, by=request.user, now=timezone.now())
        except ProvisionChanged as changed:
            form.add_changed(changed.provision)
        except ValidationError as refused:
            form.add_error("name", refused)
        else:
            return _saved(request, pk)
    return _form_page(request, form, _("Change the provision"), _url(pk))


@require_http_methods(FORM_METHODS)
@allow(can_keep_provisions)
def agreement_withdraw(request, pk):
    """They take back what they agreed to."""
    found = _find(Provision.objects.manageable_by(request.user).exclude(agreed_on=None), pk)
    if request.method == "POST":
        return _confirmed(request, found, services.withdraw_agreement)
    consequences = [
        _("From now on nobody is sent there."),
        _("What they wanted to receive is removed. A new agreement can be noted at any time."),
    ]
    return _confirm_page(
        request, found, _("End the agreement"), _("They no longer want to receive people?"), consequences
    )


@require_http_methods(FORM_METHODS)
@allow(can_keep_provisions)
def provision_close(request, pk):
    """It is there no more; or, when it was closed, it is there again."""
    found = _find(Provision.objects.manageable_by(request.user), pk)
    if request.method == "POST":
        return _confirmed(
            request, found, services.close_provision if found.closed_on is None else services.reopen_provision
        )
    if found.closed_on is None:
        consequences = [_("It no longer stands on the lists, and nobody is sent there."), _("It can be opened again.")]
        return _confirm_page(
            request, found, _("Close the provision"), _("This provision is there no more?"), consequences
        )
    consequences = [_("It stands on the lists again, with the agreement that it had.")]
    return _confirm_page(
        request, found, _("Open the provision again"), _("This provision is there again?"), consequences
    )


def _confirmed(request, found, change):
    """What was confirmed, unless it is not that any more: then its page says so, and nothing happened."""
    try:
        change(provision=found, by=request.user, now=timezone.now(), seen=_seen(request))
    except ProvisionChanged:
        messages.error(request, _("A colleague changed this meanwhile, so nothing was done. Look at what it is now."))
    except ValidationError as refused:
        messages.error(request, refused.messages[0])
    else:
        messages.success(request, _("Saved."))
    return redirect(_url(found.pk))


def _seen(request):
    """Its changed_at when the page was made; None if the page did not say."""
    try:
        seen = parse_datetime(request.POST.get("seen", ""))
    except ValueError:
        return None
    return seen if seen is not None and timezone.is_aware(seen) else None


def _find(provisions, pk):
    related = provisions.select_related("municipality", "neighbourhood", "changed_by")
    return get_object_or_404(related.defer("municipality__polygon", "neighbourhood__polygon"), pk=pk)


def _url(pk):
    return reverse("provisions:detail", kwargs={"pk": pk})


def _saved(request, pk):
    messages.success(request, _("Saved."))
    return redirect(_url(pk))


def _form_page(request, form, title, back_url):
    return render(request, "neighbourhoods/provision_form.html", {"form": form, "title": title, "back_url": back_url})


def _confirm_page(request, found, action, question, consequences):
    context = {"provision": found, "action": action, "question": question, "consequences": consequences}
    return render(request, "neighbourhoods/provision_confirm.html", context | {"back_url": _url(found.pk)})
