"""Models that run in the page: their numbers are Python's, and they are used by mouse and keys."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from zoo_site.tryit import SAMPLES

import zoo

NEAR = 1e-4
TESTS = {"wl1-test": "1-wl", "wl2-test": "2-wl", "fwl2-test": "2-fwl", "wl3-test": "3-wl"}
TESTS["fwl3-test"] = "3-fwl"


@pytest.fixture
def instrument(open_page: Callable[..., Any], built: Path) -> Callable[..., Any]:
    """Open a page of models from its folder, as a person does who was sent the site."""
    return lambda name, at="", **options: open_page(
        (built / f"try/{name}.html").as_uri() + at, **options
    )


def models_of(page: Any) -> list[dict[str, Any]]:
    return json.loads(page.inner_text("#models"))


def load(page: Any) -> None:
    page.click("#load")
    page.wait_for_selector("#load", state="hidden")


# ---- graphs --------------------------------------------------------------------------------------


def random_pairs(count: int, seed: int) -> list[list[dict[str, Any]]]:
    """Pairs of small graphs, one of ten with more nodes and few edges: its rounds are several.

    A quarter each are unrelated, of one size, alike but for an edge, and isomorphic.
    """
    rng = np.random.default_rng(seed)

    def graph(n: int, density: float) -> dict[str, Any]:
        edges = [[u, v] for v in range(n) for u in range(v) if rng.random() < density]
        return {"n": n, "edges": edges}

    def relabelled(one: dict[str, Any], moved: bool) -> dict[str, Any]:
        order = rng.permutation(one["n"]).tolist()
        edges = {tuple(sorted((order[u], order[v]))) for u, v in one["edges"]}
        if moved and edges:
            edges.remove(max(edges))
            edges.add(tuple(sorted(rng.choice(one["n"], 2, replace=False).tolist())))
        return {"n": one["n"], "edges": sorted(map(list, edges))}

    def pair(number: int) -> list[dict[str, Any]]:
        large = number % 10 == 0
        size, density = (7, 0.3) if large else (int(rng.integers(1, 6)), rng.random())
        first = graph(size, density)
        kind = rng.integers(4)
        if kind < 2:
            return [first, graph(size if kind else int(rng.integers(1, 6)), density)]
        return [first, relabelled(first, moved=kind == 2)]

    return [pair(number) for number in range(count)]


def tensors(pairs: list[list[dict[str, Any]]]) -> tuple[torch.Tensor, torch.Tensor]:
    graphs = [graph for pair in pairs for graph in pair]
    offsets = np.cumsum([0, *(graph["n"] for graph in graphs)])
    edges = [
        [u + start, v + start]
        for graph, start in zip(graphs, offsets.tolist(), strict=False)
        for u, v in graph["edges"]
    ]
    return torch.tensor(edges).reshape(-1, 2).T, torch.from_numpy(offsets)


def test_the_five_tests_say_what_the_plugin_s_say_of_1000_random_pairs(
    instrument: Callable[..., Any],
) -> None:
    pairs = random_pairs(1000, seed=0)
    found = json.loads(
        instrument("graphs").evaluate(
            """([text, variants]) => JSON.stringify(variants.map((variant) =>
                JSON.parse(text).map(([first, second]) =>
                    weisfeilerLeman.compare(first, second, variant).round ?? -1)))""",
            [json.dumps(pairs), list(TESTS.values())],
        )
    )
    told_apart = set()
    for model, rounds in zip(TESTS, found, strict=True):
        expected = zoo.load(model)(*tensors(pairs)).tolist()
        assert rounds == expected
        told_apart |= set(expected)
    assert {-1, 0, 1, 2} <= told_apart


def test_the_table_has_the_rounds_and_the_counts_of_python(instrument: Callable[..., Any]) -> None:
    page = instrument("graphs")
    page.select_option("#pair", label="Decalin and bicyclopentyl")
    for model, variant in TESTS.items():
        cells = page.locator(f'[data-test="{variant}"] td').all_inner_texts()
        expected = zoo.predict(model)  # of these two, where nothing else is given
        apart = expected["verdict"] == "distinguished"
        assert cells[0] == ("≠ told apart" if apart else "= not told apart")
        assert cells[1] == (str(expected["round"]) if apart else "none")
        assert cells[2:] == [" → ".join(map(str, counts)) for counts in expected["colours"]]


def edges_of(page: Any, which: str) -> str:
    return page.input_value(f"#{which}-graph input")


def verdict(page: Any, variant: str = "1-wl") -> str:
    return page.inner_text(f'[data-test="{variant}"] td >> nth=0')


def test_a_graph_is_drawn_with_the_mouse(instrument: Callable[..., Any]) -> None:
    page = instrument("graphs", "#a=2:0-1&b=0:")
    field = page.locator("#second-graph svg")
    assert verdict(page) == "≠ told apart"
    for x, y in [(60, 60), (200, 60)]:
        field.click(position={"x": x, "y": y})
    assert edges_of(page, "second") == "2: 0-1"  # the one that was chosen is joined to a new one
    assert verdict(page) == "= not told apart"
    nodes = page.locator("#second-graph [data-node]")
    nodes.nth(1).click()  # it was chosen: no longer
    nodes.nth(0).click()
    nodes.nth(1).click()
    assert edges_of(page, "second") == "2:"  # joined nodes are parted
    before = nodes.nth(0).bounding_box()
    nodes.nth(0).drag_to(field, target_position={"x": 60, "y": 200})
    assert nodes.nth(0).bounding_box()["y"] > before["y"] + 50
    assert edges_of(page, "second") == "2:"  # moving joins nothing


def test_a_graph_is_drawn_by_keyboard(instrument: Callable[..., Any]) -> None:
    page = instrument("graphs", "#a=3:0-1&b=3:0-1,1-2")
    page.focus("#first-graph [data-node='1']")
    page.keyboard.press("Enter")
    assert page.get_attribute("#first-graph [data-node='1']", "aria-pressed") == "true"
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    assert edges_of(page, "first") == "3: 0-1 1-2"
    assert verdict(page, "3-fwl") == "= not told apart"
    page.keyboard.press("Delete")
    assert edges_of(page, "first") == "2: 0-1"
    page.fill("#first-graph input", "0-1 1-2 2-0")
    page.keyboard.press("Enter")
    assert edges_of(page, "first").endswith("0-1 1-2 0-2")
    assert verdict(page) == "≠ told apart"


def test_a_graph_is_drawn_by_touch(instrument: Callable[..., Any]) -> None:
    page = instrument(
        "graphs", "#a=1:&b=0:", viewport={"width": 360, "height": 740}, has_touch=True
    )
    page.locator("#second-graph svg").tap(position={"x": 60, "y": 60})
    assert edges_of(page, "second") == "1:"


def test_the_address_has_both_graphs(instrument: Callable[..., Any]) -> None:
    page = instrument("graphs", "#a=3:0-1,1-2&b=4:0-1")
    assert (edges_of(page, "first"), edges_of(page, "second")) == ("3: 0-1 1-2", "4: 0-1")
    page.click("#second-graph [data-does=clear]")
    assert page.evaluate("location.hash") == "#a=3:0-1,1-2&b=0:"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("0-0", "loop"),
        ("0-1 2", "'2' is no edge"),
        ("2: 0-5", "numbered 0 to 1"),
        ("<b>x</b>", "Write edges"),
        ("99:", "up to 24 nodes"),
    ],
)
def test_what_is_no_graph_is_said_to_be_none(
    instrument: Callable[..., Any], text: str, told: str
) -> None:
    page = instrument("graphs", "#a=1:0-0&b=<script>")  # an address that has none, either
    assert "no such graphs" in page.inner_text("#first-graph [role=status]")
    page.fill("#first-graph input", text)
    page.keyboard.press("Tab")
    assert told in page.inner_text("#first-graph [role=status]")
    assert edges_of(page, "first") == text


# ---- pictures ------------------------------------------------------------------------------------


def grey(name: str) -> torch.Tensor:
    from PIL import Image

    (path,) = SAMPLES.glob(f"*-{name}.png")
    return torch.from_numpy(np.asarray(Image.open(path)).copy()).double() / 255


def test_hidden_squares_are_completed_as_python_does(instrument: Callable[..., Any]) -> None:
    page = instrument("inpainting")
    load(page)
    page.click('#samples button:has(img[alt="dress"])')
    page.fill("#top", "2")
    page.fill("#left", "5")
    whole = (grey("dress") - 0.5) / 0.5
    seen = whole.clone()
    seen[2:22, 5:25] = 0
    models = models_of(page)
    assert {"gnet1-fashion", "gnet14-fashion", "gnetrf14-fashion"} <= {m["name"] for m in models}
    found = page.evaluate(
        """async ([pixels, models]) => Promise.all(models.map(async ({ name, weights, shape }) =>
            Array.from(gnet.restore(Float64Array.from(pixels),
                                    await zooWeights.load(name, weights), shape))))""",
        [seen.flatten().tolist(), models],
    )
    for model, numbers in zip(models, found, strict=True):
        expected = zoo.load(model["name"])(seen.float().reshape(1, -1, 1)).flatten().double()
        assert (torch.tensor(numbers) - expected).abs().max() < NEAR
        error = 100 * (expected - whole.flatten()).square().mean().item()
        shown = float(page.inner_text(f"#restored-{model['name']} output"))
        assert shown == pytest.approx(error, abs=0.006)


def test_the_square_is_moved_with_the_mouse(instrument: Callable[..., Any]) -> None:
    page = instrument("inpainting")
    page.locator("#given").click(position={"x": 1, "y": 1})
    assert (page.input_value("#top"), page.input_value("#left")) == ("0", "0")


def test_pictures_are_read_as_python_reads_them(instrument: Callable[..., Any]) -> None:
    page = instrument("images")
    load(page)
    page.click('#samples button:has(img[alt="sneaker"])')
    pixels = grey("sneaker")
    models = models_of(page)
    assert {m["shape"]["backbone"] for m in models} == {"small-cnn", "mlp"}
    found = page.evaluate(
        """async ([pixels, models]) => Promise.all(models.map(async ({ name, weights, shape }) =>
            Array.from(imageClassifier.logits(Float64Array.from(pixels),
                                              await zooWeights.load(name, weights), shape))))""",
        [pixels.flatten().tolist(), models],
    )
    for model, numbers in zip(models, found, strict=True):
        inputs = model["shape"]["inputs"]
        normalised = (pixels - inputs["mean"][0]) / inputs["std"][0]
        expected = zoo.load(model["name"])(normalised.float()[None, None])[0].double()
        assert (torch.tensor(numbers) - expected).abs().max() < NEAR
        label = model["shape"]["classes"][expected.argmax()]
        row = page.locator(f"#read-{model['name']} td").all_inner_texts()
        assert row[1:3] == [label, f"{expected.softmax(0).max().item():.3f}"]


def test_a_picture_is_drawn_and_one_s_own_is_read(
    instrument: Callable[..., Any], tmp_path: Path
) -> None:
    from PIL import Image

    page = instrument("images")
    load(page)
    page.click("#clear")
    box = page.locator("#given").bounding_box()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + 30)
    page.mouse.down()
    page.mouse.move(box["x"] + box["width"] / 2, box["y"] + box["height"] - 30, steps=5)
    page.mouse.up()
    assert page.inner_text("#read-symnoise-mnist td >> nth=1") == "1"
    (tmp_path / "bad.png").write_bytes(b"no picture")
    page.set_input_files("#file", tmp_path / "bad.png")
    page.wait_for_function("document.getElementById('said').textContent.includes('no picture')")
    Image.fromarray((grey("trouser") * 255).byte().numpy()).resize((280, 280)).save(
        tmp_path / "own.png"
    )
    page.set_input_files("#file", tmp_path / "own.png")
    page.wait_for_function("document.getElementById('said').textContent === ''")
    assert page.inner_text("#read-symnoise-fashion-mnist-p00 td >> nth=1") == "trouser"


# ---- sequences -----------------------------------------------------------------------------------


def test_keys_are_recalled_as_python_recalls_them(instrument: Callable[..., Any]) -> None:
    page = instrument("recall")
    load(page)
    page.click("text=8 pairs at random")
    prompt = page.input_value("#prompt")
    tokens = list(map(int, prompt.split()))
    places = list(range(16, 32, 2))
    models = models_of(page)
    assert {m["shape"]["mixer"] for m in models} == {"mamba", "mamba2", "s4d-real"}
    found = page.evaluate(
        """async ([tokens, places, models]) => Promise.all(
            models.map(async ({ name, weights, shape }) => recallNetwork.probabilities(
                tokens, places, await zooWeights.load(name, weights), shape)
                .map((row) => Array.from(row))))""",
        [tokens, places, models],
    )
    for number, (model, numbers) in enumerate(zip(models, found, strict=True)):
        expected = zoo.load(model["name"]).probabilities(tokens, places)
        assert (torch.tensor(numbers) - expected).abs().max() < NEAR
        answers = page.locator(f"#answers tbody td:nth-child({number + 3})").all_inner_texts()
        best = expected.max(1)
        assert [text[2:] for text in answers] == [
            f"{token} ({chance:.3f})"
            for token, chance in zip(best.indices.tolist(), best.values.tolist(), strict=True)
        ]


@pytest.mark.parametrize(
    ("prompt", "told"),
    [("8 200 3", "Nothing is asked"), ("8 x", "'x' is no token"), ("8 256 8", "'256' is no token")],
)
def test_a_prompt_that_asks_nothing_is_said_to(
    instrument: Callable[..., Any], prompt: str, told: str
) -> None:
    page = instrument("recall")
    page.fill("#prompt", prompt)
    assert told in page.inner_text("#said")


def test_energies_of_molecules_are_pythons(instrument: Callable[..., Any]) -> None:
    page = instrument("molecule")
    load(page)
    samples = json.loads(page.inner_text("#molecules"))
    symbols = {"H": 1, "C": 6, "N": 7, "O": 8, "S": 16}
    models = models_of(page)
    assert {m["shape"]["expansion"] for m in models} == {"fitted", "none"}
    for button, sample in enumerate(samples):
        page.locator("[data-molecule]").nth(button).click()
        told = page.locator("#energies td").all_inner_texts()
        rows = [line.split() for line in sample["xyz"].splitlines()]
        atoms = [{"charge": symbols[r[0]], "place": list(map(float, r[1:]))} for r in rows]
        source = ([one["charge"] for one in atoms], [one["place"] for one in atoms])
        for number, model in enumerate(models):
            found = page.evaluate(
                """async ([atoms, { name, weights, shape }]) => moleculeNetwork.energy(
                    atoms, await zooWeights.load(name, weights), shape)""",
                [atoms, model],
            )
            module = zoo.load(model["name"])
            (plain,) = zoo.predict(module, source)
            (exact,) = zoo.predict(module.double(), source)
            assert abs(found - exact["ae_pbe0 (kcal/mol)"]) < NEAR
            assert found == pytest.approx(plain["ae_pbe0 (kcal/mol)"], rel=1e-6)
            assert told[number] == f"{found:.1f}"
        assert told[-1] == f"{sample['energy']:.1f}"
    page.fill("#lines", "\n".join(["9", "water and more", *samples[0]["xyz"].splitlines()]))
    assert page.inner_text("#published") == "–"
    assert page.locator("#energies td").first.inner_text() != "–"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("C 0 0 0\nH 0 0 1.1", "There are 2 atoms; the networks saw 5 to 23"),
        ("C 0 0 0", "two atoms or more"),
        ("Fe 0 0 0", "never saw Fe; they know H, C, N, O, S"),
        ("C 0 0", "is no atom"),
        ("\n".join(f"H 0 0 {z}" for z in (0, 1, 2, 3, 9)), "6.00 Å from the nearest"),
        ("\n".join(f"H 0 0 {z}" for z in (0, 1, 2, 3, 3)), "0.00 Å from the nearest"),
    ],
)
def test_what_is_no_molecule_is_said_to_be_none(
    instrument: Callable[..., Any], text: str, told: str
) -> None:
    page = instrument("molecule")
    page.fill("#lines", text)
    assert told in page.inner_text("#said")


def test_stories_go_on_as_python_goes_on(instrument: Callable[..., Any]) -> None:
    page = instrument("stories")
    beginning = "Once upon a time, thére was  a ☃ girl"  # bytes, and two spaces
    page.fill("#prompt", beginning)
    page.fill("#temperature", "0")
    load(page)
    models = models_of(page)
    assert {m["shape"]["mixer"] for m in models} == {"attention", "hedgemamba"}
    found = page.evaluate(
        """async ([text, models]) => Promise.all(models.map(async ({ name, weights, shape }) => {
            const tensors = await zooWeights.load(name, weights);
            const { start, encode } = zooTokenizer(tensors.tokenizer.data);
            const network = storyNetwork(tensors, shape), tokens = [start, ...encode(text)];
            const logits = tokens.map((token) => network.read(token));
            return [tokens, Array.from(logits.at(-1))];
        }))""",
        [beginning, models],
    )
    for model, (tokens, numbers) in zip(models, found, strict=True):
        module = zoo.load(model["name"])
        assert tokens == module.text_tokenizer.encode(beginning)
        expected = module(torch.tensor([tokens]))[0, -1].double()
        assert (torch.tensor(numbers) - expected).abs().max() < NEAR
        told = page.locator(f"#story-{model['name']} .told")
        page.wait_for_function("(box) => box.textContent.length > 120", arg=told.element_handle())
        written = told.text_content()
        again = "".join(zoo.predict(module, beginning, temperature=0.0, tokens=60))
        length = min(len(written), len(again))
        assert length > 100
        assert written[:length] == again[:length]
    if page.inner_text("#write") == "Stop":
        page.click("#write")
    assert page.inner_text("#write") == "Go on with it"


# ---- all pages -----------------------------------------------------------------------------------


def test_weights_that_are_not_there_are_said_to_be_missing(
    open_page: Callable[..., Any], built: Path, tmp_path: Path, faults: Any
) -> None:
    for name in ("try/recall.html", "assets"):
        target = tmp_path / name
        target.parent.mkdir(parents=True, exist_ok=True)
        target.symlink_to(built / name)
    page = open_page((tmp_path / "try/recall.html").as_uri())
    page.click("#load")
    page.wait_for_function("document.getElementById('said').textContent")
    assert "could not be loaded" in page.inner_text("#said")
    assert page.is_enabled("#load")
    assert all("ERR_FILE_NOT_FOUND" in fault for fault in faults.told)
    faults.told.clear()


@pytest.mark.parametrize(
    "name", ["graphs", "inpainting", "images", "recall", "molecule", "stories"]
)
def test_without_scripts_a_page_says_what_it_would_do(
    instrument: Callable[..., Any], name: str
) -> None:
    page = instrument(name, java_script_enabled=False)
    text = page.inner_text("main")
    assert "switched off" in text
    assert "zoo predict" in text
    assert page.locator("button:visible").count() == 0
