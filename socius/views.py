"""Pages of the house itself: the errors, and the health of the whole."""

from django.http import HttpResponse, JsonResponse
from django.shortcuts import render
from django.template import loader
from django.utils import timezone
from django.views.decorators.http import require_safe

from socius.health import is_healthy, take_health


@require_safe
def healthz(request):
    """For a monitor: 200 when everything works, 503 otherwise; tells nothing about anyone."""
    health = take_health(now=timezone.now())
    healthy = is_healthy(health)
    return JsonResponse({"healthy": healthy, **health}, status=200 if healthy else 503)


def csrf_failure(request, reason=""):
    """A form that was open for too long, or came from another site."""
    return render(request, "403_csrf.html", status=403)


def bad_request(request, exception):
    return render(request, "400.html", status=400)


def permission_denied(request, exception):
    return render(request, "403.html", status=403)


def page_not_found(request, exception):
    return render(request, "404.html", status=404)


def server_error(request):
    """Rendered without the request, so that it asks nothing of a database that may be the one in trouble."""
    return HttpResponse(loader.get_template("500.html").render(), status=500)
