"""`python -m tests.bench [part …] [--small] [--only sqlite|postgresql]`: all parts of `PARTS`, or those named."""

import argparse
import time

from tests.bench import desk, write_path
from tests.bench.stage import FULL, SMALL, database, fill

PARTS = (
    "write",
    "desk",
    "import",
    "search",
    "labels",
    "people",
    "pupils",
    "shelves",
    "rotation",
    "rotation-year",
    "reports",
    "start",
)


def main() -> None:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], default=PARTS)
    parser.add_argument("--small", action="store_true", help="a few thousand copies, for trying the bench itself")
    parser.add_argument("--only", choices=("sqlite", "postgresql"))
    asked = parser.parse_args()
    size, scans = (SMALL, 240) if asked.small else (FULL, 900)
    kinds = [asked.only] if asked.only else ["sqlite", "postgresql"]
    for kind in kinds if {"write", "desk"} & set(asked.parts) else []:
        with database(kind) as settings:
            begun = time.perf_counter()
            stage = fill(settings, size)
            took = time.perf_counter() - begun
            print(f"{kind}: {size.copies:,} copies, {size.readers:,} readers, {size.past:,} past loans in {took:.0f} s")
            if "write" in asked.parts:
                write_path.measure(kind, stage, scans)
            if "desk" in asked.parts:
                desk.measure(kind, stage, scans)
    if "import" in asked.parts:
        from tests.bench import import_bench

        import_bench.main()
    if "search" in asked.parts:
        from tests.bench import search_bench

        search_bench.main(search_bench.SMALL if asked.small else search_bench.FULL, asked.only)
    if "labels" in asked.parts:
        from tests.bench import labels_bench

        labels_bench.main(labels_bench.SMALL if asked.small else labels_bench.FULL)
    if "people" in asked.parts:
        from tests.bench import people_bench

        people_bench.main(people_bench.SMALL if asked.small else people_bench.FULL, asked.only)

    if "pupils" in asked.parts:
        from tests.bench import pupils

        pupils.main(pupils.SMALL if asked.small else pupils.FULL, asked.only)

    if "shelves" in asked.parts:
        from tests.bench import shelves

        shelves.main(shelves.SMALL if asked.small else shelves.FULL, asked.only)

    if "rotation" in asked.parts:
        from tests.bench import rotation, rotation_board

        rotation.main(rotation.SMALL if asked.small else rotation.FULL, asked.only)
        rotation_board.main(rotation_board.SMALL if asked.small else rotation_board.FULL, asked.only)

    if "rotation-year" in asked.parts:
        from tests.bench import rotation_year

        rotation_year.main(12 if asked.small else 1, asked.only)

    if "reports" in asked.parts:
        from tests.bench import reports

        reports.main(reports.SMALL if asked.small else reports.FULL, asked.only)

    if "start" in asked.parts:
        from tests.bench import starting

        starting.main()


if __name__ == "__main__":
    main()
