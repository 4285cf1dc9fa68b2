"""What users have: the same episodes from an .npz, a dictionary and a list."""

import numpy as np
import pytest
import torch
from zoo_policies.reading import read_demonstrations, read_episodes

from zoo_core import BadInput, Notice

from .conftest import counted

LENGTHS = (4, 6, 5)
IMAGES = np.arange(15, dtype=np.uint8)[:, None, None, None] + np.zeros((1, 4, 4, 3), np.uint8)


def arrays():
    known = counted(LENGTHS)
    return {
        "observation.state": known.states,
        "action": known.actions,
        "episode_index": np.repeat([5, 6, 9], LENGTHS),
        "observation.images.top": IMAGES,
        "fps": np.array(20),
        "labelled": np.array([True, False, True]),
    }


def equal(found, expected):
    assert np.array_equal(found.states, expected.states)
    assert np.array_equal(found.actions, expected.actions, equal_nan=True)
    assert np.array_equal(found.ends, expected.ends)
    assert np.array_equal(found.labelled, expected.labelled)
    assert list(found.cameras) == list(expected.cameras) == ["top"]
    rows = np.array([14, 3])
    assert np.array_equal(found.cameras["top"][rows], expected.cameras["top"][rows])


def test_disk_and_memory_give_the_same_episodes(tmp_path):
    np.savez(tmp_path / "mine.npz", **arrays())
    found = read_episodes(tmp_path / "mine.npz")
    assert found.fps == 20 and found.lengths.tolist() == list(LENGTHS)
    assert np.isnan(found.actions[4:10]).all() and found.labelled.tolist() == [True, False, True]
    equal(read_episodes(arrays()), found)
    renamed = dict(zip(("states", "actions", "x", "top"), arrays().values(), strict=False))
    renamed["episode_ends"] = np.cumsum(LENGTHS)
    del renamed["x"]
    tensors = {"labelled": [1, 0, 1], "top": torch.from_numpy(IMAGES)}
    equal(read_episodes(renamed | tensors, fps=20), found)
    single = [
        {
            "states": found.states[begin:end],
            "top": IMAGES[begin:end],
            **({"actions": found.actions[begin:end]} if known else {}),
        }
        for begin, end, known in zip(found.starts, found.ends, found.labelled, strict=True)
    ]
    equal(read_episodes(single), found)
    assert read_episodes(found) is found


def test_splits_are_of_whole_episodes_and_states_are_chosen():
    many = counted([4] * 10)
    data = read_demonstrations(many, test=0.2, seed=1)
    assert sorted(np.concatenate(list(data.rows.values())).tolist()) == list(range(10))
    assert data.split("test").indices.tolist() == data.rows["test"].tolist()
    assert read_demonstrations(data) is data and data.facts["steps"] == 40
    more = arrays() | {"force": np.ones((15, 2)), "note": np.zeros(3)}
    with pytest.warns(Notice, match="Not used of The source: note"):
        found = read_episodes(more, states=("observation.state", "force"), cameras=[])
    assert found.states.shape == (15, 4) and found.cameras == {}


def without(*names, **more):
    return {name: value for name, value in arrays().items() if name not in names} | more


@pytest.mark.parametrize(
    ("source", "said"),
    [
        (without("observation.state"), "has no states; it has action"),
        (without("action"), "has no actions"),
        (without("episode_index"), "does not say where episodes end"),
        (without(episode_index=np.repeat([0, 1, 0], LENGTHS)), "comes back later"),
        (without(labelled=[True]), "yes or no for each of the 3"),
        (without(action=np.full((15, 2), np.nan)), "say so by labelled"),
        (without(fps=np.array([1, 2])), "steps a second"),
        (without(fps=np.array("ten")), "fps='ten'; expected steps a second"),
        (without(labelled=[0.5, 1, 1]), "yes or no for each of the 3"),
        (without(labelled=["no", "yes", "no"]), "yes or no for each of the 3"),
        (without(**{"observation.images.top": IMAGES / 255}), "float64; expected bytes"),
        ([], "a dictionary for each"),
        ([{"actions": [[1.0]]}], "Episode 0 of the list has no states"),
        ([{"states": [[1.0], [2.0]]}], "No episode of the list has actions"),
        ([{"states": [[1.0], [2.0]], "actions": [[1.0]]}], "Episode 0 of the list has states"),
        (3, "int is no source of episodes"),
        ("nowhere.npz", "nowhere.npz is neither"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_what_is_no_source_is_refused(source, said):
    with pytest.raises(BadInput, match=said):
        read_episodes(source)


def test_cameras_and_states_that_are_not_there_are_refused(tmp_path):
    with pytest.raises(BadInput, match="no images of a camera 'left'; it has top"):
        read_episodes(arrays(), cameras=["left"])
    with pytest.raises(BadInput, match="The source has no force"):
        read_episodes(arrays(), states=["force"])
    with pytest.raises(BadInput, match=r"has no meta/info\.json"):
        read_episodes(tmp_path)
