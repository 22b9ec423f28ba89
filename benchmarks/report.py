"""The table, and its place in BENCHMARKS.md."""

import os
import re
from dataclasses import dataclass
from pathlib import Path

BENCHMARKS = Path(__file__).parent.parent / "BENCHMARKS.md"
BEGIN, END = "<!-- service: written by make bench -->", "<!-- service: end -->"


@dataclass(frozen=True)
class Row:
    """One measure against what it is measured against."""

    measure: str
    figure: str
    against: str
    ratio: float
    bar: str

    @property
    def met(self) -> str:
        """`yes`, `no`, or nothing where there is no bar."""
        found = re.match(r"(>=|<=) ([0-9.]+)", self.bar)
        if found is None:
            return ""
        bar = float(found[2])
        return "yes" if (self.ratio >= bar if found[1] == ">=" else self.ratio <= bar) else "**no**"

    def line(self) -> str:
        """Return the row in Markdown."""
        cells = (self.measure, self.figure, self.against, f"{self.ratio:.2f}", self.bar, self.met)
        return "| " + " | ".join(cells) + " |"


def table(rows: list[Row]) -> str:
    """Return all rows in Markdown."""
    head = "| measure | prescore | against | ratio | bar | met |\n|---|---|---|---|---|---|"
    return "\n".join([head, *(row.line() for row in rows)])


def machine() -> str:
    """Say what the figures were taken on, and how busy it was."""
    model = "unknown processor"
    for line in Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines():
        if line.startswith("model name"):
            model = line.partition(": ")[2]
            break
    cores = len(os.sched_getaffinity(0))
    busy = os.getloadavg()[0]
    return f"{cores} cores ({model}), load average {busy:.1f} before the run"


def write(rows: list[Row], about: str, command: str) -> None:
    """Put the table between its marks, and touch nothing else."""
    text = BENCHMARKS.read_text(encoding="utf-8")
    section = (
        f"{BEGIN}\n`{command}` on {about}. Client and server share\n"
        "the machine; the encoder runs on one thread per core. Posts are made by\n"
        "`benchmarks/posts.py`: half Polish, 20 to 600 characters, no two alike.\n"
        "`mlflow models serve` serves the share version alone; an answer of prescore holds\n"
        f"emotion and share.\n\n{table(rows)}\n{END}"
    )
    marked = re.compile(re.escape(BEGIN) + ".*?" + re.escape(END), re.DOTALL)
    if marked.search(text):
        text = marked.sub(lambda _: section, text)
    else:
        text = text.rstrip() + f"\n\n## The service\n\n{section}\n"
    BENCHMARKS.write_text(text, encoding="utf-8")
