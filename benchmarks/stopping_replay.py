"""Replay stopping rules over sets that were screened to the end: what each would have found, and saved.

usage: PYTHONPATH=workflow python benchmarks/stopping_replay.py FOLDER [--label included_ta] [--seeds 3] [--random 0.1]

Each set of the folder (CSV: title, abstract and columns of labels, 1 or 0) is screened in ranked order, as by
benchmarks/ranking.py, from one relevant and one irrelevant record drawn by seed, with a share of random records in each
batch. A rule is asked after each batch, and screening stops the first time it holds. Recall is on the labels that were
screened by; with `--label included_ta`, what people said on title and abstract, also on the final ones (`included`).
"""

import argparse
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from statistics import mean

from ranking import read_set, screen, start_with

from prismake.screening.stopping import chances_below

Rule = Callable[[list[bool], int], bool]


def hypergeometric(recall: str, in_a_row: int = 0) -> Rule:
    def holds(seen: list[bool], total: int) -> bool:
        return irrelevant(in_a_row)(seen, total) and chances_below(seen, total, [Fraction(recall)])[0] < 0.05

    return holds


def irrelevant(in_a_row: int) -> Rule:
    return lambda seen, total: len(seen) >= in_a_row and not any(seen[len(seen) - in_a_row :])


RULES: dict[str, tuple[Rule, float]] = {  # and the recall it is to reach
    "50 irrelevant in a row": (irrelevant(50), 0.95),
    "100 in a row": (irrelevant(100), 0.95),
    "200 in a row": (irrelevant(200), 0.95),
    "criterion, recall 0.95": (hypergeometric("0.95"), 0.95),
    "criterion, recall 0.95, and 200 in a row": (hypergeometric("0.95", 200), 0.95),
    "criterion, recall 0.90": (hypergeometric("0.90"), 0.90),
    "criterion, recall 0.80": (hypergeometric("0.80"), 0.80),
}


def main(arguments: list[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--label", default="included")
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--random", type=float, default=0.1)
    options = parser.parse_args(arguments)
    runs: dict[str, list[tuple[float, float, float]]] = {name: [] for name in RULES}  # recall, final recall, unscreened
    for path in sorted(options.folder.glob("*.csv")):
        read, final = read_set(path, options.label), read_set(path, "included")
        if read is None or final is None:
            continue
        titles, abstracts, labels = read
        for seed in range(options.seeds):
            start = start_with(labels, seed)
            order = start + screen(titles, abstracts, labels, start, share=options.random, all=True)[0]
            for name, (rule, _) in RULES.items():
                end = first_stop(rule, [labels[n] for n in order])
                found = [sum(said[n] for n in order[:end]) / sum(said) for said in (labels, final[2])]
                runs[name].append((*found, 1 - end / len(order)))
    print("| rule | recall, mean | lowest | runs that reached it | final recall, mean | lowest | left unscreened |")
    print("| --- " * 7 + "|")
    for name, found in runs.items():
        recall, last, left = zip(*found, strict=True)
        reached = sum(value >= RULES[name][1] for value in recall)
        cells = [f"{mean(recall):.3f}", f"{min(recall):.3f}", f"{reached} of {len(found)}"]
        print(f"| {name} | {' | '.join(cells)} | {mean(last):.3f} | {min(last):.3f} | {mean(left):.3f} |")


def first_stop(rule: Rule, relevant: list[bool]) -> int:
    """How many records are screened when the rule first holds, asked after each batch; all when it never does."""
    end = 2
    while end < len(relevant) and not rule(relevant[:end], len(relevant)):
        end += max(5, end // 10)
    return min(end, len(relevant))


if __name__ == "__main__":
    main()
