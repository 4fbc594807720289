"""Only what we use of allauth: nobody signs up or changes an e-mail address by themselves. The names are allauth's."""

from allauth.account import views as allauth_views
from django.urls import path, re_path

from accounts import views

urlpatterns = [
    path("inloggen/", views.login, name="account_login"),
    path("uitloggen/", allauth_views.logout, name="account_logout"),
    path("inloggen/gesloten/", allauth_views.account_inactive, name="account_inactive"),
    path("wachtwoord/", views.change_password, name="account_change_password"),
    path("wachtwoord/vergeten/", allauth_views.password_reset, name="account_reset_password"),
    path("wachtwoord/vergeten/verstuurd/", allauth_views.password_reset_done, name="account_reset_password_done"),
    re_path(
        r"^wachtwoord/nieuw/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        allauth_views.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path(
        "wachtwoord/nieuw/klaar/",
        allauth_views.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
]
