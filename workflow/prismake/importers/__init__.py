"""Importing database exports into the record schema, each file reconciled against an independent count."""

from prismake.importers.read import REPORT_COLUMNS, Import, import_files, read_file, write_report

__all__ = ["REPORT_COLUMNS", "Import", "import_files", "read_file", "write_report"]
