"""The board of claims as one picture, which stands by itself: for a README, or a slide."""

from __future__ import annotations

from markupsafe import escape

from zoo_site.catalogue import Catalogue, tally
from zoo_site.parts.claims import board as matrix
from zoo_site.rendering import KEYS, MARKS

CELL, GAP, NAMES, TOP, WIDTH = 20, 4, 216, 66, 720
STYLE = """
text { font: 13px system-ui, -apple-system, "Segoe UI", Roboto, Arial, sans-serif; fill: #1b1d1f; }
.title { font-weight: 700; font-size: 17px; }
.sign { font-weight: 700; font-size: 12px; text-anchor: middle; }
.ground { fill: #fcfcfa; }
.holds rect { fill: #dcefe4; } .holds .sign { fill: #17684a; }
.fails rect { fill: #b3263e; } .fails .sign { fill: #ffffff; }
.not-established rect { fill: #f6e9cb; stroke: #865a00; stroke-width: 1.5; }
.not-established .sign { fill: #865a00; }
.not-measured rect { fill: #e8e8e5; } .not-measured .sign { fill: #62676d; }
@media (prefers-color-scheme: dark) {
text { fill: #e7e8e6; } .ground { fill: #141618; }
.holds rect { fill: #1d3a2d; } .holds .sign { fill: #5cc797; }
.fails rect { fill: #ff8d9c; } .fails .sign { fill: #141618; }
.not-established rect { fill: #40341b; stroke: #e3b252; } .not-established .sign { fill: #e3b252; }
.not-measured rect { fill: #2c3034; } .not-measured .sign { fill: #a3aab1; }
}
"""


def board(catalogue: Catalogue) -> str:
    """Return the board as SVG: a row for each paper, a sign for each claim."""
    papers = [matrix(paper) for paper in catalogue.papers if paper["claims"]]
    claims = [claim for paper in catalogue.papers for claim in paper["claims"]]
    longest = max((len(paper["cells"]) for paper in papers), default=0)
    width = max(WIDTH, NAMES + longest * (CELL + GAP) + 16)
    height = TOP + len(papers) * (CELL + GAP) + 12
    counts = tally(claims)
    told = f"{len(claims)} claims of {len(papers)} papers: " + ", ".join(
        f"{count} {word}" for word, count in counts.items()
    )
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" '
        f'width="{width}" height="{height}" role="img" aria-label="{escape(told)}">',
        f"<title>{escape(told)}</title><style>{STYLE}</style>",
        f'<rect class="ground" width="{width}" height="{height}" rx="10"/>',
        f'<text class="title" x="16" y="28">{len(claims)} claims of {len(papers)} papers</text>',
    ]
    at = 16
    for word, count in counts.items():
        parts += [_sign(word, at, 38), f'<text x="{at + 26}" y="53">{count} {word}</text>']
        at += 44 + 7 * len(f"{count} {word}")
    for number, paper in enumerate(papers):
        y = TOP + number * (CELL + GAP) + 4
        parts.append(f'<text x="16" y="{y + 15}">{escape(paper["name"])}</text>')
        for place, one in enumerate(paper["cells"]):
            parts.append(_sign(one["verdict"], NAMES + place * (CELL + GAP), y))
    return "\n".join([*parts, "</svg>", ""])


def _sign(verdict: str, x: int, y: int) -> str:
    return (
        f'<g class="{KEYS[verdict]}"><rect x="{x}" y="{y}" width="{CELL}" height="{CELL}" rx="4"/>'
        f'<text class="sign" x="{x + CELL // 2}" y="{y + 14}">{MARKS[verdict]}</text></g>'
    )
