"""One reader for tables: files, arrays, tensors, data frames, dictionaries, lists of rows."""

from zoo_tables.files import Arrays, open_arrays
from zoo_tables.reading import read_column, read_table
from zoo_tables.table import Column, Table

__all__ = ["Arrays", "Column", "Table", "open_arrays", "read_column", "read_table"]
