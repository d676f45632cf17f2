"""Why a supply limits the output, in words and numbers."""

import math

from .flow import Successor, SupplyLine
from .reasons import Reason, Value, days, percent


def called(line: SupplyLine | Successor) -> str:
    return line.name or line.key


def amount(value: float, unit: str) -> str:
    """Three significant digits, with its unit."""
    if value == 0:
        return f"0 {unit}".strip()
    decimals = 2 - math.floor(math.log10(abs(value)))
    return f"{round(value, decimals):,.{max(0, decimals)}f} {unit}".strip()


def no_supplies() -> Reason:
    return Reason("no_supplies", "The program has no supplies yet.")


def no_capacity(names: tuple[str, ...]) -> Reason:
    return Reason("no_capacity", "No supply has a capacity yet, so nothing can be proposed.", {"left_out": names})


def too_few(covered: float, names: tuple[str, ...]) -> Reason:
    text = f"Only {percent(covered)} of the supplies have a capacity: too few to propose what limits."
    return Reason("too_few_capacities", text, {"covered": covered, "left_out": names})


def converged(output: float, target: float, unit: str) -> Reason:
    text = f"The output allowed today, {amount(output, unit)}, meets the target: nothing limits this program."
    return Reason("converged", text, {"output": output, "target": target})


def limits(line: SupplyLine, output: float, unit: str) -> Reason:
    values: dict[str, Value] = {"key": line.key, "output": output, "relief_output": line.relief_output}
    text = f"{called(line)} limits. It holds the output at {amount(output, unit)}; "
    if math.isinf(line.relief_output):
        text += "nothing else that is known limits it."
        values["relief_output"] = None
    else:
        text += f"without it the rest allow {amount(output + line.relief_output, unit)}."
    return Reason("limits", text, values)


def binds(line: SupplyLine) -> Reason:
    text = f"It allows the least in {percent(line.binds_now)} of the runs today."
    return Reason("binds", text, {"key": line.key, "binds_now": line.binds_now})


def eased(line: SupplyLine, unit: str) -> Reason:
    text = f"A need 10 % lower is worth {amount(line.eased_output, unit)}."
    return Reason("eased", text, {"key": line.key, "eased_output": line.eased_output})


def target(line: SupplyLine, reached: float) -> Reason:
    values: dict[str, Value] = {"key": line.key, "p50": reached, "relief_days": line.relief_days}
    when = "not within five years" if math.isinf(reached) else f"{days(reached)} from now"
    text = f"The target is reached {when} (P50); without it {days(line.relief_days or 0.0)} sooner."
    if math.isinf(reached) and not line.relief_days:
        text = "The target is not reached within five years (P50), with or without it."
    return Reason("target", text, values)


def runner_up(line: SupplyLine | None) -> Reason:
    if line is None:
        return Reason("next_none", "Were it gone today, nothing else that is known would limit.")
    text = f"Were it gone today, {called(line)} would limit."
    return Reason("next", text, {"key": line.key, "binds_now": line.binds_now})


def successor(line: Successor) -> Reason:
    text = f"As supplies grow, {called(line)} takes over in {percent(line.chance)} of the runs, {_when(line)}."
    values: dict[str, Value] = {"key": line.key, "chance": line.chance, "p10": line.p10, "p50": line.p50}
    return Reason("successor", text, values | {"p90": line.p90})


def _when(line: Successor) -> str:
    return f"{years(line.p10)} to {years(line.p90)} from now (P10 to P90, P50 {years(line.p50)})"


def years(n: float) -> str:
    """Days below a year and a half, else years to a tenth."""
    return days(n) if n < 548 else f"{n / 365.25:.1f} years"


def at_scale(line: SupplyLine, beyond: float, unit: str, most: float, on: float) -> Reason:
    text = f"{called(line)} is needed only past {amount(beyond, unit)}: "
    text += f"{years(on)} from now it binds in {percent(most)} of the runs."
    return Reason("at_scale", text, {"key": line.key, "beyond": beyond, "chance": most, "day": on})


def no_growth(names: tuple[str, ...]) -> Reason:
    text = "Taken to stay as it is, because no growth is stated and too few points show one: " + ", ".join(names) + "."
    return Reason("no_growth", text, {"supplies": names})


def left_out(names: tuple[str, ...]) -> Reason:
    text = "Left out, because their capacity is not known: " + ", ".join(names) + ". Any of them may bind."
    return Reason("left_out", text, {"left_out": names})
