"""Tables as files: what a page shows, as CSV and XLSX. See docs/table-files.md."""
