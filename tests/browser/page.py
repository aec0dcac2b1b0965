"""The page as a reader uses it: opens a view, reads what it says, presses, types, and takes its picture."""

import time

from selenium.common.exceptions import TimeoutException
from selenium.webdriver.common.by import By
from selenium.webdriver.support.ui import WebDriverWait

DESK = (1360, 900)
PHONE = (360, 740)

FACTS = """return Object.fromEntries([...document.querySelectorAll('[aria-label="' + arguments[0] + '"] .fact')]
  .map((fact) => [fact.querySelector('dt').textContent, fact.querySelector('dd').firstChild.textContent]))"""
CELLS = """return [...document.querySelectorAll('[role=region][aria-label="' + arguments[0] + '"] tbody tr')]
  .map((row) => [...row.cells].map((cell) => cell.textContent))"""


class Page:
    """A view of the daemon's page."""

    def __init__(self, driver, url, shots):
        self.driver, self.url, self.shots = driver, url, shots
        self.expected = []
        self.size(*DESK)

    def size(self, width, height):
        """The window's size, as a desk's or a phone's."""
        self.width, self.height = width, height
        screen = {"width": width, "height": height, "deviceScaleFactor": 1, "mobile": width < 500}
        self.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", screen)

    def dark(self, wanted=True):
        """The system's wish for dark colours."""
        features = [{"name": "prefers-color-scheme", "value": "dark" if wanted else "light"}]
        self.driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": features})

    def open(self, view, ready):
        """Opens a view and waits until an element that says it is ready is there."""
        self.driver.get("about:blank")
        self.driver.get(f"{self.url}/#/{view}")
        self.wait(ready)
        return self

    def wait(self, css, seconds=20):
        """Waits for an element."""
        try:
            wait = WebDriverWait(self.driver, seconds, poll_frequency=0.1)
            return wait.until(lambda driver: driver.find_element(By.CSS_SELECTOR, css))
        except TimeoutException:
            raise AssertionError(f"no {css}; the page says: {self.text()[:1500]}") from None

    def wait_for(self, holds, seconds=20):
        """Waits until something holds."""
        try:
            return WebDriverWait(self.driver, seconds, poll_frequency=0.1).until(lambda _: holds())
        except TimeoutException:
            raise AssertionError(f"it does not come to hold; the page says: {self.text()[:1500]}") from None

    def find(self, css):
        """An element."""
        return self.driver.find_element(By.CSS_SELECTOR, css)

    def script(self, text, *arguments):
        """What a script in the page returns."""
        return self.driver.execute_script(text, *arguments)

    def text(self, css="body"):
        """What an element says."""
        return self.find(css).text

    def facts(self, card):
        """Names and values of a card."""
        return self.script(FACTS, card)

    def cells(self, table):
        """The cells of a table by its name."""
        return self.script(CELLS, table)

    def press(self, css):
        """Presses a button, wherever it has scrolled to."""
        self.script("arguments[0].scrollIntoView({block: 'center'})", self.find(css))
        self.find(css).click()

    def put(self, css, value):
        """Puts a value into a field and tells the page, as typing and leaving the field does."""
        self.script(
            """const [field, value] = arguments; field.value = value;
            for (const kind of ['input', 'change']) field.dispatchEvent(new Event(kind, {bubbles: true}))""",
            self.find(css),
            value,
        )

    def download(self, label):
        """Presses a download button and gives the file's lines."""
        before = set(self.driver.downloads.iterdir())
        self.press(f'button[aria-label="{label}"]')
        fresh = self.wait_for(
            lambda: [
                file for file in self.driver.downloads.iterdir() if file not in before and file.suffix != ".crdownload"
            ]
        )
        lines = fresh[0].read_text().splitlines()
        fresh[0].unlink()
        return lines

    def copied(self, label):
        """Presses a copy button and gives what is on the clipboard."""
        allowed = {"origin": self.url, "permissions": ["clipboardReadWrite", "clipboardSanitizedWrite"]}
        self.driver.execute_cdp_cmd("Browser.grantPermissions", allowed)
        self.press(f'button[aria-label="{label}"]')
        self.wait("#toast.shown")
        return self.driver.execute_async_script("navigator.clipboard.readText().then(arguments[0])")

    def overflow(self):
        """By how many pixels the page is wider than its window."""
        return self.script("return document.documentElement.scrollWidth - window.innerWidth")

    def shot(self, name):
        """A picture of the whole page."""
        height = min(3000, self.script("return document.documentElement.scrollHeight"))
        width, own = self.width, self.height
        self.size(width, max(own, height))
        time.sleep(0.3)
        self.driver.save_screenshot(str(self.shots / f"{name}.png"))
        self.size(width, own)

    def expect(self, *words):
        """Says which faults on the console belong to the test."""
        self.expected += words

    def faults(self):
        """Errors and breaches of the policy that the browser has noted."""
        lines = [line["message"] for line in self.driver.get_log("browser") if line["level"] in ("SEVERE", "WARNING")]
        return [line for line in lines if not any(word in line for word in self.expected)]

    def close(self):
        """Leaves the page and what it keeps."""
        self.script("try { sessionStorage.clear(); localStorage.clear(); } catch {}")
        self.driver.get("about:blank")
        self.dark(False)
