"""Where the hours went, and how many where nothing was limited."""

from reviews.attention import Share, Spent, shares


def test_shares():
    total, by_key = shares([Spent("a", 30, True), Spent("b", 20, False), Spent("a", 10, False)])
    assert by_key == {"a": Share(40, 10), "b": Share(20, 20)}
    assert total.part_elsewhere == 0.5


def test_nothing_spent_is_unknown():
    total, by_key = shares([])
    assert total.part_elsewhere is None
    assert by_key == {}
