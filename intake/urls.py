"""Addresses of intake; included at the root, in Dutch as its users read them."""

from django.urls import path

from intake.views import judging, referring

app_name = "intake"
urlpatterns = [
    path("verwijzen/", referring.refer, name="refer"),
    path("verwijzen/passend/", referring.refer_fit, name="refer_fit"),
    path("verwijzingen/", referring.referrals, name="referrals"),
    path("verwijzingen/<int:pk>/", referring.referral, name="referral"),
    path("intake/", judging.queue, name="queue"),
    path("intake/<int:pk>/", judging.judge, name="judge"),
]
