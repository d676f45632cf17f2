"""The memo gate: a memo has meaning, at every door (M11)."""

import pytest
from django.core.exceptions import ValidationError

from projects.memo import clean_memo


@pytest.mark.parametrize("text", [None, "", " ", "\t\r\n", "\u00a0", "\u3000"])
def test_blank(text):
    with pytest.raises(ValidationError) as refused:
        clean_memo(text)
    assert refused.value.code == "memo_blank"


@pytest.mark.parametrize(
    "text",
    [
        *("-", "--", "—", ".", "...", "…", "?", "!!", "_", "*", "/", "'", '""', "()", "🚀", "\u200b", "\u2060 \u200d"),
        *("n/a", "N/A", "na", "N.A.", "n.a", "none", "None.", "nil", "NULL", "tbd", "T.B.D.", "todo", "test", "Memo"),
        *("x", "XX", "xxx", "ok", "OK!", "same", "no comment", "No-Comment."),
    ],
)
def test_says_nothing(text):
    with pytest.raises(ValidationError) as refused:
        clean_memo(text)
    assert refused.value.code == "memo_empty"
    assert text.strip() in refused.value.messages[0]


@pytest.mark.parametrize(
    "again", ["Waiting for vanes", "waiting for VANES", "  Waiting for vanes\n", "WAITING FOR VANES "]
)
def test_copy_of_the_last(again):
    with pytest.raises(ValidationError) as refused:
        clean_memo(again, previous=" Waiting for vanes ")
    assert refused.value.code == "memo_copy"


def test_copy_in_letters_that_change_their_number_with_their_case():
    with pytest.raises(ValidationError, match="word for word"):
        clean_memo("GRÖSSE UNKLAR", previous="Größe unklar")


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Vanes are late",
            "ok, but slower",
            "x-ray delayed",
            "none left in stock",
            "A1",
            "42",
            "7",
            "Prüfstand belegt",
        ),
        *("完成", "готово", "تم", "<b>bold</b>", "=1+1", "{{ name }}", "a" * 10_000, "test 4 failed", "same as Ann's"),
    ],
)
def test_means_something(text):
    assert clean_memo(text) == text


def test_outer_space_goes_and_inner_stays():
    assert clean_memo("  Vanes\n  are late \t") == "Vanes\n  are late"


def test_what_differs_from_the_last_is_new():
    assert clean_memo("Waiting for vanes, week 2", previous="Waiting for vanes") == "Waiting for vanes, week 2"


def test_no_last_memo_is_no_copy():
    assert clean_memo("Waiting for vanes", previous="") == "Waiting for vanes"
