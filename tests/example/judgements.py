"""Filling in the risk-of-bias forms of the example: what each person judges, and how the third one settles it."""

from extraction_answers import extract, named
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet
from phrases import chance
from slips import questions

# Chances of the judgements in the order of the tool's list (low, unclear or some concerns, high), by domain; reports of
# animal studies seldom say enough.
CHANCES = {
    "syrcle": {"d1": (2, 6, 1), "d2": (6, 2, 1), "d3": (1, 8, 1), "d4": (1, 9, 0), "d5": (1, 7, 2)}
    | {"d6": (1, 8, 1), "d7": (4, 4, 1), "d8": (6, 2, 2), "d9": (5, 4, 1), "d10": (8, 2, 0)},
    "rob_2": {"d1": (7, 3, 0), "d2": (6, 3, 1), "d3": (7, 2, 1), "d4": (8, 2, 0), "d5": (5, 5, 0)},
}
SUPPORT = (
    ("stated in the methods", "done, and described"),
    ("not described", "said to be done, not how"),
    ("the authors say that it was not done", "numbers in text and figure differ"),
)
SLIP = 0.06


def judge(book: Workbook, names: dict[str, str], person: str) -> int:
    """Fill in a form of judgements for every study in it."""
    by_name = named(names)
    tool = "syrcle" if "Result" not in book.sheetnames else "rob_2"
    head, *codes = book["Codebook"].iter_rows(values_only=True)
    fields = [dict(zip(head, row, strict=True)) for row in codes if row[0]]
    page = book["Study" if tool == "syrcle" else "Result"]
    at = {cell.value: cell.column for cell in page[1]}
    studies = [row[0] for row in book["Study"].iter_rows(min_row=2, max_col=1, values_only=True) if row[0]]
    for number, study in enumerate(studies, 2):
        if tool == "rob_2":
            report, index = by_name[study]
            page.cell(number, at["study_id"]).value = study
            page.cell(number, at["Result"]).value = extract(report, index)[3][0]["outcome"]
        for field in fields:
            name = field["Name in the results"]
            if name not in CHANCES[tool]:
                continue
            options = field["What can be entered"].split("; ")
            place = _judged(tool, study, name)
            rng = chance("judged", tool, study, name, person)
            if rng.random() < SLIP:
                place = (place + 1) % 3
            page.cell(number, at[field["Column"]]).value = options[place]
            page.cell(number, at[f"{field['Column']}: support"]).value = rng.choice(SUPPORT[place])
    return len(studies)


def _judged(tool: str, study: str, domain: str) -> int:
    return chance("truth", tool, study, domain).choices(range(3), CHANCES[tool][domain])[0]


def settle_judgements(page: Worksheet) -> int:
    """Fill in a consensus form on judgements: the person stands whom the third one follows after reading again."""
    count = 0
    for row, put in questions(page):
        put("Take", chance("follows", row["Question"]).choice(["ana", "ben"]))
        count += 1
    return count
