# Celery must be known as soon as Django is, or tasks would look for another broker.
from socius.celery import app as celery_app

__all__ = ["celery_app"]
