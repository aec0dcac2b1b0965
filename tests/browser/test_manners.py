"""How the page behaves: on a phone, in the dark, by keyboard, under its policy, with hostile names, without a key."""

import json

import pytest
from conftest import MARKUP, SIMULATED
from page import PHONE
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

VIEWS = {
    "feeds": ("feeds", '[role=region][aria-label="Readiness"]'),
    "tape": ("tape?symbol={symbol}&date={date}&bar=10s", ".figure canvas"),
    "impact": ("impact?symbol={symbol}&date={date}&bar=10s", ".figure canvas"),
    "pretrade": (
        "pretrade?symbol={symbol}&side=buy&quantity=20000&horizon_seconds=1800&as_of={date}T18:00:00Z",
        ".verdict",
    ),
    "fraud": ("fraud?file=example", "#threshold"),
    "jobs": ("jobs", ".empty, .card"),
}


def view(name, day):
    """A view's address and the element that says it is ready."""
    address, ready = VIEWS[name]
    return address.format(symbol=day.symbol, date=day.date), ready


@pytest.mark.parametrize("name", VIEWS)
def test_a_phone_needs_no_sideways_scrolling_even_in_the_dark(page, daemon, name):
    page.size(*PHONE)
    page.dark()
    page.open(*view(name, daemon.day))
    assert page.overflow() <= 0
    red, green, blue = map(
        int, page.script("return getComputedStyle(document.body).backgroundColor.match(/\\d+/g).slice(0, 3)")
    )
    assert max(red, green, blue) < 60, "the ground is dark"
    page.shot(f"phone-dark-{name}")


def test_the_look_switch_wins_over_the_system(page):
    page.open("feeds", "#look")
    ground = "return getComputedStyle(document.body).backgroundColor"
    light = page.script(ground)
    page.press("#look"), page.press("#look")
    assert page.text("#look") == "Dark" and page.script(ground) != light
    page.driver.refresh()
    page.wait("#tabs a")
    assert page.text("#look") == "Dark" and page.script(ground) != light, "it is remembered"


def test_times_are_utc_or_of_the_exchange_and_the_link_says_which(page, daemon):
    page.open(f"tape?symbol={daemon.day.symbol}&date={daemon.day.date}&bar=60s", ".figure canvas")
    last = "return document.querySelector('.readout b').textContent"
    utc = page.script(last)
    page.press("#zone")
    page.wait_for(lambda: page.script(last) != utc)
    new_york = page.script(last)
    assert (int(utc[:2]) - int(new_york[:2])) % 24 in (4, 5) and utc[2:] == new_york[2:]
    assert "time=exchange" in page.driver.current_url
    assert page.text("#zone") == "New York"


def test_a_name_that_spells_markup_stays_text(page):
    quoted = "%3Cimg%20src%3Dx%20onerror%3Dalert(1)%3E"
    for address, ready in [
        ("feeds", '[role=region][aria-label="Symbols"]'),
        (f"tape?symbol={quoted}&date={SIMULATED}&bar=60s", ".figure canvas"),
        (f"impact?symbol={quoted}&date={SIMULATED}&bar=60s", ".figure canvas"),
        (f"pretrade?symbol={quoted}&side=buy&quantity=100&horizon_seconds=600&as_of={SIMULATED}T19:00:00Z", ".verdict"),
        (f"fraud?symbol={quoted}", ".card"),
    ]:
        page.open(address, ready)
        assert page.script("return document.querySelectorAll('main img, main [onerror]').length") == 0
        assert MARKUP in page.script(
            """return document.querySelector('main').textContent +
            [...document.querySelectorAll('main input')].map((i) => i.value)"""
        )


def test_the_policy_lets_nothing_inline_run(page):
    page.open("feeds", "#tabs a")
    page.expect("Content Security Policy", "TrustedHTML", "Refused to")
    ran = page.script(
        """window.ran = []; const inline = document.createElement('script');
        try { inline.textContent = 'window.ran.push(1)'; document.body.append(inline); }
        catch { window.refused = true; }
        try { document.body.insertAdjacentHTML('beforeend', '<b>x</b>'); window.ran.push(2); }
        catch { window.refused = true; }
        return [window.ran, window.refused]"""
    )
    assert ran == [[], True]
    page.faults()


def test_the_keyboard_reaches_everything_and_moves_the_cursor(page, daemon):
    page.open(f"tape?symbol={daemon.day.symbol}&date={daemon.day.date}&bar=60s", ".figure canvas")
    reached = set()
    for _ in range(40):
        ActionChains(page.driver).send_keys(Keys.TAB).perform()
        focus = page.script(
            """const e = document.activeElement;
            return e.tagName + ' ' + (e.getAttribute('aria-label') ?? e.textContent).trim()"""
        )
        reached.add(focus)
        if focus.startswith("DIV Mid, dollars"):
            break
    assert any(name.startswith("A Skip") for name in reached) and any("Download as CSV" in name for name in reached)
    assert page.script("return getComputedStyle(document.activeElement).outlineStyle") != "none", "focus is seen"
    readout = "return document.querySelector('.readout').textContent"
    before = page.script(readout)
    ActionChains(page.driver).send_keys(Keys.ARROW_LEFT, Keys.ARROW_LEFT).perform()
    page.wait_for(lambda: page.script(readout) != before)


def test_every_control_has_a_name(page, daemon):
    for name in VIEWS:
        page.open(*view(name, daemon.day))
        nameless = page.script(
            """return [...document.querySelectorAll('button, input, select, textarea, a')].filter((e) =>
            !(e.textContent.trim() || e.getAttribute('aria-label') || e.labels?.length))
            .map((e) => e.outerHTML.slice(0, 120))"""
        )
        assert nameless == []


def test_a_link_restores_the_view(page, daemon):
    day = daemon.day
    page.open(f"impact?symbol={day.symbol}&date={day.date}", ".figure canvas")
    page.script(
        """const flow = [...document.querySelectorAll('select')]
        .find((s) => [...s.options].some((o) => o.value === 'kyle'));
        flow.value = 'kyle'; flow.dispatchEvent(new Event('change', {bubbles: true}))"""
    )
    page.wait_for(lambda: "flow=kyle" in page.driver.current_url and "trade imbalance" in page.text("main"))
    page.wait_for(lambda: page.driver.find_elements(By.CSS_SELECTOR, ".figure canvas"))
    shown = page.facts("The fit")
    page.open(page.driver.current_url.split("#/")[1], ".figure canvas")
    assert page.facts("The fit") == shown


def test_the_daemon_that_asks_for_a_key_gets_one_and_no_link_or_copy_holds_it(page, daemon):
    """The daemon's refusal is played: what the page does with a 401, and where the key goes."""
    page.expect("401")
    page.open("feeds", '[role=region][aria-label="Symbols"]')
    page.script(
        """const real = window.fetch; window.keys = [];
        window.fetch = (path, options = {}) => {
          const key = options.headers?.Authorization; window.keys.push(key ?? null);
          if (key === 'Bearer impactd_test_secret' || !String(path).startsWith('/v1/')) return real(path, options);
          const body = JSON.stringify({title: 'Unauthorized', status: 401, code: 'no_key',
            detail: 'a key is needed here'});
          return Promise.resolve(new Response(body, {status: 401,
            headers: {'content-type': 'application/problem+json'}}));
        }; location.hash = '#/tape'"""
    )
    page.wait("#key-dialog[open]")
    assert "a key is needed here" in page.text("#key-dialog")
    page.shot("key")
    page.find("#key-input").send_keys("impactd_test_secret", Keys.ENTER)
    page.wait(".figure canvas")
    assert page.text("#key") == "Key …cret"
    assert "secret" not in page.driver.current_url
    assert page.script("return sessionStorage.getItem('impactd.key')") == "impactd_test_secret"
    assert "secret" not in json.dumps(page.script("return {...localStorage}"))
    label = page.script(
        "return document.querySelector('.figure .tools button:nth-child(2)').getAttribute('aria-label')"
    )
    copied = page.copied(label)
    assert "$IMPACTD_KEY" in copied and "secret" not in copied
