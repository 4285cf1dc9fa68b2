"""What users bring: scans, images, poses, folders of them, and the layouts of published sets."""

from zoo_4dral.reading.places import read_places, read_session
from zoo_4dral.reading.poses import read_poses
from zoo_4dral.reading.scans import read_scan

__all__ = ["read_places", "read_poses", "read_scan", "read_session"]
