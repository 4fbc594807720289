"""What happens to a client's data. Whoever reads or changes a file leaves a row in the access log."""

from clients.services.agreements import add_consent, record_consent, withdraw_consent
from clients.services.careful import add_care
from clients.services.contacts import (
    log_contact,
    next_contact_day,
    note_contact,
    plan_follow_up,
    settle_by_rule,
    settle_follow_up,
    snooze_follow_up,
)
from clients.services.duplicates import note_likenesses, open_likeness, settle_as_different
from clients.services.files import (
    AS_OPENED,
    end_involvement,
    find_clients,
    find_or_refuse,
    involve,
    keep_file_open,
    log_refusal,
    open_file,
)
from clients.services.keys import destroy_key, rotate_master_key
from clients.services.letters import mark_printed, open_letters
from clients.services.mail import note_mail_returned
from clients.services.people import CLIENT_FIELDS, CONTACT_FIELDS, check_as_seen, register_client, update_client
from clients.services.placing import (
    change_availability,
    record_exclusion,
    remove_exclusion,
    set_client_availability,
)

__all__ = [
    "AS_OPENED",
    "CLIENT_FIELDS",
    "CONTACT_FIELDS",
    "add_care",
    "add_consent",
    "change_availability",
    "check_as_seen",
    "destroy_key",
    "end_involvement",
    "find_clients",
    "find_or_refuse",
    "involve",
    "keep_file_open",
    "log_contact",
    "log_refusal",
    "mark_printed",
    "next_contact_day",
    "note_contact",
    "note_likenesses",
    "note_mail_returned",
    "open_file",
    "open_letters",
    "open_likeness",
    "plan_follow_up",
    "record_consent",
    "record_exclusion",
    "register_client",
    "remove_exclusion",
    "rotate_master_key",
    "set_client_availability",
    "settle_as_different",
    "settle_by_rule",
    "settle_follow_up",
    "snooze_follow_up",
    "update_client",
    "withdraw_consent",
]
