"""Rules on what was given beside the captures; loaded only where something was.

Each finds a code of the catalogue: what a file says is another way to see the same fault.
"""

from __future__ import annotations

from capfpcap.rules.model.code import Code, PhoneRule, SceneRule
from capfpcap.rules.trust.by_evidence import nodes, phones

PHONE_RULES: tuple[tuple[Code, PhoneRule], ...] = (*phones.RULES,)
"""Each judges one phone."""
SCENE_RULES: tuple[tuple[Code, SceneRule], ...] = (*nodes.RULES,)
"""Each judges the files on their own."""
