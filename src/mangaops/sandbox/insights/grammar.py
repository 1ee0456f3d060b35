"""The portable grammar: text -> `Query`, or `MalformedQuery` with its place.

LALR(1) with a contextual lexer, so that `/` is a division after an operand and
begins a regular expression after `like`, and a field may be called `count`.
"""

from __future__ import annotations

from functools import cache

from lark import Lark
from lark.exceptions import UnexpectedInput, UnexpectedToken, VisitError

from mangaops.sandbox.insights.build import BuildQuery
from mangaops.sandbox.insights.check import check_query
from mangaops.sandbox.insights.query import MalformedQuery, Query
from mangaops.sandbox.insights.tables import parser_of

MAX_LENGTH = 10_000

GRAMMAR = r"""
start: "|"? command ("|" command)*

?command: fields | filter | parse | stats | sort | limit | display | dedup

fields: FIELDS column ("," column)*
filter: (FILTER | WHERE) expression
parse: PARSE source STRING AS name ("," name)*   -> parse_glob
     | PARSE source REGEX (AS name ("," name)*)? -> parse_regex
source: NAME
stats: STATS column ("," column)* [BY by]
by: column ("," column)*
sort: SORT sort_key ("," sort_key)*
sort_key: expression (ASC | DESC)?
limit: LIMIT NUMBER
display: DISPLAY name ("," name)*
dedup: DEDUP name ("," name)*

column: expression [AS name]
name: NAME

?expression: conjunction
           | expression OR conjunction       -> binary
?conjunction: negation
            | conjunction AND negation       -> binary
?negation: comparison
         | NOT negation                      -> unary
?comparison: sum
           | sum COMPARE sum                 -> binary
           | sum LIKE (STRING | REGEX)       -> match
           | sum NOT LIKE (STRING | REGEX)   -> not_match
           | sum MATCHES (STRING | REGEX)    -> match
           | sum IN choices                     -> binary
           | sum NOT IN choices                 -> not_in
choices: "[" [constant ("," constant)*] "]"
constant: STRING | SIGN? NUMBER
?sum: product
    | sum (PLUS | MINUS) product             -> binary
?product: power
        | product (STAR | SLASH | PERCENT) power -> binary
?power: sign
      | sign CARET power                     -> binary
?sign: atom
     | MINUS sign                            -> unary
?atom: NUMBER                                -> number
     | STRING                                -> string
     | PERIOD                                -> period
     | NAME "(" [arguments] ")"              -> call
     | NAME                                  -> field
     | "(" expression ")"
arguments: expression ("," expression)* | STAR

FIELDS.3: /fields(?![\w.@])/i
FILTER.3: /filter(?![\w.@])/i
WHERE.3: /where(?![\w.@])/i
PARSE.3: /parse(?![\w.@])/i
STATS.3: /stats(?![\w.@])/i
SORT.3: /sort(?![\w.@])/i
LIMIT.3: /limit(?![\w.@])/i
DISPLAY.3: /display(?![\w.@])/i
DEDUP.3: /dedup(?![\w.@])/i
AS.2: /as(?![\w.@])/i
BY.2: /by(?![\w.@])/i
ASC.2: /asc(?![\w.@])/i
DESC.2: /desc(?![\w.@])/i
AND.2: /and(?![\w.@])/i
OR.2: /or(?![\w.@])/i
NOT.2: /not(?![\w.@])/i
LIKE.2: /like(?![\w.@])/i
IN.2: /in(?![\w.@])/i
MATCHES.2: "=~"
COMPARE: "!=" | "<=" | ">=" | "=" | "<" | ">"
PLUS: "+"
MINUS: "-"
SIGN: "-"
STAR: "*"
SLASH: "/"
PERCENT: "%"
CARET: "^"
PERIOD.2: /\d+/ (SECONDS | LONGER) /(?!\w)/
SECONDS: /(?:milli|m)?s(?:ec(?:ond)?s?)?/i
LONGER: /m(?:in(?:ute)?s?)?/i | /h(?:ou)?(?:rs?)?/i | /(?:day|d|week|w)s?/i
NUMBER: /(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?(?!\w)/
STRING: /"(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'/s
REGEX: /\/(?:[^\/\\\n]|\\.)+\//
NAME: /(?:@{0,2}[A-Za-z_]\w*|`[^`\n]+`)(?:\.(?:@?\w+|`[^`\n]+`))*/
COMMENT: /#[^\n]*/
%ignore COMMENT
%ignore /\s+/
"""


@cache
def _parser() -> Lark:
    return parser_of(GRAMMAR)


def parse_query(text: str) -> Query:
    """The query, checked; raises `MalformedQuery`."""
    if not text.strip():
        raise MalformedQuery("the query is empty", start=0, end=len(text))
    try:
        tree = _parser().parse(text)
        query = BuildQuery(text).transform(tree)
    except VisitError as error:
        if isinstance(error.orig_exc, MalformedQuery):
            raise error.orig_exc from None
        raise
    except UnexpectedInput as error:
        raise _syntax_error(error, text) from None
    assert isinstance(query, Query)  # noqa: S101 - lark types its transformer as Any
    check_query(query)
    return query


def _syntax_error(error: UnexpectedInput, text: str) -> MalformedQuery:
    start = error.pos_in_stream
    at_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
    if at_end or start is None:
        return MalformedQuery("unexpected end of the query", start=len(text), end=len(text))
    found = str(error.token) if isinstance(error, UnexpectedToken) else text[start]
    line = text.count("\n", 0, start) + 1
    column = start - (text.rfind("\n", 0, start) + 1)
    return MalformedQuery(
        f"unexpected symbol found {found} at line {line} and position {column}",
        start=start,
        end=start + len(found),
    )
