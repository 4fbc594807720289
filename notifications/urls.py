from django.urls import path

from notifications import views

app_name = "notifications"
urlpatterns = [
    path("mailbox/", views.mailbox, name="mailbox"),
    path("mailbox/<slug:name>/", views.mail, name="mail"),
    path("mailbox/<slug:name>/bijlage/<int:number>/", views.attachment, name="attachment"),
]
