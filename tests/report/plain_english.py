"""Words and turns that plain English does without, each with what to write instead.

Belongs here: the list. ``test_plain_english`` says which texts must keep to it. Patterns ignore case. What a table
brings (names, titles of sources, reasons of analysts) has the class ``given`` and is left out.
"""

import re

# A turn of phrase, and the better one.
AVOIDED: dict[str, str] = {
    r"\bof (it|them) (paid|the|is|are)\b": "say the noun again: 'share paid by central government'",
    r"\bof which\b": "begin a new sentence",
    r"\bstands? (beside|under|in|where|as|there|here)\b": "is, or: can be found",
    r"\bwhere it stands\b": "where to find it in the source",
    r"\b(?<!the )holds? (eight|all|no|none|what)\b": "covers, contains",
    r"\bare held (against|to|beside)\b": "are compared with",
    r"\bis (held|laid) (against|to)\b": "is compared with, is shared among",
    r"\bis said\b": "say who says it",
    r"\bsuch (a|an) \w+ (gives|gave|stands)\b": "name it",
    r"\bon what\b.*\brests?\b": "what the figures depend on",
    r"\brests? on\b": "depends on, is based on",
    r"\ball that is\b": "everything",
    r"\bno part of\b": "not included in",
    r"\bwhatever the\b": "for any",
    r"\bfrom where\b": "where … comes from",
    r"\bby (which|what) \w+ paid\b": "in proportion to what each paid",
    r"\bworked out and not counted\b": "calculated but not counted",
    r"\bleft as (reported|it was)\b": "kept as reported",
    r"\bcomes? to (£|\d|nothing)": "is, equals",
    r"\bbear in mind\b": "things to know",
    r"\bwhat (it|one) (is|was) the value of\b": "outcome valued",
    r"\beight of ten simulations\b": "80% range (a range with its meaning, once)",
    r"\bthe ratio hangs on\b": "matters most to the ratio",
    r"\bdo(es)? not hold\b": "failed",
    r"\brungs?\b": "milestone",
    r"\b(an?) (a|an|the)\b": "one article",
    r"(?-i:\b[Aa]) (?=[aeio](?!ne\b|ne-|nce\b|u))\w+": "an",
    r"\b(deadweight|value|share|rate) of (in|at|on|a|an|out|no|not|with|without|by)\b": "put the name in quotes",
    r"(?<![\w.])[−-]\d+%": "no negative shares: say that it cannot be reached",
    r"\bthereof\b|\bwhereof\b|\bherein\b|\bhitherto\b": "plain words",
    r"\butili[sz]e\b": "use",
    r"\bin order to\b": "to",
    r"\bprior to\b": "before",
    r"\bcommence\b": "start",
    r"\bis to be (found|seen|read)\b": "you can find",
    r"\bit (can|may) be (seen|said)\b": "say it",
    r"\banew\b": "again",
    r"\bbut for\b": "except",
    r"\bof today\b": "today's",
    r"\b(is|are) (laid out|put) beside\b": "is compared with",
}
# A sentence that is longer than this is two.
MOST_WORDS_OF_A_SENTENCE = 34


def faults_of(text: str) -> list[str]:
    """Return what is wrong with a text, each with its place and the better word; each line of it is read by itself."""
    return [fault for line in text.splitlines() for fault in _faults_of(" ".join(line.split()))]


def _faults_of(line: str) -> list[str]:
    found = [
        f"…{line[max(0, at.start() - 40) : at.end() + 40]}…: {better}"
        for pattern, better in AVOIDED.items()
        for at in re.finditer(pattern, line, re.IGNORECASE)
    ]
    sentences = re.split(r"(?<=[.!?]) +|(?<=[:;]) +(?=[A-Z£])", line)
    return found + [
        f"{sentence[:80]}…: {number} words; make it two sentences"
        for sentence in sentences
        if (number := _words_in(sentence)) > MOST_WORDS_OF_A_SENTENCE
    ]


def _words_in(sentence: str) -> int:
    """How many words a sentence has; what is left out is none."""
    return sum(any(mark.isalnum() for mark in word) for word in sentence.split())
