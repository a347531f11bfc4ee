"""The keys of the screening page: any keyboard layout, and none that belongs to the browser or to an input method."""

import pytest
from screening_fixture import press, text

KEYDOWN = """([key, code, more]) => document.activeElement.dispatchEvent(
    new KeyboardEvent("keydown", {key, code, bubbles: true, cancelable: true, ...more}))"""


def keydown(page, key: str, code: str, **more) -> bool:
    """A key as another keyboard layout sends it; returns whether the browser still does with it what it is used to."""
    return page.evaluate(KEYDOWN, [key, code, more])


@pytest.mark.parametrize(
    ("key", "code", "more", "state"),
    [
        ("I", "KeyI", {"modifierCapsLock": True}, "Included"),
        ("ш", "KeyI", {}, "Included"),  # Russian
        ("У", "KeyE", {"shiftKey": True}, "Excluded"),
        ("ε", "KeyE", {}, "Excluded"),  # Greek
        ("ة", "KeyM", {}, "Maybe"),  # Arabic
        ("m", "Semicolon", {}, "Maybe"),  # French: what is typed counts, not where it lies
        ("e", "KeyD", {}, "Excluded"),  # Dvorak
    ],
)
def test_keys_work_in_every_layout(page, screening, key, code, more, state):
    page.goto(screening)
    assert not keydown(page, key, code, **more)
    press(page, "p")
    assert text(page, "#state") == state


def test_digits_choose_reasons_in_every_layout(page, full_text):
    page.goto(full_text)
    for key, code, more in [
        ("é", "Digit2", {}),  # French, without shift
        ("2", "Digit2", {"shiftKey": True}),
        ("٢", "Digit2", {}),  # Arabic
        ("2", "Numpad2", {}),
    ]:
        keydown(page, key, code, **more)
    assert text(page, "#counts") == "4 excluded"
    assert keydown(page, "@", "Digit2", shiftKey=True)  # English
    assert text(page, "#counts") == "4 excluded"


@pytest.mark.parametrize(
    ("key", "code", "more"),
    [
        ("e", "KeyE", {"altKey": True}),
        ("i", "KeyI", {"ctrlKey": True}),
        ("m", "KeyM", {"metaKey": True}),
        ("€", "KeyE", {"modifierAltGraph": True}),
        ("ArrowLeft", "ArrowLeft", {"altKey": True}),  # back in the history
        ("ArrowRight", "ArrowRight", {"shiftKey": True}),  # marks text
        ("Process", "KeyI", {"isComposing": True}),
        ("i", "KeyI", {"keyCode": 229}),  # Safari, when an input method ends
        (",", "KeyM", {}),  # French, where others have the M
        ("'", "Quote", {}),  # quick find in Firefox
        ("Dead", "KeyE", {}),
        ("F5", "F5", {}),
        ("i", "KeyI", {"repeat": True}),  # held down
    ],
)
def test_keys_of_the_browser_and_of_input_methods_are_left_alone(page, screening, key, code, more):
    page.goto(screening)
    assert keydown(page, key, code, **more)
    assert text(page, "#decided") == "0 of 32 decided"
    assert text(page, "#place") == "1 of 32"


def test_an_escape_that_ends_a_composition_stays_in_the_note(page, screening):
    page.goto(screening)
    press(page, "t")
    session = page.context.new_cdp_session(page)
    session.send("Input.imeSetComposition", {"text": "にほ", "selectionStart": 2, "selectionEnd": 2})
    keydown(page, "Escape", "Escape", isComposing=True)
    assert page.evaluate("document.activeElement.id") == "note"
    session.send("Input.insertText", {"text": "日本 e i m"})
    page.keyboard.press("Escape")
    assert page.evaluate("document.activeElement.id") == ""
    assert text(page, "#decided") == "0 of 32 decided"
    page.on("dialog", lambda dialog: dialog.accept())
    page.reload()
    assert page.locator("#note").input_value() == "日本 e i m"


def test_an_enter_that_ends_a_composition_stays_in_the_search_for_the_other_report(page, full_text):
    page.goto(full_text)
    press(page, "d")
    page.locator("#other").fill("experiment 17")
    keydown(page, "Enter", "Enter", isComposing=True)
    assert page.evaluate("document.activeElement.id") == "other"


def test_a_filter_chosen_with_the_mouse_gives_the_keys_back(page, screening):
    page.goto(screening)
    press(page, "i")
    show = page.get_by_label("Show")
    show.dispatch_event("pointerdown")
    show.focus()
    show.select_option("undecided")
    press(page, "i")
    assert text(page, "#decided") == "2 of 32 decided"
    show.focus()
    press(page, ["ArrowUp"])
    assert page.evaluate("document.activeElement.id") == "show"  # with the keyboard one may choose on
