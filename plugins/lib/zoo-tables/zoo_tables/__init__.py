"""One reader for tables: files, arrays, tensors, data frames, dictionaries, lists of rows."""

from zoo_tables.reading import read_table
from zoo_tables.table import Column, Table

__all__ = ["Column", "Table", "read_table"]
