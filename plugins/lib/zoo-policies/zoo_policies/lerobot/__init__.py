"""Dataset folders of LeRobot: v2.0 and v2.1 with a file an episode, v3.0 with many in a file."""
