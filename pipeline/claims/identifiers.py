"""Direct identifiers: what gives a person away, known by its form or by the name of its column.

Belongs here: the forms, and in which column each is looked for. The rules that look for them are in
``pipeline.claims.row_rules``.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

# Names of columns that hold direct identifiers, with all but letters taken out.
IDENTIFYING_COLUMNS = re.compile(
    r"^(full|first|last|middle|family|given|sur|fore)?name|surname|^(dob|birth|dateofbirth)|postcode|postalcode|address"
    r"|^(nhs|nino|ni(number|no)$|nationalinsurance)|email|phone|mobile|passport"
)


@dataclass(frozen=True)
class Identifier:
    """A direct identifier, known by its form; ``least_share``: of the rows, from which chance cannot explain it."""

    words: str
    form: str
    least_share: float = 0.0


# Random ids of letters and digits look like a postcode without its space now and then, and ids of ten digits pass the
# check digit of NHS numbers once in eleven times: these are refused only where most rows do.
IDENTIFIERS = (
    Identifier("an e-mail address", r"[^@ ]@[^@ ]+[.][A-Za-z]"),
    Identifier("a National Insurance number", r"^[A-Za-z]{2} ?[0-9]{2} ?[0-9]{2} ?[0-9]{2} ?[A-Da-d]$"),
    Identifier("a postcode", r"(^|[ ,])[A-Za-z]{1,2}[0-9][A-Za-z0-9]? [0-9][A-Za-z]{2}$"),
    Identifier("a postcode", r"^[A-Za-z]{1,2}[0-9][A-Za-z0-9]?[0-9][A-Za-z]{2}$", 0.5),
    Identifier(
        "a date of birth",
        r"^([0-3]?[0-9][/.-][01]?[0-9][/.-](19|20)[0-9]{2}|(19|20)[0-9]{2}[/.-]?[01][0-9][/.-]?[0-3][0-9])$",
    ),
    Identifier("a telephone number", r"^[(]?([+]44 ?([(]0[)])?|0)[0-9]{2,4}[)]? [0-9]{3,4} ?[0-9]{3,4}$"),
)
NHS_NUMBER = Identifier("an NHS number", r"^([0-9]{10}|[0-9]{3} [0-9]{3} [0-9]{4}|[0-9]{3}-[0-9]{3}-[0-9]{4})$", 0.5)
# Of a record two words may be the title; for a person words without a digit are no pseudonym, however they are written.
NAME = Identifier("a name", r"^[A-ZÀ-ÞĀ-ž][a-zß-ÿĀ-ž'’-]+,? +([A-Z][.]? +)?[A-ZÀ-ÞĀ-ž][A-Za-zÀ-ž'’-]*[a-zß-ÿĀ-ž]$")
WORDS = Identifier("a name", r"^[^0-9@]*[^0-9@ ] +[^0-9@ ][^0-9@]*$")
# A date tells nothing about a person where it is that of a document.
OF_COLUMN: Mapping[str, tuple[Identifier, ...]] = {
    "participant_id": (*IDENTIFIERS, WORDS),
    "evidence_id": (*(each for each in IDENTIFIERS if each.words != "a date of birth"), NAME),
}
