"""Today stands at the root; the coordinator's figures below /overzicht/."""

from django.urls import path

from reporting import views

app_name = "reporting"
urlpatterns = [
    path("", views.today, name="today"),
    path("overzicht/", views.overview, name="overview"),
    path("overzicht/aanbod/<slug:slug>/", views.offer, name="offer"),
    path("overzicht/minimum/", views.minimum_choose, name="minimum_choose"),
    path("overzicht/minimum/<int:pk>/", views.minimum, name="minimum"),
]
