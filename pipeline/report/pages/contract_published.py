"""What others have published about a contract, beside our figures.

Belongs here: which rows of ``reconciliation`` are about which contracts. All of them together stand on
``published.html``; ``pipeline.report.published_figures`` writes a row.
"""

from collections import defaultdict

from pipeline.report.pages.frame import Site
from pipeline.report.published_figures import shown
from pipeline.report.rows import Groups


def published_by_contract(made_from: Site) -> Groups:
    """Return published figures about single contracts, by each of these: rows of ``shown`` with ``locator``, ``note``.

    Figures with which the edition can be compared come first.
    """
    told = made_from.reference.published_figures.set_index("figure_id")[["locator", "note"]].to_dict("index")
    contracts = set(made_from.tables["contracts"]["contract_id"])
    found: Groups = defaultdict(list)
    for row in sorted(shown(made_from.tables["reconciliation"]), key=lambda row: not row["is_like_for_like"]):
        parts = row["scope"].split("+")
        for contract_id in contracts.intersection(parts):
            others = [part for part in parts if part != contract_id]
            found[contract_id].append({**row, **told[row["figure_id"]], "others": others})
    return dict(found)
