"""Numbers as people type them: a decimal comma is understood, and what can be read in two ways is asked."""

import pytest
from django.core.exceptions import ValidationError

from projects.form_fields import NumberField

READ = {"12,5": 12.5, "0,125": 0.125, "1234,5": 1234.5, "1234": 1234, "1.234": 1.234, "−3": -3, "1\u202f234": 1234}


@pytest.mark.parametrize(("typed", "value"), READ.items())
def test_read(typed, value):
    assert NumberField().clean(typed) == value


@pytest.mark.parametrize("typed", ["1,234", "-12,500", "999,000"])
def test_a_thousand_or_a_bit_is_asked(typed):
    with pytest.raises(ValidationError) as refused:
        NumberField().clean(typed)
    whole, part = typed.replace(",", ""), typed.replace(",", ".")
    assert refused.value.messages == [f"“{typed}” can be read in two ways: write {whole} or {part}."]


@pytest.mark.parametrize("typed", ["1,2,3", "1_000", "nan", "1e400", "x"])
def test_refused(typed):
    with pytest.raises(ValidationError):
        NumberField().clean(typed)
