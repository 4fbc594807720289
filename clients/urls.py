from django.urls import path

from clients.views import contacts, duplicates, files, letters

app_name = "clients"
urlpatterns = [
    path("brieven/", letters.letters, name="letters"),
    path("brieven/pdf/", letters.letters_print, name="letters_print"),
    path("brieven/<int:pk>/", letters.letter, name="letter"),
    path("clienten/misschien-dezelfde/", duplicates.likenesses, name="likenesses"),
    path("clienten/misschien-dezelfde/<int:pk>/", duplicates.likeness, name="likeness"),
    path("clienten/<uuid:public_id>/", files.file, name="file"),
    path("clienten/<uuid:public_id>/gegevens/", files.edit, name="edit"),
    path("clienten/<uuid:public_id>/beschikbaarheid/", files.availability, name="availability"),
    path("clienten/<uuid:public_id>/toestemming/", files.consent, name="consent"),
    path(
        "clienten/<uuid:public_id>/toestemming/<slug:purpose>/intrekken/",
        files.consent_withdraw,
        name="consent_withdraw",
    ),
    path("clienten/<uuid:public_id>/niet-samen/", files.exclusion, name="exclusion"),
    path("clienten/<uuid:public_id>/niet-samen/<uuid:other_id>/weg/", files.exclusion_remove, name="exclusion_remove"),
    path("clienten/<uuid:public_id>/contact/", contacts.contacts, name="contacts"),
    path("clienten/<uuid:public_id>/contact/nieuw/", contacts.contact_add, name="contact_add"),
    path("opvolgen/", contacts.follow_ups, name="follow_ups"),
    path("opvolgen/<int:pk>/", contacts.follow_up, name="follow_up"),
]
