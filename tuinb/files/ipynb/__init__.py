"""The lossless codec of .ipynb files: every byte that belongs to no change is kept.

Owns the source map of a file (`source_map`). Does no I/O: bytes come in and bytes go out.
Reading: `scan`, then `read_cells`; `damage` and `upgrade` handle other files. Writing: `snapshot`, then `build`, which calls
`cell_text` and `patch`. Begin with `source_map`, then `build`.
"""
