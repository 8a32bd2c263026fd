"""Times the five offer queries with gpuhunt, over a catalogue written by `offer_queries generate`.

Usage: gpuhunt_queries.py DIR ROUNDS. Prints the same JSON as the Rust side.
"""

import json
import statistics
import sys
import time
from pathlib import Path

from gpuhunt import Catalog
from gpuhunt._internal import catalog as catalog_module
from gpuhunt._internal import storage

PROVIDERS = ["aws", "runpod", "lambdalabs"]
QUERIES = {
    "all": {},
    "H100": {"gpu_name": "H100"},
    "H100 up to $3": {"gpu_name": "H100", "max_price": 3.0},
    "24 GiB or more, spot": {"min_gpu_memory": 24, "spot": True},
    "8 GPUs or more": {"min_gpu_count": 8},
}


def load(folder: Path) -> Catalog:
    catalog = Catalog(auto_reload=False)
    for provider in catalog_module.OFFLINE_PROVIDERS:
        items = []
        path = folder / f"{provider}.csv"
        if path.exists():
            with path.open(newline="") as file:
                items = list(storage.load(file, provider=provider))
        if hasattr(catalog_module, "ProviderCatalog"):
            items = catalog_module.ProviderCatalog(version="local", items=items)
        catalog.catalog[provider] = items
    # Otherwise the first query fetches the public catalogue.
    catalog.loaded_at = time.monotonic()
    return catalog


def main() -> None:
    folder, rounds = Path(sys.argv[1]), int(sys.argv[2])
    began = time.perf_counter_ns()
    catalog = load(folder)
    load_ms = (time.perf_counter_ns() - began) // 1_000_000
    figures = {}
    for name, query in QUERIES.items():
        times = []
        for _ in range(rounds):
            began = time.perf_counter_ns()
            rows = len(catalog.query(provider=PROVIDERS, **query))
            times.append(time.perf_counter_ns() - began)
        times.sort()
        figures[name] = {
            "rows": rows,
            "median_ns": int(statistics.median(times)),
            "p95_ns": times[min(len(times) * 95 // 100, len(times) - 1)],
        }
    print(json.dumps({"load_ms": load_ms, "queries": figures}))


main()
