"""Charts are plain dicts that say the truth: nothing invented, nothing certain, words for those who cannot see them."""

import dataclasses
import datetime as dt
import json

import pytest

from projects import charts
from projects.charts import Band, Deadline, Mark, Point, SlipWeek, Target
from projects.look.chart_words import chart_words
from projects.models import Program, Ranking
from projects.pictures import program_finish

TODAY = dt.date(2026, 11, 23)


def week(number: int) -> dt.date:
    return TODAY + dt.timedelta(weeks=number)


def course(**changes) -> dict:
    given = {
        "title": "Macros",
        "unit": "tests",
        "points": [Point(week(-3), 4, "doer"), Point(week(-2), 9, "doer"), Point(week(-1), 9, "doer")],
        "targets": [Target(week(-3), 30)],
        "today": TODAY,
        "deadlines": [Deadline(week(8))],
        "fan": [Band(week(n), 9 + n * 0.2, 9 + n * 0.5, 9 + n, 9 + n * 2, 9 + n * 4) for n in range(11)],
    }
    return charts.goal_fan(**{**given, **changes})


def layers(spec: dict) -> list[dict]:
    found = []
    for layer in spec["layer"]:
        inherited = {"data": layer["data"]} if "data" in layer else {}
        found += [{**inherited, **inner} for inner in layer["layer"]] if "layer" in layer else [layer]
    return found


def marks(spec: dict, kind: str) -> list[dict]:
    return [layer for layer in layers(spec) if layer["mark"]["type"] == kind]


def shown(spec: dict, axis: str) -> list:
    return spec["encoding"][axis]["scale"]["domain"]


def test_a_spec_is_json_and_names_colours_by_token_only():
    finish = charts.finish_distribution(title="P", finish=[week(3), None], today=TODAY)
    for spec in (course(), finish, moved(), ribbon()):
        text = json.dumps(spec, allow_nan=False)
        assert "#" not in text
        assert "token:" in text
        assert spec["width"] == "container"


def test_values_hold_until_the_next_and_until_today():
    line = next(layer for layer in marks(course(), "line") if layer["mark"].get("color") == "token:ink")
    assert line["mark"]["interpolate"] == "step-after"
    assert [row["value"] for row in line["data"]["values"]] == [4, 9, 9, 9]
    assert line["data"]["values"][-1]["day"] == TODAY.isoformat()


def test_a_quarantined_point_is_hollow_off_the_line_and_does_not_stretch_the_axis():
    points = [Point(week(-3), 4), Point(week(-2), 9_000_000, state="quarantined"), Point(week(-1), 9)]
    spec = course(points=points)
    hollow = [layer for layer in marks(spec, "point") if layer["mark"]["filled"] is False]
    assert [row["value"] for row in hollow[0]["data"]["values"]] == [9_000_000]
    assert all(row.get("value") != 9_000_000 for layer in marks(spec, "line") for row in layer["data"]["values"])
    assert shown(spec, "y")[1] < 100


def test_revisions_of_the_target_are_steps_each_with_its_label():
    spec = course(targets=[Target(week(-1), 40), Target(week(-3), 30)])
    labels = [row["text"] for layer in marks(spec, "text") for row in layer["data"]["values"] if "text" in row]
    assert labels == ["target 30", "target 40"]
    assert shown(spec, "y")[0] <= 4 < 40 < shown(spec, "y")[1]


def test_former_deadlines_are_faint_and_the_present_one_is_named_with_its_day():
    spec = course(deadlines=[Deadline(week(2), current=False, set_on=week(-3)), Deadline(week(8))])
    faint = [layer for layer in marks(spec, "rule") if layer["mark"].get("color") == "token:faint"]
    assert [row["day"] for row in faint[0]["data"]["values"]] == [week(2).isoformat()]
    assert "deadline 18 Jan 2027" in [layer["mark"].get("text") for layer in marks(spec, "text")]


def test_the_axes_hold_everything_that_happened_and_the_inner_half_of_what_may():
    spec = course(start=week(-9))
    first, last = shown(spec, "x")
    assert first == week(-9).isoformat()
    assert last > week(10).isoformat()
    assert shown(spec, "y")[1] > 30
    wild = course(fan=[Band(week(4), 9, 10, 11, 12, 1e12)])
    assert shown(wild, "y")[1] < 100


def test_what_is_long_over_is_not_squeezed_by_today():
    past = [Point(week(-120), 4), Point(week(-110), 30)]
    spec = course(points=past, targets=[Target(week(-120), 30)], deadlines=[], fan=[])
    assert shown(spec, "x")[1] < week(-108).isoformat()
    assert "today" not in [layer["mark"].get("text") for layer in marks(spec, "text")]
    assert shown(course(points=past), "x")[1] > TODAY.isoformat()  # still going on: it has a forecast


def test_marks_and_memos_are_drawn_short():
    spec = course(marks=[Mark(week(-2), "second reviewer")], points=[Point(week(-2), 4, memo="x" * 500)])
    assert "second reviewer" in [layer["mark"].get("text") for layer in marks(spec, "text")]
    (memo,) = {row["memo"] for layer in marks(spec, "point") for row in layer["data"]["values"]}
    assert len(memo) == 160


def test_source_levels_get_a_legend_only_where_there_is_more_than_one():
    one = marks(course(), "point")[0]["encoding"]["shape"]
    assert one == {"value": "circle"}
    points = [Point(week(-2), 4, "relayed"), Point(week(-1), 9, "doer")]
    two = marks(course(points=points), "point")[0]["encoding"]["shape"]
    assert two["scale"] == {"domain": ["doer", "relayed"], "range": ["circle", "diamond"]}


def test_points_are_shown_and_hidden_by_level_while_the_line_stays():
    points = [Point(week(-2), 4, "relayed"), Point(week(-1), 9, "doer", state="superseded")]
    spec = course(points=points, legend=False)
    assert spec["params"] == [{"name": "hidden_levels", "value": []}]
    filtered = [layer for layer in layers(spec) if "transform" in layer]
    assert [layer["mark"]["filled"] for layer in filtered] == [True, False]
    assert {row["source"] for layer in filtered for row in layer["data"]["values"]} == {"relayed", "doer"}
    assert all(layer["transform"][0]["filter"].startswith("indexof(hidden_levels") for layer in filtered)
    assert all(layer["encoding"]["shape"]["legend"] is None for layer in filtered)
    assert not any("transform" in layer for layer in marks(spec, "line"))


def test_the_description_says_the_course_in_words():
    said = course()["description"]
    assert said == (
        "Macros: 3 values from 2 Nov 2026 to 16 Nov 2026, the newest 9 tests. The target is 30 tests. "
        "The deadline is 18 Jan 2027. On 1 Feb 2027 the forecast lies between 11 and 49, in the middle 19."
    )


@pytest.mark.parametrize("missing", ["points", "targets", "deadlines", "fan"])
def test_a_goal_without_some_of_it_still_draws(missing):
    spec = course(**{missing: []})
    assert shown(spec, "x")[0] < shown(spec, "x")[1]
    assert shown(spec, "y")[0] < shown(spec, "y")[1]
    json.dumps(spec, allow_nan=False)


def test_a_goal_with_nothing_at_all_draws_an_empty_frame():
    spec = charts.goal_fan(title="New", unit="", points=[], targets=[], today=TODAY)
    assert spec["description"] == "New."
    assert shown(spec, "y")[0] < shown(spec, "y")[1]


@pytest.mark.parametrize("scale", [1e-9, 1.0, 1e9])
def test_the_picture_does_not_depend_on_the_unit(scale):
    points = [Point(week(-2), 4 * scale), Point(week(-1), 9 * scale)]
    low, high = shown(course(points=points, targets=[Target(week(-2), 30 * scale)], fan=[]), "y")
    assert (low / scale, high / scale) == pytest.approx((2.44, 33.9))


# ---- when it is finished ---------------------------------------------------------------------------------------------


def dots(spec: dict) -> list[dict]:
    return marks(spec, "point")[0]["data"]["values"]


def test_there_are_always_twenty_dots_each_a_chance_in_twenty():
    for n in (1, 7, 20, 200):
        spec = charts.finish_distribution(title="P", finish=[week(k) for k in range(1, n + 1)], today=TODAY)
        assert len(dots(spec)) == 20


def test_dots_by_the_deadline_are_filled_and_stand_on_its_left():
    finish = [week(k) for k in range(1, 21)]
    spec = charts.finish_distribution(title="P", finish=finish, today=TODAY, deadline=week(8))
    filled = [row for row in dots(spec) if row["by"]]
    assert len(filled) == 8
    assert all((row["day"] <= week(8).isoformat()) == row["by"] for row in dots(spec))


def test_never_is_an_outcome_with_its_own_place_and_words():
    finish = [week(k) for k in range(1, 16)] + [None] * 5
    spec = charts.finish_distribution(title="P", finish=finish, today=TODAY, deadline=week(8), p_never=0.25)
    never = [row for row in dots(spec) if row["when"] == "not within 5 years"]
    assert len(never) == 5
    assert {row["day"] for row in never} == {max(row["day"] for row in dots(spec))}
    assert not any(row["by"] for row in never)
    assert "not within 5 years: 25 %" in [layer["mark"].get("text") for layer in marks(spec, "text")]
    assert spec["description"].endswith("The chance of not finishing within 5 years is 25 %.")


def test_all_never_is_drawn_without_a_date_being_invented():
    spec = charts.finish_distribution(title="P", finish=[None] * 3, today=TODAY, deadline=week(8), p_deadline=0.0)
    assert {row["when"] for row in dots(spec)} == {"not within 5 years"}
    assert "< 1 % by 18 Jan 2027" in [layer["mark"].get("text") for layer in marks(spec, "text")]
    assert "0 %" not in spec["description"]


def test_no_finish_at_all_is_refused():
    with pytest.raises(ValueError):
        charts.finish_distribution(title="P", finish=[], today=TODAY)


def test_a_program_draws_its_stored_finish_and_nothing_where_words_say_it_all():
    program, today = Program(name="Rig", deadline=week(8)), TODAY
    ranking = Ranking(as_of=TODAY, finish_days=[k / 2 + 0.2 for k in range(100)], p_deadline=0.4, p_never=0.0)
    spec = program_finish(program, ranking, today)
    assert spec is not None
    assert "40 % by" in " ".join(str(layer["mark"].get("text", "")) for layer in marks(spec, "text"))
    assert program_finish(program, None, today) is None
    assert program_finish(program, Ranking(as_of=TODAY), today) is None
    assert program_finish(program, Ranking(as_of=TODAY, finish_days=[0.0] * 100), today) is None
    never = Ranking(as_of=TODAY, finish_days=[3.0] * 5 + [None] * 95, p_never=0.95)
    assert program_finish(program, never, today) is None


# ---- how the finish moved --------------------------------------------------------------------------------------------


def moved(weeks: list[SlipWeek] | None = None) -> dict:
    if weeks is None:
        weeks = [
            SlipWeek(week(-4), known=False, deadline=week(8)),
            SlipWeek(week(-3), True, p10=week(2), p50=week(5), p90=None, deadline=week(8)),
            SlipWeek(week(-2), True, p10=week(2), p50=None, p90=None, deadline=week(12)),
            SlipWeek(week(-1), True, issued=True, p10=week(3), p50=week(6), p90=week(9), deadline=week(12)),
        ]
    return charts.slip_chart(title="Macros", weeks=weeks)


def rows_of(spec: dict) -> list[dict]:
    return marks(spec, "rule")[-1]["data"]["values"]


def test_what_was_predicted_never_has_its_own_lane_above_every_date():
    (lane,) = [layer for layer in marks(moved(), "point") if layer["mark"]["shape"] == "triangle-up"]
    (dated,) = [layer for layer in marks(moved(), "point") if layer["mark"]["shape"] == "circle"]
    (never,) = lane["data"]["values"]
    assert [row["middle"] for row in rows_of(moved()) if row["day"] == never["day"]] == ["not within 5 years"]
    assert len(dated["data"]["values"]) == 2
    assert never["finish"] > max(row["finish"] for row in dated["data"]["values"])
    assert never["finish"] < shown(moved(), "y")[1]
    assert "not within 5 years" in [layer["mark"].get("text") for layer in marks(moved(), "text")]
    assert all(row["late"] < never["finish"] for row in marks(moved(), "rule")[0]["data"]["values"])


def test_a_chart_without_never_has_no_lane():
    spec = moved([SlipWeek(week(-k), True, p10=week(4), p50=week(5), p90=week(9)) for k in (1, 2, 3)])
    assert "not within 5 years" not in [layer["mark"].get("text") for layer in marks(spec, "text")]


def test_a_week_without_a_forecast_is_a_gap_that_is_said():
    first = rows_of(moved())[0]
    assert (first["middle"], first["kind"]) == ("unknown", "unknown")
    (line,) = [layer for layer in marks(moved(), "line") if layer["encoding"]["y"]["field"] == "dated"]
    assert [row["dated"] is None for row in line["data"]["values"]] == [True, False, True, False]
    assert line["mark"]["invalid"] == "break-paths-show-domains"


def test_issued_is_filled_replayed_is_hollow_and_both_are_words():
    assert [row["kind"] for row in rows_of(moved())[1:]] == [
        "replayed from what was known then",
        "replayed from what was known then",
        "issued in that week",
    ]
    fill = marks(moved(), "point")[0]["encoding"]["fill"]
    assert fill == {"condition": {"test": "datum.issued", "value": "token:accent"}, "value": "token:surface"}


def test_the_deadline_of_each_week_is_a_step():
    (step,) = [layer for layer in marks(moved(), "line") if layer["mark"].get("interpolate") == "step-after"]
    deadlines = [row["deadline"] for row in step["data"]["values"]]
    assert deadlines[0] == deadlines[1] < deadlines[2] == deadlines[3]
    assert "deadline 15 Feb 2027" in [layer["mark"].get("text") for layer in marks(moved(), "text")]


def test_today_catches_up_where_the_finish_is_the_day_itself():
    (line,) = [layer for layer in marks(moved(), "line") if layer["encoding"]["y"]["field"] == "same"]
    for end in line["data"]["values"]:
        assert end["same"] == (dt.date.fromisoformat(end["day"]) - dt.date(1970, 1, 1)).days * 86_400_000
    assert "today catches up" in [layer["mark"].get("text") for layer in marks(moved(), "text")]


def test_the_slip_is_said_in_words():
    assert moved()["description"] == (
        "Macros: the finish predicted in 3 weeks, from 2 Nov 2026 to 16 Nov 2026. At first 28 Dec 2026. "
        "Now 4 Jan 2027. In 1 of these weeks not within 5 years."
    )


def test_a_slip_without_any_forecast_is_refused():
    with pytest.raises(ValueError):
        moved([SlipWeek(week(-1), known=False)])


@pytest.mark.parametrize("ahead", [1, 6, 30, 150, 259])
def test_the_axis_of_finishes_has_a_few_dates_within_its_range(ahead):
    spec = moved([SlipWeek(week(-k), True, p10=week(0), p50=week(ahead), p90=week(ahead)) for k in (1, 2, 3)])
    low, high = shown(spec, "y")
    ticks = spec["encoding"]["y"]["axis"]["values"]
    assert 2 <= len(ticks) <= 8
    assert all(low <= tick <= high for tick in ticks)


# ---- words -----------------------------------------------------------------------------------------------------------


def test_the_translated_words_fill_every_place():
    words = chart_words()
    for field in dataclasses.fields(charts.Words):
        default, given = getattr(charts.Words(), field.name), getattr(words, field.name)
        assert type(given) is type(default) or callable(given), field.name
        if isinstance(default, str):  # the same places to fill, in any language
            assert sorted(part for part in given.split("{")[1:]) == sorted(part for part in default.split("{")[1:])
    assert "12 Mar 2026" in words.day(dt.date(2026, 3, 12)).replace("\u00a0", " ")
    assert course(words=words)["description"].replace("\u00a0", " ") == course()["description"]


# ---- what limited, limits and may limit ------------------------------------------------------------------------------


def ribbon(**changes) -> dict:
    given = {
        "title": "Orbit",
        "periods": [
            charts.Period("Not known yet", week(-60), week(-50), word=True),
            charts.Period("Launches", week(-50), week(-20)),
            charts.Period("Power", week(-20)),
            charts.Period("Vanes", week(-8), within=True),
        ],
        "expected": [charts.Expected("Chips", week(20), week(500), 0.7, "the model")],
        "today": TODAY,
    }
    return charts.limit_ribbon(**{**given, **changes})


def test_only_what_limits_now_is_urgent_and_ends_today():
    bars = marks(ribbon(), "bar")[0]["data"]["values"]
    assert [bar["label"] for bar in bars if bar["kind"] == "now"] == ["Power", "Vanes"]
    assert {bar["end"] for bar in bars if bar["kind"] == "now"} == {TODAY.isoformat()}
    assert [bar["kind"] for bar in bars] == ["word", "past", "now", "now"]


def test_what_is_expected_is_hollow_and_cut_at_the_edge():
    spec = ribbon()
    (window,) = marks(spec, "bar")[1]["data"]["values"]
    assert (window["label"], window["chance"]) == ("Chips", "70 %")
    assert window["end"] == shown(spec, "x")[1]
    assert shown(spec, "x")[1] <= (TODAY + dt.timedelta(days=365)).isoformat()


def test_what_ended_before_the_picture_begins_has_no_row():
    old = charts.Period("Long ago", week(-300), week(-200))
    spec = ribbon(periods=[old, charts.Period("Power", week(-200))], expected=[])
    assert spec["encoding"]["y"]["scale"]["domain"] == ["Power"]
    assert shown(spec, "x")[0] == (TODAY - dt.timedelta(days=730)).isoformat()


def test_the_ribbon_says_itself_in_words():
    said = ribbon()["description"]
    assert "now: Power ▸ Vanes" in said
    assert "Chips is expected between" in said
    with pytest.raises(ValueError, match="at least one period"):
        ribbon(periods=[])
