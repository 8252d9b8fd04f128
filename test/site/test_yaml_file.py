import time

import pytest

from nl_planner.errors import SiteFileError
from nl_planner.site import read_site
from nl_planner.site.yaml_file import read_yaml

BROKEN = [
    (b"a: [1\nb: 2", ":2: not YAML"),
    (b"a:\n\tb: 1", ":2: not YAML: .*spaces, not tabs"),
    (b"", ":1: the file is empty"),
    (b"# nothing\n", ":1: the file is empty"),
    (b"- 1\n", ":1: the file holds no 'key: value'"),
    (b"just text", ":1: the file holds no 'key: value'"),
    ("name: 一号楼".encode("gbk"), ":1: not UTF-8"),
    (b"a: 1\nb: \xff\n", r":2: not UTF-8 text \(byte 0xff\)"),
    (b"a: 1\nb: \x00\n", ":2: not YAML: a control character"),
    (bytes(range(256)) * 10, "not"),
    (b"a: &x [1]\nb: *x\n", ":2: an alias"),
    (b"a: 1\nb: !!python/object:os.system [1]\n", ":2: a tag"),
    (b"a: 1\n---\nb: 1\n", ":2: a second document"),
    (b"a: 1\n? [b]\n: 1\n", ":2: a key must be text"),
    (b"[" * 500_000, ":1: nested more than"),
    (b"- " * 500_000, ":1: nested more than"),
    (b"{a: " * 500_000, ":1: nested more than"),
]


@pytest.mark.parametrize(("raw", "message"), BROKEN)
def test_a_file_that_is_no_yaml_of_ours_is_refused_with_its_line(tmp_path, raw, message):
    path = tmp_path / "bad.site.yaml"
    path.write_bytes(raw)
    with pytest.raises(SiteFileError, match=message):
        read_site(path)


def test_missing_files_and_directories_are_told(tmp_path):
    with pytest.raises(SiteFileError, match=r"nope\.yaml: no such file"):
        read_site(tmp_path / "nope.yaml")
    with pytest.raises(SiteFileError, match="is a directory"):
        read_site(tmp_path)
    with pytest.raises(SiteFileError, match="cannot be read"):
        read_site(tmp_path / ("x" * 5000))
    with pytest.raises(SiteFileError, match="cannot be read"):
        read_site(str(tmp_path) + "/\0")


def test_a_large_file_is_refused_without_being_read(tmp_path):
    path = tmp_path / "large.site.yaml"
    with path.open("wb") as stream:
        stream.truncate(50 * 2**20)
    begin = time.perf_counter()
    with pytest.raises(SiteFileError, match="50 MB, more than the 16 MB"):
        read_site(path)
    assert time.perf_counter() - begin < 0.5


def test_scalars_are_what_people_mean(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text(
        "int: 12\nfloat: 1e3\nminus: -0.5\nyes: yes\noff: Off\nnothing: ~\nquoted: '12'\n"
        "time: 12:30\ndate: 2026-11-23\nfloor: 3楼\nlong: " + "9" * 5000 + "\ndash: -x\n"
    )
    data = read_yaml(path, "a file").data
    assert data.pop("long") == float("inf")
    assert data == {
        "int": 12, "float": 1000.0, "minus": -0.5, "yes": True, "off": False, "nothing": None,
        "quoted": "12", "time": "12:30", "date": "2026-11-23", "floor": "3楼", "dash": "-x",
    }  # fmt: skip


def test_lines_are_those_of_the_keys(tmp_path):
    path = tmp_path / "a.yaml"
    path.write_text("a:\n  b:\n    - {c: 1}\n    - c: 2\n      d: 3\n")
    file = read_yaml(path, "a file")
    assert file.line(("a",)) == 1
    assert file.line(("a", "b")) == 2
    assert file.line(("a", "b", 0, "c")) == 3
    assert file.line(("a", "b", 1, "d")) == 5
    assert file.line(("a", "b", 1, "not there")) == 4
    assert file.line(("x",)) == 1
