"""A code of the fault catalogue, with all that ``explain`` says of it, and the rules that find it.

A code is a stable name: users put it in ``--ignore``, dashboards and runbooks, so it is never
renamed or reused. All that depends on the kind of fault is declared here and nowhere asked by name:
a code without a stage, or whose cause is not there, does not import.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from enum import Enum, auto
from typing import TYPE_CHECKING

from msgspec import Struct, field

from capfpcap.report import Severity, Stage
from capfpcap.rules.model.screen import ScreenDecision
from capfpcap.rules.model.sight import Sight
from capfpcap.rules.model.stage import Layer

if TYPE_CHECKING:
    from capfpcap.rules.model.case import Case, Scene
    from capfpcap.rules.model.draft import Draft

PhoneRule = Callable[["Case"], Iterator["Draft"]]
"""Judges one phone."""
SceneRule = Callable[["Scene"], Iterator["Draft"]]
"""Judges the captures as a whole."""


class Family(Enum):
    """The chapters of the catalogue; the value is the heading."""

    NAMES = "Names"
    FILES = "Files"
    TRUST_LIST = "Trust list"
    CONNECTIONS = "Connections"
    TLS = "TLS"
    CAPF_CERTIFICATE = "The CAPF certificate"
    CAPF = "CAPF itself"
    PHONE_CERTIFICATE = "The phone's own certificate"
    CAPTURES = "The captures themselves"


class Scope(Enum):
    """What else a fault of the code can explain."""

    PHONE = auto()
    """Whatever the phone does after it, with any service."""
    SERVICE = auto()
    """What the phone does with the same service."""
    CAPTURES = auto()
    """Nothing of a phone: it is about the captures."""


class Code(Struct, frozen=True, eq=False, kw_only=True):
    """One fault or fact that can be found."""

    code: str
    family: Family
    severity: Severity
    stage: Stage | Layer
    """Where it strikes: one stage, or that of the service whose connection it hits."""
    screen: ScreenDecision
    """What the phone's screen says, where this is why an operation failed."""
    meaning: str
    told_by: str
    not_this: str
    remedy: str
    causes: tuple[Code, ...] = ()
    """Codes of which this one can be a symptom, the likeliest cause first."""
    services: tuple[str, ...] = ()
    looks_for: Sight | None = None
    """The rules by phone are run only where one of these is in sight; None: always."""
    gives_way_to: tuple[Code, ...] = ()
    """Causes beside which it is left out: it would only say the same once more."""
    by_start: bool = False
    """Told of each start of a phone: what another one shows does not make up for it."""
    last_resort: bool = False
    """Left out where anything critical was found of the same phone."""
    phone_rules: list[PhoneRule] = field(default_factory=list)
    scene_rules: list[SceneRule] = field(default_factory=list)

    @property
    def scope(self) -> Scope:
        """A fault that any service's connection can have explains nothing beyond that service."""
        if self.stage is Stage.CAPTURES:
            return Scope.CAPTURES
        return Scope.SERVICE if isinstance(self.stage, Layer) else Scope.PHONE

    @property
    def explained_by(self) -> tuple[Code, ...]:
        """Every code of which this one can be a symptom, the likeliest first."""
        return (*self.gives_way_to, *self.causes)

    @property
    def home(self) -> str | None:
        """The module that declares it, which is that of its first rule; None without any rule."""
        rules = (*self.phone_rules, *self.scene_rules)
        return rules[0].__module__ if rules else None

    def by_phone(self, rule: PhoneRule) -> PhoneRule:
        """Register a rule that judges one phone at a time."""
        self.phone_rules.append(rule)
        return rule

    def by_scene(self, rule: SceneRule) -> SceneRule:
        """Register a rule that judges the captures as a whole."""
        self.scene_rules.append(rule)
        return rule
