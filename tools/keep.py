"""Keep what is published today as an earlier publication: ``make archive``.

Of each edition in ``reports/`` that is there with its tables it keeps what a bridge needs in
``reference/earlier/<day>-<edition>/`` and adds a row to ``reference/earlier_publications.csv``, whose note is yours to
write: what has happened since is not known yet.
"""

import sys
from datetime import UTC, datetime
from pathlib import Path

from pipeline.facts.earlier import FOLDER
from pipeline.report.keeping import keep


def main() -> None:
    """Keep what lies in ``reports/``."""
    try:
        made = keep(Path("reports"), Path("reference"), datetime.now(UTC).date().isoformat())
    except FileExistsError as error:
        sys.exit(str(error))
    print("\n".join(f"reference/{FOLDER}/{id_}" for id_ in made) or "nothing is published with its tables: make report")


if __name__ == "__main__":
    main()
