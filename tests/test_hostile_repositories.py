"""Repositories that lie: nothing of them is executed, escapes the cache, or ends in a stack trace.

In-process cases read what a download would have left; the others go through a real server.
"""

from __future__ import annotations

import json
import os
import pickle
import struct
from hashlib import sha256

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

import zoo
from zoo_core._loading import hub, model_config
from zoo_core._publishing import cards
from zoo_core._registry.references import parse
from zoo_core._registry.registry import PluginError, registry
from zoo_core.errors import BadInput, UnknownName, WeightsError, ZooError

REPO = "mallory/model"


class Exploding:
    def __reduce__(self):
        return os.mkdir, ("pickle-was-read",)


def config(weights, **changes):
    """Return the bytes of a config.json that fits the toy, but for the changes."""
    about = {"architecture": "toy", "sha256": sha256(weights).hexdigest(), "dataset": "toys"}
    top = {"inputs": 4, "classes": 3, **changes.pop("top", {})}
    return json.dumps({**top, "zoo": {**about, "options": {}, **changes}}).encode()


def liar(length, body=b"{}"):
    """Return a safetensors file whose header says it has another length."""
    return struct.pack("<Q", length) + body


def huge_tensor():
    header = json.dumps(
        {"layer.weight": {"dtype": "F32", "shape": [50_000, 50_000], "data_offsets": [0, 10**10]}}
    ).encode()
    return struct.pack("<Q", len(header)) + header + bytes(64)


HOSTILE = {
    "unknown architecture": (dict(architecture="evil"), None, "no architecture 'evil'"),
    "path as architecture": (
        dict(architecture="../../evil"),
        None,
        'no usable "zoo"/"architecture"',
    ),
    "import as architecture": (
        dict(architecture="os:system"),
        None,
        'no usable "zoo"/"architecture"',
    ),
    "unknown argument": (dict(top={"weights": "../../secret"}), None, "has no option 'weights'"),
    "code as argument": (dict(top={"inputs": "__import__('os')"}), None, "expected int"),
    "negative size": (dict(top={"inputs": -4}), None, "cannot be made|do not fit"),
    "enormous size": (dict(top={"inputs": 10**15}), None, "asks for more than"),
    "overflowing size": (dict(top={"inputs": 10**30}), None, "asks for more than"),
    "list of hashes": (dict(sha256=["0" * 64]), None, 'no usable "zoo"/"sha256"'),
    "wrong hash": (dict(sha256="0" * 64), None, "damaged or not the right file"),
    "a pickle": ({}, pickle.dumps(Exploding()), "it is a pickle, which is never read"),
    "a zip": ({}, b"PK\x03\x04" + bytes(99), "it is a pickle, which is never read"),
    "10 GB header": ({}, liar(10 * 2**30), "not a whole safetensors file"),
    "header beyond its end": ({}, liar(2**20), "not a whole safetensors file"),
    "10 GB tensor": ({}, huge_tensor(), "not a whole safetensors file"),
    "empty": ({}, b"", "not a whole safetensors file"),
}
PLAIN = {
    "not JSON": (b"{", "is not readable JSON"),
    "not UTF-8": (b"\xff\xfe{}", "is not readable JSON"),
    "a list": (b"[]", 'no section "zoo"'),
    "nested deeply": (b'{"zoo":' + b"[" * 200_000, "nested too deeply|is not readable JSON"),
    "nested and closed": (
        b'{"a":' + b"[" * 100_000 + b"]" * 100_000 + b"}",
        'nested too deeply|no section "zoo"',
    ),
    "huge": (b'{"zoo": "' + b"x" * 2**20 + b'"}', "larger than"),
    "a huge number": (b'{"zoo": ' + b"9" * 10_000 + b"}", "is not readable JSON"),
}


@pytest.fixture
def folder(toy, tmp_path):
    made = tmp_path / "downloaded"
    made.mkdir()
    return made


@pytest.mark.parametrize("case", HOSTILE)
def test_what_lies_is_refused_in_one_sentence(folder, make_weights, case):
    changes, weights, expected = HOSTILE[case]
    weights = make_weights()[0] if weights is None else weights
    (folder / "model.safetensors").write_bytes(weights)
    (folder / "config.json").write_bytes(config(weights, **dict(changes)))
    with pytest.raises((BadInput, WeightsError), match=expected) as caught:
        zoo.load(folder)
    assert "\n" not in str(caught.value)
    assert not os.path.exists("pickle-was-read")


@pytest.mark.parametrize("case", PLAIN)
def test_a_config_that_is_none_is_refused_in_one_sentence(folder, make_weights, case):
    content, expected = PLAIN[case]
    (folder / "model.safetensors").write_bytes(make_weights()[0])
    (folder / "config.json").write_bytes(content)
    with pytest.raises(BadInput, match=expected):
        zoo.load(folder)


def test_through_the_hub_too(hub_site, hub, make_weights):
    """One process for all: each is refused with an exit code's worth of sentence."""
    hub_site.add_toy()
    good, _ = make_weights()
    cases = {
        "evil-architecture": (config(good, architecture="evil"), good, "no architecture 'evil'"),
        "evil-pickle": (
            config(pickle.dumps(Exploding())),
            pickle.dumps(Exploding()),
            "which is never read",
        ),
        "evil-header": (config(liar(10**10)), liar(10**10), "not a whole safetensors file"),
        "evil-json": (b'{"zoo":' + b"[" * 200_000, good, "not readable JSON"),
        "evil-code": (config(good), good, None),
    }
    for name, (told, weights, _) in cases.items():
        files = {"config.json": told, "model.safetensors": weights}
        code = b"open('code-was-run', 'w')\n"
        hub.put(f"mallory/{name}", {**files, "__init__.py": code, "modeling_toy.py": code})
    hub.put("mallory/bare", {"pytorch_model.bin": pickle.dumps(Exploding())})
    done = hub_site.python(
        """
        import json, sys, zoo
        for name in sys.argv[1:]:
            try:
                print(json.dumps([name, type(zoo.load(f"mallory/{name}")).__name__]))
            except zoo.ZooError as error:
                print(json.dumps([name, str(error)]))
        """,
        *cases,
        "bare",
    )
    told = dict(json.loads(line) for line in done.out.splitlines())
    for name, (_, _, expected) in cases.items():
        assert (expected in told[name]) if expected else told[name] == "Toy", told[name]
    assert "mallory/bare has no such file" in told["bare"]
    left = {path.name for path in hub_site.folder.parent.rglob("*-was-r*")}
    assert left == set()
    assert not any("modeling_toy" in request.path for request in hub.log), "code is not downloaded"


def test_the_weights_of_an_unknown_architecture_are_not_downloaded(hub_site, hub, make_weights):
    hub_site.add_toy()
    good, _ = make_weights()
    files = {"config.json": config(good, architecture="evil"), "model.safetensors": good}
    hub.put(REPO, files)
    done = hub_site.zoo("predict", REPO)
    assert done.code == 2
    assert "There is no architecture 'evil' here" in done.err
    assert not any("model.safetensors" in request.path for request in hub.log)


NAMES = [
    "../../etc/passwd",
    "owner/../name",
    "owner/name/extra",
    "owner/..",
    "./x/y@z",
    "owner\\name/x",
    "owner/name@../../x",
    "owner/na me",
    "owner/name@a\nb",
    "-owner/name",
    "owner/name--x",
    "ówner/name",
    "owner/" + "x" * 200,
]


@pytest.mark.parametrize("name", NAMES)
def test_only_names_of_repositories_are_names_of_repositories(name):
    assert parse(name) is None


@given(st.text(alphabet="ab1/@.-_~ \n\\%:", max_size=40))
@example("a/b@refs/pr/1")
@example("a/b@v1..2")
def test_a_reference_never_leaves_its_folder(text):
    found = parse(text)
    if found is not None:
        assert str(found) == text
        assert ".." not in text
        parts = [*found.repo.split("/"), *(found.revision or "main").split("/")]
        assert len(found.repo.split("/")) == 2
        assert not {".", ".."} & set(parts)
        assert "\\" not in text and "\n" not in text


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=20),
    lambda inner: (
        st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=10), inner, max_size=4)
    ),
    max_leaves=12,
)


@pytest.fixture(scope="module")
def scratch(tmp_path_factory):
    return tmp_path_factory.mktemp("fuzz")


@given(content=st.binary(max_size=200) | JSON.map(lambda value: json.dumps(value).encode()))
@example(content=b'{"zoo": {"architecture": "toy"}}')
@example(content=b"\xef\xbb\xbf{}")
def test_any_config_is_read_or_refused(scratch, content):
    path = scratch / "config.json"
    path.write_bytes(content)
    try:
        model_config.read(path, place="it")
    except BadInput as error:
        assert "expected what `zoo train" in str(error)


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(
    top=st.dictionaries(st.sampled_from(["inputs", "classes", "steps", "x"]), JSON, max_size=3),
    about=st.fixed_dictionaries(
        {}, optional={"dataset": JSON, "options": JSON, "architecture": JSON | st.just("toy")}
    ),
)
def test_any_values_are_constructed_or_refused(folder, make_weights, top, about):
    weights = make_weights()[0]
    (folder / "model.safetensors").write_bytes(weights)
    (folder / "config.json").write_bytes(config(weights, top=top, **about))
    try:
        module = zoo.load(folder)
    except (BadInput, WeightsError):
        return
    assert type(module).__name__ == "Toy"


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
@given(
    place=st.integers(0, 219),
    value=st.integers(0, 255),
    length=st.integers(0, 220),
)
@example(place=0, value=255, length=220)
def test_any_damage_to_a_safetensors_file_is_read_or_refused(
    toy, tmp_path, make_weights, place, value, length
):
    content = bytearray(make_weights()[0])
    content[place % len(content)] = value
    path = tmp_path / "m.safetensors"
    path.write_bytes(content[:length])
    try:
        module = zoo.load("toy-a", weights=path, verify=False)
    except WeightsError:
        return
    assert module.layer.weight.shape == (3, 4)


@given(content=st.binary(max_size=80) | JSON.map(lambda value: json.dumps(value).encode()))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@example(content=b'{"toy-a": []}')
@example(content=b'{"toy-a": {}}')
@example(content=b'{"toy-a": {"sha256": 1, "repo": "../..", "revision": "main"}}')
@example(content=b'{"toy-a": {"sha256": "' + b"0" * 64 + b'", "config": {}, "repo": 5}}')
def test_any_lock_file_is_read_or_is_its_plugins_error(site, content):
    if not site.names:
        site.package = site.add_toy("toy-a")
    (site.package / "weights" / "lock.json").write_bytes(content)
    site.use()
    try:
        zoo.load("toy-a", weights=site.package / "weights" / "toy-a.safetensors")
        registry().lock(registry().model("toy-a"))
    except (UnknownName, WeightsError, BadInput, PluginError):
        return


@given(page=st.text(max_size=60), marks=st.lists(st.sampled_from(cards.KEPT), max_size=3))
def test_any_card_keeps_its_hand_written_part_or_is_refused(page, marks):
    text = "---\nlibrary_name: zoo\n---\n" + page.join(["", *marks, ""])
    try:
        kept = cards.hand_written(text)
    except BadInput:
        assert tuple(marks) not in ((), cards.KEPT)
        return
    assert kept == (page if tuple(marks) == cards.KEPT else "")


def test_a_token_is_taken_out_of_every_message(monkeypatch):
    monkeypatch.setenv("HF_TOKEN", "not-of-the-usual-form")
    error = OSError("bad url https://user:not-of-the-usual-form@host/?t=hf_ABCDEFGH")
    with pytest.raises(ZooError) as caught, hub.told("It failed", "a/b"):
        raise error
    text = "".join(__import__("traceback").format_exception(caught.value))
    assert "not-of-the-usual-form" not in text
    assert "hf_ABCDEFGH" not in text
