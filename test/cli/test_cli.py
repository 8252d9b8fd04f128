"""The command line as a person or a program uses it; a fake model where words are not the point."""

import io
import json

import pytest
from shapely.geometry import LineString, Polygon, mapping, shape

from nl_planner import planner as planner_module
from nl_planner.cli import main
from nl_planner.cli import plan as plan_module
from nl_planner.models.fake import FakeModel
from nl_planner.task import Understanding


@pytest.fixture
def site(riverside):
    return str(riverside.source)


@pytest.fixture
def says(monkeypatch):
    """Let the model read these lines."""

    def use(*lines):
        monkeypatch.setattr(planner_module, "open_model", lambda *names: FakeModel(lines))

    return use


def test_understand_prints_one_json_document_and_nothing_else(says, site, capsys):
    says(" sweep [cola bottle] front [Building 1] .")
    assert (
        main(["understand", "sweep the cola bottle at building 1", "--site", site, "--json"]) == 0
    )
    out = capsys.readouterr().out
    assert Understanding.model_validate(json.loads(out)).to_json() == json.loads(out)


def test_talk_is_a_conversation(says, site, capsys, monkeypatch):
    says(" sweep all front [车库] .", " answer at [二号车库] .", " sweep all at last .")
    monkeypatch.setattr("sys.stdin", io.StringIO("车库门口扫一下\n\n第二个\n🧹\n再来一遍\n"))
    assert main(["talk", "--site", site, "--json"]) == 0
    printed = capsys.readouterr()
    asked, answered, again = map(json.loads, printed.out.splitlines())
    assert asked["options"] == ["一号车库", "二号车库"]
    assert answered["tasks"][0]["place"]["landmarks"] == ["garage_2"]
    assert again["tasks"][0]["place"]["landmarks"] == ["last"]
    assert "There are no words in that" in printed.err


@pytest.mark.parametrize(
    ("line", "status"),
    [(" stop", 0), (" sweep all nowhere .", 3), (" refuse", 4), (" mop all at site .", 4)],
)
def test_the_exit_status_tells_ready_ask_and_refuse(says, site, line, status):
    says(line)
    assert main(["understand", "hm", "--site", site, "--json"]) == status


def test_plan_has_legs_whose_paths_lie_in_the_free_space(says, site, riverside, capsys, tmp_path):
    says(" sweep [cola bottle] front [Building 1] ; sweep all at [gazebo] .")
    picture = tmp_path / "plan.png"
    text = "sweep the cola bottle in front of building 1, then around the gazebo"
    assert main(["plan", text, "--site", site, "--json", "--out", str(picture)]) == 0
    legs = json.loads(capsys.readouterr().out)["legs"]
    assert legs[0]["objects"] == ["cola_bottle_1"]
    for leg in legs:
        assert shape(leg["region"]).area > 0
        assert leg["length"] > 0
        assert 0.9 < leg["coverage"] <= 1
        assert leg["duration"] > 0
        line = LineString([pose[:2] for pose in leg["path"]])
        assert riverside.drivable.buffer(0.005).covers(line)
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_going_somewhere_is_a_path_with_a_start_and_an_end(says, site, capsys):
    says(" go at [Main Gate] .")
    arguments = ["plan", "go to the main gate", "--site", site, "--json", "--robot", "20,40,0"]
    assert main(arguments) == 0
    (leg,) = json.loads(capsys.readouterr().out)["legs"]
    assert leg["path"][0][:2] == [20.0, 40.0]
    assert (
        shape(leg["region"]).distance(shape({"type": "Point", "coordinates": leg["path"][-1]}))
        < 0.1
    )


def geojson(path, geometry):
    path.write_text(json.dumps(mapping(geometry)))
    return str(path)


def test_cover_takes_a_region_and_free_space(tmp_path, capsys):
    region = geojson(tmp_path / "r.geojson", Polygon([(1, 1), (4, 1), (4, 3), (1, 3)]))
    free = geojson(tmp_path / "f.geojson", Polygon([(0, 0), (6, 0), (6, 5), (0, 5)]))
    sizes = ["--tool-width", "0.5", "--robot-radius", "0.25"]
    assert main(["cover", region, "--free", free, *sizes, "--json"]) == 0
    document = json.loads(capsys.readouterr().out)
    assert set(document) >= {"path", "length", "coverage", "turns", "compute_seconds"}
    assert document["coverage"] > 0.98


def test_a_region_without_room_for_the_robot_is_exit_5(tmp_path, capsys):
    region = geojson(tmp_path / "r.geojson", Polygon([(0, 0), (9, 0), (9, 0.3), (0, 0.3)]))
    assert main(["cover", region, "--tool-width", "0.5", "--robot-radius", "0.25"]) == 5
    assert "0.25 m" in capsys.readouterr().err


@pytest.mark.parametrize(
    "content", ["", "{", "[]", '{"type": "Point"}', '{"type": "Point", "coordinates": [1, 2]}', "1"]
)
def test_a_region_that_is_no_polygon_is_exit_2_and_named(tmp_path, capsys, content):
    file = tmp_path / "r.geojson"
    file.write_text(content)
    assert main(["cover", str(file), "--tool-width", "0.5", "--robot-radius", "0.25"]) == 2
    assert str(file) in capsys.readouterr().err


@pytest.mark.parametrize("text", ["", "  ", "\x00\x01", "🧹", "扫" * 10_000])
def test_text_that_cannot_be_read_is_exit_2(says, site, text, capsys):
    says()
    assert main(["understand", text, "--site", site]) == 2
    assert capsys.readouterr().err.startswith("nl-planner: ")


def test_a_site_that_is_not_there_is_exit_2(capsys):
    assert main(["understand", "stop", "--site", "nowhere.site.yaml"]) == 2
    assert "nowhere.site.yaml" in capsys.readouterr().err


def test_a_model_that_is_not_there_is_exit_6(site, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("NL_PLANNER_CACHE", str(tmp_path))
    assert main(["understand", "stop", "--site", site]) == 6
    person, technician = capsys.readouterr().err.splitlines()
    assert person.startswith("nl-planner: My language model cannot be used now")
    assert "nl-planner models pull" in technician


def test_a_model_nobody_knows_is_exit_2(site, capsys):
    assert main(["understand", "stop", "--site", site, "--model", "hal"]) == 2
    assert "qwen2.5-coder-0.5b" in capsys.readouterr().err


@pytest.mark.parametrize("robot", ["1,2", "a,b,c", "1,2,nan", "1e99,0,0"])
def test_a_robot_pose_that_is_none_is_bad_usage(site, robot, capsys):
    with pytest.raises(SystemExit) as stopped:
        main(["understand", "stop", "--site", site, "--robot", robot])
    assert stopped.value.code == 2
    assert "numbers" in capsys.readouterr().err


def test_site_check_counts_and_site_draw_draws(site, tmp_path, capsys):
    assert main(["site", "check", site, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["landmarks"] >= 15
    picture = tmp_path / "site.png"
    assert main(["site", "draw", site, "--out", str(picture)]) == 0
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_what_was_seen_is_reported_listed_planned_and_taken_out(
    says, site, tmp_path, capsys, monkeypatch
):
    memory = ["--site", site, "--memory", str(tmp_path / "seen.db")]
    assert main(["seen", "report", "can", "17.0,56.5", *memory]) == 0
    assert main(["seen", "report", "can", "17.1,56.5", *memory, "--confidence", "0.8"]) == 0
    assert main(["seen", "report", "leaf", "70,34", *memory, "--radius", "0.5", "--json"]) == 0
    assert capsys.readouterr().out == 'can_1\ncan_1\n{"id": "leaf_2"}\n'
    assert main(["seen", "list", *memory, "--json"]) == 0
    can, leaf = json.loads(capsys.readouterr().out)
    assert (can["id"], leaf["at"], leaf["radius"]) == ("can_1", [70, 34], 0.5)
    assert can["at"] == pytest.approx([17.05, 56.5])
    says(" pick [can] front [Building 1] .")
    assert main(["plan", "pick up the can at building 1", *memory, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["legs"][0]["objects"] == ["can_1"]
    assert main(["seen", "gone", "can_1", *memory]) == 0
    says(" pick [can] front [Building 1] .")
    assert main(["plan", "pick up the can at building 1", *memory, "--json"]) == 0
    (leg,) = json.loads(capsys.readouterr().out)["legs"]
    assert leg["objects"] == []
    assert leg["notes"] == ["no can has been seen there; the whole place is worked"]


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        (["list"], "there is no such file; `nl-planner seen report` makes it"),
        (["report", "unicorn", "1,1"], "unicorn"),
        (["report", "can", "1,1", "--confidence", "1.5"], "confidence should be from 0 to 1"),
        (["report", "can", "1,1", "--confidence", "0.05"], "too low to remember"),
        (["gone", "can_1"], "there is no such file"),
    ],
)
def test_a_memory_that_is_used_wrongly_is_exit_2(site, tmp_path, arguments, why, capsys):
    memory = ["--site", site, "--memory", str(tmp_path / "seen.db")]
    assert main(["seen", *arguments, *memory]) == 2
    assert why in capsys.readouterr().err


def test_talk_knows_what_was_seen_since_the_last_line(says, site, tmp_path, capsys, monkeypatch):
    memory = ["--site", site, "--memory", str(tmp_path / "seen.db")]
    assert main(["seen", "report", "can", "17.0,56.5", *memory]) == 0
    capsys.readouterr()

    def lines():
        yield "stop"
        main(["seen", "report", "leaf", "17,57", *memory])
        capsys.readouterr()
        yield "pick up the leaf"

    says(" stop", " pick [leaf] nowhere .")
    monkeypatch.setattr(plan_module, "_lines", lines)
    assert main(["talk", *memory, "--json"]) == 0
    (task,) = json.loads(capsys.readouterr().out)["tasks"]  # without the leaf it would ask
    assert (task["object"], task["place"]["landmarks"]) == ("leaf", ["site"])


def test_models_list_names_the_weights(capsys):
    assert main(["models", "list"]) == 0
    assert "qwen2.5-coder-0.5b" in capsys.readouterr().out


def test_help_teaches_by_example(capsys):
    for command in ("understand", "plan", "cover", "eval", "site", "seen", "models"):
        with pytest.raises(SystemExit) as stopped:
            main([command, "--help"])
        assert stopped.value.code == 0
        assert f"nl-planner {command}" in capsys.readouterr().out.split("examples:")[1]


CASE = {"id": "1", "lang": "en", "kind": "intent", "say": "stop", "expect": {"intent": "stop"}}


def test_eval_prints_figures_and_writes_predictions(says, site, tmp_path, capsys):
    says(" stop", " pause")
    cases, out = tmp_path / "cases.jsonl", tmp_path / "out.jsonl"
    cases.write_text("\n".join(json.dumps({**CASE, "id": i}) for i in "ab"))
    assert main(["eval", str(cases), "--site", site, "--predictions", str(out)]) == 0
    printed = capsys.readouterr().out
    assert "1/2 50.0%" in printed
    lines = [json.loads(line) for line in out.read_text().splitlines()]
    assert [line["intent"] for line in lines] == ["stop", "pause"]
    assert all(line["seconds"] >= 0 for line in lines)


@pytest.mark.parametrize(
    "content",
    ["", "{", '{"id": 1}', '{"surplus": 1}', "[1]", json.dumps({**CASE, "say": 5})],
)
def test_cases_that_are_none_are_exit_2_with_their_line(site, tmp_path, content, capsys):
    cases = tmp_path / "cases.jsonl"
    cases.write_text(content)
    assert main(["eval", str(cases), "--site", site]) == 2
    assert "cases.jsonl" in capsys.readouterr().err
