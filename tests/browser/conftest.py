"""A real Chromium for the pages. Without one these tests are skipped, but fail in continuous integration."""

import os
import shutil

import pytest
from screening_fixture import issue

if os.environ.get("CI"):
    import playwright.sync_api as playwright
else:
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")


@pytest.fixture(scope="session")
def browser():
    path = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
    if path is None:
        reason = "no Chromium on this machine (apt-get install chromium)"
        if os.environ.get("CI"):
            pytest.fail(reason)
        pytest.skip(reason)
    with playwright.sync_playwright() as driver:
        running = driver.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield running
        running.close()


@pytest.fixture
def page(browser):
    """A page that remembers what it asked the network for (`requests`) and what went wrong in it (`errors`)."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(5000)
    page.requests, page.errors = [], []
    page.on("request", lambda request: page.requests.append(request.url))
    page.on("pageerror", lambda error: page.errors.append(str(error)))
    page.on("console", lambda message: page.errors.append(message.text) if message.type == "error" else None)
    yield page
    context.close()


@pytest.fixture
def screening(tmp_path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    return issue("title_abstract")


@pytest.fixture
def full_text(tmp_path, monkeypatch) -> str:
    monkeypatch.chdir(tmp_path)
    return issue("full_text")
