"""The pages on which models run: what each is called, and which scripts it takes."""

from __future__ import annotations

from dataclasses import dataclass

_WEIGHTS = ("weights.js",)
_PIXELS = ("pixels.js", *_WEIGHTS)


@dataclass(frozen=True, kw_only=True)
class Instrument:
    """One page: `name` is what a model's spec gives as ``tryit``, and the name of its template.

    `would` says what the page does, for those whose browser runs no scripts, and `command` does the
    same in a shell. With `pictures` the page has pictures to choose from, and `samples` names the
    file of what else there is to choose from.
    """

    name: str
    title: str
    summary: str
    would: str
    command: str
    scripts: tuple[str, ...]
    pictures: bool = False
    samples: str | None = None

    @property
    def loads(self) -> bool:
        """Whether the page loads its models' weights."""
        return set(_WEIGHTS) <= set(self.scripts)


INSTRUMENTS = (
    Instrument(
        name="graphs",
        title="Two graphs under the Weisfeiler-Leman tests",
        summary="Draw two graphs, and see which of five tests tells them apart, when, and why.",
        would="two graphs are drawn, and the verdicts of the five tests stand below at once.",
        command="zoo predict wl1-test A.graphml B.graphml",
        scripts=("wl.js", "graphs.js"),
    ),
    Instrument(
        name="inpainting",
        title="A hidden square, completed under several symmetries",
        summary="Hide a part of a picture, and see what networks with different groups of "
        "symmetries put there.",
        would="a square of a picture is hidden, and each network's answer stands beside it.",
        command="zoo predict gnet14-fashion shirt.png --hide 4,4 --output restored.png",
        scripts=(*_PIXELS, "gnet.js", "inpainting.js"),
        pictures=True,
    ),
    Instrument(
        name="images",
        title="A drawing, read after learning from wrong labels",
        summary="Draw a digit or a piece of clothing, and see what networks read that learned from "
        "labels of which up to four in five were wrong.",
        would="a picture is drawn, and each network's reading of it stands beside it.",
        command="zoo predict symnoise-mnist drawing.png",
        scripts=(*_PIXELS, "arithmetic.js", "classifier.js", "images.js"),
        pictures=True,
    ),
    Instrument(
        name="recall",
        title="Associative recall",
        summary="Give keys and values, ask for keys again, and see which networks remember.",
        would="keys and values are typed or drawn at random, and each network's answers stand "
        "below.",
        command="zoo predict mamba2-mqar '8 200 3 140 12 150 5 129 3 0 8'",
        scripts=("arithmetic.js", *_WEIGHTS, "recall-network.js", "recall.js"),
    ),
    Instrument(
        name="molecule",
        title="The energy of a molecule",
        summary="Choose a molecule or type one, move its atoms, and see which energies two "
        "networks on its Coulomb matrix tell.",
        would="a molecule is typed as in an xyz file, and its energies stand below.",
        command="zoo predict ds-ci-plus-qm7 molecule.xyz",
        scripts=("arithmetic.js", *_WEIGHTS, "molecule-network.js", "molecule.js"),
        samples="molecules.json",
    ),
    Instrument(
        name="stories",
        title="A story, continued with and without attention",
        summary="Begin a story, and see how a network with attention and its student without any "
        "go on with it.",
        would="both networks go on with the beginning of a story, side by side.",
        command="zoo predict hedgemamba-tinystories 'Once upon a time'",
        scripts=("arithmetic.js", *_WEIGHTS, "tokenizer.js", "story-network.js", "stories.js"),
    ),
)
"""In the order in which they are listed."""
