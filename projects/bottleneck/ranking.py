"""The answer: when the program ends, what limits it, what that is worth, how sure that is, and what comes next."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from . import reasons
from .confidence import Confidence, how_sure
from .draws import Drawn, Floats, Ranks, draw
from .finish import World, quantile, simulate
from .network import Network
from .program import ENGINE_VERSION, HORIZON_DAYS, MIN_COVERAGE, Factor, Program
from .reasons import Reason
from .relief import (
    Candidate,
    Line,
    Standing,
    Trial,
    as_lines,
    factor_candidates,
    goal_candidates,
    share_to_lose,
    trials,
)

POINTS = 100
LEADS = "nothing else would have been worth more"
COVERED = "the open goals have a forecast"


@dataclass(frozen=True)
class Ranking:
    """What `rank` says. Days from now; `math.inf` is "not within 5 years". None is unknown, never 0.

    finish: the program's finish at the probabilities (k + 0.5) / 100; empty where unknown.
    lines: all open goals with a forecast and all factors, most worth first.
    proposal: what limits, or None: then `unknown` says why.
    behind: where the proposal is a goal, the factor gating it that is worth most.
    next: what limits once the proposal is relieved (its numbers are of that world).
    next_leads: share of the runs of that world in which nothing else would be worth more than `next`.
    left_out: keys of the open goals without a forecast.
    """

    p10: float | None
    p50: float | None
    p90: float | None
    p_never: float | None
    p_deadline: float | None
    finish: tuple[float, ...]
    lines: tuple[Line, ...]
    proposal: Line | None
    behind: Line | None
    next: Line | None
    next_leads: float | None
    confidence: Confidence | None
    left_out: tuple[str, ...]
    reasons: tuple[Reason, ...]
    unknown: Reason | None
    draws: int
    seed: int
    engine: str = ENGINE_VERSION


def rank(program: Program, *, draws: int = 2000, seed: int = 0) -> Ranking:
    """Simulate `program` and rank what limits it by relief.

    The same program, draws and seed give the same ranking, in whatever order the goals come. Raises the errors of
    `errors.py`: a cycle, an unknown or double key, a number that cannot be.
    """
    return rank_drawn(draw(program, draws=draws, seed=seed))


def rank_drawn(drawn: Drawn) -> Ranking:
    """`rank` of a program that is drawn already."""
    program, network, order, draws, seed = drawn.program, drawn.network, drawn.order, drawn.draws, drawn.seed
    left_out = tuple(sorted(network.goals[i].key for i in network.silent))
    if not network.goals:
        return _settled(program, draws, seed)
    if network.covered == 0:
        return _unknown(reasons.no_forecast(_names(network)), left_out, draws, seed)
    world = simulate(network, drawn.work)
    now, tried = trials(world, _candidates(world, program, order), program.deadline)
    lines = as_lines(world, now, tried)
    total = world.total
    unknown = None
    if network.covered < MIN_COVERAGE:
        unknown = reasons.too_few(network.covered, _names(network))
    elif tried[0].criticality == 0:
        unknown = reasons.nothing_left()
    proposal = None if unknown else lines[0]
    behind = following = next_leads = None
    confidence = None
    why: tuple[Reason, ...] = (unknown,) if unknown else ()
    if proposal is not None:
        behind = _behind(proposal, lines, program.factors)
        following, next_leads = _next(world, tried[0].candidate, program, order)
        confidence = how_sure(_leads(world, tried), network.covered, LEADS, COVERED)
        why = _reasons(world, now, lines, tried, behind, following)
    return Ranking(
        p10=quantile(total, 0.1),
        p50=quantile(total, 0.5),
        p90=quantile(total, 0.9),
        p_never=1 - now.p_done,
        p_deadline=now.p_deadline,
        finish=_points(total),
        lines=lines,
        proposal=proposal,
        behind=behind,
        next=following,
        next_leads=next_leads,
        confidence=confidence,
        left_out=left_out,
        reasons=why,
        unknown=unknown,
        draws=draws,
        seed=seed,
    )


def _settled(program: Program, draws: int, seed: int) -> Ranking:
    if not program.goals:
        return _unknown(reasons.no_goals(), (), draws, seed)
    done = reasons.converged()
    met = None if program.deadline is None else float(program.deadline >= 0)
    return Ranking(
        0.0, 0.0, 0.0, 0.0, met, (0.0,) * POINTS, (), None, None, None, None, None, (), (done,), done, draws, seed
    )


def _unknown(why: Reason, left_out: tuple[str, ...], draws: int, seed: int) -> Ranking:
    return Ranking(
        None, None, None, None, None, (), (), None, None, None, None, None, left_out, (why,), why, draws, seed
    )


def _names(network: Network) -> tuple[str, ...]:
    return tuple(sorted(network.goals[i].name or network.goals[i].key for i in network.silent))


def _points(total: Floats) -> tuple[float, ...]:
    at = ((np.arange(POINTS) + 0.5) / POINTS * len(total)).astype(np.intp)
    rising = np.sort(total)[at]
    return tuple(np.where(rising <= HORIZON_DAYS, rising, np.inf).tolist())


def _candidates(world: World, program: Program, order: Ranks) -> list[Candidate]:
    return goal_candidates(world) + factor_candidates(world, program.factors, order)


def _behind(proposal: Line, lines: Sequence[Line], factors: Sequence[Factor]) -> Line | None:
    if proposal.kind != "goal":
        return None
    gating = {factor.key for factor in factors if proposal.key in factor.goals}
    worth = (line for line in lines if line.kind == "factor" and line.key in gating)
    return next((line for line in worth if line.relief_days > 0 or line.gain_in_p_done > 0), None)


def _next(world: World, relieved: Candidate, program: Program, order: Ranks) -> tuple[Line, float] | tuple[None, None]:
    """Rank again in the world where the proposal is gone, on the same draws: what limits then, and how surely."""
    work = world.work.copy()
    for i, days in relieved.gone.items():
        work[i] = days
    after = simulate(world.network, work)
    rest = [c for c in _candidates(after, program, order) if (c.kind, c.key) != (relieved.kind, relieved.key)]
    now, tried = trials(after, rest, program.deadline)
    if not tried or not tried[0].criticality:
        return None, None
    return as_lines(after, now, tried[:1])[0], _leads(after, tried)


def _enough(world: World, tried: Sequence[Trial]) -> tuple[str, ...]:
    """The goals, in the order of the ranking, that together bring the P50 within five years."""
    goals = [trial.candidate for trial in tried if trial.candidate.kind == "goal"]

    def short(n: int) -> bool:
        work = world.work.copy()
        work[[i for candidate in goals[:n] for i in candidate.gone]] = 0.0
        return quantile(simulate(world.network, work).total, 0.5) > HORIZON_DAYS

    below, enough = 1, len(goals)
    while enough - below > 1:
        middle = (below + enough) // 2
        below, enough = (middle, enough) if short(middle) else (below, middle)
    return tuple(candidate.name or candidate.key for candidate in goals[:enough])


def _leads(world: World, tried: Sequence[Trial]) -> float:
    """Share of the runs in which, that run being how things turn out, nothing is worth more than the first."""
    now = np.minimum(world.total, HORIZON_DAYS)
    best = now
    for trial in tried:
        best = np.minimum(best, trial.total)
    return float(np.mean((np.minimum(tried[0].total, HORIZON_DAYS) <= best + 1e-9) & (best < now)))


def _reasons(
    world: World,
    now: Standing,
    lines: Sequence[Line],
    tried: Sequence[Trial],
    behind: Line | None,
    following: Line | None,
) -> tuple[Reason, ...]:
    network, proposal = world.network, lines[0]
    out = [reasons.limits(proposal, quantile(world.total, 0.5)), reasons.decides(proposal)]
    if proposal.relief_days > 0:
        out.append(reasons.eased(proposal))
    if now.p_deadline is not None and proposal.gain_in_p_deadline is not None:
        out.append(reasons.deadline(proposal, now.p_deadline, proposal.gain_in_p_deadline))
    if behind is not None:
        out.append(reasons.behind(behind, proposal))
    for line, trial in zip(lines, tried, strict=True):
        if line.kind == "factor" and line in (proposal, behind):
            out.append(reasons.pace(reasons.called(line), trial.candidate.assumed, trial.candidate.measured))
    if proposal.kind == "goal":
        row = network.row[proposal.key]
        if not network.goals[row].started and network.preds[row]:
            needs = tuple(network.goals[p].name or network.goals[p].key for p in network.preds[row])
            out.append(reasons.cannot_start(proposal, needs))
    if out[0].code == "still_never":
        out.append(reasons.together(_enough(world, tried)))
    leader = set(tried[0].candidate.gone)
    rival = next((i for i, t in enumerate(tried) if t.candidate.gone and not leader & set(t.candidate.gone)), None)
    if rival is not None and proposal.relief_days > 0:
        share = share_to_lose(world, tried[0], tried[rival].candidate)
        out.append(reasons.switch(proposal, lines[rival], share))
    out.append(reasons.runner_up(following))
    waiting = [g.name or g.key for i, g in enumerate(network.goals) if not g.started and not network.waits[i]]
    if waiting:
        out.append(reasons.own_wait(tuple(sorted(waiting))))
    if network.silent:
        out.append(reasons.left_out(_names(network)))
    return tuple(out)
