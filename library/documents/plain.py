"""What the marks of a template may say: read the values given, choose, repeat. No programming.

A template of few bytes must not keep the server busy or fill its memory. So what may stand in one is listed, and
whatever could grow (sums of texts, lists, calls, captured text) is not on the list.
"""

from collections.abc import Iterator
from typing import Any

from jinja2 import StrictUndefined, Template, nodes
from jinja2.exceptions import SecurityError
from jinja2.sandbox import ImmutableSandboxedEnvironment

MOST_NESTED = 2
MOST_LOOPS = 40
MOST_WRITTEN = 20_000_000
"""Characters of the paper's parts together, marks of layout included: a list of 3,000 rows has room."""

_NODES = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Const, nodes.Getattr, nodes.Getitem,
    nodes.For, nodes.If, nodes.CondExpr, nodes.Test, nodes.Filter, nodes.Compare, nodes.Operand, nodes.And, nodes.Or,
    nodes.Not, nodes.Add, nodes.Sub, nodes.Neg, nodes.Keyword,
)  # fmt: skip
_FILTERS = frozenset(
    {"capitalize", "d", "default", "e", "escape", "first", "last", "length", "lower", "title", "trim", "upper"}
)


class TooLong(SecurityError):
    """The paper would have no end."""


class _Counted(Template):
    """Stops writing when the paper is as long as any may be."""

    def render(self, *args: Any, **kwargs: Any) -> str:
        environment, parts = self.environment, []
        assert isinstance(environment, Plain)
        for part in self.generate(*args, **kwargs):
            environment.write(len(part))
            parts.append(part)
        return "".join(parts)


class Plain(ImmutableSandboxedEnvironment):
    """For one paper: it counts what is written over all its parts."""

    intercepted_binops = frozenset({"+", "-", "*", "/", "//", "**", "%"})
    template_class = _Counted

    def __init__(self) -> None:
        super().__init__(undefined=StrictUndefined, autoescape=True)
        self.globals.clear()
        self.filters = {name: work for name, work in self.filters.items() if name in _FILTERS}
        self.written = self.loops = 0

    def write(self, characters: int) -> None:
        self.written += characters
        if self.written > MOST_WRITTEN:
            raise TooLong("the paper is too long")

    def is_safe_callable(self, obj: Any) -> bool:
        return False

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Numbers may be counted on, as in `loop.index + 1`; the rest grows too fast."""
        if operator in ("+", "-") and isinstance(left, int) and isinstance(right, int):
            return super().call_binop(context, operator, left, right)
        raise SecurityError(f"{operator} is not for templates")

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Before anything of it is compiled: constant expressions would be worked out then."""
        parsed = super()._parse(source, name, filename)
        for node, deep in _walked(parsed, 0):
            self.loops += isinstance(node, nodes.For)
            if deep > MOST_NESTED or self.loops > MOST_LOOPS or not _allowed(node):
                raise SecurityError(f"{type(node).__name__} is not for templates")
        return parsed


def _walked(node: nodes.Node, deep: int) -> Iterator[tuple[nodes.Node, int]]:
    """Every node, and in how many loops it stands."""
    deep += isinstance(node, nodes.For)
    yield node, deep
    for child in node.iter_child_nodes():
        yield from _walked(child, deep)


def _allowed(node: nodes.Node) -> bool:
    if isinstance(node, nodes.Filter):
        return node.name in _FILTERS
    if isinstance(node, nodes.For):
        return not node.recursive
    if isinstance(node, nodes.Tuple):
        return node.ctx == "store"
    return isinstance(node, _NODES)
