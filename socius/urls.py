"""Every address of Socius; each app names its own, in Dutch, as its users read them."""

from django.urls import include, path
from django.views.i18n import set_language

from socius import views

urlpatterns = [
    path("healthz", views.healthz, name="healthz"),
    path("taal/", set_language, name="set_language"),
    path("wijken/", include("neighbourhoods.urls")),
    path("voorzieningen/", include("neighbourhoods.provision_urls")),
    path("", include("reporting.urls")),
    path("", include("accounts.urls")),
    path("", include("clients.urls")),
    path("", include("groups.urls")),
    path("", include("intake.urls")),
    path("", include("notifications.urls")),
]

handler400 = views.bad_request
handler403 = views.permission_denied
handler404 = views.page_not_found
handler500 = views.server_error
