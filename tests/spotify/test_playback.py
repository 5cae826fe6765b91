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
from app.spotify.playback import SENTENCES, PlayerAction, PlayerError, player_error

FAILED = "Player command failed: "


@pytest.mark.parametrize(
    ("error", "what", "trouble"),
    [
        (
            NotFound("x", f"{FAILED}No active device found NO_ACTIVE_DEVICE"),
            PlayerAction.PLAY,
            PlayerError.NO_DEVICE,
        ),
        (NotFound("x", f"{FAILED}No active device found"), PlayerAction.PAUSE, PlayerError.NO_DEVICE),
        (NotFound("x", "NO_ACTIVE_DEVICE"), PlayerAction.NEXT, PlayerError.NO_DEVICE),
        (NotFound("x"), PlayerAction.RESUME, PlayerError.NO_DEVICE),
        (NotFound("x", "Device not found"), PlayerAction.TRANSFER, PlayerError.DEVICE_GONE),
        (NotFound("x", "DEVICE NOT FOUND"), PlayerAction.PLAY, PlayerError.DEVICE_GONE),
        (NotFound("x", "Non existing id"), PlayerAction.PLAY, PlayerError.NOT_THERE),
        (NotFound("x", "Resource not found"), PlayerAction.PLAY, PlayerError.NOT_THERE),
        (
            Forbidden("x", f"{FAILED}Premium required PREMIUM_REQUIRED"),
            PlayerAction.PLAY,
            PlayerError.PREMIUM,
        ),
        (Forbidden("x", "PREMIUM_REQUIRED"), PlayerAction.VOLUME, PlayerError.PREMIUM),
        (
            Forbidden("x", "Cannot control VOLUME_CONTROL_DISALLOW"),
            PlayerAction.VOLUME,
            PlayerError.NO_VOLUME,
        ),
        (
            Forbidden("x", f"{FAILED}Restriction violated UNKNOWN"),
            PlayerAction.PAUSE,
            PlayerError.ALREADY_PAUSED,
        ),
        (Forbidden("x", f"{FAILED}Restriction violated"), PlayerAction.RESUME, PlayerError.ALREADY_PLAYING),
        (Forbidden("x", "restriction violated"), PlayerAction.NEXT, PlayerError.NOTHING_NEXT),
        (Forbidden("x", "Restriction violated"), PlayerAction.PREVIOUS, PlayerError.NOTHING_BEFORE),
        (Forbidden("x", "Restriction violated"), PlayerAction.SEEK, PlayerError.NO_SEEKING),
        (Forbidden("x", "Restriction violated"), PlayerAction.VOLUME, PlayerError.NO_VOLUME),
        (Forbidden("x", "Restriction violated"), PlayerAction.PLAY, PlayerError.NOT_NOW),
        (Forbidden("x", "Restriction violated"), PlayerAction.TRANSFER, PlayerError.NOT_NOW),
        (Forbidden("x", "ALREADY_PAUSED"), PlayerAction.PAUSE, PlayerError.ALREADY_PAUSED),
        (Forbidden("x", "NOT_PAUSED"), PlayerAction.RESUME, PlayerError.ALREADY_PLAYING),
        (Forbidden("x", "NO_NEXT_TRACK"), PlayerAction.NEXT, PlayerError.NOTHING_NEXT),
        (Forbidden("x", "NO_PREV_TRACK"), PlayerAction.PREVIOUS, PlayerError.NOTHING_BEFORE),
        (Forbidden("x", "Restricted device"), PlayerAction.PLAY, PlayerError.DEVICE_DEAF),
        (Forbidden("x", "DEVICE_NOT_CONTROLLABLE"), PlayerAction.PAUSE, PlayerError.DEVICE_DEAF),
        (Forbidden("x"), PlayerAction.PLAY, PlayerError.REFUSED),
        (
            OwnerNeedsPremium("x", "Active premium subscription required"),
            PlayerAction.PLAY,
            PlayerError.OWNER_PREMIUM,
        ),
        (UserNotRegistered("x", "may not be registered"), PlayerAction.PLAY, PlayerError.NOT_LISTED),
        (InsufficientScope("x", "Insufficient client scope"), PlayerAction.PLAY, PlayerError.NOT_ALLOWED),
        (Unauthorized("x"), PlayerAction.PLAY, PlayerError.LOGIN_REFUSED),
        (LoginEnded("x", "invalid_grant"), PlayerAction.PLAY, PlayerError.LOGIN_ENDED),
        (AppRefused("x", "invalid_client"), PlayerAction.PLAY, PlayerError.APP_REFUSED),
        (RateLimited("x", 0.0, "No active device"), PlayerAction.PLAY, PlayerError.WAIT),
        (NoAnswer("x", "premium"), PlayerAction.PLAY, PlayerError.NO_ANSWER),
        (ServerError("x", "volume"), PlayerAction.PLAY, PlayerError.NO_ANSWER),
        (BadAnswer("x"), PlayerAction.PLAY, PlayerError.UNREADABLE),
        (Refused("x", "Invalid track uri: spotify:track:x"), PlayerAction.PLAY, PlayerError.NOT_THERE),
        (Refused("x", "Invalid position"), PlayerAction.SEEK, PlayerError.REFUSED),
    ],
)
def test_an_answer_means(error: SpotifyError, what: PlayerAction, trouble: PlayerError) -> None:
    assert player_error(error, what) is trouble


def test_a_silent_404_means_the_device_that_was_named() -> None:
    assert player_error(NotFound("x"), PlayerAction.PLAY, device_named=True) is PlayerError.DEVICE_GONE


def test_every_trouble_has_a_sentence_of_its_own() -> None:
    assert set(SENTENCES) == set(PlayerError)
    assert len(set(SENTENCES.values())) == len(PlayerError)
    assert all(sentence.endswith(".") for sentence in SENTENCES.values())
