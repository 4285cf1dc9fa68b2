"""The fifth room: training, importing, and what writes plugins and their lock files."""
