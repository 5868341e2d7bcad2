"""A code of the fault catalogue, with all that ``explain`` says of it, and the rules that find it.

A code is a stable name: users put it in ``--ignore``, dashboards and runbooks, so it is never
renamed or reused.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING

from msgspec import Struct, field

from capfpcap.report import Severity
from capfpcap.rules.sight import Sight

if TYPE_CHECKING:
    from capfpcap.rules.case import Case, Scene
    from capfpcap.rules.draft import Draft

PhoneRule = Callable[["Case"], Iterator["Draft"]]
"""Judges one phone."""
SceneRule = Callable[["Scene"], Iterator["Draft"]]
"""Judges the captures as a whole."""


class Code(Struct, frozen=True, eq=False):
    """One fault or fact that can be found."""

    code: str
    severity: Severity
    meaning: str
    told_by: str
    not_this: str
    remedy: str
    family: str = ""
    causes: tuple[str, ...] = ()
    """Codes of which this one can be a symptom, the likeliest cause first."""
    services: tuple[str, ...] = ()
    looks_for: Sight | None = None
    """The rules by phone are run only where one of these is in sight; None: always."""
    gives_way: bool = False
    """Left out where one of :attr:`causes` was found: it would only say the same once more."""
    by_start: bool = False
    """Told of each start of a phone: what another one shows does not make up for it."""
    last_resort: bool = False
    """Left out where anything critical was found of the same phone."""
    phone_rules: list[PhoneRule] = field(default_factory=list)
    scene_rules: list[SceneRule] = field(default_factory=list)

    def by_phone(self, rule: PhoneRule) -> PhoneRule:
        """Register a rule that judges one phone at a time."""
        self.phone_rules.append(rule)
        return rule

    def by_scene(self, rule: SceneRule) -> SceneRule:
        """Register a rule that judges the captures as a whole."""
        self.scene_rules.append(rule)
        return rule
