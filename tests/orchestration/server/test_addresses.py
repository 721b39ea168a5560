"""An address that may hold a secret is not repeated, whole or in part."""

import pytest

from pipeline.orchestration.server.addresses import without, without_user


@pytest.mark.parametrize(
    ("address", "said"),
    [
        ("postgresql+psycopg2://me:S3CRET@host/db", 'password "S3CRET" refused'),
        ("postgresql+psycopg2://me:pa/S3CRET@host/db", 'could not translate host name "S3CRET" to address'),
        ("postgresql+psycopg2://me:pa@S3CRET@host/db", 'connection to server at "S3CRET", port 5432 failed'),
        ("postgresql+psycopg2://me:S3CRET%40x@host/db", 'password "S3CRET@x" refused'),
        ("postgresql+psycopg2://me:S3CRET%2540x@host/db", 'password "S3CRET%40x" refused'),
        ("postgresql+psycopg2://host/db?password=S3CRET", "S3CRET: no such option"),
        ("postgresql+psycopg2://me:S3CRET@host/db", "cannot parse postgresql+psycopg2://me:S3CRET@host/db"),
        ("postgresql+psycopg2://me:(S3CRET)*@host/db", "wrong: (S3CRET)*."),
    ],
)
def test_no_part_of_an_address_is_repeated(address: str, said: str) -> None:
    told = without(address, said)
    assert "S3CRET" not in told
    assert "…" in told


def test_what_is_no_part_of_it_stays() -> None:
    said = "FATAL: password authentication failed"
    assert without("postgresql+psycopg2://pass:word@host:5432/pass", said) == said


@pytest.mark.parametrize(
    ("address", "shown"),
    [
        ("https://me:S3CRET@example.org/owner/name/blob/main", "https://example.org/owner/name/blob/main"),
        ("https://S3CRET@example.org/name?token=S3CRET#S3CRET", "https://example.org/name"),
        ("https://example.org/name", "https://example.org/name"),
        ("", ""),
    ],
)
def test_an_address_is_shown_without_its_user(address: str, shown: str) -> None:
    assert without_user(address) == shown
