from django.urls import path

from neighbourhoods.views import areas, venues

app_name = "neighbourhoods"

urlpatterns = [
    path("", areas.neighbourhoods, name="neighbourhoods"),
    path("locaties/", venues.venues, name="venues"),
    path("locaties/nieuw/", venues.venue_add, name="venue_add"),
    path("locaties/<int:pk>/", venues.venue, name="venue"),
    path("locaties/<int:pk>/wijzigen/", venues.venue_edit, name="venue_edit"),
    path("locaties/<int:pk>/openingstijden/", venues.venue_hours, name="venue_hours"),
    path("locaties/<int:pk>/sluiten/", venues.venue_close, name="venue_close"),
    path("locaties/<int:pk>/ruimtes/nieuw/", venues.room_add, name="room_add"),
    path("ruimtes/<int:pk>/", venues.room, name="room"),
    path("sluitingen/<int:pk>/opheffen/", venues.closure_remove, name="closure_remove"),
    path("<slug:code>/", areas.neighbourhood, name="neighbourhood"),
]
