from django.urls import path

from neighbourhoods.views import provisions

app_name = "provisions"

urlpatterns = [
    path("", provisions.provision_list, name="list"),
    path("nieuw/", provisions.provision_add, name="add"),
    path("<int:pk>/", provisions.provision, name="detail"),
    path("<int:pk>/wijzigen/", provisions.provision_edit, name="edit"),
    path("<int:pk>/afspraak-beeindigen/", provisions.agreement_withdraw, name="withdraw"),
    path("<int:pk>/sluiten/", provisions.provision_close, name="close"),
]
