"""Expected studies of the real tapes, without curves and trees: tests/golden/study/SYMBOL.json, where the tapes are."""

from .study_tables import HERE, real_tapes
from .study_tape import brief, read_days, to_json, told

if __name__ == "__main__":
    for name, files in real_tapes().items():
        target = HERE.parent / "tests" / "golden" / "study" / f"{name.split()[0].lower()}.json"
        target.write_text(to_json(brief(told(*read_days(files)))))
