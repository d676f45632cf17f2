"""An archive misses nothing: each model and column of a program travels, or is left out by name with the reason."""

import pytest
from django.apps import apps
from django.db import models

from projects.models import Program
from reviews.archive.concepts import CODECS, CONCEPTS, LEFT_OUT, is_account

OURS = [*apps.get_app_config("projects").get_models(), *apps.get_app_config("reviews").get_models()]
CARRIED = {concept.model for concept in CONCEPTS}


def test_every_model_is_carried_or_left_out_by_name():
    assert [m.__name__ for m in OURS if m not in CARRIED and m.__name__ not in LEFT_OUT] == []


def test_nothing_is_both_carried_and_left_out():
    assert [m.__name__ for m in CARRIED if m.__name__ in LEFT_OUT] == []


def test_what_is_left_out_exists_and_says_why():
    known = {m.__name__ for m in OURS}
    known |= {f"{m.__name__}.{f.name}" for m in OURS for f in [*m._meta.concrete_fields, *m._meta.many_to_many]}
    assert set(LEFT_OUT) <= known
    assert all(len(reason) > 20 for reason in LEFT_OUT.values())


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept.name)
def test_every_column_is_carried_or_left_out_by_name(concept):
    carried = {column.name for column in concept.fields()}
    for column in concept.model._meta.concrete_fields:
        name = f"{concept.model.__name__}.{column.name}"
        way_to_the_program = column.related_model is Program
        assert column.name in carried or column.primary_key or way_to_the_program or name in LEFT_OUT, name
    for relation in concept.model._meta.many_to_many:
        assert f"{concept.model.__name__}.{relation.name}" in LEFT_OUT
        assert relation.remote_field.through in CARRIED


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept.name)
def test_columns_that_may_hold_ids_have_a_codec_of_their_own(concept):
    """JSON, and numbers as large as ids: whether an id of the program is inside must be said."""
    for column in concept.fields():
        loose = isinstance(column, models.JSONField | models.BigIntegerField)
        assert not loose or f"{concept.model.__name__}.{column.name}" in CODECS, column


@pytest.mark.parametrize("concept", CONCEPTS, ids=lambda concept: concept.name)
def test_references_point_back_in_the_order_of_the_files(concept):
    before = {one.model for one in CONCEPTS[: CONCEPTS.index(concept) + 1]}
    for column in concept.fields():
        assert not column.is_relation or is_account(column) or column.related_model in before


def test_codecs_name_columns_that_exist():
    assert set(CODECS) <= {f"{c.model.__name__}.{column.name}" for c in CONCEPTS for column in c.fields()}
