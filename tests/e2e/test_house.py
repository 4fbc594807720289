"""Pages that everyone may see, in a real browser."""

from tests.browser import assert_accessible


def test_unknown_page_is_friendly_and_accessible(open_page):
    page = open_page()
    answer = page.goto("/bestaat-niet/")
    assert answer.status == 404
    assert page.locator("h1").inner_text() == "We kunnen deze pagina niet vinden"
    assert_accessible(page)
    # The browser itself notes each 404 in its console.
    open_page.complaints.clear()
