from django.urls import path

from clients import views

app_name = "clients"
urlpatterns = [
    path("clienten/<uuid:public_id>/", views.file, name="file"),
    path("clienten/<uuid:public_id>/gegevens/", views.edit, name="edit"),
    path("clienten/<uuid:public_id>/beschikbaarheid/", views.availability, name="availability"),
    path("clienten/<uuid:public_id>/toestemming/", views.consent, name="consent"),
    path(
        "clienten/<uuid:public_id>/toestemming/<slug:purpose>/intrekken/",
        views.consent_withdraw,
        name="consent_withdraw",
    ),
    path("clienten/<uuid:public_id>/niet-samen/", views.exclusion, name="exclusion"),
    path("clienten/<uuid:public_id>/niet-samen/<uuid:other_id>/weg/", views.exclusion_remove, name="exclusion_remove"),
]
