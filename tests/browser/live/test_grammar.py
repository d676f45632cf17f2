"""The pure functions of the line: one table each, the memo gate's held against the server's own."""

import json
from pathlib import Path

import pytest
from django.core.exceptions import ValidationError

from projects.memo import NOTHING, clean_memo

HERE = Path(__file__).parent
GRAMMAR = json.loads((HERE / "grammar.json").read_text())
MEMOS = json.loads((HERE / "memos.json").read_text())

READ = """async ({goals, mine, words, lines}) => {
  const { parse } = await import('/static/live/parse.js');
  return lines.map((line) => {
    const read = parse(line, { goals, mine, words });
    return { ...read, goal: read.goal?.id ?? null };
  });
}"""


def test_every_line_means_what_the_table_says(page):
    page.goto("/accounts/login/")
    lines = [line for line, _ in GRAMMAR["cases"]]
    found = page.evaluate(READ, {**{name: GRAMMAR[name] for name in ("goals", "mine", "words")}, "lines": lines})
    wrong = []
    for (line, wanted), read in zip(GRAMMAR["cases"], found, strict=True):
        kind = wanted.get("kind", "problem" if "problem" in wanted else "number")
        got = {name: read.get(name) for name in wanted}
        if read["kind"] != kind or got != wanted:
            wrong.append(f"{line!r}: {read}, not {wanted}")
    assert not wrong, "\n".join(wrong)


def test_the_goal_after_the_one_that_was_said_comes_next(page):
    page.goto("/accounts/login/")
    goals = [{**goal, "said": goal["id"] == 1} for goal in GRAMMAR["goals"]]
    asked = {"goals": goals, "mine": [1, 2], "words": GRAMMAR["words"], "lines": ["7 more"]}
    assert page.evaluate(READ, asked)[0]["goal"] == 2


GATE = """async ({memos, nothing}) => {
  const { wrongWithMemo } = await import('/static/live/memo.js');
  return memos.map(([memo, previous]) => wrongWithMemo(memo, previous, nothing));
}"""


def test_the_memo_gate_of_the_browser_is_that_of_the_server(page):
    page.goto("/accounts/login/")
    found = page.evaluate(GATE, {"memos": MEMOS, "nothing": sorted(NOTHING)})
    assert found == [wrong for _memo, _previous, wrong in MEMOS]
    for memo, previous, wrong in MEMOS:
        if wrong:
            with pytest.raises(ValidationError) as refused:
                clean_memo(memo, previous)
            assert refused.value.code == f"memo_{wrong}"
        else:
            assert clean_memo(memo, previous) == memo.strip()


AGES = """async (cases) => {
  const { ageOf } = await import('/static/live/age.js');
  return cases.map(([made, now]) => ageOf(made, now));
}"""
HOUR = 3_600_000


def test_ages_come_from_a_clock_that_cannot_be_moved(page):
    page.goto("/accounts/login/")

    def at(page_name: str, mono: float, wall: float) -> dict:
        return {"page": page_name, "mono": mono, "wall": wall}

    cases = [
        ([at("a", 0, 0), at("a", 5000, 5000)], 5000),
        ([at("a", 0, 0), at("a", 5000, 24 * HOUR)], 5000),  # the wall clock was moved by a day
        ([at("a", 0, 24 * HOUR), at("a", 5000, 0)], 5000),
        ([at("a", 0, 0), at("a", 5000, HOUR)], HOUR),  # the machine slept
        ([at("a", 9, 0), at("b", 5000, HOUR)], HOUR),  # made before a reload
        ([at("a", 9, HOUR), at("b", 5000, 0)], None),  # and the clock went back
        ([at("a", 9, 0), at("b", 5000, 31 * 24 * HOUR)], None),
    ]
    assert page.evaluate(AGES, [case for case, _ in cases]) == [age for _, age in cases]
