"""What is kept on disk: whole or not at all, and read only where nobody else can have written it."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tinygrad_nn.compiler.backends.llvm import disk
from tinygrad_nn.compiler.backends.llvm.disk import folder, keep, kept, name_of

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="it tells not whose files are")
CODE = bytes(range(256))


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    found = tmp_path / "deep" / "folder"
    monkeypatch.setenv(disk.VARIABLE, str(found))
    disk._say.cache_clear()
    yield found
    disk._checked.cache_clear()


def test_nothing_is_kept_where_nobody_asks(monkeypatch: pytest.MonkeyPatch) -> None:
    for value in ("", None):
        if value is None:
            monkeypatch.delenv(disk.VARIABLE, raising=False)
        else:
            monkeypatch.setenv(disk.VARIABLE, value)
        assert folder() is None
        keep("name", CODE)
        assert kept("name") is None


def test_what_is_kept_is_found(place: Path) -> None:
    assert kept("name") is None
    keep("name", CODE)
    assert kept("name") == CODE
    assert kept("another") is None
    keep("name", b"")
    assert kept("name") == b""
    assert [path.name for path in place.iterdir()] == ["name"]
    assert place.stat().st_mode & 0o777 == 0o700
    assert (place / "name").stat().st_mode & 0o777 == 0o600


def test_any_change_of_a_file_is_found(place: Path) -> None:
    keep("name", CODE)
    content = (place / "name").read_bytes()
    for end in range(0, len(content), 11):
        (place / "name").write_bytes(content[:end])
        assert kept("name") is None
        changed = bytearray(content)
        changed[end] ^= 1 << end % 8
        (place / "name").write_bytes(changed)
        assert kept("name") is None
    (place / "name").write_bytes(content + b" ")
    assert kept("name") is None
    (place / "another").write_bytes(content)
    assert kept("another") is None  # for another processor, say


def test_a_file_that_others_may_write_to_is_not_read(place: Path) -> None:
    keep("name", CODE)
    for mode in (0o620, 0o602, 0o666):
        (place / "name").chmod(mode)
        assert kept("name") is None
    (place / "name").chmod(0o644)
    assert kept("name") is not None
    (place / "name").rename(place / "elsewhere")
    (place / "name").symlink_to(place / "elsewhere")
    assert kept("name") is None
    (place / "name").unlink()
    os.mkfifo(place / "name")
    assert kept("name") is None


@pytest.mark.parametrize("mode", [0o770, 0o707, 0o777, 0o1777])
def test_nor_is_a_folder_that_they_may_write_to(place: Path, mode: int) -> None:
    place.mkdir(parents=True)
    place.chmod(mode)
    with pytest.warns(RuntimeWarning, match="may be written to by other users: no machine code"):
        assert folder() is None
    keep("name", CODE)
    assert kept("name") is None
    assert list(place.iterdir()) == []


def test_nor_is_a_folder_of_another_user(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep("name", CODE)
    user = os.getuid()
    monkeypatch.setattr(os, "getuid", lambda: user + 1)
    assert kept("name") is None  # nor a file
    disk._checked.cache_clear()
    with pytest.warns(RuntimeWarning, match="belongs to another user"):
        assert folder() is None


def test_a_file_in_place_of_the_folder(place: Path) -> None:
    place.parent.mkdir()
    place.write_text("")
    with pytest.warns(RuntimeWarning, match="cannot be used"):
        assert folder() is None


def test_what_cannot_be_written_is_told_once(place: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    keep("name", CODE)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.warns(RuntimeWarning, match="cannot be written .No space left"):
        keep("name", b"")
    keep("name", b"")
    assert [path.name for path in place.iterdir()] == ["name"]
    assert kept("name") == CODE


def test_names_tell_all_things_apart() -> None:
    things: list[tuple[object, ...]] = [
        (),
        ("",),
        ("a",),
        ("a", "b"),
        ("a\nb",),
        ("b", "a"),
        (1.0,),
        (1,),
    ]
    assert len({name_of(*about) for about in things}) == len(things)
    assert name_of("a", (1.0, -0.0)) == name_of("a", (1.0, -0.0)) != name_of("a", (1.0, 0.0))


def test_what_makes_code_is_read_again_only_where_somebody_has_written(
    place: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def sources() -> str:
        disk._sources.cache_clear()
        return disk._sources()

    source = tmp_path / "scalar" / "deep" / "ops.py"
    source.parent.mkdir(parents=True)
    source.write_text("a = 1\n")
    monkeypatch.setattr(disk, "PACKAGE", tmp_path)
    try:
        first = sources()
        with monkeypatch.context() as patched:
            patched.setattr(Path, "read_bytes", lambda self: pytest.fail(f"{self} is read"))
            assert sources() == first
        before = source.stat()
        source.write_text("a = 2\n")
        os.utime(source, ns=(before.st_atime_ns, before.st_mtime_ns))
        assert sources() != first
        source.write_text("a = 1\n")
        assert sources() == first
        assert len(list(place.iterdir())) == 3
    finally:
        disk._sources.cache_clear()
