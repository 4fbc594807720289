"""A session's plan on one sheet of A4: when what, what to bring, room for notes (R31). Values never become markup.

It names no participant. It always is one page: what does not fit is set smaller, then shortened, then left out with
a word that says so.
"""

import json

import typst
from django.utils.formats import date_format
from django.utils.text import capfirst
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from groups.discretion import shown_name, shown_place

# Sizes in points with the most characters of "how it goes"; the first that leaves room for notes is taken.
SHEET = """
#let data = json(bytes(sys.inputs.at("data")))
#let words = data.words
#set document(title: words.title)
#set page(paper: "a4", margin: (x: 18mm, top: 15mm, bottom: 14mm))
#set text(lang: data.lang, font: "Libertinus Serif", hyphenate: false)
#show heading: it => block(above: 0.9em, below: 0.5em, text(size: if it.level == 1 { 1.5em } else { 1.1em }, it.body))
#let wholly = 5000
#let variants = (
  (12pt, wholly), (11pt, wholly), (10.5pt, wholly), (10pt, wholly), (9.5pt, wholly), (9pt, wholly),
  (9pt, 500), (9pt, 300), (9pt, 150), (9pt, 0), (8pt, 0),
).map(pair => (size: pair.at(0), most: pair.at(1), shown: data.parts.len()))
#let counts = (40, 34, 29, 25, 21, 18, 15, 12, 9, 6, 3, 0).filter(count => count < data.parts.len())
#let fewer = counts.map(count => (size: 8pt, most: 0, shown: count))
#let cut(text, most) = {
  let signs = text.clusters()
  if signs.len() <= most { text } else if most == 0 { "" } else { signs.slice(0, most).join() + "…" }
}
#let line-of(part, most) = (
  [#part.time],
  [#part.minutes],
  {
    strong(part.title)
    [ · #part.method]
    let how = cut(part.how, most)
    if how != "" { linebreak(); how.split("\\n").filter(row => row.trim() != "").join(linebreak()) }
  },
)
#let left-out(form) = data.parts.len() - form.shown + data.beyond
#let is-cut(form) = left-out(form) > 0 or data.is_cut or data.parts.any(part => part.how.clusters().len() > form.most)
#let sheet(form) = block(width: 100%)[
  #set text(size: form.size)
  #set par(leading: 0.5em, spacing: 0.7em)
  #heading(level: 1, outlined: false, data.name)
  #data.about.join(linebreak())
  #v(0.3em)
  #if data.parts.len() == 0 [#words.empty] else {
    table(
      columns: (auto, auto, 1fr), stroke: (x, y) => (bottom: 0.4pt + luma(150)), inset: (x: 3pt, y: 4pt),
      align: (left, right, left),
      table.header(..words.columns.map(name => strong(name))),
      ..data.parts.slice(0, form.shown).map(part => line-of(part, form.most)).flatten(),
    )
    if left-out(form) > 0 [#words.more #left-out(form). ]
    if is-cut(form) [#emph(words.cut)]
  }
  #if data.material.len() > 0 {
    heading(level: 2, outlined: false, words.material)
    let box-of = box(width: 0.75em, height: 0.75em, stroke: 0.5pt)
    data.material.map(thing => [#box-of~#thing]).join(h(1.2em, weak: true) + sym.zws)
  }
]
#let notes = 38mm
#layout(area => {
  let fits(form) = measure(sheet(form), width: area.width).height <= area.height - notes
  let found = variants.find(fits)
  if found == none { found = fewer.find(fits) }
  if found == none { found = (size: 8pt, most: 0, shown: 0) }
  let top = measure(sheet(found), width: area.width).height
  block(height: area.height, width: 100%, clip: true)[
    #sheet(found)
    #set text(size: 10pt)
    #heading(level: 2, outlined: false, words.notes)
    #let rows = calc.max(0, calc.floor((area.height - top - 14mm) / 8mm))
    #for _ in range(rows) { block(height: 8mm, spacing: 0pt, width: 100%, stroke: (bottom: 0.3pt + luma(170))) }
  ]
})
"""
# More than this no page holds; measuring it all would keep somebody waiting.
MOST_PARTS, MOST_THINGS, MOST_SIGNS = 45, 60, 6000


def plan_pdf(session, plan):
    """The bytes of one PDF/UA page, in the language of who asks.

    A sign that the typeface does not have (an emoji) shows as an empty box, and then it is a plain PDF.
    """
    data = {"data": json.dumps(plan_data(session, plan))}
    try:
        return typst.compile(SHEET.encode(), sys_inputs=data, pdf_standards=["ua-1"], ignore_system_fonts=True)
    except typst.TypstError:
        return typst.compile(SHEET.encode(), sys_inputs=data, ignore_system_fonts=True)


def plan_data(session, plan):
    """All that stands on the sheet, as plain text."""
    cycle = session.cycle
    clock = f"{session.start_time:%H:%M}–{session.end_time:%H:%M}"
    about = [f"{date_format(session.date, 'l j F Y')}, {clock}", capfirst(shown_place(cycle.offer, session.room))]
    number = [_("Session %(number)s") % {"number": session.held_number}] if session.held_number else []
    return {
        "lang": get_language()[:2],
        "name": f"{capfirst(shown_name(cycle.offer))}, {cycle.waitlist.catchment}",
        "about": [", ".join([*number, about[0]]), about[1], _length(plan)],
        **_parts(plan.parts),
        "material": plan.material[:MOST_THINGS] + ["…"] * (len(plan.material) > MOST_THINGS),
        "words": _words(),
    }


def _length(plan):
    return _("%(planned)s of %(length)s minutes planned") % {"planned": plan.minutes, "length": plan.length}


def _parts(planned):
    """What can stand on one page at all, and how much cannot."""
    parts = [_part(row) for row in planned[:MOST_PARTS]]
    signs = sum(len(part["how"]) for part in parts)
    each = MOST_SIGNS // max(1, len(parts))
    is_cut = signs > MOST_SIGNS and any(len(part["how"]) > each for part in parts)
    if is_cut:
        for part in parts:
            part["how"] = part["how"] if len(part["how"]) <= each else part["how"][:each].rstrip() + "…"
    return {"parts": parts, "is_cut": is_cut, "beyond": max(0, len(planned) - MOST_PARTS)}


def _part(planned):
    part = planned.part
    return {
        "time": f"{planned.starts:%H:%M}–{planned.ends:%H:%M}",
        "minutes": str(part.minutes),
        "title": part.title,
        "method": str(part.get_method_display()),
        "how": part.description.replace("\r\n", "\n").strip(),
    }


def _words():
    return {
        "title": _("Session plan"),
        "columns": [_("Time"), _("Minutes"), _("What we do")],
        "empty": _("Nothing is picked from the playbook."),
        "more": _("Parts that do not fit on this page:"),
        "cut": _("Shortened to fit on one page. All of it stands in the playbook."),
        "material": _("Material"),
        "notes": _("Notes"),
    }
