"""What is said of one input column; each feature module lists its own in `COLUMNS`."""

from dataclasses import dataclass

BEFORE = "before publishing"
AFTER = "only after publishing"


@dataclass(frozen=True, slots=True)
class Column:
    """One column that a model may be given.

    Attributes
    ----------
    name
        As models store it; unique over all families.
    family
        Columns of one family are explained together.
    description
        What it holds, for a person.
    unit, range
        Of the stored numbers, after any transformation.
    known
        When its value becomes known: `BEFORE` or `AFTER`.
    """

    name: str
    family: str
    description: str
    unit: str
    range: str
    known: str = BEFORE
