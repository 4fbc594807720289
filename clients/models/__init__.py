"""The one home of personal data."""

from clients.models.access import AccessLog, Consent, Exclusion, Involvement
from clients.models.person import Client, ClientAvailability, ContactPreference

__all__ = ["AccessLog", "Client", "ClientAvailability", "Consent", "ContactPreference", "Exclusion", "Involvement"]
