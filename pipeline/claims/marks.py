"""The marks by which synthetic claims can be told from real ones, wherever they turn up.

Belongs here: what marks a contract, a claim, a file and a source as synthetic; nothing that makes or reads them.
"""

from collections.abc import Iterable
from typing import Final

# What the id of a contract, the id of a piece of evidence, the name of a contract and the label of a metric begin with.
CONTRACT_PREFIX: Final = "SYNTHETIC-"
EVIDENCE_PREFIX: Final = "synthetic-"
NAME_PREFIX: Final = "Synthetic: "
LABEL_PREFIX: Final = "synthetic: "
# In the metadata of a Parquet file of claims.
PARQUET_METADATA: Final = {b"synthetic": b"true"}
# In the register of sources.
SOURCE_ID: Final = "publicvalue-synthetic"


def is_synthetic(contract_ids: Iterable[str]) -> bool:
    """Return whether contracts are synthetic; they are never beside real ones."""
    return any(contract_id.startswith(CONTRACT_PREFIX) for contract_id in contract_ids)
