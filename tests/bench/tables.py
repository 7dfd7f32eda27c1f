"""Printing figures."""

import statistics
from collections.abc import Sequence
from math import ceil


def quantile(times: Sequence[float], share: float) -> float:
    """The least of the times that so large a share of them does not pass (nearest rank): of 20 times 95 % are the 19 shortest."""
    return sorted(times)[max(ceil(len(times) * share) - 1, 0)]


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
