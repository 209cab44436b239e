#!/usr/bin/env python3
"""verdicts.py CATALOGUE DIR [partly]: the table case x kernel and tier, from the verdicts in DIR. Status 1 if any is missed,
or was never judged; `partly`: what was judged nowhere is left out."""
import collections
import pathlib
import re
import sys

catalogue, directory = map(pathlib.Path, sys.argv[1:3])
partly = "partly" in sys.argv
cases = re.findall(r"^\| `([\w-]+)` \| (.*?) \|", catalogue.read_text(), re.MULTILINE)
# `here` first, then the kernels by age.
columns = sorted(
    directory.glob("*.verdicts"), key=lambda path: ([int(part) for part in re.findall(r"\d+", path.name)], path.name)
)
# Of several verdicts on one case the worst counts.
worst = ["missed", "named gap", "not possible here", "seen"]
verdicts = {}
for column in columns:
    found = verdicts[column] = {}
    for line in column.read_text().splitlines():
        case, verdict = line.split("\t")
        rank = next(rank for rank, word in enumerate(worst) if verdict.startswith(word))
        found[case] = min(found.get(case, (len(worst), "")), (rank, verdict))

titles = [column.name.removesuffix(".verdicts").rsplit(".", 1) for column in columns]
texts = []
missed = 0
for case, what in cases:
    row = []
    if partly and not any(case in found for found in verdicts.values()):
        continue
    for column in columns:
        rank, verdict = verdicts[column].get(case, (0, "missed: never judged"))
        # What concerns the monitor itself is no matter of kernels and tiers: once is enough.
        if case not in verdicts[column] and case.startswith("monitor-"):
            others = any(case in found for found in verdicts.values())
            rank, verdict = (3, "-") if others else (3, "in make test")
        missed += rank == 0
        row.append(verdict.upper() if rank == 0 else verdict)
    texts.append([case, *row])
unknown = sorted({case for found in verdicts.values() for case in found} - {case for case, _ in cases})

header = ["case", *(f"{kernel} {tier}" for kernel, tier in titles)]
widths = [max(len(line[i]) for line in [header, *texts]) for i in range(len(header))]
for line in [header, ["-" * width for width in widths], *texts]:
    print("  ".join(word.ljust(width) for word, width in zip(line, widths)).rstrip())
counts = collections.Counter(word.split(":")[0].split(" (")[0].lower() for _, *row in texts for word in row)
print(f"\n{len(texts)} cases:", ", ".join(f"{count} {word}" for word, count in sorted(counts.items()) if word != "-"))
for refused in sorted(directory.glob("*.refused")):
    print(refused.read_text().strip())
for case in unknown:
    print(f"judged, but no row of {catalogue}: {case}")
sys.exit(1 if missed or unknown or not columns else 0)
