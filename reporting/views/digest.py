"""The weekly overview as a page, what one wants to be mailed about, and the way out of a mail (R9, R37)."""

from django import forms
from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from accounts.enums import RoleName
from accounts.permissions import allow, has_role, is_logged_in
from accounts.services import choose_messages
from intake.models import WITH_REFERRALS
from reporting.digest import reader_of
from reporting.queries.digest import digest_for


def is_in_team(user):
    return has_role(user, RoleName.TEAM_MEMBER)


@allow(is_in_team)
@require_safe
def digest(request):
    context = {"digest": digest_for(request.user, today=timezone.localdate())}
    return render(request, "reporting/digest.html", context)


class MessagesForm(forms.Form):
    """Only what can come to this person at all."""

    hears_news_by_mail = forms.BooleanField(
        label=gettext_lazy("Mail me when there is news of my referrals"),
        help_text=gettext_lazy("Otherwise you read it on your own page only."),
        required=False,
    )
    gets_digest = forms.BooleanField(
        label=gettext_lazy("Mail me the weekly overview of groups near my residents"), required=False
    )

    def __init__(self, data=None, *, user):
        super().__init__(data, initial={name: getattr(user, name) for name in self.base_fields})
        if not has_role(user, *WITH_REFERRALS):
            del self.fields["hears_news_by_mail"]
        if not is_in_team(user):
            del self.fields["gets_digest"]


@allow(is_logged_in)
def my_messages(request):
    """R9, R37: at once or on the page only; the weekly overview or not."""
    form = MessagesForm(request.POST if request.method == "POST" else None, user=request.user)
    if form.is_valid():
        choose_messages(user=request.user, by=request.user, **form.cleaned_data)
        messages.success(request, _("Saved."))
        return redirect("reporting:my_messages")
    return render(request, "reporting/my_messages.html", {"form": form})


def digest_stop(request, token):
    """From the mail, without logging in; looking at the page changes nothing."""
    user = reader_of(token)
    if user is None:
        return render(request, "groups/answer_unknown.html", status=404)
    is_done = request.method == "POST"
    if is_done:
        choose_messages(user=user, by=user, gets_digest=False)
    return render(request, "reporting/digest_stop.html", {"is_done": is_done or not user.gets_digest})
