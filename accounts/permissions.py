"""Who may: predicates about a user, and allow(), which guards a view with them."""

from functools import wraps

from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.shortcuts import render

from accounts.enums import RoleName


def has_role(user, *roles):
    """True for an active, logged-in user who holds at least one of these roles."""
    return bool(user.is_authenticated and user.is_active and user.role_names.intersection(roles))


def is_group_worker(user):
    return has_role(user, RoleName.GROUP_WORKER)


def is_social_worker(user):
    return has_role(user, RoleName.SOCIAL_WORKER)


def is_desk(user):
    return has_role(user, RoleName.DESK)


def is_coordinator(user):
    return has_role(user, RoleName.COORDINATOR)


def is_administrator(user):
    return has_role(user, RoleName.ADMINISTRATOR)


def is_logged_in(user):
    return bool(user.is_authenticated and user.is_active)


def can_administer(user):
    return is_administrator(user)


def can_manage_time_of(by, user):
    """Everyone keeps their own weekly times and leave; a coordinator can do it for a colleague."""
    return by == user or is_coordinator(by)


def allow(*predicates):
    """Let in whom at least one predicate accepts.

    Who is not logged in goes to the log-in page and comes back; a fragment asked for after the session ended gets
    401 and a sentence instead, so that the page around it, and what was typed there, stays. Others get 403.
    """

    def decorate(view):
        @wraps(view)
        def guarded(request, *args, **kwargs):
            if not request.user.is_authenticated:
                return _ask_to_log_in(request)
            if not any(predicate(request.user) for predicate in predicates):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        guarded.allowed = predicates
        return guarded

    return decorate


def _ask_to_log_in(request):
    if request.headers.get("HX-Request") == "true":
        response = render(request, "accounts/_log_in_again.html", status=401)
        response["Cache-Control"] = "no-store"
        return response
    return redirect_to_login(request.get_full_path())
