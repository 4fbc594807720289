"""Key figures of an area in the order in which people look for them; CBS leaves small numbers out."""

from dataclasses import dataclass

from django.utils.formats import number_format
from django.utils.translation import gettext as _


@dataclass(frozen=True)
class Figure:
    """One figure with its name; ``value`` is ready to show."""

    label: str
    value: str


def key_figures(area):
    """Figures of a neighbourhood or municipality; one that CBS does not give shows as a dash."""
    rows = [
        (_("Inhabitants"), area.inhabitants, "%s"),
        (_("Households"), area.figures.get("households"), "%s"),
        (_("People per household"), area.figures.get("avg_household_size"), "%s"),
        (_("0 to 14 years"), area.figures.get("pct_0_14"), "%s%%"),
        (_("15 to 24 years"), area.figures.get("pct_15_24"), "%s%%"),
        (_("25 to 44 years"), area.figures.get("pct_25_44"), "%s%%"),
        (_("45 to 64 years"), area.figures.get("pct_45_64"), "%s%%"),
        (_("65 years and over"), area.figures.get("pct_65_plus"), "%s%%"),
        (_("Inhabitants per km²"), area.figures.get("density_km2"), "%s"),
    ]
    if "pct_single_person_households" in area.figures:
        rows.append((_("One-person households"), area.figures["pct_single_person_households"], "%s%%"))
    return [Figure(label, _shown(value, form)) for label, value, form in rows]


def _shown(value, form):
    if value is None:
        return "–"
    return form % number_format(value, use_l10n=True, force_grouping=True)
