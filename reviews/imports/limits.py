"""How large a file may be: what keeps reading it within 100 MB of memory, and its first answer within seconds."""

MOST_BYTES = 32 * 2**20
MOST_ROWS = 100_000
MOST_COLUMNS = 500
LONGEST_CELL = 32_767  # characters; a spreadsheet's own limit
LONGEST_LINE = 2**17  # characters of a line of text, the csv module's own limit of a cell

# Of an unpacked XLSX, in bytes. The strings and the styles are held in memory, the sheet is read as a stream.
MOST_PARTS = 2000
LARGEST_SHEET = 48 * 2**20
LARGEST_STRINGS = 16 * 2**20
LARGEST_OTHER = 2**20
