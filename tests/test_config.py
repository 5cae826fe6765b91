"""The configuration: defaults, faults with their remedies, and the kept secret key."""

import errno
import os
import stat
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier

import pytest

from app.config import ROOT, Config, ConfigError, SpotifyApp, read_config

SECRET = "a secret key that is long enough"


@pytest.fixture
def instance(tmp_path: Path) -> Path:
    return tmp_path / "instance"


def faults(instance: Path, **environ: str) -> list[str]:
    """What is wrong with an environment, each fault in its own words."""
    with pytest.raises(ConfigError) as caught:
        read_config(environ, instance)
    return caught.value.faults


def fault(instance: Path, **environ: str) -> str:
    """The only thing wrong with an environment."""
    (only,) = faults(instance, **environ)
    return only


def test_an_empty_environment_is_a_configuration(instance: Path) -> None:
    config = read_config({}, instance)

    assert config == Config(
        secret_key=(instance / "secret_key").read_text(),
        spotify=None,
        redirect_uri="http://127.0.0.1:5000/callback",
        accounts_url="https://accounts.spotify.com",
        api_url="https://api.spotify.com/v1",
        reccobeats_url="https://api.reccobeats.com/v1",
        oembed_url="https://open.spotify.com/oembed",
        database_url=f"sqlite:///{instance}/liner-notes.sqlite3",
        host="127.0.0.1",
        port=5000,
        demo=True,
        audio_features=("spotify", "reccobeats"),
        trusted_proxies=0,
        trusted_hosts=(),
        anonymous_imports=True,
        import_max_rows=5_000_000,
        account_max_rows=10_000_000,
        upload_limit="10/hour",
        search_limit="30/minute",
        login_limit="20/minute",
        instance=instance,
        web_threads=8,
    )


def test_everything_can_be_set(instance: Path) -> None:
    config = read_config(
        {
            "SECRET_KEY": SECRET,
            "SPOTIFY_CLIENT_ID": "id",
            "SPOTIFY_CLIENT_SECRET": "secret",
            "SPOTIFY_REDIRECT_URI": "https://music.example.org/callback",
            "SPOTIFY_ACCOUNTS_URL": "http://127.0.0.1:9000/accounts/",
            "SPOTIFY_API_URL": "http://127.0.0.1:9000/v1//",
            "RECCOBEATS_API_URL": "http://127.0.0.1:9000/reccobeats",
            "SPOTIFY_OEMBED_URL": "http://127.0.0.1:9000/oembed/",
            "DATABASE_URL": "postgresql+psycopg://me:pass@db.example.org/notes",
            "HOST": "0.0.0.0",  # noqa: S104 - what an owner may choose
            "PORT": "8080",
            "DEMO": "0",
            "AUDIO_FEATURES": "reccobeats",
            "TRUSTED_PROXIES": "2",
            "TRUSTED_HOSTS": "music.example.org, NAS.local",
            "ANONYMOUS_IMPORTS": "0",
            "IMPORT_MAX_ROWS": "1000",
            "ACCOUNT_MAX_ROWS": "2000",
            "LIMIT_UPLOADS": "100/day",
            "LIMIT_SEARCHES": "5 per 2 minutes",
            "LIMIT_LOGINS": "7/minute",
            "WEB_THREADS": "16",
        },
        instance,
    )

    assert config == Config(
        secret_key=SECRET,
        spotify=SpotifyApp("id", "secret"),
        redirect_uri="https://music.example.org/callback",
        accounts_url="http://127.0.0.1:9000/accounts",
        api_url="http://127.0.0.1:9000/v1",
        reccobeats_url="http://127.0.0.1:9000/reccobeats",
        oembed_url="http://127.0.0.1:9000/oembed",
        database_url="postgresql+psycopg://me:pass@db.example.org/notes",
        host="0.0.0.0",  # noqa: S104 - likewise
        port=8080,
        demo=False,
        audio_features=("reccobeats",),
        trusted_proxies=2,
        trusted_hosts=("music.example.org", "nas.local"),
        anonymous_imports=False,
        import_max_rows=1000,
        account_max_rows=2000,
        upload_limit="100/day",
        search_limit="5 per 2 minutes",
        login_limit="7/minute",
        instance=instance,
        web_threads=16,
    )


@pytest.mark.parametrize("nothing", ["", "   ", "\t"])
def test_an_empty_value_counts_as_unset(instance: Path, nothing: str) -> None:
    names = (
        *("SECRET_KEY", "SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET", "SPOTIFY_REDIRECT_URI"),
        *(
            "SPOTIFY_ACCOUNTS_URL",
            "SPOTIFY_API_URL",
            "RECCOBEATS_API_URL",
            "SPOTIFY_OEMBED_URL",
            "DATABASE_URL",
        ),
        *("HOST", "PORT", "DEMO", "AUDIO_FEATURES", "TRUSTED_PROXIES", "TRUSTED_HOSTS"),
        *("ANONYMOUS_IMPORTS", "IMPORT_MAX_ROWS", "ACCOUNT_MAX_ROWS"),
        *("LIMIT_UPLOADS", "LIMIT_SEARCHES", "LIMIT_LOGINS", "INSTANCE", "WEB_THREADS"),
    )

    assert read_config(dict.fromkeys(names, nothing), instance) == read_config({}, instance)


def test_every_fault_is_named_in_one_message_with_its_remedy(instance: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config(
            {
                "SECRET_KEY": "short",
                "SPOTIFY_CLIENT_ID": "id",
                "SPOTIFY_REDIRECT_URI": "http://localhost:5000/callback",
                "SPOTIFY_API_URL": "api.spotify.com",
                "DATABASE_URL": "mysql://me:hunter2@db/notes",
                "PORT": "http",
                "DEMO": "perhaps",
                "AUDIO_FEATURES": "spotify,lastfm",
                "TRUSTED_PROXIES": "-1",
            },
            instance,
        )

    title, *lines = str(caught.value).splitlines()
    assert title == "Liner Notes cannot start:"
    assert sorted(lines) == sorted(f"  - {fault}" for fault in caught.value.faults)
    message = str(caught.value)
    for remedy in (
        "SECRET_KEY is shorter than 16 characters: use a long random value",
        "SPOTIFY_CLIENT_ID is set but SPOTIFY_CLIENT_SECRET is not: copy both",
        "SPOTIFY_REDIRECT_URI is 'http://localhost:5000/callback': Spotify refuses localhost. "
        "Use http://127.0.0.1:5000/callback",
        "SPOTIFY_API_URL is 'api.spotify.com': use an http(s) address, such as https://api.spotify.com/v1",
        "DATABASE_URL begins with 'mysql': use sqlite:///path/to/file or postgresql+psycopg://",
        "PORT is 'http': use a whole number from 1 to 65535, or remove it for 5000.",
        "DEMO is 'perhaps': use 1 or 0.",
        "AUDIO_FEATURES names lastfm: use spotify and reccobeats",
        "TRUSTED_PROXIES is '-1': use a whole number from 0 to 10, or remove it for 0.",
    ):
        assert remedy in message
    assert len(lines) == 9
    assert "hunter2" not in message


@pytest.mark.parametrize(
    "uri",
    [
        "http://127.0.0.1:5000/callback",
        "http://127.0.0.1/callback",
        "http://[::1]:8000/callback",
        "https://music.example.org/callback",
        "https://music.example.org:8443/callback",
        "https://127.0.0.1/callback",
    ],
)
def test_redirect_uris_that_spotify_accepts(instance: Path, uri: str) -> None:
    assert read_config({"SPOTIFY_REDIRECT_URI": uri}, instance).redirect_uri == uri


@pytest.mark.parametrize(
    ("uri", "why", "right"),
    [
        ("http://localhost:5000/callback", "refuses localhost", "http://127.0.0.1:5000/callback"),
        ("http://LOCALHOST:5000/callback", "refuses localhost", "http://127.0.0.1:5000/callback"),
        ("http://localhost/callback", "refuses localhost", "http://127.0.0.1:7000/callback"),
        ("https://localhost/callback", "refuses localhost", "http://127.0.0.1:7000/callback"),
        ("http://notes.localhost:81/x", "refuses localhost", "http://127.0.0.1:81/callback"),
        ("http://music.example.org/callback", "refuses plain http", "https://music.example.org/callback"),
        ("http://192.168.1.5:5000/callback", "refuses plain http", "https://192.168.1.5/callback"),
        ("http://0.0.0.0:5000/callback", "refuses plain http", "http://127.0.0.1:5000/callback"),
        ("http://0.0.0.0/callback", "refuses plain http", "http://127.0.0.1:7000/callback"),
        ("http://[::]:5000/callback", "refuses plain http", "http://127.0.0.1:5000/callback"),
        ("http://127.0.0.2:5000/callback", "refuses plain http", "http://127.0.0.1:5000/callback"),
        ("http://127.0.0.2/callback", "refuses plain http", "http://127.0.0.1:7000/callback"),
        ("https://localhost:8443/callback", "refuses localhost", "http://127.0.0.1:8443/callback"),
        ("http://127.0.0.1:81/", "answers at /callback", "http://127.0.0.1:81/callback"),
        ("http://127.0.0.1/", "answers at /callback", "http://127.0.0.1/callback"),
        (
            "https://music.example.org:8443/",
            "answers at /callback",
            "https://music.example.org:8443/callback",
        ),
        ("https://music.example.org/", "answers at /callback", "https://music.example.org/callback"),
        ("https://music.example.org/callback/", "answers at /callback", "https://music.example.org/callback"),
        ("http://[::1]:5000/login", "answers at /callback", "http://[::1]:5000/callback"),
        ("music.example.org/callback", "not a web address", "http://127.0.0.1:7000/callback"),
        ("ftp://music.example.org/callback", "not a web address", "http://127.0.0.1:7000/callback"),
        ("https://music.example.org/callback?a=b", "not a web address", "http://127.0.0.1:7000/callback"),
        ("https://music.example.org/callback#a", "not a web address", "http://127.0.0.1:7000/callback"),
        ("http://127.0.0.1:port/callback", "not a web address", "http://127.0.0.1:7000/callback"),
        ("http://[::1/callback", "not a web address", "http://127.0.0.1:7000/callback"),
    ],
)
def test_redirect_uris_that_spotify_refuses(instance: Path, uri: str, why: str, right: str) -> None:
    said = fault(instance, SPOTIFY_REDIRECT_URI=uri, PORT="7000")

    assert said.startswith(f"SPOTIFY_REDIRECT_URI is {uri!r}: ")
    assert why in said
    assert f"Use {right}" in said


@pytest.mark.parametrize("host", ["localhost", "0.0.0.0", "127.0.0.2"])  # noqa: S104 - not bound
@pytest.mark.parametrize("port", ["", ":5000"])
def test_the_redirect_uri_that_is_suggested_is_one_that_spotify_accepts(
    instance: Path, host: str, port: str
) -> None:
    said = fault(instance, SPOTIFY_REDIRECT_URI=f"http://{host}{port}/callback")
    suggested = said.partition("Use ")[2].split()[0]

    assert read_config({"SPOTIFY_REDIRECT_URI": suggested}, instance).redirect_uri == suggested
    assert suggested == "http://127.0.0.1:5000/callback"


@pytest.mark.parametrize(("port", "uri"), [("", "5000"), ("8080", "8080"), ("1", "1"), ("65535", "65535")])
def test_the_default_redirect_uri_follows_the_port(instance: Path, port: str, uri: str) -> None:
    assert read_config({"PORT": port}, instance).redirect_uri == f"http://127.0.0.1:{uri}/callback"


@pytest.mark.parametrize("port", ["0", "65536", "-1", "5e3", "٥٠٠٠", "5000.0", "9" * 5000])
def test_a_port_that_is_none(instance: Path, port: str) -> None:
    assert "use a whole number from 1 to 65535" in fault(instance, PORT=port)


@pytest.mark.parametrize(
    ("have", "lack"),
    [
        ("SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET"),
        ("SPOTIFY_CLIENT_SECRET", "SPOTIFY_CLIENT_ID"),
    ],
)
def test_half_of_the_credentials_is_a_fault(instance: Path, have: str, lack: str) -> None:
    said = fault(instance, **{have: "5ecret-value", lack: " "})

    assert f"{have} is set but {lack} is not" in said
    assert "5ecret-value" not in said


@pytest.mark.parametrize(
    "url",
    [
        "sqlite:///notes.sqlite3",
        "sqlite:////var/lib/notes.sqlite3",
        "sqlite+pysqlite:///notes.sqlite3",
        "postgresql+psycopg://me@host/notes",
        "postgresql+psycopg:///notes",
    ],
)
def test_databases_that_work(instance: Path, url: str) -> None:
    assert read_config({"DATABASE_URL": url}, instance).database_url == url


@pytest.mark.parametrize(
    "url",
    [
        "postgres://me:hunter2@host/notes",
        "postgresql://me:hunter2@host/notes",
        "postgresql+psycopg2://me:hunter2@host/notes",
        "mysql://me:hunter2@host/notes",
        "notes.sqlite3",
        "://",
        "postgresql+psycopg://me:hunter2@host:port/notes",
    ],
)
def test_databases_that_do_not_work_are_refused_without_telling_the_password(
    instance: Path, url: str
) -> None:
    said = fault(instance, DATABASE_URL=url)

    assert "use sqlite:///path/to/file or postgresql+psycopg://user:password@host/name." in said
    assert "hunter2" not in said


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "sqlite+pysqlite://"])
def test_a_database_in_memory_is_refused_as_every_worker_would_have_its_own(instance: Path, url: str) -> None:
    assert "use sqlite:///path/to/file" in fault(instance, DATABASE_URL=url)


@pytest.mark.parametrize(
    ("said", "providers"),
    [
        ("reccobeats,spotify", ("reccobeats", "spotify")),
        (" Spotify , ReccoBeats ", ("spotify", "reccobeats")),
        ("spotify,spotify,", ("spotify",)),
        ("none", ()),
        ("NONE", ()),
    ],
)
def test_the_order_of_providers(instance: Path, said: str, providers: tuple[str, ...]) -> None:
    assert read_config({"AUDIO_FEATURES": said}, instance).audio_features == providers


@pytest.mark.parametrize(
    ("said", "demo"),
    [
        ("1", True),
        ("true", True),
        ("Yes", True),
        ("on", True),
        ("0", False),
        ("FALSE", False),
        ("off", False),
    ],
)
def test_the_demo_switch(instance: Path, said: str, demo: bool) -> None:
    assert read_config({"DEMO": said}, instance).demo is demo


def test_no_secret_shows_in_the_repr(instance: Path) -> None:
    config = read_config(
        {
            "SECRET_KEY": "the key of this site",
            "SPOTIFY_CLIENT_ID": "id",
            "SPOTIFY_CLIENT_SECRET": "the-app-secret",
            "DATABASE_URL": "postgresql+psycopg://me:hunter2@host/notes",
        },
        instance,
    )

    for secret in ("the key of this site", "the-app-secret", "hunter2"):
        assert secret not in repr(config)


def test_the_secret_key_is_made_once_and_readable_by_its_owner_alone(instance: Path) -> None:
    first, second = read_config({}, instance), read_config({}, instance)

    assert first.secret_key == second.secret_key
    assert len(first.secret_key) == 64
    assert stat.S_IMODE((instance / "secret_key").stat().st_mode) == 0o600
    assert [path.name for path in instance.iterdir()] == ["secret_key"]


def test_the_instance_folder_is_its_owners_alone(tmp_path: Path) -> None:
    before = os.umask(0o022)  # as it is on most machines
    try:
        read_config({}, tmp_path / "made" / "instance")
        read_config({"SECRET_KEY": SECRET}, tmp_path / "with a key")
    finally:
        os.umask(before)

    for made in (tmp_path / "made" / "instance", tmp_path / "with a key"):
        assert stat.S_IMODE(made.stat().st_mode) == 0o700


def test_two_instances_have_two_secret_keys(tmp_path: Path) -> None:
    assert read_config({}, tmp_path / "a").secret_key != read_config({}, tmp_path / "b").secret_key


def test_no_secret_key_is_made_where_one_is_set(instance: Path) -> None:
    assert read_config({"SECRET_KEY": SECRET}, instance).secret_key == SECRET
    assert list(instance.iterdir()) == []


@pytest.mark.parametrize("kept", ["", "\n", "short"])
def test_a_kept_secret_key_that_is_no_key_is_a_fault(instance: Path, kept: str) -> None:
    instance.mkdir()
    (instance / "secret_key").write_text(kept)

    assert fault(instance) == f"{instance / 'secret_key'} holds no secret key: delete it and one is made."


def test_threads_that_start_together_read_the_same_key(tmp_path: Path) -> None:
    for round_ in range(20):
        instance, start = tmp_path / str(round_), Barrier(8)

        def begin(instance: Path = instance, start: Barrier = start) -> str:
            start.wait()
            return read_config({}, instance).secret_key

        with ThreadPoolExecutor(8) as threads:
            keys = {future.result() for future in [threads.submit(begin) for _ in range(8)]}
        assert keys == {(instance / "secret_key").read_text()}


def test_processes_that_start_together_read_the_same_key(instance: Path) -> None:
    program = (
        "import sys; from pathlib import Path; from app.config import read_config\n"
        "print('ready', flush=True); sys.stdin.readline()\n"
        "print(read_config({}, Path(sys.argv[1])).secret_key)"
    )
    workers = [
        subprocess.Popen(  # noqa: S603 - our own interpreter
            [sys.executable, "-c", program, str(instance)],
            cwd=ROOT,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for _ in range(6)
    ]
    for worker in workers:
        assert worker.stdout is not None
        assert worker.stdout.readline() == "ready\n"
    for worker in workers:
        assert worker.stdin is not None
        worker.stdin.write("go\n")
        worker.stdin.flush()

    keys = {worker.communicate(timeout=30)[0].strip() for worker in workers}

    assert keys == {(instance / "secret_key").read_text()}


def test_an_instance_folder_that_cannot_be_written_is_a_fault(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")

    (said,) = faults(tmp_path / "file" / "instance")

    assert said == (
        f"The folder {tmp_path / 'file' / 'instance'} cannot be written (Not a directory): "
        "make it writable for this user, or set INSTANCE to a folder that is."
    )


@pytest.mark.parametrize("place", ["a file's place", "read-only", "full"])
def test_the_instance_folder_is_tried_though_a_secret_key_is_set(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, place: str
) -> None:
    wrong = {"read-only": errno.EROFS, "full": errno.ENOSPC}

    def refuse(**_options: Path) -> None:
        raise OSError(wrong[place], os.strerror(wrong[place]))

    if place in wrong:
        monkeypatch.setattr("tempfile.TemporaryFile", refuse)
    else:
        tmp_path = tmp_path / "file"
        tmp_path.write_text("in the way")

    if place == "full":  # what is there can still be shown
        assert read_config({"SECRET_KEY": SECRET}, tmp_path).instance == tmp_path
    else:
        said = fault(tmp_path, SECRET_KEY=SECRET)
        assert said.startswith(f"The folder {tmp_path} cannot be written (")
        assert said.endswith("or set INSTANCE to a folder that is.")


def test_a_secret_key_that_cannot_be_read_is_named(instance: Path) -> None:
    (instance / "secret_key").mkdir(parents=True)

    assert fault(instance) == (
        f"{instance / 'secret_key'} cannot be kept (Is a directory): "
        "mend that, set SECRET_KEY, or set INSTANCE to another folder."
    )


def test_the_secret_key_needs_no_hard_links(instance: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_names: object, **_options: object) -> None:
        raise PermissionError(errno.EPERM, "Operation not permitted")

    monkeypatch.setattr(os, "link", refuse)

    first = read_config({}, instance).secret_key

    assert read_config({}, instance).secret_key == first == (instance / "secret_key").read_text()
    assert stat.S_IMODE((instance / "secret_key").stat().st_mode) == 0o600


def test_a_secret_key_that_could_not_be_written_leaves_no_empty_file(
    instance: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_handle: int, _mode: str) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("app.secret_key.os.fdopen", full)

    assert "(No space left on device)" in fault(instance)
    assert list(instance.iterdir()) == []


@pytest.mark.parametrize("quotes", ['""', "''", "“”", "‘’"])
def test_quotes_around_a_value_are_taken_off_as_docker_keeps_them(tmp_path: Path, quotes: str) -> None:
    plain = {
        "SECRET_KEY": SECRET,
        "SPOTIFY_CLIENT_ID": "abc",
        "SPOTIFY_CLIENT_SECRET": "def",
        "SPOTIFY_REDIRECT_URI": "https://music.example.org/callback",
        "SPOTIFY_ACCOUNTS_URL": "http://127.0.0.1:9000/accounts",
        "SPOTIFY_API_URL": "http://127.0.0.1:9000/v1",
        "RECCOBEATS_API_URL": "http://127.0.0.1:9000/reccobeats",
        "DATABASE_URL": "sqlite:////srv/my notes.sqlite3",
        "HOST": "127.0.0.2",
        "PORT": "8080",
        "DEMO": "0",
        "AUDIO_FEATURES": "reccobeats",
        "TRUSTED_PROXIES": "2",
        "TRUSTED_HOSTS": "nas.local",
        "ANONYMOUS_IMPORTS": "0",
        "IMPORT_MAX_ROWS": "1000",
        "ACCOUNT_MAX_ROWS": "2000",
        "LIMIT_UPLOADS": "100/day",
        "LIMIT_SEARCHES": "5/minute",
        "LIMIT_LOGINS": "7/minute",
        "INSTANCE": str(tmp_path / "instance"),
    }
    quoted = {name: f" {quotes[0]}{value} {quotes[1]} " for name, value in plain.items()}

    assert read_config(quoted) == read_config(plain)
    assert read_config(dict.fromkeys(plain, quotes) | {"INSTANCE": str(tmp_path)}).port == 5000


def test_the_instance_folder_may_begin_with_the_home_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))

    assert read_config({"INSTANCE": "~/notes"}).instance == tmp_path / "notes"


@pytest.mark.parametrize("name", ["SPOTIFY_CLIENT_ID", "SPOTIFY_CLIENT_SECRET"])
@pytest.mark.parametrize(
    ("value", "why"),
    [
        ("your_client_id", "is a placeholder"),
        ("your-client-id-here", "is a placeholder"),
        ("YOUR_CLIENT_SECRET", "is a placeholder"),
        ("<client id>", "is a placeholder"),
        ("{client_secret}", "is a placeholder"),
        ("[id]", "is a placeholder"),
        ("$SPOTIFY_ID", "is a placeholder"),
        ("${SPOTIFY_ID}", "is a placeholder"),
        ("changeme", "is a placeholder"),
        ("change-me-please", "is a placeholder"),
        ("replace_with_client_id", "is a placeholder"),
        ("paste your id here", "is a placeholder"),
        ("client_id", "is a placeholder"),
        ("SPOTIFY_CLIENT_SECRET", "is a placeholder"),
        ("xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "is a placeholder"),
        ("00000000000000000000000000000000", "is a placeholder"),
        ("...", "is a placeholder"),
        ("TODO", "is a placeholder"),
        ("0123 4567", "has a blank within"),
        ("0123\u00a04567", "has a blank within"),
        ("5000 # mine", "has a blank within"),
        ("0123\u200b4567", "has a character within that Spotify never uses"),
        ('"0123', "has a character within that Spotify never uses"),
        ("0123é", "has a character within that Spotify never uses"),
    ],
)
def test_an_id_or_secret_that_spotify_never_gave(instance: Path, name: str, value: str, why: str) -> None:
    app = {"SPOTIFY_CLIENT_ID": "0123abcd", "SPOTIFY_CLIENT_SECRET": "4567cdef"}

    said = fault(instance, **app | {name: value})

    assert said == f"{name} {why}: copy it again from your app's page in Spotify's dashboard."


@pytest.mark.parametrize(
    "value",
    ["change-me-in-production", "your-secret-key-here", "xxxxxxxxxxxxxxxxxxxxx", "<a long random value>"],
)
def test_a_secret_key_that_anybody_knows_is_refused(instance: Path, value: str) -> None:
    assert fault(instance, SECRET_KEY=value).startswith("SECRET_KEY is a placeholder that anybody knows: ")


@pytest.mark.parametrize("host", ["0.0.0.0", "::", "::1", "localhost", "nas.local", "my_nas"])  # noqa: S104
def test_hosts_to_listen_at(instance: Path, host: str) -> None:
    assert read_config({"HOST": host}, instance).host == host


def test_brackets_around_an_address_are_taken_off(instance: Path) -> None:
    assert read_config({"HOST": "[::1]"}, instance).host == "::1"


@pytest.mark.parametrize(
    "host", ["http://0.0.0.0", "0.0.0.0:5000", "[::1]:5000", "*", "a b", "unix:///tmp/socket", "<host>"]
)
def test_what_is_no_host_to_listen_at(instance: Path, host: str) -> None:
    said = fault(instance, HOST=host)

    assert said.startswith(f"HOST is {host!r}: use an address alone, without http:// and port")


@pytest.mark.parametrize("name", ["SPOTIFY_API_URL", "SPOTIFY_REDIRECT_URI"])
def test_an_address_that_holds_a_password_is_refused_without_telling_it(instance: Path, name: str) -> None:
    said = fault(instance, **{name: "https://me:hunter2@music.example.org/callback"})

    assert said.startswith(f"{name} is 'https://…@music.example.org/callback': ")
    assert "hunter2" not in said


@pytest.mark.parametrize(
    "address",
    ["https://api.spotify.com /v1", "https://<host>/v1", "https://api.\tspotify.com", "https://a\\b"],
)
def test_an_address_with_what_none_holds_is_refused(instance: Path, address: str) -> None:
    said = fault(instance, SPOTIFY_API_URL=address)

    assert said == (
        f"SPOTIFY_API_URL is {address!r}: use an http(s) address, such as https://api.spotify.com/v1."
    )


@pytest.mark.parametrize(
    ("url", "remedy"),
    [
        ("postgresql+psycopg://me:hunter2@x@host/notes", "write an @ in the password as %40"),
        ("postgresql+psycopg://me:hunter2 x@host/notes", "In the password write %20"),
        ("postgresql+psycopg://me:hunter2@my host/notes", "DATABASE_URL holds a blank"),
    ],
)
def test_a_database_address_that_was_not_escaped(instance: Path, url: str, remedy: str) -> None:
    said = fault(instance, DATABASE_URL=url)

    assert remedy in said
    assert "hunter2" not in said


def test_one_fault_is_one_sentence(instance: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        read_config({"DEMO": "perhaps"}, instance)

    assert str(caught.value) == "Liner Notes cannot start: DEMO is 'perhaps': use 1 or 0."


@pytest.mark.parametrize(
    ("host", "home"),
    [
        ("::1", "[::1]"),
        ("[::1]", "[::1]"),
        ("0:0:0:0:0:0:0:1", "[::1]"),
        ("::", "127.0.0.1"),
        ("0.0.0.0", "127.0.0.1"),  # noqa: S104 - what an owner may choose
        ("localhost", "127.0.0.1"),
        ("192.168.1.7", "127.0.0.1"),
    ],
)
def test_the_default_redirect_uri_follows_the_host(instance: Path, host: str, home: str) -> None:
    config = read_config({"HOST": host, "PORT": "8080"}, instance)
    assert config.redirect_uri == f"http://{home}:8080/callback"
