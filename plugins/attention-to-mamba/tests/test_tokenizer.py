"""The tokenizer against a slow encoder written from the format's description, and its decoders."""

from __future__ import annotations

import json
import struct

import pytest
import tokenizers
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import decoders, models, normalizers, pre_tokenizers, processors, trainers
from zoo_attention_to_mamba.specs.data import STORIES260K_TOKENIZER, TINYSTORIES
from zoo_attention_to_mamba.tokenizer import Tokenizer

from zoo_core import BadInput, available

STEADY = settings(max_examples=60)
SENTENCE = "Once upon a time, there was a little girl named Lily."
IDS = [1, 403, 407, 261, 378, 432, 383, 286, 261, 376, 298, 315, 421, 395, 317, 426]
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
PLAIN = "the cat sat on the mat. 'Tis naïve – they said: ¿qué? 42 €\n\tthe end\n" * 20


def real(file):
    path = available(file)
    if path is None:
        pytest.skip(f"{file.path} is not here; set ZOO_DATA_MIRROR to a mirror that has it")
    return path


@pytest.fixture(scope="module")
def stories():
    return Tokenizer.from_llama2c(real(STORIES260K_TOKENIZER))


@pytest.fixture(scope="module")
def scores():
    return parse(real(STORIES260K_TOKENIZER).read_bytes())


def parse(content):
    """Return (piece, score) by id."""
    pieces, place = [], 4
    while place < len(content):
        score, length = struct.unpack_from("<fi", content, place)
        pieces.append((content[place + 8 : place + 8 + length].decode(), score))
        place += 8 + length
    return pieces


def write(pieces):
    """Return the bytes of a tokenizer of llama2c with these (piece, score) behind the bytes'."""
    head = [("<unk>", 0.0), ("\n<s>\n", 0.0), ("\n</s>\n", 0.0)]
    told = [*head, *((f"<0x{b:02X}>", 0.0) for b in range(256)), *pieces]
    content = struct.pack("<i", max(len(p.encode()) for p, _ in told))
    for piece, score in told:
        raw = piece.encode()
        content += struct.pack("<fi", score, len(raw)) + raw
    return content


def greedy(text, pieces):
    """Encode as llama2.c's description says: always the best-scored pair, leftmost on ties."""
    table = {piece: (i, score) for i, (piece, score) in enumerate(pieces) if i > 258}
    ids = [1]
    if not text:
        return ids
    parts = []
    for character in " " + text:
        known = character in table
        parts += [character] if known else [byte for byte in character.encode()]
    while True:
        best, where = None, None
        for i in range(len(parts) - 1):
            if isinstance(parts[i], str) and isinstance(parts[i + 1], str):
                found = table.get(parts[i] + parts[i + 1])
                if found is not None and (best is None or found[1] > best):
                    best, where = found[1], i
        if where is None:
            return ids + [table[p][0] if isinstance(p, str) else p + 3 for p in parts]
        parts[where : where + 2] = [parts[where] + parts[where + 1]]


def test_the_published_sentence(stories):
    assert stories.encode(SENTENCE) == IDS
    assert stories.encode(SENTENCE, start=False) == IDS[1:]
    assert stories.decode(IDS) == stories.decode(IDS[1:]) == SENTENCE
    assert (stories.start, stories.end, stories.size) == (1, 2, 512)
    assert stories.special == {0, 1, 2}


def test_real_stories_are_encoded_greedily(stories, scores):
    text = real(TINYSTORIES).read_bytes()[:400_000].decode()
    documents = [one.strip()[:500] for one in text.split("<|endoftext|>")[:200:40]]
    found = stories.encode_many(documents)
    assert found == [greedy(document, scores) for document in documents]
    assert found == [stories.encode(document) for document in documents]
    assert [stories.decode(ids) for ids in found] == documents


@STEADY
@given(text=TEXTS | st.text("the naoIl.,'\"<s>/0xA\n –é€", max_size=60))
def test_any_text_is_encoded_greedily_and_comes_back(stories, scores, text):
    ids = stories.encode(text)
    assert ids == greedy(text, scores)
    assert stories.decode(ids) == text


@STEADY
@given(
    pieces=st.lists(st.text("ab é", min_size=2, max_size=5), max_size=14, unique=True),
    singles=st.sets(st.sampled_from("ab é")),
    order=st.randoms(use_true_random=False),
    texts=st.lists(st.text("ab éc", max_size=20), min_size=1, max_size=8),
)
def test_any_pieces_are_merged_greedily(tmp_path_factory, pieces, singles, order, texts):
    every = [*pieces, *sorted(singles)]
    ranks = list(range(len(every)))
    order.shuffle(ranks)
    content = write([(p, -float(rank)) for p, rank in zip(every, ranks, strict=True)])
    path = tmp_path_factory.mktemp("bin") / "tokenizer.bin"
    path.write_bytes(content)
    made = Tokenizer.from_llama2c(path)
    assert made.encode_many(texts) == [greedy(text, parse(content)) for text in texts]
    assert [made.decode(made.encode(text)) for text in texts] == texts


def test_the_leftmost_of_equal_pairs_is_merged(tmp_path):
    content = write([("a", -9.0), ("aa", -1.0), ("aaa", -2.0)])
    (tmp_path / "tokenizer.bin").write_bytes(content)
    made = Tokenizer.from_llama2c(tmp_path / "tokenizer.bin")
    for length in range(9):
        assert made.encode("a" * length) == greedy("a" * length, parse(content))
    assert made.encode("aaa") == [1, 3 + ord(" "), 261]


def test_special_tokens_are_not_read_out_of_a_text(stories):
    text = "<s></s><unk><0x41>"
    ids = stories.encode(text)
    assert not {0, 1, 2} & set(ids[1:]) and stories.decode(ids) == text
    inner = tokenizers.Tokenizer.from_str(stories.as_bytes().decode())
    assert inner.encode("<s>", add_special_tokens=False).ids[:1] == [1], "unlike the library"


def test_bytes_make_an_equal_tokenizer(stories, tmp_path):
    again = Tokenizer(stories.as_bytes())
    assert again.as_bytes() == stories.as_bytes() and again.key == stories.key
    assert (again.start, again.end, again.size) == (1, 2, 512)
    assert again.encode(SENTENCE) == IDS
    (tmp_path / "tokenizer.json").write_bytes(stories.as_bytes())
    assert Tokenizer.from_file(tmp_path / "tokenizer.json").key == stories.key
    assert len(stories.as_bytes()) < 10_000
    assert Tokenizer.from_characters("ab").key != stories.key


@pytest.mark.parametrize("start, end", [(1, 2), (None, 2), (2, None), (None, None), (2, 2)])
def test_ends_are_kept(stories, start, end):
    made = Tokenizer(stories.with_ends(start, end).as_bytes())
    assert (made.start, made.end) == (start, end)
    first = [] if start is None else [start]
    assert made.encode(SENTENCE) == first + IDS[1:]
    with pytest.raises(BadInput, match="no token 512"):
        stories.with_ends(512, None)


@pytest.mark.parametrize(
    "single, pair, start, end",
    [
        ("<s> $A", "<s> $A <s> $B", 1, None),
        ("<s> $A </s>", "<s> $A </s> <s> $B </s>", 1, 2),
        ("<s> $A </s>", "<s> $A </s> $B </s>", 1, 2),
        ("$A </s>", "$A </s> $B </s>", None, 2),
        ("$A", "$A $B", None, None),
    ],
)
def test_ends_of_other_files(stories, single, pair, start, end):
    inner = tokenizers.Tokenizer.from_str(stories.as_bytes().decode())
    template = processors.TemplateProcessing(
        single=single, pair=pair, special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    for processor in (template, processors.Sequence([processors.ByteLevel(), template])):
        inner.post_processor = processor
        made = Tokenizer(inner.to_str().encode())
        assert (made.start, made.end) == (start, end)
    inner.post_processor = processors.ByteLevel()
    assert Tokenizer(inner.to_str().encode()).start is None


@STEADY
@given(ids=st.lists(st.integers(0, 511), max_size=40), cut=st.integers(0, 40))
def test_ids_one_by_one_give_the_same_text(stories, ids, cut):
    whole = stories.decode(ids)
    decoder = stories.decoder()
    pieces = [decoder.feed(one) for one in ids]
    assert "".join(pieces) + decoder.finish() == whole
    first, later = stories.decoder(), stories.decoder(after=ids[:cut])
    told = "".join(map(first.feed, ids[:cut]))
    assert told + "".join(map(later.feed, ids[cut:])) + later.finish() == whole


def test_an_unfinished_character_is_held_back(stories):
    decoder = stories.decoder()
    pieces = [decoder.feed(3 + byte) for byte in "a☃b".encode()]
    assert pieces == ["a", "", "", "☃", "b"] and decoder.finish() == ""
    assert [decoder.feed(3 + byte) for byte in "☃".encode()[:2]] == ["", ""]
    assert decoder.finish() == "\ufffd"
    assert stories.decode([3 + 0xFF, 3 + 0x41]) == "\ufffdA"


def test_the_dummy_space_is_dropped_at_the_front_alone(stories):
    space, once = 410, stories.encode(SENTENCE)[1:3]
    assert stories.decode([1, space, space]) == " "
    assert stories.decode([1, *once, space, *once]) == "Once upon  Once upon"
    assert stories.decode([1, *once, 1, *once]) == "Once uponOnce upon"
    later = stories.decoder(after=[1, *once])
    assert later.feed(space) == " "
    assert stories.decode([]) == stories.decode([1]) == stories.decode([1, space]) == ""


@pytest.mark.parametrize("bad", [512, -1, 1.5, "a", None], ids=repr)
def test_ids_that_are_none(stories, bad):
    with pytest.raises(BadInput, match="no token id; expected 0 to 511"):
        stories.decode([bad])


@pytest.mark.parametrize("bad", [None, b"text", 3, ["text"]], ids=repr)
def test_texts_that_are_none(stories, bad):
    with pytest.raises(BadInput, match="Expected a text"):
        stories.encode(bad)
    with pytest.raises(BadInput, match="Expected a text"):
        stories.encode_many(["good", bad])


def test_lone_surrogates_are_refused(stories):
    with pytest.raises(BadInput, match=r"no token for '\\ud800'; it knows every character"):
        stories.encode("a\ud800b")


def test_characters():
    text = "to be, or not\nto bé"
    made = Tokenizer.from_characters(text)
    alphabet = sorted(set(text))
    assert made.size == len(alphabet) and made.start is None and made.end is None
    assert made.encode(text) == [alphabet.index(c) for c in text]
    assert made.decode(made.encode(text)) == text
    assert Tokenizer(made.as_bytes()).encode(" to") == made.encode(" to")
    with pytest.raises(BadInput, match=r"no token for 'X', 'z', '\\u2603'; it knows the 10 char"):
        made.encode("to zX☃")
    with pytest.raises(BadInput, match="no characters"):
        Tokenizer.from_characters("")


def byte_level():
    inner = tokenizers.Tokenizer(models.BPE())
    inner.normalizer = normalizers.NFC()
    inner.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    inner.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=300,
        special_tokens=["<|endoftext|>"],
        initial_alphabet=alphabet,
        show_progress=False,
    )
    inner.train_from_iterator([PLAIN], trainer)
    inner.add_tokens(["   ", "é€"])
    return inner


def metaspace(decoder, prepend):
    inner = tokenizers.Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True))
    inner.normalizer = normalizers.Sequence(
        [normalizers.Prepend("▁")] * prepend + [normalizers.Replace(" ", "▁")]
    )
    special = ["<unk>", "<s>", "</s>", *(f"<0x{b:02X}>" for b in range(256))]
    trainer = trainers.BpeTrainer(vocab_size=350, special_tokens=special, show_progress=False)
    inner.train_from_iterator([line for line in PLAIN.split("\n")], trainer)
    layout = json.loads(inner.to_str())
    layout["added_tokens"] = layout["added_tokens"][:3]  # bytes are pieces like any others
    inner = tokenizers.Tokenizer.from_str(json.dumps(layout))
    inner.decoder = decoder
    return inner


LLAMA2 = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
KINDS = {
    "byte-level": byte_level,
    "as Llama 2": lambda: metaspace(decoders.Sequence([*LLAMA2, decoders.Strip(" ", 1, 0)]), True),
    "without dummy space": lambda: metaspace(decoders.Sequence(LLAMA2), False),
    "Metaspace": lambda: metaspace(
        decoders.Sequence([decoders.ByteFallback(), decoders.Metaspace()]), True
    ),
}


@pytest.mark.parametrize("kind", KINDS)
def test_kinds_of_other_files(kind):
    inner = KINDS[kind]()
    made = Tokenizer(inner.to_str().encode())
    for text in (PLAIN, " two  spaces   three", "snow ☃ man\n\n", "é€ ne"):
        ids = made.encode(text)
        assert ids == inner.encode(text, add_special_tokens=False).ids
        assert made.decode(ids) == text
        decoder = made.decoder()
        assert "".join(map(decoder.feed, ids)) == text
        if kind != "Metaspace":  # the library's leaves out no spaces that follow one another
            assert inner.decode(ids) == text


def test_lengths_of_a_file_are_not_imposed():
    inner = byte_level()
    inner.enable_truncation(4)
    inner.enable_padding(length=9)
    made = Tokenizer(inner.to_str().encode())
    assert made.decode(made.encode(PLAIN)) == PLAIN
    assert len(made.encode("the")) < 9


def test_unknown_decoders_are_refused(stories):
    inner = tokenizers.Tokenizer.from_str(stories.as_bytes().decode())
    for decoder in (decoders.WordPiece(), decoders.CTC(), decoders.Strip(" ", 3, 0)):
        inner.decoder = decoder
        with pytest.raises(BadInput, match=r"decoder .* is not known here"):
            Tokenizer(inner.to_str().encode())
    layout = {**json.loads(stories.as_bytes()), "decoder": None}
    with pytest.raises(BadInput, match=r"decoder .none. is not known here"):
        Tokenizer(json.dumps(layout).encode())


@pytest.mark.parametrize(
    "content",
    [b"", b"{}", b"[]", b"\xff\xfe", b"PK\x03\x04", b'{"model": 3}', b"[" * 100_000, b"null"],
    ids=range(8),
)
def test_bytes_of_something_else(content):
    with pytest.raises(BadInput, match=r"give the bytes of a tokenizer.json"):
        Tokenizer(content)


def test_a_panic_of_the_library_is_told():
    layout = json.loads(Tokenizer.from_characters("ab").as_bytes())
    layout["model"] |= {"continuing_subword_prefix": "##", "merges": [["a", "b"]]}
    with pytest.raises(BadInput, match="cannot be read"):
        Tokenizer(json.dumps(layout).encode())


def test_damaged_layouts(stories):
    layout = json.loads(stories.as_bytes())
    vocabulary = {**layout["model"]["vocab"], "far": 2**31}
    far = {**layout, "model": {**layout["model"], "vocab": vocabulary}}
    with pytest.raises(BadInput, match="has ids up to 2147483648"):
        Tokenizer(json.dumps(far).encode())
    for changes, reason in (
        ({"unk_token": "none"}, "unk_token 'none' is none of its tokens"),
        ({"dropout": 0.1}, "drops merges at random"),
    ):
        damaged = {**layout, "model": {**layout["model"], **changes}}
        with pytest.raises(BadInput, match=reason):
            Tokenizer(json.dumps(damaged).encode())
    template = json.loads(json.dumps(layout["post_processor"]))
    template["special_tokens"] = {}
    with pytest.raises(BadInput, match="names '<s>', which it has no id for"):
        Tokenizer(json.dumps({**layout, "post_processor": template}).encode())
    for key, wrong in {
        "merges": [["no", "such"]],
        "vocab": {},
        "type": "Magic",
        "unk_token": 3,
    }.items():
        damaged = {**layout, "model": {**layout["model"], key: wrong}}
        with pytest.raises(BadInput, match="cannot be read"):
            Tokenizer(json.dumps(damaged).encode())


PIECES = [("a", -2.0), ("b", -3.0), ("ab", -1.0)]


@pytest.mark.parametrize(
    "content, reason",
    [
        (write(PIECES)[:-1], "ends within a piece"),
        (write(PIECES)[:-5], "is not a tokenizer of llama2.c"),
        (write([*PIECES, ("a", -4.0)]), "twice"),
        (write([*PIECES, ("ba", -1.0)]), "'ab' and 'ba' have the same score"),
        (write(PIECES).replace(b"<0x41>", b"<no41>"), "no piece <0x41>"),
        (b"", "first three pieces"),
        (b"\x00" * 404, "twice"),
        (struct.pack("<ifi", 1, 0.0, -5), "ends within a piece"),
        (struct.pack("<ifi", 1, 0.0, 2) + b"\xff\xff", "not a tokenizer of llama2.c"),
    ],
    ids=range(9),
)
def test_other_files_than_llama2c(tmp_path, content, reason):
    path = tmp_path / "tokenizer.bin"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=reason):
        Tokenizer.from_llama2c(path)


def test_files_that_are_not_there(tmp_path):
    for read in (Tokenizer.from_file, Tokenizer.from_llama2c):
        with pytest.raises(BadInput, match=r"cannot be read .*check the path"):
            read(tmp_path / "none")
        with pytest.raises(BadInput, match=r"cannot be read .*check the path"):
            read(tmp_path)
