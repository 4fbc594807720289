"""Letters as a PDF for A4 in a DL envelope with its window on the right. Values never become markup."""

import json
import logging

import typst
from django.conf import settings
from django.utils import translation
from django.utils.formats import date_format

# The window (35 × 90 mm, 20 mm from the right and the bottom edge) shows this field wherever the folded sheet slides.
LAYOUT = """
#let data = json(bytes(sys.inputs.at("data")))
#set document(title: data.title, author: data.sender.first())
#set page(paper: "a4", margin: (left: 25mm, right: 25mm, top: 20mm, bottom: 25mm))
#set text(lang: "nl", size: 11.5pt, font: "Libertinus Serif", hyphenate: false)
#set par(leading: 0.75em, spacing: 1.6em, justify: false)
#for (number, letter) in data.letters.enumerate() {
  if number > 0 { pagebreak() }
  place(top + left, block(width: 100%)[
    #text(size: 14pt, weight: "bold")[#data.sender.first()] \\
    #text(size: 9.5pt)[#data.sender.slice(1).join(linebreak())]
  ])
  place(top + left, dx: 90mm, dy: 38mm, block(width: 75mm)[#letter.address.join(linebreak())])
  v(85mm)
  [#letter.day]
  v(4mm)
  for part in letter.parts { par(part.join(linebreak())) }
}
"""
MOST_LETTERS = 200

logger = logging.getLogger(__name__)


def set_letters(letters, *, today):
    """(the PDF of all that can be set or None, those that cannot): a name may hold signs the letter type has not."""
    failed = _not_set(letters, today) if letters else []
    good = [letter for letter in letters if letter not in failed]
    return (letters_pdf(good, today=today) if good else None), failed


def _not_set(letters, today):
    """Halved until each that stands in the way is found; the others are not held up by it."""
    try:
        letters_pdf(letters, today=today)
    except typst.TypstError as error:
        if len(letters) == 1:
            logger.warning("letter %s cannot be set (%s)", letters[0].pk, type(error).__name__)
            return letters
        half = len(letters) // 2
        return _not_set(letters[:half], today) + _not_set(letters[half:], today)
    return []


def letters_pdf(letters, *, today):
    """The bytes of one PDF/UA, a page or more for each letter. Reads client and text of each."""
    with translation.override("nl"):
        day = date_format(today, "j F Y")
    data = {
        "title": "Brief" if len(letters) == 1 else "Brieven",
        "sender": settings.LETTER_SENDER,
        "letters": [_letter(letter, day) for letter in letters],
    }
    return typst.compile(
        LAYOUT.encode(), sys_inputs={"data": json.dumps(data)}, pdf_standards=["ua-1"], ignore_system_fonts=True
    )


def _letter(letter, day):
    client = letter.client
    parts = [part.split("\n") for part in letter.text.split("\n\n")]
    address = [client.full_name, client.street, f"{client.postcode}  {client.town.upper()}"]
    return {"address": address, "day": day, "parts": parts}
