"""What intake refuses, said so that a screen can explain it."""


class AlreadyReferred(Exception):
    """This referrer sent this person before and that referral is still open; `referral` is the earlier one.

    Told only about the referrer's own referrals: a match with anybody else's client stays unsaid (R43).
    """

    def __init__(self, referral):
        self.referral = referral
        super().__init__(f"referral #{referral.pk} is still open")


class DraftRefused(Exception):
    """This draft is not kept: `code` is sent (it became a referral), too_long or too_many."""

    def __init__(self, code):
        self.code = code
        super().__init__(code)


class AlreadyJudged(Exception):
    """Somebody, or another tab, judged this referral first; `referral` holds what was decided."""

    def __init__(self, referral):
        self.referral = referral
        super().__init__(f"referral #{referral.pk} is {referral.state}")


class NoPlace(Exception):
    """A waitlist refused the place: `offer` and the groups.engine.Reason why."""

    def __init__(self, offer, reason):
        self.offer, self.reason = offer, reason
        super().__init__(f"{offer.pk}: {reason.code}")


class DeskRefused(Exception):
    """The desk's rules forbid it (R2): `code` says which, wording.desk_refusal() says it."""

    def __init__(self, code, **args):
        self.code, self.args_of_code = code, args
        super().__init__(code)


class PlaceGone(DeskRefused):
    """Somebody was quicker: the worker, the room or the place itself was taken a moment ago."""

    def __init__(self):
        super().__init__("gone")


class AppointmentsHit(Exception):
    """Appointments stand in what is to change, and nobody said what happens to each. `appointments`, in order."""

    def __init__(self, appointments):
        self.appointments = list(appointments)
        super().__init__([appointment.pk for appointment in self.appointments])


class DraftChanged(Exception):
    """Another tab saved this intake later than this page knows; `draft` is what stands there now."""

    def __init__(self, draft):
        self.draft = draft
        super().__init__(f"draft #{draft.pk} is at {draft.version}")


class DraftTooLong(Exception):
    """More than any form of ours holds."""


class QuestionClosed(Exception):
    """Somebody answered or withdrew this open question first."""
