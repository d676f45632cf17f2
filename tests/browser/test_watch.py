"""The browser tests' own check: what a page does wrong is noticed."""

import pytest

pytestmark = pytest.mark.console_errors_expected


def test_errors_and_broken_policy_and_foreign_requests_are_noticed(page, complaints):
    page.goto("/accounts/login/")
    complaints.clear()
    page.evaluate("console.error('logged')")
    page.evaluate("setTimeout(() => { throw new Error('thrown') })")
    page.evaluate("document.body.append(Object.assign(document.createElement('script'), {textContent: '1'}))")
    page.evaluate("fetch('https://example.org/').catch(() => 0)")
    page.wait_for_timeout(300)
    noticed = "\n".join(complaints)
    for sign in ("logged", "thrown", "Content Security Policy", "script-src"):
        assert sign in noticed
