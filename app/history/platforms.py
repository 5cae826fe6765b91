"""Devices in plain families, from what Spotify writes as `platform`: hundreds of spellings over the years."""

FAMILIES = ("ios", "android", "windows", "macos", "linux", "web", "cast", "console", "other")

# The first that matches counts: a cast device may run Android, and a web player runs somewhere.
_SIGNS = (
    ("cast", ("cast",)),
    ("web", ("web_player", "webplayer", "web player")),
    ("console", ("playstation", "xbox", "nintendo", "_ps3", "_ps4", "_ps5", "ps3", "ps4", "ps5")),
    ("ios", ("ios", "iphone", "ipad", "ipod", "watchos")),
    ("android", ("android",)),
    ("windows", ("windows", "win32")),
    ("macos", ("os x", "osx", "macos", "mac os")),
    ("linux", ("linux", "ubuntu", "debian")),
)


def family(platform: str) -> str:
    """The family of a platform: `family("iOS 9.3 (iPhone8,1)")` is "ios"."""
    text = platform.casefold()
    if text in FAMILIES:
        return text  # as this site's own tables write it
    return next((name for name, signs in _SIGNS if any(sign in text for sign in signs)), "other")
