"""StreetSim: real trajectories through a simulated street, seen by LiDAR and by 4D radar."""
