"""The one home of personal data."""

from clients.models.access import AccessLog, Consent, Exclusion, Involvement
from clients.models.contacts import ContactMoment, FollowUp
from clients.models.duplicates import Likeness
from clients.models.keys import SealKey
from clients.models.letters import Letter
from clients.models.person import Client, ClientAvailability, ContactPreference

__all__ = [
    "AccessLog",
    "Client",
    "ClientAvailability",
    "Consent",
    "ContactMoment",
    "ContactPreference",
    "Exclusion",
    "FollowUp",
    "Involvement",
    "Letter",
    "Likeness",
    "SealKey",
]
