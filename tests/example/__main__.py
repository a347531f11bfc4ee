"""Make the search files of the example review, or check that the committed ones are what this program makes.

python tests/example --out DIR     writes DIR/resources/search and DIR/tests/data/example/truth.csv
python tests/example --check       compares them with those of the checkout, byte for byte
"""

import argparse
import sys
from pathlib import Path

from files import differences, example_files

CHECKOUT = Path(__file__).resolve().parents[2]


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    group = parser.add_mutually_exclusive_group(required=True)
    group.add_argument("--out", type=Path, metavar="DIR", help="where to write")
    group.add_argument("--check", action="store_true", help="compare with the checkout")
    options = parser.parse_args()
    if options.check:
        wrong = differences(CHECKOUT)
        print("\n".join(wrong) if wrong else "the committed files are what this program makes")
        return 1 if wrong else 0
    for path, data in example_files().items():
        (options.out / path).parent.mkdir(parents=True, exist_ok=True)
        (options.out / path).write_bytes(data)
    return 0


if __name__ == "__main__":
    sys.exit(main())
