"""`Hierarchy`: classes as the leaves of a tree of superclasses, of any depth.

Its form in JSON names the superclasses and, in each, its classes or further superclasses:
``{"animals": {"pets": ["cat", "dog"], "wild": ["lynx"]}, "things": ["car", "ship"]}``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

from zoo_core import BadInput, closest

Nested: TypeAlias = Any
"""A mapping of superclasses' names to what is in them, a list of names, or one name."""
ROOT = ""


@dataclass(frozen=True)
class Node:
    """A superclass: its name, its parent's number, and its children.

    A child is ``(True, class)`` for a leaf and ``(False, node)`` for a superclass.
    """

    name: str
    parent: int | None
    children: tuple[tuple[bool, int], ...]


@dataclass(frozen=True)
class Hierarchy:
    """A tree over classes, checked: every class is in it, once.

    `nodes` are the superclasses in preorder, the root (without a name) first. Made by `of_nested`,
    `of_groups` and `flat`, which raise `BadInput` for what is no tree over the classes.
    """

    classes: tuple[str, ...]
    nodes: tuple[Node, ...]
    ancestors: tuple[tuple[int, ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        above: dict[int, tuple[int, ...]] = {}
        for number, node in enumerate(self.nodes):
            up = self.chain(number)
            above |= {index: up for leaf, index in node.children if leaf}
        chains = tuple(above[index] for index in range(len(self.classes)))
        object.__setattr__(self, "ancestors", chains)

    def chain(self, number: int) -> tuple[int, ...]:
        """Return the nodes from the root to one of them, both included."""
        found: list[int] = []
        step: int | None = number
        while step is not None:
            found.append(step)
            step = self.nodes[step].parent
        return tuple(reversed(found))

    @classmethod
    def flat(cls, classes: Sequence[str]) -> Hierarchy:
        """Return the tree without superclasses."""
        return cls.of_nested(list(classes), classes)

    @classmethod
    def of_groups(
        cls, groups: Sequence[int], classes: Sequence[str], names: Sequence[str] = ()
    ) -> Hierarchy:
        """Return the tree of depth 2 in which `groups` holds the superclass of each class."""
        if len(groups) != len(classes):
            raise BadInput(
                f"The hierarchy has the superclass of {len(groups)} classes, and there are "
                f"{len(classes)}; give one number for each class."
            )
        if any(isinstance(one, bool) or not isinstance(one, int) or one < 0 for one in groups):
            raise BadInput("The superclass of each class is a number, 0 or more.")
        labels = names or list(map(str, range(max(groups, default=0) + 1)))
        nested = {
            labels[group]: [name for name, one in zip(classes, groups, strict=True) if one == group]
            for group in sorted(set(groups))
        }
        return cls.of_nested(nested, classes)

    @classmethod
    def of_nested(cls, nested: Nested, classes: Sequence[str]) -> Hierarchy:
        """Return the tree of its JSON form; a list of numbers is that of `of_groups`."""
        names = tuple(map(str, classes))
        if len(names) < 2:
            raise BadInput(f"There is one class only ({', '.join(names)}); give two or more.")
        if isinstance(nested, Hierarchy):
            nested = nested.nested
        if isinstance(nested, list | tuple) and nested and all(type(n) is int for n in nested):
            return cls.of_groups(nested, names)
        if isinstance(nested, str):
            raise BadInput(
                f"The hierarchy is the text {nested!r}; a file is given to the reader of the data "
                "(--option hierarchy=FILE), a tree as JSON."
            )
        reader = _Reader(names)
        reader.read(ROOT, None, nested)
        missing = [name for name in names if name not in reader.place]
        if missing:
            raise BadInput(
                f"The hierarchy does not say where {_few(missing)} belongs; it must have every "
                "class."
            )
        return cls(names, tuple(reader.nodes))

    @property
    def nested(self) -> Nested:
        """Its JSON form."""
        return self._nested(0)

    def _nested(self, number: int) -> Nested:
        children = self.nodes[number].children
        if all(leaf for leaf, _ in children):
            return [self.classes[index] for _, index in children]
        return {
            (self.classes[index] if leaf else self.nodes[index].name): (
                self.classes[index] if leaf else self._nested(index)
            )
            for leaf, index in children
        }

    @property
    def depth(self) -> int:
        """How many edges are between the root and the deepest class: 1 without superclasses."""
        return max(len(chain) for chain in self.ancestors)

    @property
    def branching(self) -> tuple[int, ...]:
        """The nodes that have a choice to make: two children or more."""
        return tuple(i for i, node in enumerate(self.nodes) if len(node.children) > 1)

    @property
    def groups(self) -> NDArray[np.int64]:
        """The superclass of each class just below the root (K,), a number from 0 on."""
        return self.branch_of(0)

    @property
    def group_names(self) -> tuple[str, ...]:
        """The names of the superclasses just below the root; of a class there, its own."""
        return tuple(
            self.classes[index] if leaf else self.nodes[index].name
            for leaf, index in self.nodes[0].children
        )

    def branch_of(self, number: int) -> NDArray[np.int64]:
        """Return for each class (K,) which child of a node it is in or under; -1 for none."""
        found = np.full(len(self.classes), -1, np.int64)
        place = {child: i for i, child in enumerate(self.nodes[number].children)}
        for index, chain in enumerate(self.ancestors):
            if number in chain:
                after = chain[chain.index(number) + 1 :]
                found[index] = place[(False, after[0]) if after else (True, index)]
        return found

    @property
    def heights(self) -> NDArray[np.int64]:
        """The height (K, K) of the lowest common ancestor of two classes, 0 for a class itself.

        A node's height is its longest way down; 1 is the same lowest superclass.
        """
        node_heights = self._node_heights()
        count = len(self.classes)
        found = np.zeros((count, count), np.int64)
        for number in range(len(self.nodes)):  # preorder: what is deeper overwrites
            members = np.flatnonzero(self.branch_of(number) >= 0)
            found[np.ix_(members, members)] = node_heights[number]
        np.fill_diagonal(found, 0)
        return found

    def _node_heights(self) -> list[int]:
        heights = [1] * len(self.nodes)
        for number in reversed(range(1, len(self.nodes))):
            parent = self.nodes[number].parent
            assert parent is not None
            heights[parent] = max(heights[parent], heights[number] + 1)
        return heights


class _Reader:
    """Walks through a nested form, and checks it."""

    def __init__(self, classes: tuple[str, ...]) -> None:
        self.classes = {name: index for index, name in enumerate(classes)}
        self.nodes: list[Node] = []
        self.place: dict[str, str] = {}

    def read(self, name: str, parent: int | None, content: Nested) -> int:
        """Take up a node with all that is in it, and return its number."""
        number = len(self.nodes)
        self.nodes.append(Node(name, parent, ()))
        children = tuple(self._child(number, *item) for item in self._items(name, content))
        if not children:
            raise BadInput(f"The superclass {name or 'at the top'} of the hierarchy is empty.")
        self.nodes[number] = Node(name, parent, children)
        return number

    def _child(self, number: int, name: str | None, content: Nested) -> tuple[bool, int]:
        if name is None:
            return True, self._leaf(str(content), number)
        if isinstance(content, str) and name == content:
            return True, self._leaf(name, number)
        inside = [content] if isinstance(content, str) else content
        return False, self.read(name, number, inside)

    def _items(self, name: str, content: Nested) -> Iterable[tuple[str | None, Nested]]:
        if isinstance(content, Mapping):
            return [(str(key), value) for key, value in content.items()]
        if not isinstance(content, list | tuple):
            raise BadInput(
                f"The hierarchy holds {content!r:.60} in {name or 'its top'}; expected names of "
                "classes in lists, and superclasses as mappings of names to these."
            )
        found: list[tuple[str | None, Nested]] = []
        for item in content:
            if isinstance(item, Mapping):
                found += [(str(key), value) for key, value in item.items()]
            elif isinstance(item, list | tuple):
                found.append((_joined(item), item))
            else:
                found.append((None, item))
        return found

    def _leaf(self, name: str, number: int) -> int:
        above = self.nodes[number].name or "the top"
        if name not in self.classes:
            raise BadInput(
                f"The hierarchy has {name!r} in {above}, which is no class of the data"
                f"{closest(name, list(self.classes))}"
            )
        if name in self.place:
            raise BadInput(
                f"{name} has two parents in the hierarchy, {self.place[name]} and {above}; each "
                "class belongs to one."
            )
        self.place[name] = above
        return self.classes[name]


def _joined(items: Sequence[Any]) -> str:
    return "+".join(str(item) for item in items if not isinstance(item, list | tuple | Mapping))


def _few(names: Sequence[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")
