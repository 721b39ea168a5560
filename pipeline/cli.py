"""The command line: ``publicvalue``, also ``python -m pipeline``.

Belongs here: options, exit statuses and what is printed. Each command passes its options on and prints what comes back;
no figure is calculated here.

Exit status: 0 done; 1 the data are wrong, or the machine refused; 2 the command was used wrongly; 3 a fault in the
program; 130 stopped.
"""

import datetime as dt
import json
import os
import re
import shlex
import sys
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from itertools import chain
from pathlib import Path
from typing import TYPE_CHECKING

import click

from pipeline.common.files import refused_by_the_machine
from pipeline.common.memory import set_up_memory
from pipeline.common.timing import checks_cost
from pipeline.facts.problems import SHOWN_CHARACTERS, DataProblems, in_order, one_line, raise_if_any

if TYPE_CHECKING:
    from pipeline.method.analysis.simulation import Simulation
    from pipeline.orchestration.last_run import LastRun
    from pipeline.orchestration.settings import Settings

# Not done: the data are wrong, or the machine refused.
NOT_DONE, USED_WRONGLY, FAULT_OF_OURS, STOPPED = 1, 2, 3, 130

# How many problems are shown where a line only says how many there are.
FIRST_PROBLEMS = 10
# Enough of what was typed to find it again.
LONG_WORD = re.compile(rf"(\S{{{SHOWN_CHARACTERS}}})\S+")

FOLDER = click.Path(path_type=Path, file_okay=False)
raw_option = click.option(
    "--raw", "raw_dir", type=FOLDER, default=Path("raw"), help="Folder with the contract folders. [raw]"
)
reference_option = click.option(
    "--reference",
    "reference_dir",
    type=FOLDER,
    default=Path("reference"),
    help="Folder with the reference tables. [reference]",
)
out_option = click.option(
    "--out", "out_dir", type=FOLDER, default=Path("reports"), help="Folder with what is published. [reports]"
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="publicvalue")
def cli() -> None:
    """Work out what social outcomes contracts were worth: from reported outcomes to pounds, showing every step."""


@cli.command()
@click.option(
    "--edition", "editions", multiple=True, help="Edition to publish; may be repeated. [all except superseded ones]"
)
@click.option(
    "--contract",
    "contracts",
    multiple=True,
    help="Contract to read again, even if its files have not changed; may be repeated. [those that have changed]",
)
@click.option(
    "--accept",
    "accepted",
    multiple=True,
    metavar="CHECK",
    help="Check against the last edition that may fail because the data have rightly changed; may be repeated.",
)
@click.option("--draws", type=int, help="Number of simulations for each range. [10000]")
@click.option("--seed", type=int, help="Seed of the simulations; the same seed gives the same ranges. [1]")
@click.option("--fresh", is_flag=True, help="Make everything again, even what has not changed.")
@raw_option
@reference_option
@out_option
@json_option
def run(
    editions: tuple[str, ...],
    contracts: tuple[str, ...],
    accepted: tuple[str, ...],
    draws: int | None,
    seed: int | None,
    fresh: bool,
    raw_dir: Path,
    reference_dir: Path,
    out_dir: Path,
    as_json: bool,
) -> None:
    """Value the market and publish each edition.

    Each edition is published completely or not at all. What has not changed is kept.
    """
    from pipeline.method.analysis.simulation import Simulation
    from pipeline.orchestration.last_run import LastRun
    from pipeline.orchestration.settings import Settings

    settings = Settings.of_folders(raw_dir, reference_dir, out_dir)
    drawn = {name: value for name, value in (("draws", draws), ("seed", seed)) if value is not None}
    try:
        simulation = Simulation(**drawn)
    except ValueError as error:
        raise click.UsageError(f"--{error}") from error
    with _publishing_into(out_dir):
        last = LastRun(settings, editions, accepted, simulation, as_json)
        said = None if contracts or fresh else last.said()
        if said is None:
            said = _run(settings, last, editions, contracts, accepted, simulation, fresh, as_json)
    click.echo(said)


def _run(
    settings: "Settings",
    last: "LastRun",
    editions: tuple[str, ...],
    contracts: tuple[str, ...],
    accepted: tuple[str, ...],
    simulation: "Simulation",
    fresh: bool,
    as_json: bool,
) -> str:
    """Run the assets; returns what is printed at the end. ``last``: keeps a note of it."""
    from pipeline.checks import great_expectations

    if fresh or not last.was_given_the_same:
        great_expectations.start()  # it takes longest to load
    from rich.console import Console

    from pipeline.orchestration.run import UnknownNameError, is_settled, run_editions
    from pipeline.orchestration.server.instance import RecordsError
    from pipeline.report.history import keeping
    from pipeline.report.sharing import checked_address
    from pipeline.report.text.terminal import headline_text, moved_lines

    try:
        keeping()
        checked_address(settings.address)
    except ValueError as error:
        raise click.UsageError(str(error)) from error
    try:
        # On standard error; silent when that is no terminal.
        with Console(stderr=True).status("starting") as progress:
            headlines = run_editions(
                settings,
                editions or None,
                contracts or None,
                accepted,
                on_step=progress.update,
                simulation=simulation,
                fresh=fresh,
            )
    except (UnknownNameError, RecordsError) as error:
        raise click.UsageError(str(error)) from error
    if _at_a_terminal():
        click.echo(checks_cost(), err=True)
    if as_json:
        said = json.dumps(headlines, indent=2, ensure_ascii=False)
    else:
        lines = (
            [headline_text(key, data, settings.out_dir), *moved_lines(key, settings.data_dir)]
            for key, data in headlines.items()
        )
        said = "\n".join(chain.from_iterable(lines))
    if is_settled(settings, headlines, accepted, simulation):
        last.note(headlines, said)
    return said


@cli.command()
@click.argument("checks", metavar="[CHECK]...", nargs=-1)
@click.option("--by", required=True, metavar="NAME", help="Who accepts it.")
@click.option("--because", required=True, metavar="TEXT", help="Why it is right.")
@out_option
def accept(checks: tuple[str, ...], by: str, because: str, out_dir: Path) -> None:
    """Let a held publication go ahead, once.

    Accepts every check that held it, or only those that you name. Your name and reason are kept with what is published.
    If the data change before then, they are checked again.
    """
    from pipeline.report import holds
    from pipeline.report.output_folder import working_alone

    if not by.strip() or not because.strip():
        raise click.UsageError("--by and --because: give the name of the person who accepts it, and the reason")
    try:
        with working_alone(out_dir, on_wait=partial(click.echo, err=True)):
            let_go = holds.release(out_dir, checks, by.strip(), because.strip(), dt.datetime.now(dt.UTC))
    except holds.NothingHeldError as error:
        raise click.UsageError(str(error)) from error
    for each in let_go:
        click.echo(one_line(f"{each.edition}: {each.check}: {each.saw}: {each.example}"))
    left = sorted({each.check for each in holds.held_now(out_dir)} - {each.check for each in let_go})
    if left:
        click.echo(f"Still held by {', '.join(left)}.")
    else:
        click.echo("Accepted once, for the data as they are now. publicvalue run, or the next refresh, publishes it.")


@cli.command()
@raw_option
@reference_option
@json_option
def check(raw_dir: Path, reference_dir: Path, as_json: bool) -> None:
    """Check all data; write nothing."""
    from pipeline.load import find_problems

    facts, _, problems = find_problems(raw_dir, reference_dir)
    if as_json:
        told = in_order(problems)
        click.echo(json.dumps([problem.as_dict() for problem in told], indent=2))
        if not all(problem.is_warning for problem in told):
            sys.exit(NOT_DONE)
        return
    for warning in in_order(problem for problem in problems if problem.is_warning):
        click.echo(str(warning))
    raise_if_any(problems)
    click.echo(
        f"No problem found: {len(facts.contracts)} contracts, {len(facts.outcomes)} results, "
        f"{len(facts.payments)} payments and commitments, {len(facts.rejected_rows)} rejected rows."
    )


@cli.command()
@click.argument("contract_id", metavar="CONTRACT")
@click.argument("metric_id", metavar="[METRIC]", required=False)
@click.option(
    "--edition", "edition_id", help="Edition to use. [our own estimate: the one that reproduces no published study]"
)
@raw_option
@reference_option
@json_option
def explain(
    contract_id: str,
    metric_id: str | None,
    edition_id: str | None,
    raw_dir: Path,
    reference_dir: Path,
    as_json: bool,
) -> None:
    """Print the whole sum for a contract.

    It runs from reported rows to pounds, with the source of each number.
    """
    from pipeline.load import load
    from pipeline.method.valuation import value_edition
    from pipeline.report.text import explain as explaining

    facts, reference = load(raw_dir, reference_dir)
    try:
        valuation = value_edition(facts, reference, explaining.edition_of(reference, edition_id))
        data = explaining.explain(facts, reference, valuation, contract_id, metric_id)
    except explaining.UnknownNameError as error:
        raise click.UsageError(str(error)) from error
    click.echo(explaining.as_json(data) if as_json else explaining.as_text(data))


@cli.command()
@click.argument("first", metavar="A")
@click.argument("second", metavar="B")
@reference_option
@out_option
@json_option
def bridge(first: str, second: str, reference_dir: Path, out_dir: Path, as_json: bool) -> None:
    """Explain why B differs from A, in pounds.

    The causes are taken one by one, and their pounds add up to the difference.

    A and B can be published editions, publications from their history (publicvalue history names them), earlier
    publications that are kept, or folders of publications.
    """
    from pipeline.report.text import bridge as bridging

    try:
        before, after = (bridging.end_of(name, out_dir, reference_dir) for name in (first, second))
    except bridging.UnknownResultError as error:
        raise click.UsageError(str(error)) from error
    except bridging.TornResultError as error:
        click.echo(one_line(str(error)), err=True)
        sys.exit(NOT_DONE)
    terms = bridging.bridged(before, after)
    click.echo(bridging.as_json(before, after, terms) if as_json else bridging.as_text(before, after, terms))


@cli.command()
@click.argument("edition_id", metavar="[EDITION]", required=False)
@out_option
@json_option
def history(edition_id: str | None, out_dir: Path, as_json: bool) -> None:
    """List what was published, what moved and why.

    Name an edition to see only that one.
    """
    from pipeline.report.text import history as told

    try:
        found = told.histories(out_dir, edition_id)
    except told.UnknownEditionError as error:
        raise click.UsageError(str(error)) from error
    click.echo(told.as_json(found) if as_json else told.as_text(found))


@cli.command(name="print")
@click.option(
    "--edition", "editions", multiple=True, help="Edition to print; may be repeated. [all published editions]"
)
@out_option
def print_(editions: tuple[str, ...], out_dir: Path) -> None:
    """Print the published report as a PDF.

    This needs Chromium, on the path or named in PUBLICVALUE_CHROMIUM.
    """
    from pipeline.report.output_folder import working_alone
    from pipeline.report.printing import (
        CannotPrintError,
        PrintingFailedError,
        browser,
        editions_in,
        print_edition,
    )

    try:
        # Nobody may replace the folder of an edition while it is printed.
        chosen, program = editions_in(out_dir, editions), browser()
        with working_alone(out_dir, on_wait=partial(click.echo, err=True)):
            for edition_id in chosen:
                made = print_edition(out_dir / edition_id, program)
                click.echo(f"{made.path}: {made.pages} pages, {made.size / 1e6:.1f} MB")
    except CannotPrintError as error:
        raise click.ClickException(str(error)) from error
    except PrintingFailedError as error:
        click.echo(str(error), err=True)
        sys.exit(NOT_DONE)


@cli.group(name="import")
def import_() -> None:
    """Import published data into raw/."""


@import_.command()
@click.argument("path", type=click.Path(exists=True, path_type=Path))
@raw_option
@click.option(
    "--reference",
    "reference_dir",
    type=FOLDER,
    help="Folder with the reference tables and their corrections. [reference, beside the contract folders]",
)
@click.option("--dry-run", is_flag=True, help="Print what would change, and write nothing.")
@click.option(
    "--accept-removals",
    is_flag=True,
    help="Import even if rows of an earlier export are missing, because they were rightly removed.",
)
@click.option(
    "--vintage", metavar="YYYY-MM", help="Month of the export, which names its source. [the month of its newest file]"
)
@click.option(
    "--withdrawn",
    multiple=True,
    metavar="ID",
    help="Contract that the source has withdrawn: delete it everywhere here too; may be repeated.",
)
@click.option(
    "--keep",
    "kept",
    multiple=True,
    metavar="ID",
    help="Contract to keep although it is not in the export; may be repeated.",
)
@click.option("--because", default="", metavar="TEXT", help="Why the contract is kept.")
@out_option
def indigo(
    path: Path,
    raw_dir: Path,
    reference_dir: Path | None,
    dry_run: bool,
    accept_removals: bool,
    vintage: str | None,
    withdrawn: tuple[str, ...],
    kept: tuple[str, ...],
    because: str,
    out_dir: Path,
) -> None:
    """Import an export of INDIGO.

    PATH is its folder of CSV files, or a zip of it.

    Rows that are new or changed cite the source of this month, such as indigo-2026-04, which gets a row in sources.csv.
    Other rows stay as they are. If a contract is missing from the export, the import stops until you say whether it was
    withdrawn.
    """
    from pipeline.importers.imported import ImportProblem
    from pipeline.importers.indigo.importer import plan_import
    from pipeline.importers.merge import write_import
    from pipeline.orchestration.settings import Settings
    from pipeline.withdrawal.carry_out import carry_out, plan_gone
    from pipeline.withdrawal.decisions import Decisions

    reference_dir = reference_dir or raw_dir.parent / "reference"
    data_dir = Settings.of_folders(raw_dir, reference_dir, out_dir).data_dir
    try:
        plan = plan_import(path, raw_dir, reference_dir, vintage)
        gone = plan_gone(plan, Decisions(withdrawn, kept, because), raw_dir, reference_dir, out_dir, data_dir)
    except ImportProblem as error:
        click.echo(str(error), err=True)
        sys.exit(NOT_DONE)
    for contract_id in gone.undecided:
        click.echo(
            f"{path}: {contract_id}: the export no longer has this contract; nothing was written. If the source has "
            f"withdrawn it, use --withdrawn {contract_id} to delete it here too. To keep it, use "
            f'--keep {contract_id} --because "…"',
            err=True,
        )
    if gone.undecided:
        sys.exit(NOT_DONE)
    if plan.removals and not accept_removals:
        for line in plan.removals:
            click.echo(one_line(line), err=True)
        from pipeline.report.wording import counted

        contracts = counted(len(plan.removals), "contract")
        click.echo(
            f"{path}: the export lacks rows that raw/ has for {contracts}, so it may have been cut off; nothing was "
            "written. If the rows were rightly removed: --accept-removals.",
            err=True,
        )
        sys.exit(NOT_DONE)
    if not dry_run:
        # Before anything is printed: a reader of the first lines only, such as `head`, stops what comes after.
        write_import(plan, raw_dir, reference_dir)
    places = (raw_dir, reference_dir, out_dir, data_dir)
    done = carry_out(plan, gone, *places, day=dt.date.today().isoformat(), is_dry=dry_run)
    for line in (*plan.changes, *plan.summary().splitlines(), *gone.lines(), *done):
        click.echo(one_line(line))
    if dry_run:
        click.echo("Nothing was written (--dry-run).")
    elif plan.changes or done:
        _say_what_check_finds(raw_dir, reference_dir)


def _say_what_check_finds(raw_dir: Path, reference_dir: Path) -> None:
    """Print in a few lines what is left to do before anything can be published again."""
    from pipeline.load import find_problems
    from pipeline.report.wording import counted

    if not reference_dir.is_dir():
        return
    _, _, problems = find_problems(raw_dir, reference_dir)
    found = in_order(problem for problem in problems if not problem.is_warning)
    for problem in found[:FIRST_PROBLEMS]:
        click.echo(str(problem))
    if found:
        click.echo(f"Still to do: publicvalue check finds {counted(len(found), 'problem')}; the first are above.")


@import_.command()
@click.argument("path", metavar="FILE", type=click.Path(exists=True, path_type=Path))
@click.option(
    "--contract", "contract_id", help="Contract that the results or payments belong to, if FILE is a CSV file."
)
@raw_option
@reference_option
@click.option("--dry-run", is_flag=True, help="Print what would change, and write nothing.")
@click.option(
    "--accept-removals", is_flag=True, help="Import even if rows of an earlier file are missing from its sheets."
)
def outcomes(
    path: Path, contract_id: str | None, raw_dir: Path, reference_dir: Path, dry_run: bool, accept_removals: bool
) -> None:
    """Import a filled workbook.

    It has the results and payments of one contract; one of its sheets saved as CSV will do too.
    """
    from pipeline.importers.imported import ImportProblem
    from pipeline.importers.outcomes.importer import plan_outcomes, write_outcomes

    try:
        planned = plan_outcomes(path, raw_dir, reference_dir, contract_id)
    except ImportProblem as error:
        click.echo(str(error), err=True)
        sys.exit(NOT_DONE)
    except DataProblems as error:
        from pipeline.report.wording import counted

        click.echo(str(error), err=True)
        click.echo(f"{counted(error.count, 'problem')}; nothing was written.", err=True)
        sys.exit(NOT_DONE)
    if planned.plan.removals and not accept_removals:
        for line in planned.plan.removals:
            click.echo(one_line(line), err=True)
        click.echo(
            f"{path}: rows of an earlier import are missing; nothing was written. If they were rightly removed: "
            "--accept-removals.",
            err=True,
        )
        sys.exit(NOT_DONE)
    for line in (*planned.changes, *planned.plan.summary().splitlines(), *planned.left_to_do):
        click.echo(one_line(line))
    if dry_run:
        click.echo("Nothing was written (--dry-run).")
        return
    write_outcomes(planned, raw_dir)


@cli.command(name="new-contract")
@click.argument("contract_id", metavar="ID")
@click.option(
    "--out",
    "out_dir",
    type=FOLDER,
    default=Path("new-contracts"),
    help="Folder to write the workbook into. [new-contracts]",
)
@raw_option
@reference_option
def new_contract(contract_id: str, out_dir: Path, raw_dir: Path, reference_dir: Path) -> None:
    """Write a workbook to fill in for a contract."""
    from pipeline.facts.reference import read_reference
    from pipeline.importers.imported import ImportProblem
    from pipeline.importers.outcomes.forms import CONTRACT_ID, is_contract_id
    from pipeline.importers.outcomes.template import write_template

    path = out_dir / contract_id / f"{contract_id}.xlsx"
    if not is_contract_id(contract_id):
        raise click.UsageError(f"{contract_id!r} cannot be the id of a contract, expected {CONTRACT_ID}")
    if os.path.lexists(path):
        raise click.UsageError(
            f"{path} already exists and may be filled in: move it, or name another folder with --out"
        )
    reference, problems = read_reference(reference_dir)
    raise_if_any(problems)
    try:
        template = write_template(contract_id, path, raw_dir, reference)
    except ImportProblem as error:
        click.echo(str(error), err=True)
        sys.exit(NOT_DONE)
    for line in template.lines:
        click.echo(line)
    click.echo(f"Next: fill it in, then run publicvalue import outcomes {shlex.quote(str(path))}")


@cli.command(name="synthetic-claims")
@click.option(
    "--out",
    "out_dir",
    type=FOLDER,
    default=Path("synthetic"),
    help="Folder to write, new or empty. [synthetic]",
)
@click.option(
    "--contract", "contracts", multiple=True, help="Contract to copy; may be repeated. [all that reported results]"
)
@click.option("--seed", type=click.IntRange(min=0), default=1, help="Seed; the same seed gives the same claims. [1]")
@click.option(
    "--people",
    type=click.IntRange(min=1),
    help="Number of people in each contract. [as many as reported: the claims add up to the reported counts]",
)
@raw_option
@reference_option
def synthetic_claims(
    out_dir: Path, contracts: tuple[str, ...], seed: int, people: int | None, raw_dir: Path, reference_dir: Path
) -> None:
    """Make a practice project with invented claims.

    Its contracts are real; the people in its claims do not exist.
    """
    from pipeline.report.wording import counted
    from pipeline.synthetic.project import CannotMakeError, synthetic_project

    try:
        made = synthetic_project(raw_dir, reference_dir, out_dir, seed, contracts or None, people)
    except CannotMakeError as error:
        raise click.UsageError(str(error)) from error
    made_of = f"{counted(made.contracts, 'contract')}, {counted(made.claims, 'claim')}"
    click.echo(f"{made.raw_dir}: {made_of}. None of the people are real.")
    click.echo(f"{made.reference_dir}: the reference tables for these contracts.")
    # In a folder of its own, so that its working tables are there too.
    click.echo(f"Next: cd {shlex.quote(str(out_dir))} && {shlex.quote(str(Path(sys.argv[0]).absolute()))} run")


@cli.command()
@click.option("--port", type=click.IntRange(1, 65535), default=3000, help="Port on this machine. [3000]")
@click.option("--read-only", is_flag=True, help="For reviewers: show everything, start nothing.")
@click.option("--path-prefix", default="", help="Path under which a proxy shows the UI, such as /publicvalue.")
@click.option(
    "--public-url",
    "public_urls",
    multiple=True,
    metavar="URL",
    help="Address where a proxy or a forwarded port shows the UI, such as https://values.example.org; may be repeated.",
)
@raw_option
@reference_option
@out_option
def ui(
    port: int,
    read_only: bool,
    path_prefix: str,
    public_urls: tuple[str, ...],
    raw_dir: Path,
    reference_dir: Path,
    out_dir: Path,
) -> None:
    """Open the Dagster UI on this machine."""
    from pipeline.orchestration.server.ui import serve
    from pipeline.orchestration.settings import Settings

    settings = Settings.of_folders(raw_dir, reference_dir, out_dir)
    sys.exit(serve(settings, port, read_only, path_prefix, public_urls=public_urls))


@contextmanager
def _publishing_into(out_dir: Path) -> Iterator[None]:
    """Lock the output folder; a run that is stopped or cannot write ends in one line that says what was published."""
    from pipeline.report.output_folder import edition_folders, working_alone

    stood = None
    try:
        with working_alone(out_dir, on_wait=partial(click.echo, err=True)):
            stood = edition_folders(out_dir)
            yield
    except KeyboardInterrupt:
        words, status = "Stopped", STOPPED
    except (OSError, MemoryError) as error:
        refused = refused_by_the_machine(error)
        if refused is None:
            raise
        words, status = refused, NOT_DONE
    else:
        return
    new = [] if stood is None else sorted(name for name, _ in edition_folders(out_dir).items() - stood.items())
    click.echo(f"{words}; {'already published: ' + ', '.join(new) if new else 'nothing was published'}.", err=True)
    sys.exit(status)


def _at_a_terminal() -> bool:
    """Whether somebody is watching; a scheduled run prints nothing that nobody reads."""
    return sys.stderr.isatty()


def _show(error: click.ClickException) -> None:
    """Print on one line how the command was used wrongly, with whatever was typed."""
    text = LONG_WORD.sub(r"\1…", one_line(error.format_message()))
    (click.UsageError(text, error.ctx) if isinstance(error, click.UsageError) else click.ClickException(text)).show()


def main() -> None:
    """Run the command line and turn any error into a message and an exit status."""
    set_up_memory()
    try:
        os.getcwd()
    except FileNotFoundError:
        click.echo("the current folder no longer exists: change to another", err=True)
        sys.exit(NOT_DONE)
    try:
        cli.main(standalone_mode=False)
    except click.exceptions.Exit as done:
        sys.exit(done.exit_code)
    except click.Abort:
        click.echo("Stopped.", err=True)
        sys.exit(STOPPED)
    except click.ClickException as error:
        _show(error)
        sys.exit(USED_WRONGLY)
    except DataProblems as error:
        click.echo(str(error), err=True)
        from pipeline.report.wording import counted

        click.echo(f"{counted(error.count, 'problem')}; nothing was published.", err=True)
        sys.exit(NOT_DONE)
    except BrokenPipeError:  # the reader has seen enough
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(NOT_DONE)
    except Exception as error:  # the last resort: say what happened and whose fault it is
        if refused := refused_by_the_machine(error):
            click.echo(one_line(refused), err=True)
            sys.exit(NOT_DONE)
        traceback.print_exc()
        click.echo(f"This is a fault in the program, not in the data: {type(error).__name__}: {error}", err=True)
        sys.exit(FAULT_OF_OURS)
