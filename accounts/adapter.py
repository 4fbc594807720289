"""How allauth behaves here: nobody signs up by themselves, and its words are ours."""

from urllib.parse import urlsplit

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.internal import ratelimit
from django.conf import settings
from django.shortcuts import resolve_url
from django.utils.translation import gettext_lazy as _

# Being in, or out, says enough.
QUIET = {"account/messages/logged_in.txt", "account/messages/logged_out.txt"}


class AccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "email_password_mismatch": _("This e-mail address and password do not belong together. Please check both."),
        "too_many_login_attempts": _(
            "There were too many failed attempts. Wait ten minutes and try again, or choose a new password."
        ),
        "enter_current_password": _("This is not your present password."),
    }

    def is_open_for_signup(self, request):
        return False

    def add_message(self, request, level, message_template=None, *args, **kwargs):
        if message_template not in QUIET:
            super().add_message(request, level, message_template, *args, **kwargs)

    def pre_authenticate(self, request, **credentials):
        """Before the limits of allauth: one address guesses at one account less often than an office mistypes."""
        account = self._get_login_attempts_cache_key(request, **credentials)
        here = f"{self.get_client_ip(request)} {account}"
        attempt = ratelimit.consume(request, app="allauth.account", action="login_failed_here", key=here)
        if not attempt:
            raise self.validation_error("too_many_login_attempts")
        super().pre_authenticate(request, **credentials)
        # A good log-in takes back what it counted, here too.
        self._login_failed_rl_usage.usage += attempt.usage

    def get_reset_password_from_key_url(self, key):
        """Never from the request: whoever asks for the mail chooses its Host header."""
        return settings.SITE_URL + urlsplit(super().get_reset_password_from_key_url(key)).path

    def get_password_change_redirect_url(self, request):
        return resolve_url(settings.LOGIN_REDIRECT_URL)
