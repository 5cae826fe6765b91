"""Proxies and certificates that the environment names: what cannot work is told at the start."""

import os
from pathlib import Path

import pytest

from app.config import read_config
from app.outward import outward_faults

APP = {"SPOTIFY_CLIENT_ID": "an-id", "SPOTIFY_CLIENT_SECRET": "a-secret"}


def faults(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, settings: dict[str, str], **environ: str
) -> list[str]:
    """What keeps such a site from reaching Spotify, in such an environment."""
    monkeypatch.setattr(os, "environ", environ)
    return outward_faults(read_config(settings, tmp_path))


@pytest.fixture(autouse=True)
def without_the_package(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.outward.find_spec", lambda _name: None)


@pytest.mark.parametrize("name", ["ALL_PROXY", "all_proxy", "HTTPS_PROXY", "https_proxy"])
@pytest.mark.parametrize("scheme", ["socks5", "socks5h", "socks4", "SOCKS5"])
def test_a_socks_proxy_without_its_package_is_told_with_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, name: str, scheme: str
) -> None:
    (said,) = faults(tmp_path, monkeypatch, APP, **{name: f"{scheme}://me:hunter2@127.0.0.1:1080"})

    assert said.startswith(f"{name} names a SOCKS proxy")
    assert "pip install PySocks" in said
    assert said.endswith(f"or unset {name}.")
    assert "hunter2" not in said


def test_with_its_package_a_socks_proxy_is_fine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("app.outward.find_spec", lambda _name: object())

    assert faults(tmp_path, monkeypatch, APP, ALL_PROXY="socks5://127.0.0.1:1080") == []


@pytest.mark.parametrize(
    "proxy", ['"http://proxy:3128"', "ftp://proxy:21", "http://", "http://proxy:port", "proxy:3128"]
)
def test_what_is_no_proxys_address_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: str
) -> None:
    (said,) = faults(tmp_path, monkeypatch, APP, HTTPS_PROXY=proxy)

    assert said.startswith("HTTPS_PROXY is no proxy's address: ")


@pytest.mark.parametrize(
    "proxy", ["http://proxy:3128", "https://me:pass@proxy", "proxy.example.org:3128", "http://[::1]:3128"]
)
def test_proxies_that_work(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, proxy: str) -> None:
    assert faults(tmp_path, monkeypatch, APP, HTTPS_PROXY=proxy) == []


def test_a_proxy_that_is_not_used_is_nobodys_trouble(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    proxy = "socks5://127.0.0.1:1080"
    here = dict.fromkeys(
        ("SPOTIFY_ACCOUNTS_URL", "SPOTIFY_API_URL", "RECCOBEATS_API_URL"), "http://127.0.0.1:9"
    )

    assert faults(tmp_path, monkeypatch, {}, ALL_PROXY=proxy) == []
    assert faults(tmp_path, monkeypatch, APP | here, ALL_PROXY=proxy) == []
    hosts = ".spotify.com,api.reccobeats.com"
    assert faults(tmp_path, monkeypatch, APP, ALL_PROXY=proxy, NO_PROXY=hosts) == []
    only_spotify = APP | {"AUDIO_FEATURES": "spotify"}
    assert faults(tmp_path, monkeypatch, only_spotify, ALL_PROXY=proxy, NO_PROXY=".spotify.com") == []


def test_certificates_that_are_not_there_are_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (said,) = faults(tmp_path, monkeypatch, APP, REQUESTS_CA_BUNDLE=str(tmp_path / "none.pem"))

    assert said.startswith("REQUESTS_CA_BUNDLE names a file that is not there")
    assert faults(tmp_path, monkeypatch, APP, REQUESTS_CA_BUNDLE=str(tmp_path)) == []
