"""The demo's throughput program, from demo/ai-compute.toml; the delivery programs come with their datapoints."""

import datetime as dt
import tomllib
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth.models import User
from django.db import transaction

from projects.models import Claim, Factor, Limit, Program
from projects.services.layers import drill_down
from projects.services.limits import declare_limit, find_or_make_factor, record_evidence
from projects.services.programs import create_program, set_member
from projects.services.public_predictions import file_public_prediction
from projects.services.supplies import Stated, add_claim, create_supply

FILE = Path(settings.BASE_DIR) / "demo" / "ai-compute.toml"
YEAR = dt.timedelta(days=365.25)
FACTS = (
    "challenge",
    "challenge_answer",
    "challenged_on",
    "facts_as_of",
    "sold_out_until",
    "solvable_by_money",
    "suppliers",
    "true_until",
)


def read_throughput_demo() -> dict[str, Any]:
    return tomllib.loads(FILE.read_text(encoding="utf-8"))


@transaction.atomic
def load_throughput_demo(data: dict[str, Any], roles: dict[User, str], owner: User, today: dt.date) -> Program:
    """Make the program with its factors, supplies and claims; the caller ranks it."""
    sources = data["sources"]
    program = create_program(by=None, kind=Program.Kind.THROUGHPUT, owner=owner, **data["program"])
    for user, role in roles.items():
        set_member(program=program, username=user.username, role=role, by=None)
    factors: dict[str, Factor] = {}
    for facts in data["factors"]:
        factors[facts["name"]] = make_factor(program, facts, factors, sources)
    for limit in data["limits"]:
        factor, since, memo = factors[limit["factor"]], limit["since"], limit["memo"]
        declare_limit(program=program, state=Limit.State.FACTOR, factor=factor, since=since, memo=memo, by=None)
        for layer in limit.get("layers", ()):
            part = layer["factor"]
            drill_down(program=program, name=part, memo=layer["memo"], since=since, by=None, saw=factor.pk)
            factor = factors[part]
    for supply in data["supplies"]:
        make_supply(program, supply, factors, sources, today)
    for said in data["predictions"]:
        fields = {"due_from": None, "probability": None, "stated_on": program.start} | said
        fields["source"] = sources[said["source"]]
        file_public_prediction(program=program, uuid=uuid.uuid4(), by=None, **fields)
    for claim in data["claims"]:
        for source in ("A", "B"):
            said = {"factor": factors[claim["factor"]], "question": claim["question"], "source": sources[source]}
            if not Claim.objects.filter(**said).exists():  # the factor was there: another program uses it
                add_claim(**said, says=claim[source], by=None)
    return program


def make_factor(program: Program, facts: dict, known: dict[str, Factor], sources: dict[str, str]) -> Factor:
    """A factor with its facts; one that is there already keeps its own."""
    factor = find_or_make_factor(name=facts["name"], kind=facts["kind"], parent=known.get(facts.get("parent", "")))
    stated = {name: facts[name] for name in FACTS if name in facts}
    if "facts_source" in facts and not factor.facts_source:
        stated |= {"facts_source": sources[facts["facts_source"]]}
        Factor.objects.filter(pk=factor.pk).update(**stated)
    if "note" in facts:
        record_evidence(program=program, factor=factor, kind="note", on=program.start, by=None, text=facts["note"])
    return factor


def make_supply(
    program: Program, supply: dict, factors: dict[str, Factor], sources: dict[str, str], today: dt.date
) -> None:
    low, high = supply["need"]
    slow, fast = supply.get("growth", (None, None))
    create_supply(
        program=program,
        factor=factors[supply["factor"]],
        unit=supply["unit"],
        need_low=low,
        need_high=high,
        beyond=supply.get("beyond", 0),
        growth_low=slow,
        growth_high=fast,
        growth_assumed=slow is not None,
        capacities=[stated(one, sources, today) for one in supply["capacities"]],
        memo=supply["memo"],
        by=None,
    )


def stated(one: dict, sources: dict[str, str], today: dt.date) -> Stated:
    on = one["on"] if "on" in one else today + one["in_years"] * YEAR
    source = ": ".join(filter(None, (sources[one["source"]], one.get("note", ""))))
    return Stated(on, one["low"], one["high"], source)
