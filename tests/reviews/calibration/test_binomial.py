"""The exact band of P50 deadlines, both ways (M14)."""

from fractions import Fraction
from math import comb

import pytest

from reviews.calibration import FEWEST, Verdict, band, judge


def test_the_figures_of_the_method():
    assert band(20) == (6, 14)
    assert [judge(met, 20) for met in (5, 6, 14, 15, 18)] == [
        Verdict.OPTIMISTIC,
        Verdict.IN_ORDER,
        Verdict.IN_ORDER,
        Verdict.EASY,
        Verdict.EASY,
    ]
    assert judge(3, 3) == judge(0, 5) == Verdict.TOO_FEW
    assert FEWEST == 6
    assert judge(3, 6) == Verdict.IN_ORDER


@pytest.mark.parametrize("n", [*range(6, 60), 200, 1001])
@pytest.mark.parametrize("chance", [Fraction(1, 2), Fraction(1, 10), Fraction(873, 1000)])
def test_at_most_one_in_forty_lies_outside_on_either_side_and_the_band_is_no_wider_than_that_asks(n, chance):
    def exactly(k):
        return comb(n, k) * chance**k * (1 - chance) ** (n - k)

    least, most = band(n, chance)
    below, above = sum(map(exactly, range(least))), sum(map(exactly, range(most + 1, n + 1)))
    assert below <= Fraction(1, 40) < below + exactly(least)
    assert above <= Fraction(1, 40) < above + exactly(most)


def test_it_is_the_same_both_ways():
    for n in range(FEWEST, 80):
        least, most = band(n)
        assert least + most == n
        assert band(n, Fraction(1, 5)) == tuple(n - end for end in reversed(band(n, Fraction(4, 5))))


def test_what_is_certain_has_no_band_and_nonsense_is_refused():
    assert band(9, Fraction(1)) == (9, 9)
    assert band(9, Fraction(0)) == (0, 0)
    assert band(0) == (0, 0)
    for n, chance in ((-1, Fraction(1, 2)), (3, Fraction(3, 2))):
        with pytest.raises(ValueError, match="chance"):
            band(n, chance)
