from django.urls import path

from neighbourhoods import views

app_name = "neighbourhoods"

urlpatterns = [
    path("", views.neighbourhoods, name="neighbourhoods"),
    path("locaties/", views.venues, name="venues"),
    path("locaties/nieuw/", views.venue_add, name="venue_add"),
    path("locaties/<int:pk>/", views.venue, name="venue"),
    path("locaties/<int:pk>/wijzigen/", views.venue_edit, name="venue_edit"),
    path("locaties/<int:pk>/openingstijden/", views.venue_hours, name="venue_hours"),
    path("locaties/<int:pk>/sluiten/", views.venue_close, name="venue_close"),
    path("locaties/<int:pk>/ruimtes/nieuw/", views.room_add, name="room_add"),
    path("ruimtes/<int:pk>/", views.room, name="room"),
    path("sluitingen/<int:pk>/opheffen/", views.closure_remove, name="closure_remove"),
    path("<slug:code>/", views.neighbourhood, name="neighbourhood"),
]
