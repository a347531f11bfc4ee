"""The record schema and its ids."""

from hypothesis import given
from hypothesis import strategies as st

from prismake.records import content_hash, table


def ids(*records: tuple[str | None, str]) -> list[str]:
    return table([{"source_record_id": accession, "title": title} for accession, title in records], "s")[
        "record_id"
    ].to_list()


def test_an_id_is_the_accession_or_a_hash_of_the_content():
    assert ids(("1", "A"), (None, "B")) == ["s:1", f"s:h{content_hash({'title': 'B'})}"]


def test_copies_of_one_record_are_counted():
    assert ids(("1", "A"), ("1", "A"), ("1", "A")) == ["s:1", "s:1~2", "s:1~3"]
    assert ids(("1", "A"), ("1", "A"), ("1~2", "C")) == ["s:1", "s:1~3", "s:1~2"]


def test_different_records_under_one_accession_never_swap_their_ids():
    """Two files of hand-numbered records: an edit of one file must not pass a vote to a record of the other."""
    first = dict(zip("AB", ids(("1", "A"), ("1", "B")), strict=True))
    edited = dict(zip(["A (2nd printing)", "B"], ids(("1", "A (2nd printing)"), ("1", "B")), strict=True))
    assert edited["B"] == first["B"]
    assert edited["A (2nd printing)"] not in first.values()


@given(st.lists(st.tuples(st.sampled_from(["1", "2", "1~2", None]), st.sampled_from(["A", "B"]))), st.randoms())
def test_ids_are_unique_and_do_not_depend_on_the_order(records, random):
    found = ids(*records)
    assert len(set(found)) == len(records)
    shuffled = list(records)
    random.shuffle(shuffled)
    assert sorted(ids(*shuffled)) == sorted(found)
