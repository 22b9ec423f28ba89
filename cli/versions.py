"""`prescore models`, `promote` and `rollback`: which versions there are, and which reign."""

from typing import TYPE_CHECKING, Annotated, Any

import typer

from cli.options import AsJson
from cli.places import full_name, open_registry
from cli.printing import print_json, say, show, working
from features.errors import NotInRegistryError, RegistryError
from models.verdicts import in_short, objections
from models.versions import CHALLENGER, CHAMPION, GATE, PERSON, PRESCORE

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.console import Group

    from models.registry import Registry
    from models.versions import Version

MODELS_EXAMPLES = """Examples:

prescore models

prescore models share --json
"""
PROMOTE_EXAMPLES = """Examples:

prescore promote share            (its challenger)

prescore promote share 3

prescore promote models:/prescore-share/3
"""
ROLLBACK_EXAMPLES = """Examples:

prescore rollback share
"""
FIGURES_SHOWN = 3
MAIN_FIGURES = ("mean_pearson", "within_account_spearman", "comparison_accuracy")
"""What versions are compared by; shown before the rest."""

CROWNED = {
    GATE: "Made champion by the gate.",
    PERSON: "Made champion by a person.",
    PRESCORE: "Came with prescore.",
}
ModelName = Annotated[
    str, typer.Argument(metavar="NAME", help="emotion, share, or a registered name.")
]


def models(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="Only this one: emotion, share, …")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """List registered versions: who reigns, who challenges, and how well each did."""
    with working("Asking the registry"):
        registry = open_registry()
        names = [full_name(name)] if name else registry.names()
        found = [version for each in names for version in registry.versions(each)]
    if name and not found:
        raise RegistryError(_none_of(name, registry.names()))
    if as_json:
        print_json([_json(version) for version in found])
    elif found:
        show(_report(found))
    else:
        say(_none_of(name, registry.names()))


def promote(
    name: Annotated[
        str, typer.Argument(metavar="NAME", help="emotion, share, a registered name, or a URI.")
    ],
    number: Annotated[
        str | None, typer.Argument(metavar="VERSION", help="The challenger if not given.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Make a version the champion; the champion so far becomes `previous`."""
    bare = "/" not in name and "@" not in name
    if number is not None and not bare:
        raise typer.BadParameter("give the version once: NAME VERSION, or models:/NAME/VERSION.")
    address = f"{full_name(name)}/{number}" if number else name
    if number is None and bare:
        address = f"{full_name(name)}@{CHALLENGER}"
    with working("Promoting"):
        registry = open_registry()
        try:
            version = registry.resolve(address)
        except NotInRegistryError as err:
            if number is None and bare:
                raise _no_challenger(full_name(name), registry) from err
            raise
        version = registry.promote(version.name, version.number)
    _tell(version, as_json)


def rollback(name: ModelName, as_json: AsJson = False) -> None:
    """Make the previous champion the champion again."""
    with working("Rolling back"):
        version = open_registry().rollback(full_name(name))
    _tell(version, as_json)


def _no_challenger(name: str, registry: "Registry") -> RegistryError:
    found = registry.versions(name)
    if not found:
        return RegistryError(_none_of(name, registry.names()))
    told = ", ".join(" ".join([each.number, *map("({})".format, each.aliases)]) for each in found)
    return RegistryError(f"{name} has no challenger. Say which version to promote: {told}.")


def _none_of(name: str | None, names: "Sequence[str]") -> str:
    if name is None or not names:
        return "No versions yet. Train one with `prescore train`."
    return f"No versions of {full_name(name)}. There are some of: {', '.join(names)}."


def _tell(version: "Version", as_json: bool) -> None:
    if as_json:
        print_json(_json(version))
    else:
        typer.echo(f"{version.name} version {version.number} is the champion now.")


def _json(version: "Version") -> dict[str, Any]:
    return {
        "name": version.name,
        "version": version.number,
        "kind": version.kind,
        "uri": version.uri,
        "aliases": list(version.aliases),
        "created": version.created.isoformat(timespec="seconds"),
        "run_id": version.run_id,
        "metrics": version.metrics,
        "crowned_by": version.crowned_by if CHAMPION in version.aliases else None,
        "gate": {"verdict": version.verdict, "reason": version.reason},
    }


def _report(versions: "list[Version]") -> "Group":
    """The versions as a table that a narrow terminal has room for, and below it why each stands."""
    from rich import box
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for title in ("version", "standing", "made", "figures"):
        table.add_column(title, no_wrap=True)
    for version in versions:
        figures = sorted(version.metrics.items(), key=lambda figure: figure[0] not in MAIN_FIGURES)
        table.add_row(
            _named(version),
            "\n".join(version.aliases),
            f"{version.created:%Y-%m-%d\n%H:%M}",
            "\n".join(f"{name} {value:.3f}" for name, value in figures[:FIGURES_SHOWN]),
        )
    reasons = ((_named(version), _why(version)) for version in versions)
    return Group(table, *(Text(f"{named}: {why}") for named, why in reasons if why))


def _named(version: "Version") -> str:
    return f"{version.name} {version.number}"


def _why(version: "Version") -> str:
    """Say why a version stands where it does."""
    said = objections(version.objection) if version.objection else in_short(version.reason)
    if CHAMPION not in version.aliases or version.crowned_by is None:
        return said
    crowned = CROWNED[version.crowned_by]
    if version.objection:
        return f"{crowned} The gate had not: {said}"
    return crowned if version.crowned_by == PRESCORE else f"{crowned} {said}".rstrip()
