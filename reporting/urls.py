"""Today stands at the root; the coordinator's figures and settings below /overzicht/."""

from django.urls import path

from reporting.views import digest, messages, overview

app_name = "reporting"
urlpatterns = [
    path("", overview.today, name="today"),
    path("overzicht/", overview.overview, name="overview"),
    path("overzicht/aanbod/<slug:slug>/", overview.offer, name="offer"),
    path("overzicht/minimum/", overview.minimum_choose, name="minimum_choose"),
    path("overzicht/minimum/<int:pk>/", overview.minimum, name="minimum"),
    path("overzicht/berichten/", messages.message_list, name="messages"),
    path("overzicht/berichten/<slug:code>/", messages.message, name="message"),
    path("overzicht/berichten/<slug:code>/standaard/", messages.message_reset, name="message_reset"),
    path("weekoverzicht/", digest.digest, name="digest"),
    path("weekoverzicht/stoppen/<str:token>/", digest.digest_stop, name="digest_stop"),
    path("mijn-berichten/", digest.my_messages, name="my_messages"),
]
