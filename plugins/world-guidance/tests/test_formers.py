"""Query formers: permutations of queries and tokens, and what a causal mask hides."""

from __future__ import annotations

import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from zoo_world_guidance.formers import QueryFormer


def former(causal=False):
    torch.manual_seed(0)
    return QueryFormer(5, 3, queries=4, width=16, layers=2, heads=2, causal=causal).double().eval()


@settings(max_examples=8)
@given(seed=st.integers(0, 99), causal=st.booleans())
def test_the_order_of_tokens_does_not_matter(seed, causal):
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randn(2, 7, 5, generator=generator, dtype=torch.float64)
    order = torch.randperm(7, generator=generator)
    module = former(causal)
    torch.testing.assert_close(module(tokens[:, order]), module(tokens))


@settings(max_examples=8)
@given(seed=st.integers(0, 99))
def test_answers_are_permuted_as_their_queries_are(seed):
    generator = torch.Generator().manual_seed(seed)
    tokens = torch.randn(2, 7, 5, generator=generator, dtype=torch.float64)
    order = torch.randperm(4, generator=generator)
    module = former()
    plain = module(tokens)
    module.queries.data = module.queries.data[order]
    torch.testing.assert_close(module(tokens), plain[:, order])


def test_a_causal_query_hears_those_before_it_alone():
    module, tokens = former(causal=True), torch.randn(2, 7, 5).double()
    plain = module(tokens)
    module.queries.data[2] = torch.randn(16)
    moved = module(tokens)
    assert torch.equal(moved[:, :2], plain[:, :2])
    assert not torch.allclose(moved[:, 3], plain[:, 3])
