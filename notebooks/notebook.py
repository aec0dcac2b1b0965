"""Cells in plain text -> an .ipynb, with `--execute` run on the spot: what the build_*.py beside this share."""

import argparse
from pathlib import Path

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
    """Write NAME.ipynb here or into --out; without --execute on the command line the outputs stay empty."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--execute", action="store_true")
    parser.add_argument("--out", type=Path, default=Path())
    given = parser.parse_args()
    book = new_notebook(cells=[cell(name, text, number) for number, text in enumerate(cells)])
    book.metadata.kernelspec = {"name": "python3", "display_name": "Python 3", "language": "python"}
    if given.execute:
        NotebookClient(book, record_timing=False).execute()
    nbformat.validate(book)
    nbformat.write(book, given.out / f"{name}.ipynb")
