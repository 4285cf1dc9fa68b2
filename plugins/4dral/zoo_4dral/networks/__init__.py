"""The networks: encoders, the enhancement of images, and what turns scans into descriptors."""
