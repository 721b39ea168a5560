"""A person at the UI: the installed Chromium, driven by Playwright, who reads, clicks, types and takes pictures.

Belongs here: how pages are opened, waited for and pictured, and what is noted on the way; what is expected of them
stands in the tests.
"""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from pipeline.orchestration.server.ui import LOCATION_NAME
from tests.orchestration.ui_process import PATIENCE_SECONDS, UI

if TYPE_CHECKING:
    from playwright.sync_api import Browser, ConsoleMessage, Locator, Page, ViewportSize

# Where pictures of pages go, if anywhere; and whether a machine without a browser is an error.
SCREENSHOTS, REQUIRE = "PUBLICVALUE_SCREENSHOTS", "PUBLICVALUE_REQUIRE_BROWSER"
NAMES = ("chromium", "chromium-browser", "google-chrome")
OPTIONS = ("--no-sandbox", "--disable-gpu", "--disable-background-networking", "--force-color-profile=srgb")
SIZE: "ViewportSize" = {"width": 1440, "height": 900}
# What Dagster shows where something is still to come, and the fields of a launchpad.
TO_COME = "[class*=Skeleton_]"
FIELDS = ".CodeMirror.cm-s-config-editor"
MARKDOWN = "[Show Markdown]"


@contextmanager
def installed_browser(*options: str) -> Iterator["Browser"]:
    """Start the installed Chromium; without one the test is skipped, or fails where the environment says so."""
    program = next((found for name in NAMES if (found := shutil.which(name))), None)
    if program is None or find_spec("playwright") is None:
        reason = f"needs playwright and a browser on the path, one of: {', '.join(NAMES)}"
        if os.environ.get(REQUIRE):
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=program, args=[*OPTIONS, *options])
        try:
            yield browser
        finally:
            browser.close()


class Visitor:
    """Somebody who looks at a UI in a fresh profile, and notes requests to other hosts and errors of the pages."""

    def __init__(self, browser: "Browser", ui: UI) -> None:
        self.ui = ui
        self.page: Page = browser.new_context(
            viewport=SIZE,
            color_scheme="light",
            locale="en-GB",
            timezone_id="Europe/London",
        ).new_page()
        self.page.set_default_timeout(PATIENCE_SECONDS * 1000)
        self.elsewhere: list[str] = []
        self.errors: list[str] = []
        self.page.on("request", lambda request: self._note(request.url))
        self.page.on("websocket", lambda websocket: self._note(websocket.url))
        self.page.on("console", self._note_message)
        self.page.on("pageerror", lambda error: self.errors.append(str(error)))

    def _note(self, url: str) -> None:
        here = f"{self.ui.url}/", f"{self.ui.url}/".replace("http", "ws", 1), "data:", "blob:"
        if not url.startswith(here):
            self.elsewhere.append(url)

    def _note_message(self, message: "ConsoleMessage") -> None:
        if message.type == "error":
            self.errors.append(f"{message.text} ({message.location['url']})")

    def open(self, path: str, shows: str) -> None:
        """Open a page and wait until it shows a text, and nothing is still to come."""
        self.page.goto(f"{self.ui.url}{path}")
        self.sees(shows)

    def open_job(self, job: str) -> None:
        """Open the page of a job."""
        self.open(f"/locations/{LOCATION_NAME}/jobs/{job}", "Description")

    def sees(self, *texts: str) -> None:
        """Wait until all texts are on the page, and nothing is still to come."""
        for text in texts:
            self.page.get_by_text(text, exact=True).locator("visible=true").first.wait_for()
        self.page.locator(TO_COME).locator("visible=true").first.wait_for(state="hidden")

    def open_launchpad(self, first_time: bool = False) -> None:
        """Open the launchpad of the job whose page is open, by the menu beside its button.

        The first time Dagster asks whether one is sure: it sees no contract that has been read, and does not know that
        this is what the run will do.
        """
        button = self.page.get_by_role("button", name="Materialize")
        button.locator("xpath=following::button[1]").click()
        self.page.get_by_text("Open launchpad").click()
        if first_time:
            self.page.get_by_role("button", name="Confirm").click()
        self.sees("Launchpad (configure assets)", "No errors")

    def write(self, text: str) -> None:
        """Write the fields of a launchpad anew."""
        self.page.locator(FIELDS).click()
        self.page.keyboard.press("Control+A")
        self.page.keyboard.insert_text(text)

    def dialog(self) -> "Locator":
        """The dialog that is open; Dagster makes it of two, one in the other."""
        return self.page.get_by_role("dialog").last

    def launch_button(self) -> "Locator":
        """The button of the launchpad that starts the run."""
        return self.dialog().get_by_role("button", name="Materialize")

    def may_launch(self) -> None:
        """Wait until what stands in the launchpad can be started."""
        self.dialog().locator("button:enabled", has_text="Materialize").wait_for()

    def launch(self) -> None:
        """Start what stands in the launchpad; the page of the run opens."""
        self.launch_button().click()
        self.page.wait_for_url("**/runs/**")

    def show(self, key: str) -> None:
        """Open what an asset or a check shows under a key."""
        found = self.page.get_by_text(key, exact=True).locator("visible=true").first
        found.locator(f"xpath=following::*[text()='{MARKDOWN}'][1]").click()
        self.dialog().wait_for()

    def is_drawn(self, key: str) -> bool:
        """Whether the picture that an asset shows under a key is there; it stands at the top of the page then."""
        self.bring_up(key)
        image = self.page.get_by_text(key, exact=True).locator("visible=true").first.locator("xpath=following::img[1]")
        return bool(image.evaluate("image => image.decode().then(() => image.naturalWidth > 0)"))

    def close(self) -> None:
        """Close the dialog that is open."""
        self.dialog().get_by_role("button", name="Close").click()
        self.dialog().wait_for(state="hidden")

    def bring_up(self, text: str) -> None:
        """Scroll until a text stands at the top of what can be seen."""
        found = self.page.get_by_text(text, exact=True).locator("visible=true").first
        found.evaluate("element => element.scrollIntoView({block: 'start'})")

    def picture(self, name: str) -> None:
        """Take a picture of the page."""
        picture(self.page, name)


def picture(page: "Page", name: str) -> None:
    """Take a picture of a page, where the environment names a folder for it."""
    folder = os.environ.get(SCREENSHOTS)
    if folder:
        page.mouse.move(0, 0)
        page.wait_for_timeout(1500)  # until all that slides, fades and takes on its colour has arrived
        Path(folder).mkdir(parents=True, exist_ok=True)
        page.screenshot(path=Path(folder) / f"{name}.png", scale="css", animations="disabled")
