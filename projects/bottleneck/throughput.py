"""Throughput programs: what limits the output now, what that is worth, and when something else takes over."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import flow_reasons as say
from .confidence import Confidence, how_sure
from .finish import order_statistic
from .flow import (
    STEP_DAYS,
    Band,
    Crossing,
    Era,
    Flow,
    Successor,
    SupplyLine,
    band,
    crossings,
    eras,
    flow,
    less,
    line,
    most_worth,
    p_target,
    successors,
)
from .program import ENGINE_VERSION, HORIZON_DAYS, MIN_COVERAGE
from .reasons import Reason
from .supply import Throughput, ceilings, check_throughput, known, sees_growth

PROBABILITIES = tuple((k + 0.5) / 50 for k in range(50))


@dataclass(frozen=True)
class ThroughputRanking:
    """What `rank_throughput` says. Days from now; outputs in the program's unit. None is unknown, never 0.

    days: the dates of all series, about monthly over five years. output: the program's output then.
    p10, p50, p90, p_deadline: days until the target is reached (`math.inf`: not within five years), and its chance by
        the deadline; None without a target (a deadline).
    reached: days until the target at the probabilities (k + 0.5) / 50; empty without a target.
    lines: worth most to take away today first. crossings: when the order of two supplies changes.
    proposal: what limits now, or None: then `unknown` says why.
    next: what limits today's output once the proposal is relieved (its numbers are of that world).
    successors: what takes over from the proposal as supplies grow. eras: the likeliest to bind, through time.
    left_out: keys of the supplies whose capacity is not known.
    """

    days: tuple[float, ...]
    output: Band
    p10: float | None
    p50: float | None
    p90: float | None
    p_deadline: float | None
    reached: tuple[float, ...]
    lines: tuple[SupplyLine, ...]
    crossings: tuple[Crossing, ...]
    proposal: SupplyLine | None
    next: SupplyLine | None
    successors: tuple[Successor, ...]
    eras: tuple[Era, ...]
    confidence: Confidence | None
    left_out: tuple[str, ...]
    reasons: tuple[Reason, ...]
    unknown: Reason | None
    draws: int
    seed: int
    engine: str = ENGINE_VERSION


def rank_throughput(program: Throughput, *, draws: int = 2000, seed: int = 0) -> ThroughputRanking:
    """Draw every supply's future and rank what limits the output. Raises InvalidNumberError and DuplicateKeyError."""
    check_throughput(program, draws)
    supplies = sorted((s for s in program.supplies if known(s)), key=lambda supply: supply.key)
    silent = sorted((s for s in program.supplies if not known(s)), key=lambda supply: supply.key)
    left_out = tuple(s.key for s in silent)
    names = tuple(s.name or s.key for s in silent)
    if not supplies:
        return _nothing(say.no_capacity(names) if names else say.no_supplies(), left_out, draws, seed)
    days = np.arange(0, HORIZON_DAYS + STEP_DAYS / 2, STEP_DAYS)
    made = flow(program, supplies, days, np.stack([ceilings(program, s, days, draws, seed) for s in supplies]))
    lines = tuple(sorted((line(made, i) for i in range(len(supplies))), key=_by_worth))
    covered = len(supplies) / len(program.supplies)
    output = float(order_statistic(made.output[0], 0.5))
    unknown = None
    if covered < MIN_COVERAGE:
        unknown = say.too_few(covered, names)
    elif program.target is not None and output >= program.target:
        unknown = say.converged(output, program.target, program.unit)
    proposal = following = sure = None
    takeovers: tuple[Successor, ...] = ()
    why: tuple[Reason, ...] = () if unknown is None else (unknown,)
    if unknown is None:
        proposal = lines[0]
        at = [s.key for s in supplies].index(proposal.key)
        if len(supplies) > 1:
            rest = less(made, at)
            following = line(rest, most_worth(rest))
        takeovers = successors(made, at)
        sure = how_sure(proposal.binds_now, covered, "nothing else allows less", "the supplies have a known capacity")
        why = _reasons(made, lines, output, following, takeovers, names)
    at_target = [None if made.reached is None else float(order_statistic(made.reached, p)) for p in (0.1, 0.5, 0.9)]
    return ThroughputRanking(
        days=tuple(days.tolist()),
        output=band(made.output),
        p10=at_target[0],
        p50=at_target[1],
        p90=at_target[2],
        p_deadline=p_target(made),
        reached=() if made.reached is None else tuple(float(order_statistic(made.reached, p)) for p in PROBABILITIES),
        lines=lines,
        crossings=crossings(made),
        proposal=proposal,
        next=following,
        successors=takeovers,
        eras=eras(made),
        confidence=sure,
        left_out=left_out,
        reasons=why,
        unknown=unknown,
        draws=draws,
        seed=seed,
    )


def _nothing(why: Reason, left_out: tuple[str, ...], draws: int, seed: int) -> ThroughputRanking:
    empty = Band((), (), ())
    return ThroughputRanking(
        (), empty, None, None, None, None, (), (), (), None, None, (), (), None, left_out, (why,), why, draws, seed
    )


def _by_worth(made: SupplyLine) -> tuple[float, float, float, float, str]:
    """Relief of today's output; where equal of the days to the target, of its chance, then the chance to bind today."""
    return (
        -float(f"{made.relief_output:.9g}"),
        -round(made.relief_days or 0.0, 6),
        -round(made.gain_in_p_deadline or 0.0, 9),
        -round(made.binds_now, 9),
        made.key,
    )


def _reasons(
    made: Flow,
    lines: Sequence[SupplyLine],
    output: float,
    following: SupplyLine | None,
    takeovers: Sequence[Successor],
    silent: tuple[str, ...],
) -> tuple[Reason, ...]:
    first, unit = lines[0], made.program.unit
    out = [say.limits(first, output, unit), say.binds(first), say.eased(first, unit)]
    if made.reached is not None:
        out.append(say.target(first, float(order_statistic(made.reached, 0.5))))
    out.append(say.runner_up(following))
    if takeovers:
        out.append(say.successor(takeovers[0]))
    beyond = {s.key: s.beyond for s in made.supplies}
    for each in lines:
        most = max(each.binds)
        if beyond[each.key] > 0 and most > each.binds_now:
            on = float(made.days[each.binds.index(most)])
            out.append(say.at_scale(each, beyond[each.key], unit, most, on))
    still = tuple(s.name or s.key for s in made.supplies if not sees_growth(s))
    if still:
        out.append(say.no_growth(still))
    if silent:
        out.append(say.left_out(silent))
    return tuple(out)
