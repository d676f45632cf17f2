"""The standing audit (M12): named rules, each one query and a plain sentence. See docs/audit.md."""

from reviews.audit.rule import Found, Rule, Scope
from reviews.audit.rules import BY_NAME, RULES
from reviews.audit.traceability import Traced, traceability

__all__ = ["BY_NAME", "RULES", "Found", "Rule", "Scope", "Traced", "traceability"]
