"""Why, in words and numbers. `code` and `values` let a page say it in another language; `text` is plain English."""

from dataclasses import dataclass, field

from .program import ASSUMED_SPEEDUP, HORIZON_DAYS
from .relief import Line

Value = str | int | float | tuple[str, ...] | None


@dataclass(frozen=True)
class Reason:
    """One sentence of the explanation. Days and chances in `values` are not rounded; chances lie in 0 to 1."""

    code: str
    text: str
    values: dict[str, Value] = field(default_factory=dict, hash=False)


def called(line: Line) -> str:
    """What a sentence calls it."""
    return line.name or line.key


def days(n: float) -> str:
    """3 days, 1 day, under a day."""
    if 0 < n < 0.5:
        return "under a day"
    whole = round(n)
    return f"{whole} day" if whole == 1 else f"{whole} days"


def percent(p: float) -> str:
    """A chance as a whole per cent; the ends are kept for what is certain."""
    whole = round(100 * p)
    if whole == 0 and p > 0:
        return "under 1 %"
    if whole == 100 and p < 1:
        return "over 99 %"
    return f"{whole} %"


def odds(p: float) -> str:
    """A chance that is not over: never 0 % or 100 %, for so many draws cannot tell."""
    return "under 1 %" if p < 0.01 else "over 99 %" if p > 0.99 else percent(p)


def converged() -> Reason:
    return Reason("converged", "Every goal is done: nothing limits this program.")


def no_goals() -> Reason:
    return Reason("no_goals", "The program has no goals yet.")


def no_forecast(names: tuple[str, ...]) -> Reason:
    return Reason("no_forecast", "No open goal has a forecast yet, so nothing can be proposed.", {"left_out": names})


def too_few(covered: float, names: tuple[str, ...]) -> Reason:
    text = f"Only {percent(covered)} of the open goals have a forecast: too few to propose what limits."
    return Reason("too_few_forecasts", text, {"covered": covered, "left_out": names})


def nothing_left() -> Reason:
    return Reason("nothing_left", "By every forecast the open goals end today: taking anything away saves no time.")


def limits(line: Line, p50: float) -> Reason:
    values: dict[str, Value] = {
        "key": line.key,
        "kind": line.kind,
        "relief_days": line.relief_days,
        "p50": p50,
        "p50_without": min(p50, HORIZON_DAYS) - line.relief_days,
    }
    gone = "Were it finished today" if line.kind == "goal" else "Without it"
    if line.relief_days > 0 and p50 > HORIZON_DAYS:
        left = days(HORIZON_DAYS - line.relief_days)
        text = f"{called(line)} limits. {gone}, the P50 would be {left} from now; today it is not within five years."
    elif line.relief_days > 0:
        left = days(p50 - line.relief_days)
        text = f"{called(line)} limits. {gone}, the P50 would fall by {days(line.relief_days)}, to {left} from now."
    elif p50 > HORIZON_DAYS:
        text = (
            f"{called(line)} comes first, but no single relief is enough: the P50 is not within five years, whichever "
            "one thing is taken away. They are ordered by what they add to the chance of the deadline, then to the "
            "chance of finishing within five years, then by how often they decide."
        )
        return Reason("still_never", text, values)
    else:
        text = (
            f"{called(line)} comes first, but no single relief moves the P50. They are ordered by what they add to the "
            "chance of the deadline, then to the chance of finishing within five years, then by how often they decide."
        )
        return Reason("no_single_relief", text, values)
    return Reason("limits", text, values)


def cannot_start(line: Line, names: tuple[str, ...]) -> Reason:
    text = f"{called(line)} has not started and waits for {', '.join(names)}: for now it can only be made shorter."
    return Reason("cannot_start", text, {"key": line.key, "needs": names})


def together(names: tuple[str, ...]) -> Reason:
    text = f"It would take {len(names)} of them together to bring the P50 within five years: " + ", ".join(names) + "."
    return Reason("together", text, {"goals": names, "count": len(names)})


def decides(line: Line) -> Reason:
    text = f"It decides the date in {percent(line.criticality)} of the runs."
    return Reason("criticality", text, {"key": line.key, "kind": line.kind, "criticality": line.criticality})


def eased(line: Line) -> Reason:
    text = f"10 % less remaining time there is worth {days(line.eased_days)}."
    return Reason("eased", text, {"key": line.key, "kind": line.kind, "eased_days": line.eased_days})


def deadline(line: Line, chance: float, gain: float) -> Reason:
    before, after = odds(chance), odds(min(1.0, chance + gain))
    text = f"The chance of the deadline would go from {before} to {after}."
    if before == after:
        text = f"The chance of the deadline would stay at {before}."
    return Reason("deadline", text, {"p_deadline": chance, "p_deadline_without": chance + gain, "gain": gain})


def pace(name: str, assumed: int, measured: int) -> Reason:
    values: dict[str, Value] = {"assumed": assumed, "measured": measured, "speedup": ASSUMED_SPEEDUP}
    if assumed == 0:
        text = f"What {name} costs is measured: the pace of the weeks without it, on {_goals(measured)}."
        return Reason("measured_pace", text, values)
    text = f"What {name} costs on {_goals(assumed)} is assumed: {ASSUMED_SPEEDUP:g} times the pace without it."
    if measured:
        text += f" On {_goals(measured)} it is measured."
    return Reason("assumed_pace", text, values)


def behind(line: Line, goal: Line) -> Reason:
    worth = f"the P50 would fall by {days(line.relief_days)}"
    if line.relief_days <= 0:
        worth = f"the chance of finishing within five years would rise by {percent(line.gain_in_p_done)}"
    text = f"Behind {called(goal)} stands {called(line)}: without it {worth}."
    return Reason("behind", text, {"key": line.key, "kind": line.kind, "relief_days": line.relief_days})


def runner_up(line: Line | None) -> Reason:
    if line is None:
        return Reason("next_none", "Once that is relieved nothing else holds the date.")
    gain = f", worth {days(line.relief_days)} then" if line.relief_days > 0 else ""
    text = f"Once that is relieved, {called(line)} limits{gain}."
    return Reason("next", text, {"key": line.key, "kind": line.kind, "relief_days": line.relief_days})


def left_out(names: tuple[str, ...]) -> Reason:
    return Reason("left_out", "Left out, because they have no forecast: " + ", ".join(names) + ".", {"left_out": names})


def own_wait(names: tuple[str, ...]) -> Reason:
    text = (
        "Not started and without a stated range of durations, so the forecast stands as it is, its wait inside: "
        + ", ".join(names)
        + "."
    )
    return Reason("own_wait", text, {"goals": names})


def switch(line: Line, rival: Line, share: float | None) -> Reason:
    lead = line.relief_days - rival.relief_days
    values: dict[str, Value] = {"key": rival.key, "kind": rival.kind, "lead_days": lead, "share": share}
    text = f"It leads {called(rival)} by {days(lead)}."
    if share is None:
        return Reason("lead", text, values)
    text += f" With {percent(share)} less remaining time it would lead no more."
    return Reason("switch", text, values)


def _goals(n: int) -> str:
    return "1 goal" if n == 1 else f"{n} goals"
