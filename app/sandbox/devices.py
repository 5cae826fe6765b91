"""The devices of each invented listener, and which of them is active before anything was played.

Volumes are percent. A device without an id cannot be named in a command: Spotify restricts it.
"""

from dataclasses import dataclass

from app.sandbox.seeded_random import number

_STARTING_VOLUME = 60


@dataclass(frozen=True)
class Device:
    """Something that plays. `volume` is where it stands at first; `None`: it cannot be told."""

    id: str | None
    name: str
    kind: str
    volume: int | None = _STARTING_VOLUME
    restricted: bool = False

    @property
    def supports_volume(self) -> bool:
        """Whether an app may set its volume."""
        return self.volume is not None


def _device(listener: str, name: str, kind: str, volume: int | None = _STARTING_VOLUME) -> Device:
    return Device(f"{number('device', listener, name) % 16**40:040x}", name, kind, volume)


def _three(listener: str, laptop: str, speaker: str, phone: str) -> tuple[Device, ...]:
    return (
        _device(listener, laptop, "Computer"),
        _device(listener, speaker, "Speaker", 35),
        _device(listener, phone, "Smartphone", None),
    )


_DEVICES = {
    "mira.after.dark": _three("mira.after.dark", "Mira's laptop", "Kitchen speaker", "Pocket phone"),
    "theo_sideb": _three("theo_sideb", "Bureau de Théodore", "Salon, near the piano", "Le téléphone"),
    "brunothunder": _three("brunothunder", "Bruno's work laptop", "Garage amp", "Cracked phone"),
    "نور-nour-✈": (
        *_three("نور-nour-✈", "Nour 🌍 <laptop>", "Balcony radio", "جوال نور"),
        Device(None, "Hotel television", "TV", 20, restricted=True),
    ),
}
_ACTIVE_AT_FIRST = {"mira.after.dark": "Mira's laptop", "نور-nour-✈": "Hotel television"}


def devices_of(listener: str) -> tuple[Device, ...]:
    """The listener's devices."""
    return _DEVICES.get(listener, ())


def device_named(listener: str, name: str | None) -> Device | None:
    """The listener's device with that name: names are theirs alone, and a restricted device has no id."""
    return next((device for device in devices_of(listener) if device.name == name), None)


def device_with(listener: str, device_id: str) -> Device | None:
    """The listener's device with that id."""
    return next((device for device in devices_of(listener) if device.id == device_id), None)


def active_at_first(listener: str) -> str | None:
    """The name of the device that is active before any command."""
    return _ACTIVE_AT_FIRST.get(listener)
