"""Figures in tables."""

from django import template
from django.utils.formats import number_format

register = template.Library()


@register.filter
def grouped(value):
    """A number as "13.400"; a dash for one that CBS does not give."""
    return "–" if value is None else number_format(value, use_l10n=True, force_grouping=True)
