"""What a user has of episodes, read: a folder of LeRobot, an .npz, arrays, lists of episodes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from torch import Tensor
from zoo_tables import open_arrays

from zoo_core import BadInput, notice
from zoo_policies.demonstrations import Demonstrations
from zoo_policies.episodes import Episodes, dealt
from zoo_policies.lerobot.reading import read_folder
from zoo_policies.numbers import real

Array = NDArray[Any]

STATES = ("states", "state", "observation.state")
ACTIONS = ("actions", "action")
ENDS = ("ends", "episode_ends")
_MORE = ("labelled", "fps", "state_names", "action_names", "tasks", "episode_index")
_PREFIXES = ("observation.images.", "observation.", "images.")


def read_episodes(
    source: Any,
    *,
    states: Sequence[str] = (),
    cameras: Sequence[str] | None = None,
    fps: float | None = None,
) -> Episodes:
    """Return episodes of anything that has some.

    `source` is a LeRobot dataset folder (v2.0, v2.1, v3.0); an .npz or a dictionary with states
    (N, d), actions (N, A), ends (E,) or episode_index (N,), images (N, H, W, 3) under any name, and
    perhaps labelled (E,), fps, state_names, action_names, tasks; a list of such dictionaries, one
    an episode, where an episode without actions is one whose actions are not known; `Episodes`; or
    `Demonstrations`. `states` are the arrays or features that make the state, `cameras` those that
    are read (all), `fps` the steps a second where the source does not tell them (10). Raises
    `BadInput` for anything else, and as `Episodes` does.
    """
    if isinstance(source, Episodes):
        return source
    if isinstance(source, Demonstrations):
        return source.episodes
    if isinstance(source, str | Path):
        path = Path(source).expanduser()
        if path.is_dir():
            chosen = {"states": tuple(states)} if states else {}
            return read_folder(path, cameras=cameras, **chosen)
        if path.suffix.lower() != ".npz" or not path.is_file():
            raise BadInput(
                f"{path.name} is neither an .npz nor a LeRobot dataset folder; expected states, "
                "actions and ends, or meta/info.json."
            )
        with open_arrays(path) as arrays:
            source, label = {name: arrays[name] for name in arrays.names}, path.name
    else:
        label = "The source"
    if isinstance(source, Mapping):
        return _of_arrays(source, label, tuple(states), cameras, fps)
    if isinstance(source, list | tuple):
        joined = _joined(source)
        return _of_arrays(joined, "The list", tuple(states), cameras, fps)
    raise BadInput(
        f"A {type(source).__name__} is no source of episodes; expected a LeRobot folder, an .npz, "
        "a dictionary of arrays, or a list of them."
    )


def read_demonstrations(
    source: Any, *, test: float = 0.1, seed: int = 0, **options: Any
) -> Demonstrations:
    """Return episodes of a user's own with splits, to train on and to measure with.

    A share `test` of the episodes is for the test, as many to choose by, drawn with `seed`, whole
    episodes each. `options` are those of `read_episodes`, which also says what `source` may be.
    """
    if isinstance(source, Demonstrations):
        return source
    episodes = read_episodes(source, **options)
    facts = {"episodes": len(episodes), "steps": len(episodes.states)}
    return Demonstrations(episodes, dealt(len(episodes), test=test, seed=seed), facts)


def _of_arrays(
    arrays: Mapping[str, Any],
    label: str,
    states: tuple[str, ...],
    cameras: Sequence[str] | None,
    fps: float | None,
) -> Episodes:
    keys = states or tuple(name for name in STATES if name in arrays)[:1]
    lacking = [key for key in keys if key not in arrays]
    if lacking or not keys:
        raise BadInput(
            f"{label} has no {lacking[0] if lacking else 'states'}; it has "
            f"{', '.join(map(str, arrays))[:120] or 'nothing'}."
        )
    action = next((name for name in ACTIONS if name in arrays), None)
    if action is None:
        raise BadInput(
            f"{label} has no actions; expected actions (N, A), NaN where episodes are not labelled."
        )
    seen = {_camera(name): name for name, one in arrays.items() if _is_images(one)}
    chosen = seen if cameras is None else {_camera(name): name for name in cameras}
    for name, key in chosen.items():
        if seen.get(name) is None:
            raise BadInput(f"{label} has no images of a camera {key!r}; it has {', '.join(seen)}.")
    used = {*keys, action, *ENDS, *_MORE, *seen.values()}
    left = [str(name) for name in arrays if name not in used]
    if left:
        notice(f"Not used of {label}: {', '.join(left)[:120]}.")
    rate = arrays.get("fps", 10.0 if fps is None else fps)
    more = {name: _texts(arrays[name]) for name in _MORE[2:5] if name in arrays}
    return Episodes(
        states=_columns([arrays[key] for key in keys], label),
        actions=arrays[action],
        ends=_ends(arrays, label),
        cameras={name: _frames(arrays[seen[name]]) for name in chosen},
        fps=np.asarray(rate).item() if np.size(rate) == 1 else rate,
        labelled=_answers(arrays["labelled"]) if "labelled" in arrays else None,
        **more,
    )


def _columns(parts: Sequence[Any], label: str) -> Any:
    if len(parts) == 1:
        return parts[0]
    try:
        return np.concatenate([real(part) for part in parts], axis=1)
    except (ValueError, TypeError):
        raise BadInput(f"The states of {label} do not fit together, (N, d) each.") from None


def _ends(arrays: Mapping[str, Any], label: str) -> Any:
    stated = next((arrays[name] for name in ENDS if name in arrays), None)
    if stated is not None:
        return stated
    if "episode_index" not in arrays:
        raise BadInput(
            f"{label} does not say where episodes end; expected ends (E,), the step after the last "
            "one of each, or episode_index (N,)."
        )
    numbers = np.asarray(arrays["episode_index"]).reshape(-1)
    changes = np.flatnonzero(numbers[1:] != numbers[:-1]) + 1
    firsts = numbers[np.concatenate([[0], changes])] if len(numbers) else numbers
    if len(set(firsts.tolist())) < len(firsts):
        raise BadInput(f"{label}: an episode_index comes back later; sort the steps by episode.")
    return np.concatenate([changes, [len(numbers)]])


def _joined(episodes: Sequence[Any]) -> dict[str, Any]:
    """Return the arrays of a list of episodes, one after the other."""
    if not episodes or not all(isinstance(one, Mapping) for one in episodes):
        raise BadInput(
            "A list of episodes has a dictionary for each of them, with states and actions."
        )
    keys = [next((name for name in STATES if name in one), "") for one in episodes]
    if "" in keys:
        raise BadInput(f"Episode {keys.index('')} of the list has no states.")
    states = [np.asarray(one[key]) for one, key in zip(episodes, keys, strict=True)]
    named = [next((name for name in ACTIONS if name in one), None) for one in episodes]
    actions = [
        None if name is None else np.asarray(one[name])
        for one, name in zip(episodes, named, strict=True)
    ]
    known = [one for one in actions if one is not None]
    if not known:
        raise BadInput("No episode of the list has actions; expected them in one at least.")
    for number, (state, action) in enumerate(zip(states, actions, strict=True)):
        shape = known[0].shape[1:] if action is None else action.shape[1:]
        length = len(state) if action is None or not action.ndim else len(action)
        if not state.ndim or length != len(state) or shape != known[0].shape[1:]:
            raise BadInput(
                f"Episode {number} of the list has states {state.shape} and actions "
                f"{'none' if action is None else action.shape}; expected one of each at every step."
            )
    cameras = {name for one in episodes for name, value in one.items() if _is_images(value)}
    for number, one in enumerate(episodes):
        lost = sorted(name for name in cameras if name not in one)
        if lost:
            raise BadInput(f"Episode {number} of the list has no images {lost[0]!r}; others have.")
    try:
        return {
            "states": np.concatenate(states),
            "actions": np.concatenate(
                [
                    np.full((len(state), *known[0].shape[1:]), np.nan) if action is None else action
                    for state, action in zip(states, actions, strict=True)
                ]
            ),
            "ends": np.cumsum([len(state) for state in states]),
            "labelled": np.array([action is not None for action in actions]),
            **{
                name: np.concatenate([np.asarray(one[name]) for one in episodes])
                for name in sorted(cameras)
            },
        }
    except ValueError as error:
        raise BadInput(f"The episodes of the list do not fit together ({error}).") from None


def _is_images(value: Any) -> bool:
    return len(getattr(value, "shape", ())) == 4


def _frames(value: Any) -> Any:
    """Return images as they are, so that memory maps stay such; a tensor as an array."""
    return np.asarray(value) if isinstance(value, Tensor) else value


def _answers(value: Any) -> Array:
    """Return yes and no of zeros and ones, as files may have them; anything else as it is."""
    found = np.asarray(value)
    return found == 1 if found.dtype.kind in "iu" and np.isin(found, (0, 1)).all() else found


def _camera(name: str) -> str:
    for prefix in _PREFIXES:
        name = name.removeprefix(prefix)
    return name


def _texts(value: Any) -> list[str]:
    return [str(one) for one in np.asarray(value).reshape(-1).tolist()]
