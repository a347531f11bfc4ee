"""When a field is required only for some rows: `required_if: "dose is number"`.

One condition over another field of the same level:
  <field> is given              it holds a value, not a missing code
  <field> is number             it holds a number, not a missing code
  <field> is 'value'            it holds this value (several options chosen: this is among them)
  <field> is one of 'a', 'b'    it holds one of these
"""

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass

_CONDITION = re.compile(r"\s*([a-z][a-z0-9_]*)\s+is\s+(given|number|(?:one of\s+)?(.+?))\s*", re.DOTALL)
_QUOTED = re.compile(r"'([^']*)'|\"([^\"]*)\"")


@dataclass(frozen=True)
class Condition:
    """`field` is the other field; `values` are the values it must hold one of, () for any value."""

    field: str
    values: tuple[str, ...] = ()

    def holds(self, row: Mapping[str, str], codes: Collection[str]) -> bool:
        """Whether it holds in this row of values; `codes` are the form's missing codes, which are no values."""
        value = row.get(self.field, "")
        if not value or value in codes:
            return False
        return not self.values or value in self.values or bool(set(value.split("; ")) & set(self.values))


def parse_condition(text: str) -> Condition:
    """Raises ValueError for what is no condition."""
    found = _CONDITION.fullmatch(text)
    if not found:
        raise ValueError(text)
    field, what, listed = found[1], found[2], found[3]
    if what in ("given", "number"):
        return Condition(field)
    inside = listed.strip().removeprefix("[").removesuffix("]")
    values = tuple(one or two for one, two in _QUOTED.findall(inside))
    several = what.startswith("one of")
    if not values or re.sub(r"[,\s]+", "", _QUOTED.sub("", inside)) or (len(values) > 1 and not several):
        raise ValueError(text)
    return Condition(field, values)
