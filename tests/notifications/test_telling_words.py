"""A coordinator's own words never tell what somebody takes part in, however it is spelled (R40)."""

import pytest
from django.core.exceptions import ValidationError

from groups.catalogue import load_catalogue
from groups.messages import INVITATION
from notifications.texts import Audience
from notifications.validation import LINK, MAX_BODY, MAX_SUBJECT, check_message, mixed_words, telling_words
from reporting.messages import KINDS, telling_names
from tests.factories.neighbourhoods import load_region

NAMES = [
    "Veilig en krachtig",
    "De Krachtcentrale",
    "Rouwverwerking",
    "Assertiviteitstraining",
    "Positief opvoeden (Triple P), kinderen tot 12 jaar",
    "Van klacht naar kracht",
    "Zin in vriendschap",
    "Huiselijk geweld",
    "Wonen",
]


@pytest.mark.parametrize(
    "text",
    [
        "Uw groep Veilig & Krachtig begint",
        "De groep veilig-en-krachtig",
        "veilig, krachtig",
        "uw Krachtcentrale-avond",
        "Krachtcentrale begint",
        "bij de Kracht-centrale",
        "K r a c h t c e n t r a l e",
        "Assertiviteitstrainingen",
        "opvoedcursus",
        "Triple-P",
        "huiselijke problemen",
        "de vriendschapsgroep",
        "van uw klacht en uw kracht",
        "wij praten over g e w e l d",
        "ge-weld",
        "Wonen",
    ],
)
def test_a_name_is_found_by_its_own_words(text):
    assert telling_words(text, NAMES)


@pytest.mark.parametrize(
    "text",
    [
        "Op een veilige plek, niet bij u thuis.",
        "Hebt u een klacht? Bel ons.",
        "Neem de kinderen gerust mee, tot 12 uur.",
        "Wij helpen u een stap vooruit.",
        "Dit jaar, en van maandag tot vrijdag.",
        "Waar u woont maakt niet uit.",
        "U hebt mijn vertrouwen.",
    ],
)
def test_ordinary_words_that_a_name_also_holds_are_taken(text):
    assert telling_words(text, NAMES) == []


@pytest.mark.django_db
def test_the_default_words_tell_no_name_of_the_catalogue():
    load_region()
    load_catalogue()
    names = telling_names()
    assert len(names) > 20
    for kind in KINDS.values():
        if kind.audience == Audience.CLIENT and not kind.is_fixed:
            assert check_message(kind, subject=kind.subject, body=kind.body, telling=names)


@pytest.mark.parametrize("word", ["g\u0435weld", "Kr\u0430cht", "\u0391nna"])
def test_letters_of_two_alphabets_in_a_word_are_refused(word):
    assert mixed_words(f"Hallo {word} ja") == [word]
    with pytest.raises(ValidationError) as refused:
        check_message(INVITATION, subject="Bericht", body=f"{INVITATION.body}\n{word}")
    assert word in refused.value.messages[0]


def test_a_sentence_in_another_alphabet_is_not_refused():
    greeting = "\u041f\u0440\u0438\u0432\u0435\u0442"
    assert mixed_words(f"{greeting} Anna, caf\u00e9 \uff41\uff42 m\u00b2 1e 2de \u0645\u0631\u062d") == []


@pytest.mark.parametrize("text", ["x://y", "ftp://a", "boef.nl", "a-b.example", "sub.boef.com/x", "x@y", "tel:06"])
def test_links_are_still_found(text):
    assert LINK.search(f"Kijk: {text} nu")
    assert not LINK.search("Kijk nu. Het is 10.30 uur, zie a.b.c en nl of Com.")


@pytest.mark.parametrize("most", [MAX_SUBJECT, MAX_BODY])
def test_what_is_too_long_is_refused_before_it_is_looked_at(most):
    field = "subject" if most == MAX_SUBJECT else "body"
    texts = {"subject": "Bericht", "body": INVITATION.body}
    for text in ("a" * (most + 1), "a." * 1_000_000, "a-" * 1_000_000 + "boef.nl {"):
        with pytest.raises(ValidationError) as refused:
            check_message(INVITATION, **(texts | {field: text}))
        [message] = refused.value.message_dict[field]
        assert "boef" not in message
        assert str(most) in message
