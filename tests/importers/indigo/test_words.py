"""What names tell: kinds of payers, and groups."""

from pathlib import Path

import pytest

from pipeline.importers.indigo import columns as indigo
from pipeline.importers.indigo.words import GROUP_NAMES, GROUP_WORDS, PAYER_KIND_WORDS, is_group
from pipeline.tables.vocabulary import PAYER_KINDS
from tests.importers.indigo.made_up_export import B, Tables, payment, read_export, write_export


@pytest.mark.parametrize(
    ("names", "kind"),
    [
        ([], "unknown"),
        (["Department for Work and Pensions (DWP)", "The National Lottery Community Fund"], "central"),
        (["Kirklees Metropolitan Borough Council", "Ealing CCG"], "local"),
        (["Cabinet Office", "Greater London Authority (GLA)"], "mixed"),
        (["Cabinet Office", "Some Foundation"], "mixed"),
        (["Some Foundation", "INDIGO-ORG-1155"], "unknown"),
    ],
)
def test_payer_kind(tmp_path: Path, tables: Tables, names: list[str], kind: str) -> None:
    tables[indigo.ORGANISATIONS] = [{"ID": f"O{n}", "Name": name} for n, name in enumerate(names)]
    tables[indigo.PAYMENTS] = [payment(B, "1", payer=",".join(row["ID"] for row in tables[indigo.ORGANISATIONS]))]
    row = read_export(write_export(tmp_path / "export", tables))[B].payments[0]
    assert (row["payer"], row["payer_kind"]) == ("; ".join(names), kind)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("Retail Investors", True),
        ("Pension funds", True),
        ("Sampleton Pension Funds", False),
        ("Sampleton City Council", False),
        ("", False),
    ],
)
def test_a_group_names_none_of_those_it_stands_for(name: str, expected: bool) -> None:
    assert is_group(name) == expected


def test_words_can_be_found_at_all() -> None:
    lists = [*PAYER_KIND_WORDS.values(), GROUP_WORDS, GROUP_NAMES]
    words = [word for each in lists for word in each]
    # Names are looked through in small letters; a word without letters would be found in all of them.
    assert all(word == word.lower() and word.strip() for word in words)
    assert len(set(words)) == len(words)
    assert set(PAYER_KIND_WORDS) <= set(PAYER_KINDS)
