"""What a filled cell says, as the field's type reads it: the value as text, or what is wrong and how to mend it."""

import datetime
import re
from decimal import Decimal

from prismake.errors import did_you_mean
from prismake.extraction.definition import Definition, Field
from prismake.spreadsheet import Cell

_NUMBER = re.compile(r"[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d{1,2})?", re.ASCII)


class Wrong(Exception):  # noqa: N818 (what is wrong in a cell is no error of the program)
    """A cell that does not say what its column asks for."""

    def __init__(self, problem: str, remedy: str) -> None:
        super().__init__(problem)
        self.problem, self.remedy = problem, remedy


def read_value(cell: Cell, field: Field, definition: Definition) -> str:
    """The cell's value as text: "" when blank, a missing code as it is, several choices joined with "; ".

    Raises Wrong.
    """
    text = " ".join(cell.value.split()) if field.options else cell.value.strip()
    if not text:
        return ""
    if cell.kind == "formula":
        raise Wrong(f"a formula ({_short(text)})", "Type the value")
    if cell.kind == "error":
        raise Wrong(f"a spreadsheet error ({_short(text)})", "Type the value")
    if cell.kind == "date" and field.type != "date":
        raise Wrong(f"the spreadsheet turned this into a date ({text})", "Type the value again, as text")
    code = definition.codes.get(text.casefold(), "")
    if code in field.missing and code:
        return code
    if code and text == code:
        allowed = f"Allowed here: {', '.join(field.missing)}" if field.missing else "This column takes no such code"
        raise Wrong(f"'{code}' ({definition.missing[code]}) is not allowed in '{field.title}'", allowed)
    match field.type:
        case "choice":
            return _choice(text, field)
        case "multichoice":
            return _choices(text, field)
        case "integer" | "number" | "year":
            return _number(text, field)
        case "date":
            return _date(text)
    if field.max_length and len(text) > field.max_length:
        raise Wrong(f"{len(text):,} characters are more than the {field.max_length:,} of '{field.title}'", "Shorten it")
    return text


def _choice(text: str, field: Field) -> str:
    if text in field.options:
        return text
    raise Wrong(f"'{_short(text)}' is not in the list of '{field.title}'", suggest(text, field.options))


def _choices(text: str, field: Field) -> str:
    named = [part.strip() for part in text.split(";") if part.strip()]
    if len(named) == 1 and "," in text and all(part.strip() in field.options for part in text.split(",")):
        raise Wrong(f"'{_short(text)}': several values need ; between them", f"Write {text.replace(',', ';')}")
    chosen = {_choice(part, field) for part in named}
    return "; ".join(option for option in field.options if option in chosen)


def _number(text: str, field: Field) -> str:
    text = text.replace("\u2212", "-").replace("\u00a0", " ")
    if not _NUMBER.fullmatch(text):
        raise Wrong(f"'{_short(text)}' is not a number", _mend_number(text, field))
    value = float(text)
    if field.type != "number" and not value.is_integer():
        raise Wrong(f"{text} is not a whole number", "Write a whole number")
    low, high = field.minimum, field.maximum
    if field.type == "year":
        low, high = (1000 if low is None else low), (2999 if high is None else high)
    if (low is not None and value < low) or (high is not None and value > high):
        span = " ".join(f"{word} {limit:.15g}" for word, limit in (("from", low), ("up to", high)) if limit is not None)
        raise Wrong(f"{text} is out of range ({span})", f"Check the value and its unit{_unit(field)}")
    return f"{Decimal(text).normalize():f}"


def _mend_number(text: str, field: Field) -> str:
    if re.fullmatch(r"[-+]?\d+,\d+", text) and field.type == "number":
        whole = f" or {text.replace(',', '')}" if re.fullmatch(r"[-+]?\d{1,3},\d{3}", text) else ""
        return f"Write {text.replace(',', '.')}{whole}: a decimal point, no separators"
    if re.fullmatch(r"[-+]?\d{1,3}([ ,']\d{3})+(\.\d+)?", text):
        return f"Write {re.sub('[ ,' + chr(39) + ']', '', text)}, without separators"
    if re.match(r"[-+]?\d", text):
        return f"Write one number only{_unit(field)}"
    return "Write a number" + (f", or {' or '.join(field.missing)}" if field.missing else "")


def _unit(field: Field) -> str:
    return f"; the unit is {field.unit}" if field.unit else ""


def _date(text: str) -> str:
    try:
        if text[4:5] + text[7:8] == "--" and len(text) == 10:
            return datetime.date.fromisoformat(text).isoformat()
    except ValueError:
        pass
    raise Wrong(f"'{_short(text)}' is not a date", "Write it as 2026-11-24")


def suggest(text: str, known: list[str] | tuple[str, ...]) -> str:
    """The remedy for a text that is not among those known: the nearest one, or all of them."""
    holding = [name for name in known if text.casefold() in name.casefold()]
    otherwise = f"Did you mean '{holding[0]}'?" if len(holding) == 1 else "Choose from the list"
    if len(holding) != 1 and known and len(known) <= 30:
        otherwise = f"Choose one of: {'; '.join(known)}"
    return did_you_mean(text, known, otherwise)


def _short(text: str) -> str:
    text = " ".join(text.split())
    return text if len(text) <= 60 else f"{text[:57]}..."
