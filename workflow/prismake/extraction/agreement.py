"""Agreement between two extractors before consensus, per field, on the studies that both completed."""

from collections.abc import Iterable, Mapping

from prismake.extraction.consensus import Resolution, agrees
from prismake.extraction.definition import Definition
from prismake.kappa import cohens_kappa

COLUMNS = ["level", "field", "label", "person_1", "person_2", "compared", "agreed", "agreement", "kappa"]
Compared = Mapping[tuple[str, str, str, str], list[tuple[str, str]]]


def agreement(definition: Definition, resolution: Resolution) -> list[list[object]]:
    """One row of COLUMNS per field and pair of people, in the form's order.

    compared: rows in which at least one of the two has a value; agreed: those in which both have the same, by the
    field's tolerance. kappa: for choices, where both used more than one value (no value counts as one), else empty.
    """
    pairs: dict[tuple[str, str, str, str], list[tuple[str, str]]] = {}
    for level, field, one, other, value, another in resolution.compared:
        pairs.setdefault((level, field, one, other), []).append((value, another))
    return list(_rows(definition, pairs))


def _rows(definition: Definition, pairs: Compared) -> Iterable[list[object]]:
    people = sorted({key[2:] for key in pairs})
    for level in definition.levels.values():
        for field in level.fields:
            for one, other in people:
                said = pairs.get((level.id, field.id, one, other))
                if not said:
                    continue
                agreed = sum(agrees(field, first, second, definition.missing) for first, second in said)
                several = min(len({first for first, _ in said}), len({second for _, second in said})) > 1
                kappa = cohens_kappa(said) if field.type == "choice" and several else None
                shown = f"{kappa[0]:.3f}" if kappa else ""
                share = f"{agreed / len(said):.3f}"
                yield [level.id, field.id, field.title, one, other, len(said), agreed, share, shown]
