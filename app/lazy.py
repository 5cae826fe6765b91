"""Properties that are worked out when they are first asked for, and once.

Python's own `functools.cached_property` holds one lock for all objects of a class before 3.12: the threads of
a process would work out everybody's reports one after another.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from functools import cached_property
else:

    class cached_property:  # noqa: N801 - called as Python's own
        """As Python's own, without a lock: of two threads at the same object both may work it out."""

        def __init__(self, function: Any) -> None:
            self._function = function
            self.__doc__ = function.__doc__

        def __set_name__(self, _owner: type, name: str) -> None:
            self._name = name

        def __get__(self, instance: Any, _owner: type | None = None) -> Any:
            if instance is None:
                return self
            value = instance.__dict__[self._name] = self._function(instance)
            return value


__all__ = ["cached_property"]
