"""Printing figures."""

import statistics
from collections.abc import Sequence


def quantile(times: Sequence[float], share: float) -> float:
    """The value below which that share of the times lies."""
    ordered = sorted(times)
    return ordered[min(int(len(ordered) * share), len(ordered) - 1)]


def milliseconds(seconds: float) -> str:
    return f"{seconds * 1000:.1f}"


def spread(times: Sequence[float]) -> str:
    """p50 / p95 / p99 / longest, in ms."""
    return " / ".join(
        milliseconds(one) for one in (statistics.median(times), *(quantile(times, q) for q in (0.95, 0.99)), max(times))
    )


def table(title: str, heads: Sequence[str], rows: Sequence[Sequence[object]]) -> None:
    """A Markdown table, so that it can go into the docs as it is."""
    print(f"\n### {title}\n")
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |", flush=True)
