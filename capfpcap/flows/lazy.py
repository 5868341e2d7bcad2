"""Attributes that are worked out when they are first asked for."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar, overload

_Owner = TypeVar("_Owner")
_Value = TypeVar("_Value")


class Lazy(Generic[_Owner, _Value]):
    """A method read as an attribute, called once for each object.

    Who knows the value already assigns it, and then the method is never called.

    Up to Python 3.11 ``functools.cached_property`` takes a lock with every first access, which a
    hundred thousand sessions feel. The object must have a ``__dict__``.
    """

    def __init__(self, compute: Callable[[_Owner], _Value]) -> None:
        self._compute = compute
        self._name = compute.__name__
        self.__doc__ = compute.__doc__

    @overload
    def __get__(self, owner: None, kind: type[_Owner]) -> Lazy[_Owner, _Value]: ...

    @overload
    def __get__(self, owner: _Owner, kind: type[_Owner]) -> _Value: ...

    def __get__(self, owner: _Owner | None, kind: type[_Owner]) -> _Value | Lazy[_Owner, _Value]:
        if owner is None:
            return self
        value = owner.__dict__[self._name] = self._compute(owner)
        return value

    if TYPE_CHECKING:

        def __set__(self, owner: _Owner, value: _Value) -> None:
            """An assignment goes to the object's ``__dict__``, past this class."""
