"""Logging in. The rest is allauth's own."""

from allauth.account.views import LoginView, PasswordChangeView
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import NON_FIELD_ERRORS
from django.shortcuts import redirect
from django.utils.translation import gettext as _


class ThrottledLoginView(LoginView):
    """Says 429 where allauth answers a brute force with an ordinary page, so that proxies and monitors see it too."""

    def form_invalid(self, form):
        response = super().form_invalid(form)
        if form.has_error(NON_FIELD_ERRORS, "too_many_login_attempts"):
            response.status_code = 429
        return response


class ChangePasswordView(PasswordChangeView):
    """Who has no password yet cannot type the present one, and chooses the first by a mailed link instead."""

    def dispatch(self, request, *args, **kwargs):
        if request.user.has_usable_password():
            return super().dispatch(request, *args, **kwargs)
        messages.info(request, _("You have no password yet. We send you a link with which you choose one."))
        return redirect("account_reset_password")


login = ThrottledLoginView.as_view()
change_password = login_required(ChangePasswordView.as_view())
