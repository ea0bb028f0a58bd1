"""Letters by the whole file, separators by the records."""

from __future__ import annotations

from pathlib import Path

import pytest

from pxanalysis.errors import SourceError
from pxanalysis.survey.sources.encoding import decode_text
from pxanalysis.survey.sources.read import read_source
from pxanalysis.survey.sources.separators import detect_delimiter

DUTCH = "id,opmerking\n" + "".join(f"{i},Eén café à la Zoë, überhaupt geïrriteerd\n" for i in range(30))


@pytest.mark.parametrize("encoding", ["cp1252", "mac_roman"])
def test_western_letters(encoding: str) -> None:
    decoded = decode_text(DUTCH.encode(encoding), "a.csv")
    assert decoded.text == DUTCH
    assert "Eén" in decoded.notes[0]


@pytest.mark.parametrize("bad", [b"\xe9", b"\xff", b"\x92"])
def test_one_wrong_byte_turns_nothing_else(bad: bytes) -> None:
    raw = DUTCH.encode().replace(b"12,E", b"12," + bad + b"E", 1)
    decoded = decode_text(raw, "a.csv")
    assert decoded.encoding == "utf-8"
    assert decoded.text.replace("\ufffd", "") == DUTCH
    assert "line 14" in decoded.notes[0]


@pytest.mark.parametrize(
    ("encoding", "text"),
    [("cp949", "귀하의 성별을 선택해주세요"), ("shift_jis", "満足度を教えてください"), ("koi8-r", "Довольны ли вы")],
)
def test_other_letters_need_the_setting(encoding: str, text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_bytes(f"id,{text}\n1,{text}\n".encode(encoding))
    with pytest.raises(SourceError, match=r"\[source\] encoding"):
        read_source(path)
    assert read_source(path, encoding=encoding).cells.columns == ["id", text]
    with pytest.raises(SourceError, match="is not known"):
        read_source(path, encoding="letters")


@pytest.mark.parametrize(
    ("lines", "mark"),
    [
        (["id;Hoe, waar, wanneer, wie en wat;b", "1;2;3", "4;5;6"], ";"),
        (["id,a;b;c;d,e", "1,2,3", "4,5,6"], ","),
        (["id\ta, b, c\td", "1\t2\t3"], "\t"),
        (["id,a,b"], ","),
    ],
)
def test_the_records_say_which_mark_separates(lines: list[str], mark: str) -> None:
    assert detect_delimiter("\n".join(lines) + "\n", "a.csv") == mark


def test_a_second_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_bytes("\ufeff\ufeffresponse_id,ktv\na,5\n".encode())
    assert read_source(tmp_path / "a.csv").cells.columns == ["response_id", "ktv"]
