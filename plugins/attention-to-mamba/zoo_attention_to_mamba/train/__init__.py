"""The recipes: how teachers are trained or converted, and how they become Mambas."""
