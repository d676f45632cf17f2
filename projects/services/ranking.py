"""Which goal or factor limits a program, according to the model: computed once, stored, read everywhere."""

import datetime as dt
import math
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Container, Sequence

from django.db.models import Exists, OuterRef
from django.utils import timezone

from projects import bottleneck
from projects.derived import derived
from projects.limiting import layers_of, of_limit
from projects.models import Factor, Goal, Outlook, Program, Ranking, SuccessorPrediction, Verdict
from projects.services import ranking_history as history
from projects.services.decisions import clear_if_recovered
from projects.services.flows import flow_fields
from projects.services.held_goals import HeldGoals, read_goals, stamps_now, stamps_of, with_outlook
from projects.services.outlooks import OutlookValue, record_outlooks
from projects.services.predictions import file_model_prediction
from projects.time import day_after, today_in

WORST_FIRST = [Verdict.DIVERGING, Verdict.STALLED, Verdict.SLOW, Verdict.CONVERGING]
CURVE_POINTS = 40
MOST_ATTEMPTS = 5
LUCK = bottleneck.Luck(most=1500)  # 6 MB: of the programs that are reviewed now, only what changed is drawn again
HELD = HeldGoals(most=8)
UNLIKELY = 0.25  # a joint chance below it makes a team slow, as it does a goal


def rank_program(program: Program, today: dt.date | None = None) -> Ranking:
    """Rank again what limits `program` and store it. The engine runs outside any transaction."""
    return rank_programs([program], today)[0]


def rank_programs(programs: Sequence[Program], today: dt.date | None = None) -> list[Ranking]:
    """Rank several programs; as many queries as for one.

    Where an outlook changed while the engine ran, what was stored may be older than what another writer stored: such
    a program is ranked once more, so the last one to store has seen everything.
    """
    stored: dict[int, Ranking] = {}
    again: Sequence[Program] = programs
    for _attempt in range(MOST_ATTEMPTS):
        goals = _goals_of(again)
        found = {p: _rank(p, goals[p.pk], today or today_in(p.zone)) for p in again}
        with derived():
            stored |= _store(found)
        now = stamps_now(again)
        again = [program for program in again if now[program.pk] != stamps_of(goals[program.pk])]
        if not again:
            break
    return [stored[program.pk] for program in programs]


def record_and_rank(
    program: Program, values: Sequence[OutlookValue], today: dt.date, beside: Callable[[], object]
) -> None:
    """Keep new outlooks of a program's goals and rank it with them, in one transaction in which `beside` is called too.

    In the end the same as `record_outlooks`, then `rank_program`: where another writer came between it is ranked again.
    """
    new = {value.goal_id: value for value in values}
    name, held = HELD.read(program)
    goals = [with_outlook(goal, new[goal.pk]) if goal.pk in new else goal for goal in held]
    fields, _goals = _rank(program, goals, today)
    moment = timezone.now()
    for goal in goals:
        if goal.pk in new:
            goal.outlook.computed_at = moment
    with derived():
        beside()
        record_outlooks(values, moment)
        _store({program: (fields | {"computed_at": moment}, goals)})
    if stamps_now([program])[program.pk] == stamps_of(goals):
        HELD.hold(program, name, goals)
    else:
        rank_program(program, today)


def _goals_of(programs: Sequence[Program]) -> dict[int, list[Goal]]:
    found: dict[int, list[Goal]] = {program.pk: [] for program in programs}
    for goal in read_goals(Goal.objects.active().filter(team__program__in=programs)):
        found[goal.program_id].append(goal)  # type: ignore[attr-defined]
    return found


def _store(found: dict[Program, tuple[dict, Sequence[Goal]]]) -> dict[int, Ranking]:
    """The rankings as they stand, the day's row of the history, for how many reviews each proposal has led, and what
    the model expects after a limit that it has not ranked under before."""
    rows, unpredicted = [], []
    for program, (fields, goals) in found.items():
        outlooks = {goal.pk: getattr(goal, "outlook", None) for goal in goals}
        said_so_far = history.record_day(program, fields, history.goals_of(goals, outlooks))
        fields |= history.lead(said_so_far, fields["lines"])
        limit = _open_limit(program)
        layers = layers_of(limit)
        fields["declared"] = of_limit(limit, layers, fields["lines"], fields["called"])
        rows.append(Ranking(program=program, **fields))
        if limit and limit.factor and not limit.predicted:
            unpredicted.append((limit, layers, rows[-1], [goal for goal in goals if outlooks[goal.pk]]))
    if rows:
        Ranking.objects.bulk_create(rows, update_conflicts=True, unique_fields=["program"], update_fields=[*fields])
    for one in unpredicted:
        file_model_prediction(*one)
    for program in found:
        if program.decision_due_since:
            clear_if_recovered(program)
    return {row.program_id: row for row in rows}


def _open_limit(program: Program):
    """The open limit, with `predicted`: whether the model has filed what it expects after it."""
    filed = SuccessorPrediction.objects.filter(limit=OuterRef("pk"), by_model=True)
    limits = program.limits.filter(until__isnull=True).annotate(predicted=Exists(filed))
    return limits.select_related("factor").first()


def _rank(program: Program, goals: Sequence[Goal], today: dt.date) -> tuple[dict, Sequence[Goal]]:
    """What is stored of the program, and the goals that it was made from."""
    outlooks = {goal.pk: getattr(goal, "outlook", None) for goal in goals}
    model = engine_program(program, goals, outlooks, today)
    drawn = bottleneck.draw(model, luck=LUCK)
    found = bottleneck.rank_drawn(drawn)
    names = {str(goal.pk): goal.name for goal in goals}
    teams = _team_verdicts(goals, outlooks, drawn, today)
    fields = said(program, found, model, outlooks, today) | {
        "p10": day_after(today, found.p10),
        "p90": day_after(today, found.p90),
        "finish_days": [None if math.isinf(day) else round(day, 1) for day in found.finish],
        "lines": [_line(line, model) for line in found.lines],
        "following_share": found.next_leads,
        "leads_share": found.confidence.leads if found.confidence else None,
        "reasons": [reason.text for reason in found.reasons],
        "left_out": [names[key] for key in found.left_out],
        "verdicts": dict(Counter(team["verdict"] for team in teams.values())),
        "teams": teams,
        "curve": _program_curve(goals, outlooks, today),
        "flow": None,
        "engine": bottleneck.ENGINE_VERSION,
        "computed_at": timezone.now(),
    }
    if program.kind == Program.Kind.THROUGHPUT:
        fields |= flow_fields(program, outlooks, today)
    fields["severity"] = severity(fields)
    return fields, goals


def engine_program(program: Program, goals: Sequence[Goal], outlooks: dict, today: dt.date) -> bottleneck.Program:
    """The program as the engine takes it, with the luck that its goals share where the program states it."""
    shocks = {}
    if program.team_shock is not None and program.program_shock is not None:
        shocks = {"team_shock": program.team_shock, "program_shock": program.program_shock}
    there = {goal.pk for goal in goals}
    return bottleneck.Program(
        goals=tuple(engine_goal(goal, outlooks[goal.pk], today, there) for goal in goals),
        factors=_engine_factors(goals),
        deadline=(program.deadline - today).days if program.deadline else None,
        **shocks,
    )


def said(
    program: Program, found: bottleneck.Ranking, model: bottleneck.Program, outlooks: dict, today: dt.date
) -> dict:
    """What the ranking and a day of its history have in common."""
    return {
        "as_of": today,
        "p50": day_after(today, found.p50),
        "p_never": found.p_never,
        "p_deadline": found.p_deadline,
        "p_last_acceptable": _chance_by(found.finish, program.last_acceptable, today),
        "proposal": _line(found.proposal, model) if found.proposal else None,
        "behind": _line(found.behind, model) if found.behind else None,
        "following": _line(found.next, model) if found.next else None,
        "confidence": found.confidence.word if found.confidence else "",
        "newest_data": max((o.value_on for o in outlooks.values() if o and o.value_on), default=None),
    }


def engine_goal(
    goal: Goal, outlook: Outlook | None, today: dt.date, there: Container[int] | None = None
) -> bottleneck.Goal:
    """The goal as the engine takes it: days count from `today`, also where the forecast is older.

    It waits for what is `there` only (for all it needs where None): what was put away holds nobody up.
    """
    age = (today - outlook.as_of).days if outlook else 0
    finish = None
    if outlook and outlook.known:
        finish = tuple(math.inf if day is None else max(day - age, 0.0) for day in outlook.finish_days)
    durations = None
    if goal.shortest_days is not None and goal.longest_days is not None:
        durations = (float(goal.shortest_days), float(goal.longest_days))
    return bottleneck.Goal(
        key=str(goal.pk),
        team=str(goal.team_id),
        finish=finish,
        needs=tuple(str(d.needs_id) for d in goal.dependencies.all() if there is None or d.needs_id in there),
        started=durations is None or _has_moved(goal, outlook),
        done=bool(outlook and outlook.verdict == Verdict.DONE),
        durations=durations,
        name=goal.name,
    )


def _has_moved(goal: Goal, outlook: Outlook | None) -> bool:
    return bool(outlook and outlook.value is not None and outlook.value != goal.baseline)


def _engine_factors(goals: Sequence[Goal]) -> tuple[bottleneck.Factor, ...]:
    """The factors that gate goals. One that gates no more than a part of it does is left out: the part binds (M3)."""
    gated: dict[int, list[str]] = {}
    factors: dict[int, Factor] = {}
    for goal in goals:
        for gate in goal.gates.all():
            factors[gate.factor_id] = gate.factor
            gated.setdefault(gate.factor_id, []).append(str(goal.pk))
    parts = [(f.parent_id, gated[f.pk]) for f in factors.values() if f.parent_id in gated]
    covered = {whole for whole, keys in parts if whole is not None and set(gated[whole]) <= set(keys)}
    return tuple(
        bottleneck.Factor(key=str(pk), goals=tuple(keys), name=factors[pk].name)
        for pk, keys in gated.items()
        if pk not in covered
    )


def _line(line: bottleneck.Line, model: bottleneck.Program) -> dict:
    return {
        "kind": line.kind,
        "id": int(line.key),
        "name": line.name,
        "criticality": round(line.criticality, 4),
        "relief_days": round(line.relief_days, 1),
        "eased_days": round(line.eased_days, 1),
        "urgency": round(line.urgency, 2),
        "gain_in_p_deadline": None if line.gain_in_p_deadline is None else round(line.gain_in_p_deadline, 4),
        "gain_in_p_done": round(line.gain_in_p_done, 4),
        "gated_by": [int(f.key) for f in model.factors if line.kind == "goal" and line.key in f.goals],
    }


def _chance_by(finish: Sequence[float], day: dt.date | None, today: dt.date) -> float | None:
    """Share of the runs that end by `day`; None where there is no date or no forecast."""
    if day is None or not finish:
        return None
    return sum(days <= (day - today).days for days in finish) / len(finish)


def _team_verdicts(goals: Sequence[Goal], outlooks: dict, drawn: bottleneck.Drawn, today: dt.date) -> dict[str, dict]:
    """A team's verdict is that of its goals together: the joint chance of all, and the one that holds it back.

    The worst of its goals speaks for it; where each of them converges but all together are unlikely to, it is slow,
    held back by the goal whose end today would raise the joint chance most.
    """
    out = {}
    for team in sorted({goal.team_id for goal in goals}):
        mine = [goal for goal in goals if goal.team_id == team]
        said = {goal.pk: _verdict(outlooks[goal.pk]) for goal in mine}
        due = _due(mine, drawn.program, today)
        joint = bottleneck.chance_drawn(drawn, due, of=due.keys()) if due else None
        held = min((pk for pk in said if said[pk] in WORST_FIRST), key=lambda pk: _standing(outlooks[pk]), default=None)
        verdict = said[held] if held else Verdict.DONE if {*said.values()} == {Verdict.DONE} else Verdict.UNKNOWN
        if verdict == Verdict.CONVERGING and joint is not None and joint < UNLIKELY:
            verdict = Verdict.SLOW
            held = int(bottleneck.chain_drawn(drawn, due, of=due.keys()).levers[0].key)
        out[str(team)] = {
            "verdict": str(verdict),
            "holds_back": held,
            "p_deadline": joint,
            "goals": len(mine),
            "done": sum(word == Verdict.DONE for word in said.values()),
            "left_out": sum(not outlooks[pk] or not outlooks[pk].known for pk in said),
        }
    return out


def _verdict(outlook: Outlook | None) -> str:
    return outlook.verdict if outlook else Verdict.UNKNOWN


def _standing(outlook: Outlook) -> tuple:
    """Sorts the worst first: by verdict, then by the chance of the own deadline; none to meet stands last."""
    chance = 1.0 if outlook.p_deadline is None else outlook.p_deadline
    return WORST_FIRST.index(Verdict(outlook.verdict)), chance, outlook.goal_id


def _due(goals: Sequence[Goal], model: bottleneck.Program, today: dt.date) -> dict[str, float]:
    """Days to the deadline of every open goal that has one, and a forecast."""
    engine = {g.key: g for g in model.goals}
    return {
        str(goal.pk): float((goal.deadline - today).days)
        for goal in goals
        if goal.deadline and engine[str(goal.pk)].finish and not engine[str(goal.pk)].done
    }


def _program_curve(goals: Sequence[Goal], outlooks: dict, today: dt.date) -> list[list]:
    """The mean share done of the goals, evenly over time; a goal not yet reported counts as not begun."""
    known = [(goal, outlooks[goal.pk].curve) for goal in goals if outlooks[goal.pk] and outlooks[goal.pk].curve]
    steps = [([day for day, _ in curve], [goal.share_done(value) for _, value in curve]) for goal, curve in known]
    if not steps:
        return []
    first = dt.date.fromisoformat(min(days[0] for days, _ in steps)).toordinal()
    last = max(today.toordinal(), dt.date.fromisoformat(max(days[-1] for days, _ in steps)).toordinal())
    curve = []
    for ordinal in sorted({round(first + (last - first) * k / (CURVE_POINTS - 1)) for k in range(CURVE_POINTS)}):
        day = dt.date.fromordinal(ordinal).isoformat()  # ISO days sort as days do
        reported = ((shares, bisect_right(days, day)) for days, shares in steps)
        curve.append([day, round(sum(shares[n - 1] for shares, n in reported if n) / len(goals), 4)])
    return curve


def severity(fields: dict) -> float:
    """How much a program needs its manager, within 0..2: the board shows the worst first."""
    if not fields["finish_days"]:
        return 0.5  # nothing is known: before those that do well, after those in trouble
    missed = 1 - fields["p_deadline"] if fields["p_deadline"] is not None else fields["p_never"]
    return missed + (fields["p_never"] or 0)
