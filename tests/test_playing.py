"""What Spotify's player answers, told apart: with a reason, a message, both or neither."""

import pytest

from app.spotify.errors import (
    AppRefused,
    BadAnswer,
    Forbidden,
    InsufficientScope,
    LoginEnded,
    NoAnswer,
    NotFound,
    OwnerNeedsPremium,
    RateLimited,
    Refused,
    ServerError,
    SpotifyError,
    Unauthorized,
    UserNotRegistered,
)
from app.spotify.playback import SENTENCES, Trouble, What, trouble_of

FAILED = "Player command failed: "


@pytest.mark.parametrize(
    ("error", "what", "trouble"),
    [
        (NotFound("x", f"{FAILED}No active device found NO_ACTIVE_DEVICE"), What.PLAY, Trouble.NO_DEVICE),
        (NotFound("x", f"{FAILED}No active device found"), What.PAUSE, Trouble.NO_DEVICE),
        (NotFound("x", "NO_ACTIVE_DEVICE"), What.NEXT, Trouble.NO_DEVICE),
        (NotFound("x"), What.RESUME, Trouble.NO_DEVICE),
        (NotFound("x", "Device not found"), What.TRANSFER, Trouble.DEVICE_GONE),
        (NotFound("x", "DEVICE NOT FOUND"), What.PLAY, Trouble.DEVICE_GONE),
        (NotFound("x", "Non existing id"), What.PLAY, Trouble.NOT_THERE),
        (NotFound("x", "Resource not found"), What.PLAY, Trouble.NOT_THERE),
        (Forbidden("x", f"{FAILED}Premium required PREMIUM_REQUIRED"), What.PLAY, Trouble.PREMIUM),
        (Forbidden("x", "PREMIUM_REQUIRED"), What.VOLUME, Trouble.PREMIUM),
        (
            Forbidden("x", "Cannot control VOLUME_CONTROL_DISALLOW"),
            What.VOLUME,
            Trouble.NO_VOLUME,
        ),
        (Forbidden("x", f"{FAILED}Restriction violated UNKNOWN"), What.PAUSE, Trouble.ALREADY_PAUSED),
        (Forbidden("x", f"{FAILED}Restriction violated"), What.RESUME, Trouble.ALREADY_PLAYING),
        (Forbidden("x", "restriction violated"), What.NEXT, Trouble.NOTHING_NEXT),
        (Forbidden("x", "Restriction violated"), What.PREVIOUS, Trouble.NOTHING_BEFORE),
        (Forbidden("x", "Restriction violated"), What.SEEK, Trouble.NO_SEEKING),
        (Forbidden("x", "Restriction violated"), What.VOLUME, Trouble.NO_VOLUME),
        (Forbidden("x", "Restriction violated"), What.PLAY, Trouble.NOT_NOW),
        (Forbidden("x", "Restriction violated"), What.TRANSFER, Trouble.NOT_NOW),
        (Forbidden("x", "ALREADY_PAUSED"), What.PAUSE, Trouble.ALREADY_PAUSED),
        (Forbidden("x", "NOT_PAUSED"), What.RESUME, Trouble.ALREADY_PLAYING),
        (Forbidden("x", "NO_NEXT_TRACK"), What.NEXT, Trouble.NOTHING_NEXT),
        (Forbidden("x", "NO_PREV_TRACK"), What.PREVIOUS, Trouble.NOTHING_BEFORE),
        (Forbidden("x", "Restricted device"), What.PLAY, Trouble.DEVICE_DEAF),
        (Forbidden("x", "DEVICE_NOT_CONTROLLABLE"), What.PAUSE, Trouble.DEVICE_DEAF),
        (Forbidden("x"), What.PLAY, Trouble.REFUSED),
        (OwnerNeedsPremium("x", "Active premium subscription required"), What.PLAY, Trouble.OWNER_PREMIUM),
        (UserNotRegistered("x", "may not be registered"), What.PLAY, Trouble.NOT_LISTED),
        (InsufficientScope("x", "Insufficient client scope"), What.PLAY, Trouble.NOT_ALLOWED),
        (Unauthorized("x"), What.PLAY, Trouble.LOGIN_REFUSED),
        (LoginEnded("x", "invalid_grant"), What.PLAY, Trouble.LOGIN_ENDED),
        (AppRefused("x", "invalid_client"), What.PLAY, Trouble.APP_REFUSED),
        (RateLimited("x", 0.0, "No active device"), What.PLAY, Trouble.WAIT),
        (NoAnswer("x", "premium"), What.PLAY, Trouble.NO_ANSWER),
        (ServerError("x", "volume"), What.PLAY, Trouble.NO_ANSWER),
        (BadAnswer("x"), What.PLAY, Trouble.UNREADABLE),
        (Refused("x", "Invalid track uri: spotify:track:x"), What.PLAY, Trouble.NOT_THERE),
        (Refused("x", "Invalid position"), What.SEEK, Trouble.REFUSED),
    ],
)
def test_an_answer_means(error: SpotifyError, what: What, trouble: Trouble) -> None:
    assert trouble_of(error, what) is trouble


def test_a_silent_404_means_the_device_that_was_named() -> None:
    assert trouble_of(NotFound("x"), What.PLAY, device_named=True) is Trouble.DEVICE_GONE


def test_every_trouble_has_a_sentence_of_its_own() -> None:
    assert set(SENTENCES) == set(Trouble)
    assert len(set(SENTENCES.values())) == len(Trouble)
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())
