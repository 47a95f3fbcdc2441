"""The Photos view: sets from the link, own photos in every way, edits, the split in sight, and whose they are."""

import gc
import json
import struct
import weakref

import pytest
from streamlit.testing.v1 import AppTest

from core.transfer.bundled_sets import SETS, bundled_set
from core.transfer.samples import PhotoSet
from core.transfer.split import split
from pages.networks import transfer_set
from tests.core import zip_files as zips
from tests.pages.opening import opened

PAGE = "pages/networks/transfer.py"
OWN = "your own"


def open_photos(**parameters: str) -> AppTest:
    return opened(PAGE, parameters)


def shown(app: AppTest) -> dict:
    """What the contact sheets were told."""
    sheets = [
        each
        for each in app.get("bidi_component")
        if b"checksum" in each.proto.bytes and b"least" in each.proto.bytes
    ]
    message = sheets[-1].proto.bytes
    length = struct.unpack_from("<I", message)[0]
    return json.loads(message[4 : 4 + length])


def counts(app: AppTest) -> dict[str, int]:
    return {one["name"]: len(one["cells"]) for one in shown(app)["classes"]}


def words(app: AppTest) -> str:
    return " ".join(text.value for text in (*app.markdown, *app.caption, *app.info, *app.error)).replace(
        "\\", ""
    )


def uploader(app: AppTest, prefix: str):
    return next(each for each in app.file_uploader if each.key.startswith(prefix))


def bring_zip(app: AppTest, data: bytes, name: str = "set.zip") -> AppTest:
    uploader(app, "tl_zip").upload(name, data, "application/zip").run()
    assert not app.exception, app.exception[0].message
    return app


def bring_photos(app: AppTest, label: str, files: list[tuple[str, bytes]]) -> AppTest:
    app.text_input(key="tl_new_class").set_value(label).run()
    uploader(app, "tl_photos").set_value([(name, data, "image/png") for name, data in files]).run()
    assert not app.exception, app.exception[0].message
    return app


def pick(app: AppTest, *numbers: int) -> AppTest:
    """As the browser does when photos are clicked."""
    app.session_state["tl_sheet"] = {"picked": {"version": shown(app)["version"], "numbers": list(numbers)}}
    app.run()
    assert not app.exception, app.exception[0].message
    return app


@pytest.mark.parametrize("name", SETS)
def test_a_link_names_a_bundled_set(name: str) -> None:
    app = open_photos(tl_set=name, tl_each="5")
    known = SETS[name]
    assert counts(app) == dict.fromkeys(known.classes, 5)
    assert f"{len(known.classes)} classes, {5 * len(known.classes)} photos" in words(app)
    assert f"{known.side_px} × {known.side_px} pixels" in words(app)
    assert known.source in words(app)


def test_what_the_link_cannot_mean_is_the_default() -> None:
    app = open_photos(tl_set="../../etc/passwd", tl_each="1e309", tl_split_seed="-7")
    assert tuple(counts(app)) == SETS["textures"].classes


def test_the_split_in_sight_is_that_of_core() -> None:
    app = open_photos(tl_set="textures", tl_each="20", tl_split_seed="3")
    expected = split(bundled_set("textures", 20), seed=3)
    parts = [set(), set(), set()]
    for one in shown(app)["classes"]:
        for cell in one["cells"]:
            parts[cell["part"]].add(cell["number"])
        assert one["counts"] == [sum(cell["part"] == part for cell in one["cells"]) for part in range(3)]
        assert [cell["part"] for cell in one["cells"]] == sorted(cell["part"] for cell in one["cells"])
    assert parts == [set(expected.training), set(expected.validation), set(expected.test)]
    app.number_input(key="tl_split_seed").set_value(4).run()
    other = {cell["number"] for one in shown(app)["classes"] for cell in one["cells"] if cell["part"] == 1}
    assert other != parts[1]


def test_every_photo_has_words() -> None:
    app = open_photos(tl_set="faces", tl_each="5")
    told = shown(app)
    assert told["alt"] == "Contact sheets of 10 photos in 2 classes: face (5), no face (5)"
    assert told["classes"][0]["cells"][0]["alt"].startswith("face ")
    assert all("25 × 25 pixels, " in cell["alt"] for one in told["classes"] for cell in one["cells"])


def test_nothing_yet_is_explained() -> None:
    app = open_photos(tl_set=OWN)
    assert "one folder per class" in words(app)
    assert uploader(app, "tl_photos").disabled


def test_a_zip_is_read_and_what_it_skips_is_listed() -> None:
    app = open_photos()
    data = zips.zipped({"cat/1.png": zips.png(1), "dog/2.png": zips.png(2), "dog/<b>x</b>.png": b"hello"})
    bring_zip(app, data)
    assert app.selectbox(key="tl_set").value == "your own"
    assert counts(app) == {"cat": 1, "dog": 1}
    assert "1 file was skipped" in [each.label for each in app.expander]
    raw = " ".join(text.value for text in app.markdown)
    assert "not a picture" in words(app)
    assert "<b>" not in raw
    bring_zip(app, zips.zipped({"hen/1.png": zips.png(3)}))
    assert counts(app) == {"cat": 1, "dog": 1, "hen": 1}


@pytest.mark.parametrize("kind", ["traversal", "link", "ratio", "encrypted", "no zip"])
def test_a_refused_zip_is_one_sentence_and_changes_nothing(kind: str) -> None:
    app = open_photos(tl_set="faces", tl_each="5")
    bring_zip(app, zips.HOSTILE[kind][0](), "<img src=x>.zip")
    assert len(app.error) == 1
    assert zips.HOSTILE[kind][1] in words(app)
    assert "<" not in app.error[0].value
    assert counts(app) == {"face": 5, "no face": 5}
    bring_zip(app, zips.good())
    assert len(app.error) == 0


def test_many_photos_join_a_named_class() -> None:
    app = bring_photos(open_photos(), "cat", [(f"{i}.png", zips.png(i)) for i in range(7)])
    assert counts(app) == {"cat": 7}
    assert "One class is not enough" in words(app)
    bring_photos(app, "dog", [("a.png", zips.png(50)), ("bad.png", b"no"), ("b.png", zips.png(51))])
    assert counts(app) == {"cat": 7, "dog": 2}
    assert "bad.png" in words(app)
    bring_photos(app, "cat", [("c.png", zips.png(52))])
    assert counts(app) == {"cat": 8, "dog": 2}


def test_copies_are_flagged_and_kept_together() -> None:
    app = bring_photos(
        open_photos(), "a", [("1.png", zips.png(1)), ("2.png", zips.png(2)), ("3.png", zips.png(1))]
    )
    bring_photos(app, "b", [("4.png", zips.png(2)), ("5.png", zips.png(5))])
    groups = {cell["number"]: cell["group"] for one in shown(app)["classes"] for cell in one["cells"]}
    assert groups == {0: 1, 1: 2, 2: 1, 3: 2, 4: 0}
    assert "“2.png” in “a” and “4.png” in “b” are the same photo" in words(app)
    assert "4 photos are near-duplicates" in words(app)


def test_picked_photos_move_and_go() -> None:
    app = bring_zip(open_photos(), zips.good())
    pick(app, 0, 1)
    assert "2 picked" in words(app)
    target = next(each for each in app.selectbox if each.key.startswith("tl_move_to"))
    assert target.options == ["dog"]
    target.set_value("dog").run()
    app.button(key="tl_move").click().run()
    assert counts(app) == {"cat": 1, "dog": 5}
    assert "picked**" not in words(app)  # in the set that is now shown nothing is
    pick(app, 4)
    app.button(key="tl_delete").click().run()
    assert counts(app) == {"cat": 1, "dog": 4}


def test_an_edit_makes_a_bundled_set_ones_own() -> None:
    app = pick(open_photos(tl_set="faces", tl_each="5"), 0, 9)
    app.button(key="tl_delete").click().run()
    assert counts(app) == {"face": 4, "no face": 4}
    assert app.selectbox(key="tl_set").value == "your own"
    app.selectbox(key="tl_set").set_value("faces").run()
    assert counts(app) == {"face": 5, "no face": 5}


def test_what_the_browser_says_of_another_set_is_ignored() -> None:
    app = open_photos(tl_set="faces", tl_each="5")
    for said in (
        {"version": "another", "numbers": [0]},
        {"version": shown(app)["version"], "numbers": [99, -1]},
        {},
    ):
        app.session_state["tl_sheet"] = {"picked": said}
        app.run()
        assert not app.exception
        assert "picked**" not in words(app)


def test_classes_are_renamed_and_deleted() -> None:
    app = bring_zip(open_photos(), zips.good())
    app.text_input(key="tl_edit_name").set_value("<i>kitten</i>").run()
    app.button(key="tl_rename").click().run()
    assert counts(app) == {"‹i›kitten‹/i›": 3, "dog": 3}
    app.text_input(key="tl_edit_name").set_value("dog").run()
    app.button(key="tl_rename").click().run()
    assert "There is a class “dog” already" in words(app)
    app.button(key="tl_delete_class").click().run()
    assert counts(app) == {"dog": 3}
    app.button(key="tl_clear").click().run()
    assert "Nothing here yet" in words(app)


def test_photos_stay_on_page_changes_and_belong_to_one_visitor() -> None:
    app = bring_zip(open_photos(), zips.good())
    other = open_photos(tl_set=OWN)
    assert "Nothing here yet" in words(other)
    app.switch_page("pages/start/overview.py").run()
    app.switch_page(PAGE)
    app.query_params["tl_set"] = OWN
    app.run()
    assert counts(app) == {"cat": 3, "dog": 3}


def test_photos_are_freed_when_the_session_ends() -> None:
    place = transfer_set._Place()
    photos = PhotoSet(("a",))
    kept = weakref.ref(photos)
    place.put(photos, (), ())
    del photos
    place.close()
    gc.collect()
    assert kept() is None
    place.put(PhotoSet(("late",)), (), ())
    assert place.photos == PhotoSet()
