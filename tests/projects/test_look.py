"""How values are printed, and that what templates use exists."""

import datetime as dt
import json
import math
import re
from pathlib import Path

import pytest
from django.template import Context, Template
from django.test import RequestFactory
from django.utils import timezone

from projects.charts import LEVELS, Band, SmallFan, Target
from projects.look import dates, events, numbers, signs, small_fan
from tools import vendor

ROOT = Path(__file__).resolve().parents[2]
MAIL = sorted((ROOT / "templates").rglob("mail/*.html"))  # which is styled inline, for mail programs
TEMPLATES = [path for path in sorted((ROOT / "templates").rglob("*.html")) if path not in MAIL]
NBSP, THIN = numbers.NBSP, numbers.THIN


def rendered(source: str, **context) -> str:
    return Template("{% load look %}" + source).render(Context(context))


# ---- verdicts --------------------------------------------------------------------------------------------------------


def test_a_verdict_is_a_shape_and_a_word_in_one_element():
    assert rendered("{% verdict 'stalled' %}").startswith('<span class="verdict verdict-stalled" title="')
    assert rendered("{% verdict 'stalled' %}").endswith(">Stalled</span>")


@pytest.mark.parametrize("value", [None, "", "fine"])
def test_what_is_no_verdict_is_unknown_and_never_blank(value):
    assert ">Unknown</span>" in rendered("{% verdict v %}", v=value)


def test_counts_are_worst_first_without_zeros_and_in_words_too():
    html = rendered("{% verdict_counts c %}", c={"done": 4, "slow": 1, "stalled": 0, "diverging": 2})
    assert re.findall(r'vc-(\w+)" data-word="\w+">(\d+)<', html) == [("diverging", "2"), ("slow", "1"), ("done", "4")]
    assert 'aria-label="2 diverging, 1 slow, 4 done"' in html


@pytest.mark.parametrize("counts", [None, {}, {"slow": 0}])
def test_no_counts_are_said_in_a_word(counts):
    assert "none yet" in rendered("{% verdict_counts c %}", c=counts)


# ---- days ------------------------------------------------------------------------------------------------------------


def test_the_year_is_left_out_only_within_the_current_one():
    today = timezone.localdate()
    assert dates.day(dt.date(today.year, 3, 12)) == f"12{NBSP}Mar"
    assert dates.day(dt.date(today.year, 3, 12), "long") == f"12{NBSP}Mar{NBSP}{today.year}"
    assert dates.day(dt.date(2021, 3, 12)) == f"12{NBSP}Mar{NBSP}2021"
    assert dates.day("2021-03-12") == dates.day(dt.date(2021, 3, 12))
    assert dates.day(None) == "—"
    assert dates.day("soon") == "—"


def test_an_instant_is_printed_as_the_reader_s_day():
    late_evening = dt.datetime(2021, 3, 12, 23, 30, tzinfo=dt.UTC)
    with timezone.override("Asia/Tokyo"):
        assert dates.day(late_evening) == f"13{NBSP}Mar{NBSP}2021"
    with timezone.override("America/New_York"):
        assert dates.day(late_evening) == f"12{NBSP}Mar{NBSP}2021"


def test_when_is_readable_by_machines_and_whole_on_hover():
    html = rendered("{% when d %}", d=dt.date(2021, 3, 12))
    assert html == f'<time datetime="2021-03-12" title="Friday 12 March 2021">12{NBSP}Mar{NBSP}2021</time>'


@pytest.mark.parametrize(
    ("offset", "words"),
    [
        (0, "today"),
        (1, "yesterday"),
        (-1, "tomorrow"),
        (5, "5 days ago"),
        (21, "3 weeks ago"),
        (-35, "in 5 weeks"),
        (150, "5 months ago"),
        (-800, "in 2 years"),
    ],
)
def test_ago(offset, words):
    assert dates.ago(timezone.localdate() - dt.timedelta(days=offset)) == words


def test_ago_of_an_instant_of_today_is_in_minutes_and_hours():
    now = timezone.now()
    assert dates.ago(now) == "just now"
    assert dates.ago(now - dt.timedelta(minutes=5, seconds=2)) == "5 minutes ago"
    assert dates.ago(now + dt.timedelta(hours=2, seconds=30)) == "in 2 hours"


def test_days_after_counts_calendar_days():
    assert dates.days_after(dt.date(2026, 3, 12), dt.date(2026, 3, 1)) == 11
    assert dates.days_after("2026-03-01", dt.date(2026, 3, 12)) == -11
    assert dates.days_after(None, dt.date(2026, 3, 12)) is None


# ---- numbers ---------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("chance", "words"),
    [
        (None, "unknown"),
        (math.nan, "unknown"),
        (0, f"<{NBSP}1{NBSP}%"),
        (0.004, f"<{NBSP}1{NBSP}%"),
        (0.01, f"1{NBSP}%"),
        (0.314, f"31{NBSP}%"),
        (0.99, f"99{NBSP}%"),
        (0.9951, f">{NBSP}99{NBSP}%"),
        (1, f">{NBSP}99{NBSP}%"),
    ],
)
def test_odds_are_never_certain(chance, words):
    assert numbers.odds(chance) == words


def test_a_counted_share_may_be_all_or_nothing():
    assert numbers.share(0) == f"0{NBSP}%"
    assert numbers.share(1) == f"100{NBSP}%"
    assert numbers.share(0.002) == f"<{NBSP}1{NBSP}%"
    assert numbers.share(None) == "unknown"


@pytest.mark.parametrize(
    ("count", "words"),
    [
        (0, "0 days"),
        (0.3, "under a day"),
        (1, "1 day"),
        (12.4, "12 days"),
        (-3, "−3 days"),
        (1500, f"1{THIN}500 days"),
        (None, "not within 5 years"),
        (math.inf, "not within 5 years"),
        (1827, "not within 5 years"),
    ],
)
def test_days(count, words):
    assert numbers.days(count) == words


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (None, "unknown"),
        ("", "unknown"),
        (math.nan, "unknown"),
        (0, "0"),
        (-0.0, "0"),
        (12.0, "12"),
        (12.50, "12.5"),
        (-12.5, "−12.5"),
        (1 / 3, "0.333"),
        (0.00012345, "0.000123"),
        (999.96, "1" + THIN + "000"),
        (1234.5, f"1{THIN}234.5"),
        (1234567.89, f"1{THIN}234{THIN}568"),
        (3.8e26, f"3.8{NBSP}×{NBSP}10²⁶"),
        (1e-300, f"1{NBSP}×{NBSP}10⁻³⁰⁰"),
        (math.inf, "∞"),
    ],
)
def test_number(value, words):
    assert numbers.number(value) == words


def test_a_number_keeps_its_unit_on_the_line():
    assert numbers.number(41, "tests") == f"41{NBSP}tests"


# ---- small curves ----------------------------------------------------------------------------------------------------


def test_a_sparkline_is_a_staircase_with_its_target_and_last_point():
    svg = rendered("{% sparkline p 10 'tests' %}", p=[("2026-01-05", 0), ("2026-01-12", 5), ("2026-01-19", 5)])
    assert '<path d="M3 25H60V14H117" marker-end="url(#spark-end)"/>' in svg
    assert 'class="spark spark-top"' in svg, "a target at the top is a background of the style sheet"
    assert f'aria-label="from 0{NBSP}tests to 5{NBSP}tests in 3 values, target 10{NBSP}tests"' in svg
    assert "style" not in svg


def test_a_target_below_the_top_of_a_sparkline_is_a_line():
    assert '<line x1="0" x2="120" y1="14" y2="14"/>' in rendered("{% sparkline p 5 %}", p=[0, 10])


@pytest.mark.parametrize("points", [None, [], [None], [math.nan], [("2026-01-05", None)]])
def test_no_data_is_a_dash_and_words_never_a_flat_line(points):
    html = rendered("{% sparkline p %}", p=points)
    assert "<svg" not in html
    assert "no data" in html


def test_one_value_and_equal_values_draw():
    assert "one value: 4" in rendered("{% sparkline p %}", p=[4])
    assert "from 4 to 4 in 2 values" in rendered("{% sparkline p %}", p=[4, 4])


def small(**changes) -> str:
    first, today, last = dt.date(2026, 1, 1), dt.date(2026, 3, 1), dt.date(2026, 4, 11)
    given = {
        "points": [(dt.date(2025, 6, 1), 0.1), (dt.date(2026, 1, 21), 0.5)],
        "targets": [Target(dt.date(2025, 6, 1), 0.8), Target(dt.date(2026, 2, 1), 1.0)],
        "first": first,
        "last": last,
        "today": today,
        "fan": [Band(today, 0.5, 0.5, 0.5, 0.5, 0.5), Band(last, 0.4, 0.5, 0.6, 0.7, 9.0)],
        "deadline": dt.date(2026, 4, 1),
        "label": "41 <b> of 100",
    }
    return rendered("{% small_fan fan %}", fan=SmallFan(**{**given, **changes}))


def path(svg: str, name: str) -> str:
    return re.search(rf'class="sf-{name}" d="([^"]*)"', svg)[1]


def test_a_small_fan_has_what_was_said_the_fan_the_target_and_the_deadline():
    svg = small()
    assert path(svg, "course") == "M0 77.8H60V47.3H177"  # the value before the left edge, then a step, held until today
    assert path(svg, "target").startswith("M0 ")
    assert path(svg, "target").count("V") == 1
    assert path(svg, "deadline") == "M270 0V90"
    assert path(svg, "most").count("L") == 3
    assert 'aria-label="41 &lt;b&gt; of 100"' in svg
    assert "style" not in svg


def test_a_small_fan_keeps_to_its_box_whatever_the_values():
    svg = small(points=[(dt.date(2026, 1, 21), -1e9), (dt.date(2026, 2, 1), 1e9)])
    numbers = [float(part) for part in re.findall(r"[MHVL ](-?[\d.]+)", " ".join(re.findall(r' d="([^"]*)"', svg)))]
    assert min(numbers) >= 0
    assert max(numbers) <= small_fan.ACROSS


def test_a_small_fan_without_a_forecast_or_a_deadline_draws_neither():
    svg = small(fan=[], deadline=None)
    assert "sf-most" not in svg
    assert "sf-deadline" not in svg
    assert "sf-course" in svg


def test_each_source_has_a_shape_of_its_own():
    assert set(signs.POINT_SHAPES) == set(LEVELS)
    assert len({rendered("{% point_shape level %}", level=level) for level in LEVELS}) == len(LEVELS)


# ---- navigation ------------------------------------------------------------------------------------------------------


def test_a_link_to_a_missing_page_is_left_out():
    assert rendered("{% nav_link 'no-such-page' 'Nowhere' %}", request=RequestFactory().get("/")) == ""


def test_the_page_one_is_on_is_current():
    request = RequestFactory().get("/accounts/login/")
    assert 'aria-current="page"' in rendered("{% nav_link 'account_login' 'In' %}", request=request)
    assert "aria-current" not in rendered("{% nav_link 'account_logout' 'Out' %}", request=request)
    assert 'aria-current="true"' in rendered("{% nav_link 'account_logout' 'Out' '/accounts/' %}", request=request)


# ---- what templates use exists ---------------------------------------------------------------------------------------


def _without_tags(source: str) -> str:
    return re.sub(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", " ", source)


def test_every_icon_named_in_a_template_is_in_the_sprite():
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (ROOT / "static/icons.svg").read_text()))
    used = {
        name
        for path in TEMPLATES
        for name in re.findall(r"""(?:\{% icon |icon_name=)["']([\w-]+)["']""", path.read_text())
    }
    assert used <= sprite, f"add to packages.json, then `make vendor`: {used - sprite}"


def test_every_class_in_a_template_is_styled():
    css = (ROOT / "static/vendor/tabler/tabler.min.css").read_text() + (ROOT / "static/app.css").read_text()
    styled = set(re.findall(r"\.(-?[_a-zA-Z][\w-]*)", css))
    hooks = {"search-input", "bar-name", "history-here", "history-panel"}  # for scripts, or named for the reader
    unknown = {
        f"{path.relative_to(ROOT)}: {name}"
        for path in TEMPLATES
        for names in re.findall(r'class="([^"]*)"', _without_tags(path.read_text()))
        for name in names.split()
        if name not in styled | hooks and not name.endswith("-")
    }
    assert not unknown


def test_no_template_breaks_the_content_security_policy():
    for path in TEMPLATES:
        source = _without_tags(path.read_text())
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:|hx-on", source), path
        assert not re.search(r"<script(?![^>]*\bsrc=)[^>]*>", source), path


def test_the_vendored_files_are_as_recorded_with_version_and_licence(capsys):
    manifest = json.loads(vendor.MANIFEST.read_text())
    assert vendor.verify(manifest) == 0, capsys.readouterr().out
    assert all(package["version"] and package["licence"] for package in manifest["packages"])


def test_nothing_vendored_asks_for_anything_remote():
    css = (ROOT / "static/vendor/tabler/tabler.min.css").read_text() + (ROOT / "static/app.css").read_text()
    assert not re.findall(r"""(?:url\(\s*["']?|@import\s*["'])(?:https?:)?//""", css)


def test_pruning_drops_families_and_keeps_the_rest():
    css = '@media print{.modal-a{x:y}.card{a:b}}.modal{c:d}.card,.modal b{e:f}.t{background:url("{,}")}@font-face{g:h}'
    pruned = vendor.prune(css, re.compile(r"\.(?:modal[a-z-]*)(?![a-zA-Z0-9])"))
    assert pruned == '@media print{.card{a:b}}.card{e:f}.t{background:url("{,}")}@font-face{g:h}'


# ---- events ----------------------------------------------------------------------------------------------------------


def test_a_verb_reads_before_the_name_of_what_it_concerns():
    assert rendered("{{ verb|did }}", verb="drilled down") == "drilled down to"
    assert rendered("{{ verb|did }}", verb="declared") == "declared"


def test_every_verb_with_words_is_one_that_is_written():
    written = {
        match
        for folder in ("projects", "reviews")
        for path in (ROOT / folder).rglob("*.py")
        for match in re.findall(r'verb="([^"]+)"', path.read_text(encoding="utf-8"))
    }
    assert events.WORDS.keys() <= written
