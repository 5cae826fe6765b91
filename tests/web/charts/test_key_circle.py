"""The circle of fifths: which key stands where, and how dark it is."""

from app.stats.keys import KeySignature
from app.web.charts.key_circle import key_circle


def test_the_circle_goes_by_fifths_with_relative_minors_inside() -> None:
    wedges = key_circle([])
    assert [wedge.label for wedge in wedges[:4]] == ["C", "G", "D", "A"]
    assert [wedge.label for wedge in wedges[12:16]] == ["Am", "Em", "Bm", "F♯m"]
    assert len({wedge.label for wedge in wedges}) == 24
    assert {(wedge.tracks, wedge.shade) for wedge in wedges} == {(0, 0)}


def test_c_major_is_at_the_top_and_its_opposite_at_the_bottom() -> None:
    wedges = {wedge.label: wedge for wedge in key_circle([])}
    assert (wedges["C"].x, wedges["C"].y) == (0.0, -127.5)
    assert (wedges["F♯"].x, wedges["F♯"].y) == (0.0, 127.5)
    assert (wedges["A"].x, wedges["A"].y) == (127.5, 0.0)
    assert (wedges["Am"].x, wedges["Am"].y) == (0.0, -84.0)


def test_keys_are_shaded_by_their_tracks() -> None:
    keys = [
        KeySignature(7, 0, "G minor", 8),
        KeySignature(0, 1, "C major", 4),
        KeySignature(2, 1, "D major", 1),
    ]
    wedges = {wedge.label: (wedge.tracks, wedge.shade) for wedge in key_circle(keys)}
    assert [wedges[label] for label in ("Gm", "C", "D", "Am")] == [(8, 4), (4, 2), (1, 1), (0, 0)]
