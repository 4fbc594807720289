"""Logging in. The rest is allauth's own."""

from allauth.account.views import LoginView
from django.core.exceptions import NON_FIELD_ERRORS


class ThrottledLoginView(LoginView):
    """Says 429 where allauth answers a brute force with an ordinary page, so that proxies and monitors see it too."""

    def form_invalid(self, form):
        response = super().form_invalid(form)
        if form.has_error(NON_FIELD_ERRORS, "too_many_login_attempts"):
            response.status_code = 429
        return response


login = ThrottledLoginView.as_view()
