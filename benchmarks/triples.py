"""Links of knowledge graphs: steps with shared negatives, and whole filtered evaluations.

    python benchmarks/triples.py [--quick] [--threads 1] [--only part ...] [--json FILE]

Figures are medians over repeats in which the contenders take turns, after one run that is not
counted. CPU seconds are user and system time of all threads. On a machine that is busy with
something else both kinds of seconds grow: compare within one run.

"step": forward and backward of DistMult with 1,000 negatives for each of 1,000 triples, 40,943
entities of 100 numbers: ours (one set that the batch shares, one product), and the literal gather
(a set for each triple, (B, K, d) vectors). Both have as many scores; the literal one has more
distinct negatives.

"evaluation": filtered ranks of heads and tails of a graph as large as WN18RR (40,943 entities, 11
relations, 93,003 triples of which 3,134 are asked for), d = 100: scores, filters, ranks and
metrics. Beside it, where PyKEEN is installed, its own evaluator on the same triples and vectors.
The graph is random: what is counted does not hang on what is true.

"epochs": an epoch of DistMult and of TransE, d = 100, over a random graph as large as CoDEx-S
(2,034 entities, 42 relations, 32,888 triples), as the paper trains TransE: margins against 25
negatives for each triple, by Bernoulli's rule and filtered. Beside it, where PyKEEN is installed,
its own training loop with its own negatives of that rule, which a Bloom filter filters.

"retrieval": the 10 best of 89,896 entities (as many as VisualSem has) for 1,000 sentences, from the
sentences' vectors on: ours, and sentence-transformers' `semantic_search` where it is installed,
else a loop of its form (100 sentences at a time, both sides normalised, top k, lists of dicts).
"""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterator
from functools import partial
from importlib.util import find_spec
from typing import Any

import torch
from contest import Row, row, run_parts, take_turns
from torch.nn import functional
from zoo_triples.known import Known
from zoo_triples.metrics import HitsAt, MeanReciprocalRank
from zoo_triples.negatives import shared_negatives
from zoo_triples.ranking import rank_triples
from zoo_triples.triples import TripleSet, Vocabulary
from zoo_visualsem_kg.losses import softmax_loss
from zoo_visualsem_kg.retrieval.retriever import Index, Retriever
from zoo_visualsem_kg.train.tuples import MARGIN, NEGATIVES, fit
from zoo_visualsem_kg.tuples import DistMult, TransE, TupleModel

STEP_GOAL = 5.0  # times faster than the literal gather
EVALUATION_GOAL = 10.0  # CPU seconds
SIZES = {"entities": 40_943, "relations": 11, "triples": 93_003, "asked": 3_134}
CODEX = {"entities": 2_034, "relations": 42, "triples": 32_888}
QUICK = {"entities": 400, "relations": 3, "triples": 2_000, "asked": 100}
DIM, BATCH = 100, 500
TOP = 10
PACKAGES = (
    "torch", "zoo-core", "zoo-triples", "zoo-visualsem-kg", "pykeen", "sentence-transformers",
)  # fmt: skip


def random_graph(sizes: dict[str, int]) -> torch.Tensor:
    """Triples (N, 3), the same each time."""
    generator = torch.Generator().manual_seed(0)
    ends = (sizes["entities"], sizes["relations"], sizes["entities"])
    columns = [torch.randint(end, (sizes["triples"],), generator=generator) for end in ends]
    return torch.stack(columns, 1)


def model_of(sizes: dict[str, int]) -> DistMult:
    """An untrained model, the same each time."""
    torch.manual_seed(0)
    module = DistMult(sizes["entities"], sizes["relations"], 1, DIM)
    return module.eval()


def shared(module: DistMult, batch: torch.Tensor, count: int) -> torch.Tensor:
    """The loss with one set of negatives for the batch."""
    heads, relations, tails = batch.unbind(1)
    generator = torch.Generator().manual_seed(0)
    among = shared_negatives(len(module.entity), count, generator)
    query = module.query(module.entity[heads], relations)
    true = (query * module.entity[tails]).sum(-1)
    return softmax_loss(true, query @ module.entity[among].T)


def literal(module: DistMult, batch: torch.Tensor, count: int) -> torch.Tensor:
    """The loss with negatives of its own for each triple."""
    heads, relations, tails = batch.unbind(1)
    generator = torch.Generator().manual_seed(0)
    wrong = torch.randint(len(module.entity), (len(batch), count), generator=generator)
    query = module.query(module.entity[heads], relations)
    true = (query * module.entity[tails]).sum(-1)
    return softmax_loss(true, (query[:, None] * module.entity[wrong]).sum(-1))


def bench_step(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the first part."""
    sizes, count = (QUICK, 50) if quick else (SIZES, 1000)
    module, batch = model_of(sizes), random_graph(sizes)[:count]

    def stepped(way: Callable[..., torch.Tensor]) -> None:
        module.zero_grad()
        torch.autograd.backward(way(module, batch, count))

    yield f"\nA step of {count:,} triples with {count:,} negatives each"
    ways = {"ours": partial(stepped, shared), "literal gather": partial(stepped, literal)}
    costs = take_turns(ways, 1 if quick else 3)
    for name, cost in costs.items():
        yield row("step", name, cost, costs["ours"])
    ratio = costs["literal gather"].cpu / costs["ours"].cpu
    yield f"  literal gather over ours: {ratio:.1f} (aim: {STEP_GOAL:.0f})"


def ours(module: DistMult, triples: torch.Tensor, asked: torch.Tensor) -> dict[str, float]:
    """Filters, ranks and metrics, all anew."""
    known = Known(triples, len(module.entities), len(module.relations))
    meters = {"mrr": MeanReciprocalRank(), "hits@10": HitsAt(10)}
    for counts in rank_triples(module.scorer(), asked, known):
        for meter in meters.values():
            meter.update(**counts)
    return {name: float(meter.compute()) for name, meter in meters.items()}


def pykeen_way(
    module: DistMult, triples: torch.Tensor, asked: torch.Tensor
) -> Callable[[], dict[str, float]] | None:
    """Return PyKEEN's evaluator of a DistMult with the same vectors; None without PyKEEN."""
    if find_spec("pykeen") is None:
        return None
    from pykeen.evaluation import RankBasedEvaluator
    from pykeen.models import DistMult as Theirs
    from pykeen.triples import CoreTriplesFactory

    factory = CoreTriplesFactory(triples, len(module.entities), len(module.relations))
    model: Any = Theirs(triples_factory=factory, embedding_dim=DIM)
    with torch.no_grad():
        model.entity_representations[0]._embeddings.weight.copy_(module.entity)
        model.relation_representations[0]._embeddings.weight.copy_(
            module.relation[: len(module.relations)]
        )

    def evaluated() -> dict[str, float]:
        found = RankBasedEvaluator().evaluate(
            model, asked, additional_filter_triples=triples, batch_size=256, use_tqdm=False
        )
        names = {"mrr": "inverse_harmonic_mean_rank", "hits@10": "hits_at_10"}
        return {key: found.get_metric(f"both.realistic.{name}") for key, name in names.items()}

    return evaluated


def bench_evaluation(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the second part."""
    sizes = QUICK if quick else SIZES
    triples, module = random_graph(sizes), model_of(sizes)
    with torch.no_grad():  # one vector for both directions, as PyKEEN has it
        module.relation[sizes["relations"] :] = module.relation[: sizes["relations"]]
    asked = triples[: sizes["asked"]]
    yield f"\nFiltered ranks of {len(asked):,} triples among {sizes['entities']:,} entities"
    ways: dict[str, Callable[[], dict[str, float]]] = {
        "ours": partial(ours, module, triples, asked)
    }
    theirs = pykeen_way(module, triples, asked)
    if theirs is not None:
        ways["PyKEEN"] = theirs
    results: dict[str, dict[str, float]] = {}
    costs = take_turns(ways, 1, results)
    for name, cost in costs.items():
        goal = EVALUATION_GOAL if name == "ours" else None
        yield row("evaluation", name, cost, costs["ours"], goal=goal, mrr=results[name]["mrr"])
    if theirs is None:
        yield "  PyKEEN is not installed: nothing is beside it"
    else:
        gap = max(abs(results["ours"][name] - results["PyKEEN"][name]) for name in results["ours"])
        yield f"  largest difference of MRR and Hits@10: {gap:.1e}"


def graph_of(sizes: dict[str, int]) -> TripleSet:
    """A random graph of which all triples are trained on."""
    triples = random_graph(sizes)
    entities, relations = (
        Vocabulary(tuple(map(str, range(sizes[kind])))) for kind in ("entities", "relations")
    )
    return TripleSet(triples, entities, relations, {"train": torch.arange(len(triples))})


def epoch_of(module: TupleModel, graph: TripleSet) -> None:
    """Ours: an epoch of margins."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that there is nothing to validate on
        fit(module, graph, 0, loss="margin", epochs=1, batch=BATCH, cosine=False)


def pykeen_epoch(kind: str, graph: TripleSet) -> Callable[[], None] | None:
    """Return an epoch of PyKEEN's model of that name; None without PyKEEN."""
    if find_spec("pykeen") is None:
        return None
    from pykeen.losses import MarginRankingLoss
    from pykeen.models import model_resolver
    from pykeen.training import SLCWATrainingLoop
    from pykeen.triples import CoreTriplesFactory

    sizes = (len(graph.entities), len(graph.relations))
    factory = CoreTriplesFactory(graph.triples, *sizes)
    model = model_resolver.make(
        kind, triples_factory=factory, embedding_dim=DIM, loss=MarginRankingLoss(margin=MARGIN),
        random_seed=0,
    )  # fmt: skip

    def epoch() -> None:
        # A loop that has had its one epoch would only probe two batches when asked again.
        loop = SLCWATrainingLoop(
            model=model,
            triples_factory=factory,
            optimizer=torch.optim.Adagrad(model.parameters(), lr=0.1),
            negative_sampler="bernoulli",
            negative_sampler_kwargs={"num_negs_per_pos": NEGATIVES, "filtered": True},
        )
        loop.train(factory, num_epochs=1, batch_size=BATCH, use_tqdm=False)

    return epoch


def bench_epochs(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the third part."""
    graph = graph_of(QUICK if quick else CODEX)
    sizes = (len(graph.entities), len(graph.relations), len(graph.triples), DIM)
    yield f"\nAn epoch of {sizes[2]:,} triples with {NEGATIVES} negatives each"
    for kind, cls in (("DistMult", DistMult), ("TransE", TransE)):
        torch.manual_seed(0)
        ways: dict[str, Callable[[], None]] = {"ours": partial(epoch_of, cls(*sizes), graph)}
        theirs = pykeen_epoch(kind, graph)
        if theirs is not None:
            ways["PyKEEN"] = theirs
        costs = take_turns(ways, 1 if quick else 3)
        for name, cost in costs.items():
            yield row("epochs", f"{kind}, {name}", cost, costs["ours"])
    if find_spec("pykeen") is None:
        yield "  PyKEEN is not installed: nothing is beside them"


def retriever_of(entities: int, text: int = 256, width: int = 384) -> Retriever:
    """An untrained retriever with random texts, the same each time."""
    torch.manual_seed(0)
    module = Retriever(entities, 1, 1, text, width).eval()
    features = module.text.features
    for part in (features.glosses, features.names):
        assert part is not None
        part.take(torch.randn(entities, text))
    return module


def searched(module: Retriever, index: Index, vectors: torch.Tensor) -> list[list[int]]:
    """Ours: the numbers of the best entities of each sentence."""
    with torch.no_grad():
        parts = [scores.topk(TOP, dim=1).indices for scores in module.scored(index, vectors)]
    found: list[list[int]] = torch.cat(parts).tolist()
    return found


def looped(asked: torch.Tensor, kept: torch.Tensor) -> list[list[int]]:
    """The same in the form of sentence-transformers' search."""
    rows = []
    for part in torch.split(asked, 100):
        one, other = (functional.normalize(vectors, dim=1) for vectors in (part, kept))
        best = (one @ other.T).topk(TOP, dim=1)
        for values, numbers in zip(best.values.tolist(), best.indices.tolist(), strict=True):
            pairs = zip(values, numbers, strict=True)
            rows.append([{"corpus_id": number, "score": value} for value, number in pairs])
    return [[int(hit["corpus_id"]) for hit in row] for row in rows]


def their_search(asked: torch.Tensor, kept: torch.Tensor) -> list[list[int]]:
    """The search of sentence-transformers."""
    from sentence_transformers.util import semantic_search

    return [[hit["corpus_id"] for hit in row] for row in semantic_search(asked, kept, top_k=TOP)]


def bench_retrieval(quick: bool) -> Iterator[Row | str]:
    """Yield the lines of the fourth part."""
    entities, sentences = (500, 20) if quick else (89_896, 1000)
    module = retriever_of(entities)
    generator = torch.Generator().manual_seed(1)
    vectors = torch.randn(sentences, module.asked.in_features, generator=generator)
    with torch.no_grad():
        index, asked = module.index(), module.asked_for(vectors)
    installed = find_spec("sentence_transformers") is not None
    name = "sentence-transformers" if installed else "loop of its form"
    ways: dict[str, Callable[[], list[list[int]]]] = {
        "ours": partial(searched, module, index, vectors),
        name: partial(their_search if installed else looped, asked, index.vectors),
    }
    yield f"\nThe {TOP} best of {entities:,} entities for {sentences:,} sentences"
    results: dict[str, list[list[int]]] = {}
    costs = take_turns(ways, 1 if quick else 3, results)
    for label, cost in costs.items():
        yield row("retrieval", label, cost, costs["ours"])
    same = sum(a == b for a, b in zip(results["ours"], results[name], strict=True))
    yield f"  sentences with the same entities in the same order: {100 * same / sentences:.1f} %"


if __name__ == "__main__":
    run_parts(globals())
