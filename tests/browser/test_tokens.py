"""A personal token is made on the account page, shown once, used by a program, and revoked."""

import pytest
from playwright.sync_api import expect

from tests import factories as make
from tests.browser.test_accessibility import AXE, FOUND


@pytest.fixture
def ada(sign_in):
    user = make.make_user("ada")
    make.make_program("Engines", by=user)
    sign_in(user)
    return user


@pytest.mark.console_errors_expected  # a program that is refused
def test_a_token_from_the_account_page_to_a_program_and_back(page, ada, live_server):
    page.goto("/account/")
    page.locator("#tokens").get_by_label("Name").fill("Nightly test run")
    page.get_by_role("button", name="Make a token").click()
    page.get_by_label("Password").fill("a long secret")
    page.keyboard.press("Enter")
    secret = page.get_by_label("Token").input_value()
    expect(page.get_by_label("Try it")).to_have_value(
        f'curl -H "Authorization: Bearer {secret}" {live_server.url}/api/limiting-factors'
    )
    page.evaluate(AXE)
    assert page.evaluate(FOUND) == []

    program = page.context.browser.new_context().request  # a program: no cookies
    headers = {"Authorization": f"Bearer {secret}"}
    url = f"{live_server.url}/api/limiting-factors"
    assert [one["program"] for one in program.get(url, headers=headers).json()] == ["Engines"]

    page.get_by_role("link", name="I have copied it").click()
    tokens = page.locator("#tokens")
    expect(tokens).to_contain_text("last used just now")
    expect(page.locator("main")).not_to_contain_text(secret)
    tokens.get_by_role("button", name="Revoke Nightly test run").click()
    expect(tokens).not_to_contain_text("Nightly test run,")
    assert program.get(url, headers=headers).status == 401
