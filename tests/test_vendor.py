"""What the browser loads is what the manifest says, and `--check` names what is not."""

from pathlib import Path

import pytest

from scripts import styles, vendor

FILES = {"a/one.css": b"body{}", "b/two.woff2": b"\x00\x01"}


@pytest.fixture
def copied(tmp_path: Path) -> Path:
    """A vendor directory as the script leaves it."""
    vendor.write(FILES, tmp_path)
    return tmp_path


def test_the_files_in_the_repository_are_as_their_manifest_says() -> None:
    assert vendor.differences(vendor.VENDOR) == []


def test_every_copy_keeps_its_licence() -> None:
    folders = {path.split("/")[0] for path in vendor.COPIES}
    assert {folder for folder in folders if f"{folder}/LICENSE" in vendor.COPIES} == folders


def test_the_lock_file_names_no_registry() -> None:
    assert '"resolved"' not in (vendor.ROOT / "package-lock.json").read_text(encoding="utf-8")


def test_a_fresh_copy_differs_in_nothing(copied: Path) -> None:
    assert vendor.differences(copied) == []


def test_a_changed_a_missing_and_an_added_file_are_named(copied: Path) -> None:
    (copied / "a/one.css").write_bytes(b"body{color:red}")
    (copied / "b/two.woff2").unlink()
    (copied / "c.js").write_bytes(b"")
    assert vendor.differences(copied) == [
        "a/one.css: changed",
        "b/two.woff2: missing",
        "c.js: not in the manifest",
    ]


def test_without_a_manifest_nothing_is_taken_on_trust(tmp_path: Path) -> None:
    assert vendor.differences(tmp_path) == ["manifest.json: missing"]


def test_copying_again_removes_what_is_no_longer_used(copied: Path) -> None:
    vendor.write({"a/one.css": b"body{}"}, copied)
    assert vendor.present(copied) == {"a/one.css"}


def test_an_icon_becomes_a_symbol_of_the_sprite() -> None:
    svg = '<svg xmlns="http://www.w3.org/2000/svg" width="16">\n  <path d="M0 0"/>\n</svg>\n'
    assert vendor.symbol("dot", svg) == '<symbol id="dot" viewBox="0 0 16 16">\n  <path d="M0 0"/>\n</symbol>'


def test_digests_are_as_browsers_write_them() -> None:
    empty = "sha384-OLBgp1GsljhM2TJ+sbHjaiH9txEUvgdDTAzHv2P24donTt6/529l+9Ua0vFImLlb"
    assert vendor.digest(b"") == empty


def test_the_stylesheet_is_what_its_parts_make() -> None:
    assert styles.is_fresh(), "run `make styles`"


def test_white_space_and_comments_go_but_for_those_that_speak() -> None:
    css = """
/* why */
.a  > .b :hover,
.c {
  margin: 0 1rem;
  content: "a;  {b}: c";
}
"""
    assert styles.minify(css) == '.a>.b :hover,.c{margin:0 1rem;content:"a;  {b}: c"}'


def test_of_bootstrap_only_what_the_pages_name_is_left() -> None:
    css = (
        '@charset "UTF-8";.btn,.card{color:red}.card-body{color:blue}:not(.btn-check)+.btn{top:0}p{margin:0}'
        "@media print{.card{top:0}}@media screen{.btn{left:0}}@keyframes spin{to{top:0}}"
    )
    assert styles.used_rules(css, {"btn"}) == (
        ".btn{color:red}:not(.btn-check)+.btn{top:0}p{margin:0}@media screen{.btn{left:0}}"
    )


def test_variables_that_only_unread_variables_read_go_too() -> None:
    css = ":root{--bs-a:1px;--bs-b:var(--bs-a);--bs-c:2px;}p{top:var(--bs-c)}i{--bs-d:0}"
    assert styles.without_unread_variables(css) == ":root{--bs-c:2px}p{top:var(--bs-c)}"
    assert "--bs-a:1px" in styles.without_unread_variables(css, "b{left:var(--bs-b)}")
