"""The engine that works on claims: DuckDB in this process, or Spark on a cluster.

Belongs here: which engine is chosen, how it is opened and closed, how it opens a file of claims, what it says when it
cannot go on. What is asked of it is one Ibis expression for both, in ``pipeline.claims.reduction``; no other module
knows which engine it is.
"""

import os
import re
import secrets
import tempfile
import warnings
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import ibis.expr.types as ir
    from ibis.backends import BaseBackend

ENGINE = "PUBLICVALUE_CLAIMS_ENGINE"
MEMORY = "PUBLICVALUE_CLAIMS_MEMORY"
SPARK_ADDRESS = "PUBLICVALUE_SPARK"
ENGINES = ("duckdb", "pyspark")
# The hash of 64 bits that each engine has, and what it gives.
HASHES = {"duckdb": ("hash", "uint64"), "pyspark": ("xxhash64", "int64")}
Pseudonym = Callable[["ir.StringValue"], "ir.IntegerValue"]
LINE_OF_CSV_ERROR = re.compile(r"Line: (\d+)")
# What an engine's words come to; the words themselves may quote a claim.
FAULTS = {
    "Expected Number of Columns": "a row with too few or too many cells",
    "unterminated quote": "a quotation mark that is not closed, or out of place",
    "Invalid unicode": "not UTF-8 text",
    "Maximum line size": "a line of more than 2 MB, as where a quotation mark is not closed",
    "state machine reached an invalid state": "lines that end in different ways, or a quotation mark out of place",
    "Invalid string encoding": "text that is not UTF-8",
    "failed to allocate": f"it takes more memory than {MEMORY} allows",
    "could not allocate": f"it takes more memory than {MEMORY} allows",
    "No space left": "no space left on the disk",
}
# What DuckDB takes for a pattern, were it not in brackets.
PATTERN = re.compile(r"[*?[]")


class EngineError(Exception):
    """The engine could not do what was asked; what it said is left out, since it may quote claims.

    ``why``: what kind of error it was, in words of ours where we have some; ``line``: the line of the file at which it
    stopped, where it tells; 0 where it does not.
    """

    def __init__(self, why: str, line: int = 0) -> None:
        """Keep what kind of error it was and where."""
        self.why, self.line = why, line
        super().__init__(f"the engine for claims stopped: {why}")


@dataclass(frozen=True)
class EngineChoice:
    """Which engine reduces claims; ``memory``: of DuckDB, which spills to disk beyond it; ``spark``: address of Spark.

    The address is a master (``local[2]``, ``spark://host:7077``, ``yarn``) or a Spark Connect server (``sc://host``);
    empty: what the Spark installation or ``spark-submit`` says.
    """

    engine: str = "duckdb"
    memory: str = "3GB"
    spark: str = ""

    def __post_init__(self) -> None:
        """Refuse an engine that is not there."""
        if self.engine not in ENGINES:
            raise ValueError(f"{ENGINE}: no such engine: {self.engine!r}; known: {', '.join(ENGINES)}")

    @classmethod
    def from_environment(cls) -> "EngineChoice":
        """Return the engine that the environment names; DuckDB by default. Raises ``ValueError`` for an unknown one."""
        named = {"engine": ENGINE, "memory": MEMORY, "spark": SPARK_ADDRESS}
        return cls(**{field: os.environ[name] for field, name in named.items() if os.environ.get(name)})


@contextmanager
def opened(choice: EngineChoice) -> Iterator["BaseBackend"]:
    """Open the engine; closed, and what it spilled removed, at the end."""
    with tempfile.TemporaryDirectory(prefix="publicvalue-claims-") as spill:
        backend = _duckdb(choice, spill) if choice.engine == "duckdb" else _spark(choice, spill)
        try:
            yield backend
        finally:
            backend.disconnect()


@contextmanager
def speaking_of_no_claim(backend: "BaseBackend") -> Iterator[None]:
    """Turn whatever an engine raises into ``EngineError``, without its words: they may quote a claim."""
    from ibis.common.exceptions import IbisError

    try:
        yield
    except (IbisError, *_errors(backend)) as error:
        said = str(error)
        line = LINE_OF_CSV_ERROR.search(said)
        why = next((words for sign, words in FAULTS.items() if sign in said), type(error).__name__)
        raise EngineError(why, int(line[1]) if line else 0) from None


def _errors(backend: "BaseBackend") -> tuple[type[Exception], ...]:
    """What the engine raises of itself."""
    if backend.name == "duckdb":
        import duckdb

        return (duckdb.Error,)
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException

    return PySparkException, Py4JError


def _duckdb(choice: EngineChoice, spill: str) -> "BaseBackend":
    import ibis

    # A block that is spilled may hold, beside hashes, what was read into it before: ids. DuckDB calls the cipher that
    # it brings with it unsafe, for the random numbers of its keys; the other one would have to be fetched.
    encrypted = {"temp_file_encryption": True, "force_mbedtls_unsafe": True}
    settings = {"memory_limit": choice.memory, "temp_directory": spill, **encrypted}
    return ibis.duckdb.connect(**settings)


def _spark(choice: EngineChoice, spill: str) -> "BaseBackend":
    """Open Spark. Raises ``EngineError`` without Spark's words: they may quote its address, which may hold a token."""
    import ibis
    from py4j.protocol import Py4JError
    from pyspark.errors import PySparkException
    from pyspark.sql import SparkSession

    # What Spark says of the version of pandas concerns none of what is used here.
    warnings.filterwarnings("ignore", "PySpark does not yet fully support pandas", FutureWarning)
    builder = SparkSession.builder.appName("publicvalue claims").config("spark.sql.session.timeZone", "UTC")
    if choice.spark.startswith("sc://"):
        builder = builder.remote(choice.spark)
    else:
        builder = builder.config(map=_settings_of_spark(choice, spill))
    try:
        session = builder.getOrCreate()
    except (PySparkException, Py4JError) as error:
        kind = type(error).__name__
    else:
        return ibis.pyspark.connect(session)
    raise EngineError(f"{kind} when {SPARK_ADDRESS} was opened")


def _settings_of_spark(choice: EngineChoice, spill: str) -> dict[str, Any]:
    settings: dict[str, Any] = {"spark.ui.enabled": "false", "spark.ui.showConsoleProgress": "false"}
    if choice.spark:
        settings["spark.master"] = choice.spark
    if choice.spark.startswith("local"):
        settings |= {"spark.driver.bindAddress": "127.0.0.1", "spark.driver.host": "127.0.0.1"}
        settings |= {"spark.local.dir": spill, "spark.sql.shuffle.partitions": "4", "spark.log.level": "ERROR"}
    return settings


def _session(backend: "BaseBackend") -> Any:
    """The session of Spark that ``_spark`` has opened."""
    from pyspark.sql import SparkSession

    return SparkSession.active()


def pseudonyms(backend: "BaseBackend") -> Pseudonym:
    """Return a function from ids to 64 bits: a hash of the id and of a salt that is new each time and kept nowhere.

    So nothing that the engine groups by leads back to anyone. Of 20 million people two are taken for one once in
    ninety thousand readings.
    """
    import ibis

    def hashed(text: str) -> int:
        """Stand for the function of the engine: Ibis knows only one hash of its own, which on Spark has 32 bits."""
        raise NotImplementedError

    name, kind = HASHES[backend.name]
    of_engine = ibis.udf.scalar.builtin(hashed, name=name, signature=(("string",), kind))
    salt = ibis.literal(secrets.token_hex(16))
    return lambda text: of_engine(salt + text)


def claims_in(backend: "BaseBackend", path: Path, columns: Sequence[str] = ()) -> "ir.Table":
    """Return a file of claims as the engine sees it: Parquet with its types, or CSV with text in its ``columns``.

    Nothing is read yet but what Parquet says of itself. Whatever the names of the file and of its folders are, they are
    no pattern, partition or address of another place.
    """
    return (_in_duckdb if backend.name == "duckdb" else _in_spark)(backend, path, columns)


def _in_duckdb(backend: Any, path: Path, columns: Sequence[str]) -> "ir.Table":
    plain_path = PATTERN.sub(r"[\g<0>]", str(_link_to(path, Path(_setting(backend, "temp_directory")))))
    if path.suffix == ".parquet":
        return backend.read_parquet(plain_path, hive_partitioning=False)
    as_text = dict.fromkeys(columns, "VARCHAR")
    form = {"header": True, "auto_detect": False, "delim": ",", "quote": '"', "compression": "none"}
    return backend.read_csv(plain_path, columns=as_text, hive_partitioning=False, **form)


def _setting(backend: Any, name: str) -> str:
    (found,) = backend.con.execute("select current_setting(?)", [name]).fetchone()
    return str(found)


def _link_to(path: Path, folder: Path) -> Path:
    """Make a link to a file, with a plain name, in a folder of our own; it goes when the folder goes.

    DuckDB takes ``[1]``, ``*`` or ``?`` in a path for a pattern, and looks for other files first.
    """
    link = folder / f"claims-{secrets.token_hex(8)}"
    link.symlink_to(os.path.abspath(path))
    return link


def _in_spark(backend: Any, path: Path, columns: Sequence[str]) -> "ir.Table":
    # On a cluster the workers see no folder of ours, so there is no link to give them. With this, which Spark uses for
    # the files of its own tables, a path is no pattern; of a file that is named no partition is guessed either.
    reader = _session(backend).read.option("__globPaths__", "false")
    try:
        name = os.path.abspath(path).encode().decode()
    except UnicodeEncodeError:
        raise EngineError("Spark opens no folder whose name is not UTF-8") from None
    if path.suffix == ".parquet":
        frame = reader.parquet(name)
    else:
        schema = ", ".join(f"{column} STRING" for column in columns)
        form = {"header": True, "quote": '"', "escape": '"', "mode": "FAILFAST"}
        frame = reader.options(**form, unescapedQuoteHandling="RAISE_ERROR").schema(schema).csv(name)
    view = f"claims_{secrets.token_hex(8)}"
    frame.createOrReplaceTempView(view)
    return backend.table(view)
