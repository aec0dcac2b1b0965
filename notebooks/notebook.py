"""Cells in plain text -> an .ipynb, with `--execute` run on the spot: what the build_*.py beside this share."""

import sys

import nbformat
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook


def cell(name: str, text: str, number: int):
    """Lines that begin with > are code."""
    if text.startswith(">"):
        made = new_code_cell("\n".join(line.removeprefix(">") for line in text.splitlines()))
    else:
        made = new_markdown_cell(text)
    made.id = f"{name}-{number:02}"
    return made


def build(name: str, cells: list[str]) -> None:
    """Write NAME.ipynb; without --execute on the command line the outputs stay empty."""
    book = new_notebook(cells=[cell(name, text, number) for number, text in enumerate(cells)])
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    if "--execute" in sys.argv[1:]:
        NotebookClient(book, record_timing=False).execute()
    nbformat.validate(book)
    nbformat.write(book, f"{name}.ipynb")
