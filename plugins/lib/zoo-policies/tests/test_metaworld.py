"""Meta-World from its states, where it is installed: another domain, rolled out as any other is."""

import pytest
import torch
from zoo_policies.rollouts import rollout

gymnasium = pytest.importorskip("gymnasium")
pytest.importorskip("metaworld", reason="pip install metaworld")


class Acting:
    """Moves the gripper of each episode by a function of its state (39,), or not at all."""

    def __init__(self, move=None):
        self.move = move

    def act(self, observation, state=None):
        actions = torch.zeros(len(observation), 4)
        if self.move is not None:
            for row, seen in enumerate(observation.states[:, 0]):
                actions[row] = torch.as_tensor(self.move(seen.double().numpy()))
        return actions.clamp(-1, 1), None


def test_an_expert_reaches_what_one_that_stays_still_does_not():
    from metaworld.policies import SawyerReachV3Policy

    found = {}
    for name, move in {"expert": SawyerReachV3Policy().get_action, "still": None}.items():
        vector = gymnasium.make_vec(
            "Meta-World/MT1", env_name="reach-v3", num_envs=2, vectorization_mode="sync", seed=1
        )
        found[name] = rollout(Acting(move), vector, [1, 2], steps=80)
        vector.close()
    assert [len(one) for one in found["expert"].states] == [80, 80]
    assert found["expert"].states[0].shape[-1] == 39
    assert min(found["expert"].measured["score"]) > 2 * max(found["still"].measured["score"])
