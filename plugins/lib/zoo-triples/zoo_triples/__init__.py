"""Knowledge graphs for the zoo: triple files, filtered ranks, negatives, splits, leakage.

Only hooks live here; see `zoo_triples.triples`, `reading`, `ranking`, `metrics`, `negatives`,
`splitting` and `leakage` for what plugins use. A triple is (head, relation, tail), three numbers.
"""

from zoo_core import Command, hookimpl
from zoo_triples.specs.data import DATASETS
from zoo_triples.specs.metrics import METRICS

ZOO_API = 2

zoo_datasets = hookimpl(lambda: DATASETS)
zoo_metrics = hookimpl(lambda: METRICS)
zoo_commands = hookimpl(
    lambda: [
        Command(
            name="leaks",
            command="zoo_triples.verbs:leaks",
            summary="Tell which relations of a knowledge graph give its test triples away.",
        )
    ]
)
