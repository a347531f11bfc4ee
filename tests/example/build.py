"""Make the whole example review anew: sources, then run and fill in, turn by turn, until no form is left to fill in.

python tests/example/build.py DIR      DIR gets config/ and resources/, ready to be copied into the checkout
"""

import argparse
import csv
import hashlib
import json
import shutil
import subprocess
import sys
from pathlib import Path

from answers import fill, verdict

CHECKOUT = Path(__file__).resolve().parents[2]
MOST_TURNS = 25
VERDICT_COLUMNS = "record_id_1,record_id_2,verdict,person,note"
# People finish one stage before they open the forms of the next.
STAGES = ["title_abstract", "retrieval", "full_text", "studies", "extraction", "extraction_consensus"]
STAGES += ["syrcle", "rob_2", "syrcle_consensus", "rob_2_consensus"]


def stage(form: Path) -> str:
    return form.name.split(".")[0].removesuffix("_conflicts")


def blank_forms(review: Path) -> list[Path]:
    """Forms that lie there as they were issued."""
    issued = {}
    for log in (review / "resources/log").glob("*.json"):
        issued[log.name.removesuffix(".json")] = json.loads(log.read_text(encoding="utf-8"))["sha256"]
    forms = sorted((review / "resources").glob("*/*/*.xlsx"))
    return [form for form in forms if issued.get(form.name) == hashlib.sha256(form.read_bytes()).hexdigest()]


def decide_pairs(review: Path) -> int:
    """Add a verdict for each pair of records that the deduplication left to people; returns how many there were."""
    with (review / "results/records/pairs.csv").open(encoding="utf-8", newline="") as file:
        pairs = [(row["record_id_1"], row["record_id_2"]) for row in csv.DictReader(file) if row["band"] == "review"]
    path = review / "resources/deduplication/verdicts.csv"
    lines = path.read_text(encoding="utf-8").splitlines() if path.exists() else [VERDICT_COLUMNS]
    known = {tuple(line.split(",")[:2]) for line in lines}
    new = [f"{one},{two},{verdict(one, two)},ana," for one, two in pairs if (one, two) not in known]
    path.parent.mkdir(exist_ok=True)
    path.write_text("\n".join([*lines, *new]) + "\n", encoding="utf-8")
    return len(new)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("review", type=Path, metavar="DIR", help="a new folder")
    review = parser.parse_args().review.resolve()
    if review.exists() and any(review.iterdir()):
        parser.error(f"{review} is not empty")
    review.mkdir(parents=True, exist_ok=True)
    shutil.copytree(CHECKOUT / "config", review / "config")
    subprocess.run([sys.executable, Path(__file__).parent, "--out", review], check=True)
    shutil.rmtree(review / "tests")  # the truth is no part of a review
    for _ in range(MOST_TURNS):
        subprocess.run(
            [sys.executable, "-m", "snakemake", "--directory", review, "--cores", "2"], cwd=CHECKOUT, check=True
        )
        forms = blank_forms(review)
        if decide_pairs(review):
            continue  # people settle doubtful copies before they go on screening
        if not forms:
            return 0
        earliest = min(STAGES.index(stage(form)) for form in forms)
        for form in (form for form in forms if STAGES.index(stage(form)) == earliest):
            print(f"{fill(form):>5} rows  {form.relative_to(review)}", flush=True)
    print(f"forms were still being issued after {MOST_TURNS} turns", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main())
