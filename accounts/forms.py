"""allauth's forms with our words."""

from allauth.account import forms
from django.utils.translation import gettext_lazy as _


def _word(form, labels):
    """Our labels, and no placeholder that repeats them or disappears while one types."""
    for name, label in labels.items():
        form.fields[name].label = label
        form.fields[name].widget.attrs.pop("placeholder", None)


class LoginForm(forms.LoginForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _word(self, {"login": _("E-mail address"), "password": _("Password")})
        self.fields["login"].widget.attrs["autocomplete"] = "username"
        self.fields["password"].help_text = ""


class ChangePasswordForm(forms.ChangePasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        labels = {"oldpassword": _("Present password"), "password1": _("New password")}
        _word(self, labels | {"password2": _("New password, once more")})


class ResetPasswordForm(forms.ResetPasswordForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _word(self, {"email": _("E-mail address")})


class ResetPasswordKeyForm(forms.ResetPasswordKeyForm):
    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        _word(self, {"password1": _("New password"), "password2": _("New password, once more")})
