"""What a plugin registers: frozen descriptions of a paper, its models, data, metrics and claims.

A spec names code by import strings (``"package.module:attribute"``), so that registering costs
microseconds and imports nothing heavy. Each spec checks itself when it is made; the message of a
`SpecError` names the spec, the field, and what was expected.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from zoo_core._registry.bounds import Bound
from zoo_core.errors import SpecError

API_LEVEL = 2
"""The level of this interface; a plugin states the one it was written for as ``ZOO_API``."""

_NAME = re.compile(r"[a-z0-9]+(?:[._-][a-z0-9]+)*")
_IMPORT_STRING = re.compile(r"[A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*:[A-Za-z_]\w*")
_SHA256 = re.compile(r"[0-9a-f]{64}")
_DATE = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])")
_ARXIV = re.compile(r"\d{4}\.\d{4,5}(v\d+)?|[a-z-]+(\.[A-Z]{2})?/\d{7}")
_SPDX = frozenset(
    """0BSD AFL-3.0 AGPL-3.0-only AGPL-3.0-or-later Apache-2.0 BSD-2-Clause BSD-3-Clause BSL-1.0
    CC-BY-3.0 CC-BY-4.0 CC-BY-NC-3.0 CC-BY-NC-4.0 CC-BY-NC-ND-4.0 CC-BY-NC-SA-3.0 CC-BY-NC-SA-4.0
    CC-BY-ND-4.0 CC-BY-SA-3.0 CC-BY-SA-4.0 CC0-1.0 CDLA-Permissive-1.0 CDLA-Permissive-2.0
    CDLA-Sharing-1.0 ECL-2.0 EPL-2.0 EUPL-1.2 GPL-2.0-only GPL-2.0-or-later GPL-3.0-only
    GPL-3.0-or-later ISC LGPL-2.1-only LGPL-2.1-or-later LGPL-3.0-only LGPL-3.0-or-later MIT
    MPL-2.0 NOASSERTION ODbL-1.0 ODC-By-1.0 OFL-1.1 PDDL-1.0 Unlicense Zlib""".split()
)

FLOATING = ("float16", "bfloat16", "float32", "float64")
"""The floating types that a module may run in."""
FORMATS = ("pt2", "onnx")
"""What a module can be exported to."""


def _check(spec: Any, name: str, holds: bool, expected: str) -> None:
    if not holds:
        known = (getattr(spec, key) for key in ("name", "path", "bound") if hasattr(spec, key))
        label = f"{type(spec).__name__} {next(known, '?')!r}"
        raise SpecError(f"{label}: {name}={getattr(spec, name)!r} is wrong; expected {expected}.")


def _fits(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and pattern.fullmatch(value) is not None


def _listed(value: Any) -> bool:
    return isinstance(value, list | tuple)


def _check_name(spec: Any, *fields: str) -> None:
    for name in fields:
        good = _fits(_NAME, getattr(spec, name))
        _check(spec, name, good, "lower-case letters and digits joined by '-', '_' or '.'")


def _check_import(spec: Any, *fields: str) -> None:
    for name in fields:
        value = getattr(spec, name)
        good = _fits(_IMPORT_STRING, value)
        _check(spec, name, value is None or good, "an import string, 'package.module:attribute'")


def _check_text(spec: Any, *fields: str) -> None:
    for name in fields:
        value = getattr(spec, name)
        _check(spec, name, isinstance(value, str) and value.strip() != "", "a text, not empty")


def _check_license(spec: Any) -> None:
    value = spec.license
    good = isinstance(value, str) and (value in _SPDX or value.startswith("LicenseRef-"))
    _check(spec, "license", good, "an SPDX identifier such as 'Apache-2.0' (or 'NOASSERTION')")


def _check_path(spec: Any, name: str) -> None:
    value = getattr(spec, name)
    good = isinstance(value, str) and value != "" and not value.startswith("/")
    good = good and "\\" not in value and ":" not in value and value.isprintable()
    good = good and not {"", ".", ".."} & set(value.split("/"))
    _check(spec, name, good, "a relative path with forward slashes that stays in its folder")


def _check_url(spec: Any, name: str, optional: bool = True) -> None:
    value = getattr(spec, name)
    good = isinstance(value, str) and value.startswith(("https://", "http://"))
    _check(spec, name, (optional and value is None) or good, "an http(s) address")


def _check_texts(spec: Any, *fields: str) -> None:
    for name in fields:
        value = getattr(spec, name)
        good = _listed(value) and all(isinstance(item, str) and item for item in value)
        _check(spec, name, good, "a sequence of texts, none empty")


def _check_kinds(spec: Any, name: str, kind: type) -> None:
    value = getattr(spec, name)
    good = _listed(value) and all(isinstance(one, kind) for one in value)
    _check(spec, name, good, f"a sequence of {kind.__name__}")


def _are_axes(value: Any) -> bool:
    """Tell whether a value maps inputs to their axes' numbers, and these to identifiers."""
    return isinstance(value, Mapping) and all(
        isinstance(name, str)
        and isinstance(axes, Mapping)
        and all(
            isinstance(axis, int) and axis >= 0 and isinstance(told, str) and told.isidentifier()
            for axis, told in axes.items()
        )
        for name, axes in value.items()
    )


def _check_json(spec: Any, name: str) -> None:
    def plain(value: Any) -> bool:
        if isinstance(value, Mapping):
            return all(isinstance(key, str) and plain(item) for key, item in value.items())
        if isinstance(value, list | tuple):
            return all(plain(item) for item in value)
        return value is None or isinstance(value, str | bool | int | float)

    value = getattr(spec, name)
    _check(spec, name, isinstance(value, Mapping) and plain(value), "a mapping of JSON values")


_METHOD = "an architecture, and its shape and recipe"


def _is_method(value: Any) -> bool:
    good = isinstance(value, Mapping) and isinstance(value.get("architecture"), str)
    return good and set(value) <= {"architecture", "shape", "recipe"}


@dataclass(frozen=True, kw_only=True)
class File:
    """One file of a dataset.

    `path` is its place below a mirror and below the cache, laid out as ``NAME/FILE``; `url` its
    public address (None: only a mirror has it); `sha256` pins its bytes (None where upstream's
    hash is not known: then the reader must check what it parsed).

    >>> zoo_core.File(path="mine/table.csv", url="https://example.org/table.csv").sha256 is None
    True
    """

    path: str
    url: str | None = None
    sha256: str | None = None

    def __post_init__(self) -> None:
        _check_path(self, "path")
        _check_url(self, "url")
        good = self.sha256 is None or _fits(_SHA256, self.sha256)
        _check(self, "sha256", good, "64 hexadecimal digits in lower case, or None")
        _check(self, "sha256", not (self.url is None and self.sha256 is None), "a hash or a url")


@dataclass(frozen=True, kw_only=True)
class Amendment:
    """A bound of a claim that was changed after figures were seen, which its cards show.

    `date` is that of the change (``YYYY-MM-DD``), `before` and `after` are the bounds in words.
    `after` is "dropped" for a bound that the claim has no longer.

    `why` is the reason, which the card gives.

    >>> zoo_core.Amendment(
    ...     date="2026-11-20",
    ...     bound="accuracy",
    ...     before="at least 80 %",
    ...     after="at least 78 %",
    ...     why="The official code selects on the test set.",
    ... ).bound
    'accuracy'
    """

    date: str
    bound: str
    before: str
    after: str
    why: str

    def __post_init__(self) -> None:
        _check(self, "date", _fits(_DATE, self.date), "a date such as '2026-11-20'")
        _check_text(self, "bound", "before", "after", "why")
        _check(self, "after", self.after != self.before, "another bound than before")


@dataclass(frozen=True, kw_only=True)
class Contrast:
    """Two methods to be trained on other data, and the bound that their difference is held against.

    `first` and `second` are methods in the form of a model's `beside`: an architecture's name, its
    shape and its recipe; of several as `second` the mean is taken, run by run. What is measured is
    first minus second in the metric, paired by run and in its unit; where the unit of the bound is
    "times" or "fold" it is the ratio of the means, and where it is "decades" the logarithm of the
    ratio. `bound` is the name of one of the claim's own.

    >>> contrast = zoo_core.Contrast(
    ...     bound="gain",
    ...     first={"architecture": "deep", "shape": {"depth": 10}},
    ...     second={"architecture": "shallow"},
    ... )
    >>> len(contrast.baselines)
    1
    """

    bound: str
    first: Mapping[str, Any]
    second: Mapping[str, Any] | Sequence[Mapping[str, Any]]
    metric: str = "accuracy"

    def __post_init__(self) -> None:
        _check_text(self, "bound")
        _check_name(self, "metric")
        _check(self, "first", _is_method(self.first), _METHOD)
        good = len(self.baselines) > 0 and all(map(_is_method, self.baselines))
        _check(self, "second", good, f"{_METHOD}, or several of these")

    @property
    def baselines(self) -> Sequence[Mapping[str, Any]]:
        """The methods that the first is held against: one, or several of which the mean is."""
        return [self.second] if isinstance(self.second, Mapping) else list(self.second)


@dataclass(frozen=True, kw_only=True)
class Claim:
    """One sentence of the paper that a command can check.

    `check` names a plain function that is called as ``check(**arguments)`` and returns a
    `zoo_core.Finding`, so anything can be claimed, and one function serves several claims.
    `bounds` maps each quantity of that finding to what it is held against (`value`, `gain`,
    `exact`, `order`): the verdict, and `expected`, which is shown beside it, are made from these.
    `published` are the paper's own figures, in words; `source` says where the claim is from.
    `models` are the names on whose cards the claim stands; `minutes` is an honest estimate on two
    CPU cores, and `slow` leaves the claim out of ``zoo verify --quick``. Bounds that were changed
    after figures were seen are told in `amendments`.

    A claim that compares methods can be asked on other data (``zoo verify NAME --dataset FILE``):
    `asked` then has the quantities that are measured there, each a `Contrast` of two methods, held
    against one of the claim's bounds on differences, ratios or orders. An absolute figure of the
    paper's data says nothing of others, and is not asked.

    `name` is the claim's own, the paper's where it has one ("T1", "Theorem 2"), and `statement` the
    sentence.

    >>> zoo_core.Claim(
    ...     name="T1",
    ...     statement="It is accurate.",
    ...     check="zoo_mine.checks:accurate",
    ...     bounds={"accuracy": zoo_core.value(at_least=80)},
    ...     published="83.2 %",
    ...     source="Table 1",
    ... ).expected
    'accuracy at least 80 % (published: 83.2 %)'
    """

    name: str
    statement: str
    check: str
    bounds: Mapping[str, Bound]
    arguments: Mapping[str, Any] = field(default_factory=dict)
    published: str = ""
    source: str = "paper"
    models: Sequence[str] = ()
    minutes: float = 0.1
    slow: bool = False
    amendments: Sequence[Amendment] = ()
    asked: Mapping[str, Contrast] = field(default_factory=dict)
    expected: str = field(init=False)

    def __post_init__(self) -> None:
        good = isinstance(self.name, str) and _NAME.fullmatch(self.name.lower()) is not None
        _check(self, "name", good, "letters and digits joined by '-', '_' or '.'")
        _check_text(self, "statement", "source")
        _check_import(self, "check")
        _check_json(self, "arguments")
        good = isinstance(self.bounds, Mapping) and len(self.bounds) > 0
        good = good and all(isinstance(name, str) and name.strip() for name in self.bounds)
        good = good and all(isinstance(bound, Bound) for bound in self.bounds.values())
        _check(self, "bounds", good, "a mapping of names to bounds (`value`, `gain`, …), not empty")
        _check(self, "published", isinstance(self.published, str), "a text")
        good = _listed(self.amendments) and all(
            isinstance(one, Amendment) and (one.bound in self.bounds or one.after == "dropped")
            for one in self.amendments
        )
        _check(self, "amendments", good, "Amendments of its bounds, or of dropped ones")
        self._check_other_data()
        told = "; ".join(bound.told(name) for name, bound in self.bounds.items())
        published = f" (published: {self.published})" if self.published else ""
        object.__setattr__(self, "expected", told + published)

    def _check_other_data(self) -> None:
        good = isinstance(self.asked, Mapping) and all(
            isinstance(name, str) and name.strip() and isinstance(one, Contrast)
            for name, one in self.asked.items()
        )
        _check(self, "asked", good, "a mapping of names to Contrasts")
        for one in self.asked.values():
            bound = self.bounds.get(one.bound)
            good = bound is not None and bound.relative
            _check(self, "asked", good, "Contrasts whose bounds are on differences or ratios")


def claims_in(package: str) -> Callable[..., Claim]:
    """Return a function that makes claims whose checks are modules of one package.

    It is called as ``claim(name, check, statement, bounds, source, **more)``, with `check` as
    ``"module:function"`` of `package`, and with any other field of a `Claim` by name. Raises
    `SpecError` as `Claim` does.

    >>> claim = zoo_core.claims_in("zoo_mine.checks")
    >>> bounds = {"accuracy": zoo_core.value(at_least=80)}
    >>> claim("T1", "measured:accurate", "It is accurate.", bounds, "Table 1").check
    'zoo_mine.checks.measured:accurate'
    """

    def claim(
        name: str,
        check: str,
        statement: str,
        bounds: Mapping[str, Bound],
        source: str,
        **more: Any,
    ) -> Claim:
        return Claim(
            name=name,
            statement=statement,
            check=f"{package}.{check}",
            bounds=bounds,
            source=source,
            **more,
        )

    return claim


@dataclass(frozen=True, kw_only=True)
class Picture:
    """A figure that makes a result visible, drawn by ``zoo draw`` and shown on models' cards.

    `draw` names a function without arguments that returns a `matplotlib.figure.Figure`, made from
    what the plugin stores (findings, weights) and from its data. `caption` says what is seen, and
    stands in for the picture where it cannot be seen. `models` are the names on whose cards it is.

    `name` is the picture's own, and that of its file.

    >>> zoo_core.Picture(
    ...     name="error-by-size", draw="zoo_mine.pictures:draw", caption="The error falls."
    ... ).models
    ()
    """

    name: str
    draw: str
    caption: str
    models: Sequence[str] = ()

    def __post_init__(self) -> None:
        _check_name(self, "name")
        _check_text(self, "caption")
        _check_import(self, "draw")


@dataclass(frozen=True, kw_only=True)
class Paper:
    """What a plugin ships: the paper's citation, its claims and its pictures.

    `name` is the paper's short name, `title`, `authors`, `year` and `bibtex` its citation, `arxiv`
    its identifier there, `summary` what it does, `claims` and `pictures` what is checked and drawn,
    and `notes` what a reader must know besides.

    >>> zoo_core.Paper(
    ...     name="mine",
    ...     title="My paper",
    ...     authors=["A. Author"],
    ...     year=2026,
    ...     bibtex="@misc{mine, title={My paper}}",
    ...     summary="What it does, and for whom.",
    ... ).arxiv is None
    True
    """

    name: str
    title: str
    authors: Sequence[str]
    year: int
    bibtex: str
    summary: str
    arxiv: str | None = None
    claims: Sequence[Claim] = ()
    pictures: Sequence[Picture] = ()
    notes: str = ""

    def __post_init__(self) -> None:
        _check_name(self, "name")
        _check_text(self, "title", "bibtex", "summary")
        good = _listed(self.authors) and len(self.authors) > 0
        _check(self, "authors", good, "a sequence of names, at least one")
        _check(self, "year", isinstance(self.year, int) and self.year > 1900, "a year")
        good = self.arxiv is None or _fits(_ARXIV, self.arxiv)
        _check(self, "arxiv", good, "an arXiv identifier such as '2209.12054', or None")
        parts: tuple[tuple[str, type[Claim] | type[Picture]], ...]
        parts = (("claims", Claim), ("pictures", Picture))
        for name, kind in parts:
            value = getattr(self, name)
            good = _listed(value) and all(isinstance(part, kind) for part in value)
            _check(self, name, good, f"a sequence of {kind.__name__}")
            names = [part.name for part in value]
            _check(self, name, len(names) == len(set(names)), f"{name} with different names")


@dataclass(frozen=True, kw_only=True)
class Base:
    """Frozen tensors that a model shares with others: its own file holds only the rest.

    They fill the module's tensors whose names begin with `prefix`, and are those of `file` (pinned
    by its hash) or of the registered model `model`. `convert` names a function ``convert(path)``
    that returns the tensors of a file that is no safetensors file of such names; without it the
    names in the file are those after `prefix`.

    >>> zoo_core.Base(prefix="encoder.", model="encoder-words").convert is None
    True
    """

    prefix: str
    file: File | None = None
    model: str | None = None
    convert: str | None = None

    def __post_init__(self) -> None:
        _check_text(self, "prefix")
        good = isinstance(self.file, File) != (self.model is not None)
        _check(self, "file", good, "a File, or else the name of a model")
        good = self.file is None or self.file.sha256 is not None
        _check(self, "file", good, "a File with its sha256: a base is pinned")
        _check_import(self, "convert")
        _check(self, "convert", self.convert is None or self.file is not None, "None with a model")

    @property
    def told(self) -> str:
        """What it is, for people."""
        return str(self.model or (self.file and self.file.path))


@dataclass(frozen=True, kw_only=True)
class Architecture:
    """A `torch.nn.Module` that models share, made untrained with `zoo.create`.

    `cls` names what makes it: a class, or any callable that returns a module; see
    `zoo_core.interfaces.Model` for what it may implement. `shape` are its arguments by default.
    `train` names the recipe (`zoo_core.interfaces.Trainer`), and `recipe` its hyperparameters by
    default; `batches_runs` says that the recipe takes all runs of a protocol in one call. `dataset`
    is what it is run on when nothing else is asked for, and `reader` the function that makes a
    dataset of a user's own data: called as ``reader(source, **options)`` with the path of a file or
    folder, or whatever is in memory, it returns a `zoo_core.interfaces.Dataset`. `base` are frozen
    tensors that its models share and do not store; `head` are the prefixes of the tensors that a
    new task replaces. `keeps` says what of the training data its models' weights hold, where they
    do: a classifier by neighbours keeps "the training points and their classes".

    The rest declares what the core and the test kit hold it to: `symmetries` (import strings, see
    `zoo_core.testing`), whether batch rows are independent, whether outputs can be differentiated;
    `infinite` names the outputs that may be infinite (masked scores, distances between what is not
    connected), and `data_dependent` says that `forward` is an algorithm whose course depends on
    values, so that fake tensors cannot go through it. `dtypes` are the floating types that it runs
    in, plainly and under autocast; another one is refused wherever it is asked for. `exportable`
    says that `torch.export` and ONNX take the module, `not_exported` maps a format ("pt2", "onnx")
    that it cannot be written in to the reason. `axes` names the axes of `forward`'s inputs that may
    have any size, such as {"tokens": {0: "batch", 1: "length"}}; by default the first axis of each
    tensor is the batch. `embeds` says what a row of `embed` is, where there is one: "the features
    of an image, before the head".

    `name` is the architecture's own, `paper` that of its paper, `task` the field's word for what it
    does, `pipeline_tag` the Hub's, and `summary` one sentence. The flags are `independent_rows`,
    `differentiable` and `exportable`.

    >>> zoo_core.Architecture(
    ...     name="ridge",
    ...     cls="zoo_mine.ridge:Ridge",
    ...     paper="mine",
    ...     task="tabular-regression",
    ...     summary="Ridge regression.",
    ...     shape={"inputs": 4},
    ...     train="zoo_mine.train:train",
    ... ).recipe
    {}
    """

    name: str
    cls: str
    paper: str
    task: str
    summary: str
    shape: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    train: str | None = None
    batches_runs: bool = False
    reader: str | None = None
    dataset: str | None = None
    base: Sequence[Base] = ()
    head: Sequence[str] = ()
    keeps: str = ""
    pipeline_tag: str | None = None
    symmetries: Sequence[str] = ()
    independent_rows: bool = False
    differentiable: bool = True
    exportable: bool = False
    infinite: Sequence[str] = ()
    data_dependent: bool = False
    dtypes: Sequence[str] = ("float32", "float64")
    not_exported: Mapping[str, str] = field(default_factory=dict)
    axes: Mapping[str, Mapping[int, str]] = field(default_factory=dict)
    embeds: str = ""

    def __post_init__(self) -> None:
        _check_name(self, "name", "paper", "task")
        _check_text(self, "summary")
        _check_import(self, "cls", "train", "reader")
        _check_json(self, "shape")
        _check_json(self, "recipe")
        _check_texts(self, "head", "infinite")
        for one in ("keeps", "embeds"):
            text = getattr(self, one)
            _check(self, one, isinstance(text, str) and text.isprintable(), "a text of one line")
        both = set(self.shape) & set(self.recipe)
        _check(self, "recipe", not both, f"other names than shape has (both have {sorted(both)})")
        _check_kinds(self, "base", Base)
        good = self.pipeline_tag is None or _fits(_NAME, self.pipeline_tag)
        _check(self, "pipeline_tag", good, "a task of the Hub such as 'graph-ml', or None")
        good = _listed(self.symmetries) and all(_fits(_IMPORT_STRING, s) for s in self.symmetries)
        _check(self, "symmetries", good, "import strings, 'package.module:attribute'")
        good = _listed(self.dtypes) and "float32" in self.dtypes and set(self.dtypes) <= {*FLOATING}
        _check(self, "dtypes", good, f"float32, and others of {', '.join(FLOATING)}")
        good = isinstance(self.not_exported, Mapping) and set(self.not_exported) <= {*FORMATS}
        good = good and all(isinstance(why, str) and why for why in self.not_exported.values())
        _check(self, "not_exported", good, f"reasons for {' or '.join(FORMATS)}")
        _check(self, "axes", _are_axes(self.axes), "names of axes, as {'tokens': {0: 'batch'}}")

    @property
    def formats(self) -> Sequence[str]:
        """The formats that its models can be exported to."""
        able = self.exportable and not self.data_dependent
        return [one for one in FORMATS if able and one not in self.not_exported]


@dataclass(frozen=True, kw_only=True)
class Start:
    """Weights that a training starts from, instead of the initialisation.

    `source` is what `zoo.load` takes, or the path of a safetensors file. `prefixes` maps the
    beginnings of the source's tensor names to those of the module (``{"encoder.": ""}``); what
    begins with none of them keeps its name. Tensors under the prefixes in `fresh` keep their
    initialisation (a replaced head); any other that is missing or of another shape is an error.

    >>> zoo_core.Start(source="encoder-words", prefixes={"encoder.": ""}, fresh=["head."]).fresh
    ['head.']
    """

    source: str
    prefixes: Mapping[str, str] = field(default_factory=dict)
    fresh: Sequence[str] = ()

    def __post_init__(self) -> None:
        _check_text(self, "source")
        _check_json(self, "prefixes")
        good = all(isinstance(value, str) for value in self.prefixes.values())
        _check(self, "prefixes", good, "a mapping of texts to texts")
        _check_texts(self, "fresh")


@dataclass(frozen=True, kw_only=True)
class Model:
    """One pretrained checkpoint, named ``METHOD-DATASET``: architecture, data, licence.

    `shape` and `recipe` update the architecture's; `options` are the dataset's for this checkpoint
    (its fold, say), and `runs` those of the protocol whose mean and spread the card shows (a list
    of dataset options, each with its own seed 0, 1, …). `beside` maps a label to a baseline that
    every card shows under the same protocol: an architecture's name, its shape and its recipe.

    What the weights are made from: `base` are frozen tensors that are not stored again (default:
    the architecture's), `given` maps a name to the registered model that the recipe gets under it
    (a teacher), `start` is what training starts from; `source` are the upstream files that
    `convert` (a function ``convert(paths, make)`` that returns a module) turns into weights instead
    of training, by ``zoo import``. `inputs` is what an input needs to become a tensor (size, mean,
    std, interpolation, units: JSON values); it travels with the weights.

    `storage` is the floating type of the file; loaded weights are float32 all the same. `published`
    maps a metric to the paper's own number and its source. `usage` is the last line of the card's
    example, which has `zoo` and `model`; `tryit` the page of a website on which people run the
    model, if there is one for such inputs. Hash, size and Hub commit are not here: the plugin's
    lock file has them, filled in by a command.

    `name` is the model's own, `architecture` and `dataset` are registered names, `license` is the
    SPDX identifier of the weights, `summary` one sentence, and `notes` what a reader must know
    besides. `metrics` are registered names; the first is the one by which the model is listed.

    >>> zoo_core.Model(
    ...     name="ridge-mine",
    ...     architecture="ridge",
    ...     dataset="mine",
    ...     license="CC0-1.0",
    ...     summary="Ridge regression of mine.",
    ...     metrics=["rmse"],
    ...     published={"rmse": (0.52, "Table 2")},
    ... ).storage
    'float32'
    """

    name: str
    architecture: str
    dataset: str
    license: str
    summary: str
    shape: Mapping[str, Any] = field(default_factory=dict)
    recipe: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, Any] = field(default_factory=dict)
    runs: Sequence[Mapping[str, Any]] = ()
    metrics: Sequence[str] = ("accuracy",)
    beside: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    base: Sequence[Base] = ()
    given: Mapping[str, str] = field(default_factory=dict)
    start: Start | None = None
    source: Sequence[File] = ()
    convert: str | None = None
    inputs: Mapping[str, Any] = field(default_factory=dict)
    storage: str = "float32"
    published: Mapping[str, tuple[float, str]] = field(default_factory=dict)
    usage: str = "print(zoo.evaluate(model))"
    tryit: str | None = None
    notes: str = ""

    def __post_init__(self) -> None:
        _check_name(self, "name", "architecture", "dataset")
        if self.tryit is not None:
            _check_name(self, "tryit")
        _check_text(self, "summary")
        _check_license(self)
        for name in ("shape", "recipe", "options", "beside", "given", "inputs"):
            _check_json(self, name)
        good = all(map(_is_method, self.beside.values()))
        _check(self, "beside", good, f"{_METHOD}, for each label")
        _check_import(self, "convert")
        good = bool(self.source) == (self.convert is not None)
        _check(self, "source", good, "files and the function that converts them, or neither")
        _check_kinds(self, "source", File)
        _check_kinds(self, "base", Base)
        _check(self, "start", isinstance(self.start, Start | None), "a Start, or None")
        good = _listed(self.metrics) and len(self.metrics) > 0
        _check(self, "metrics", good, "a sequence of metrics' names, at least one")
        good = self.storage in ("float32", "float16", "bfloat16", "float64")
        _check(self, "storage", good, "'float16', 'bfloat16', 'float32' or 'float64'")


Origin = Literal["files", "mirrored", "generated", "packaged"]
_ORIGINS = get_args(Origin)


@dataclass(frozen=True, kw_only=True)
class Dataset:
    """Named, split data with a licence and a pinned source, or an exactly specified generator.

    `factory` names a function that is called as ``factory(**config, **options)`` and returns the
    data (`zoo_core.interfaces.Dataset`); `options` maps what a user may give to its meaning, and
    `test_options` names those that change the test alone, and bring nothing that is trained on.
    `splits` are all the names that ``data.split(name)`` takes: the core refuses any other.
    `origin` says where the data are from: files that have a public address ("files"), files that
    only a mirror has ("mirrored"), the factory, which makes them ("generated"), or a package, the
    plugin's or one that it needs ("packaged").

    `name`, `title`, `task` and `summary` are for people and filters, `license` is an SPDX
    identifier, `source` says where the data are from, `files` are those that the factory reads, and
    `version` changes with the data. `config` are the factory's own arguments.

    >>> zoo_core.Dataset(
    ...     name="mine",
    ...     title="Mine",
    ...     factory="zoo_mine.data:make",
    ...     license="CC0-1.0",
    ...     source="generated",
    ...     task="tabular-regression",
    ...     splits=["train", "test"],
    ...     options={"fold": "0 to 9"},
    ...     origin="generated",
    ... ).version
    '1'
    """

    name: str
    title: str
    factory: str
    license: str
    source: str
    task: str
    config: Mapping[str, Any] = field(default_factory=dict)
    options: Mapping[str, str] = field(default_factory=dict)
    test_options: Sequence[str] = ()
    splits: Sequence[str] = ("train", "val", "test")
    files: Sequence[File] = ()
    origin: Origin = "files"
    version: str = "1"
    summary: str = ""

    def __post_init__(self) -> None:
        _check_name(self, "name", "task")
        _check_text(self, "title", "source")
        _check_import(self, "factory")
        _check_license(self)
        _check_json(self, "config")
        _check_json(self, "options")
        _check_texts(self, "splits", "test_options")
        good = set(self.test_options) <= set(self.options)
        _check(self, "test_options", good, f"names of options: {', '.join(self.options) or 'none'}")
        _check(self, "origin", self.origin in _ORIGINS, f"one of {', '.join(_ORIGINS)}")
        made = self.origin in ("generated", "packaged")
        _check(self, "files", not (made and self.files), f"none, as the data are {self.origin}")


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A named `torchmetrics.Metric` factory that knows which direction is better.

    `takes` are the names of the model's outputs that go to ``update``, in its order. `scale` and
    `unit` say how a value is shown to a person: 0.874 with scale 100 and unit "%" is shown as
    87.4 %.

    `name` and `title` are for people and filters; `factory` names what makes the
    `torchmetrics.Metric`, and `config` are its arguments. `higher_is_better` says in which
    direction results are sorted.

    >>> zoo_core.Metric(
    ...     name="rmse",
    ...     title="Root mean squared error",
    ...     factory="torchmetrics.regression:MeanSquaredError",
    ...     config={"squared": False},
    ...     higher_is_better=False,
    ...     unit="kg",
    ... ).takes
    ('prediction', 'target')
    """

    name: str
    title: str
    factory: str
    higher_is_better: bool
    takes: Sequence[str] = ("prediction", "target")
    config: Mapping[str, Any] = field(default_factory=dict)
    scale: float = 1.0
    unit: str = ""

    def __post_init__(self) -> None:
        _check_name(self, "name")
        _check_text(self, "title")
        _check_import(self, "factory")
        _check_json(self, "config")
        _check_texts(self, "takes")
