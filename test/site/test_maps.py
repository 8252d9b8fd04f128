from pathlib import Path

import pytest
from shapely.geometry import Point

from nl_planner.site import read_site
from nl_planner.site.check import check_site
from nl_planner.site.model import has_chinese
from nl_planner.task import Action

MAPS = Path(__file__).parents[2] / "maps"


@pytest.mark.parametrize("path", sorted(MAPS.glob("*.site.yaml")), ids=lambda path: path.stem)
def test_our_sites_have_nothing_to_mend(path):
    site = read_site(path)
    assert check_site(site) == ()
    for one in (*site.landmarks.values(), *site.keepouts.values()):
        assert has_chinese(one.name("zh"))
        assert not has_chinese(one.name("en"))


def test_riverside_shows_the_format():
    site = read_site(MAPS / "riverside.site.yaml")
    assert len(site.landmarks) >= 18
    assert {"Polygon", "LineString", "Point"} == {
        one.geometry.geom_type for one in site.landmarks.values()
    }
    assert Action.MOP not in site.robot.actions
    door = Point(site.landmarks["building_1"].entrances["main"].at)
    bottles = [one for one in site.objects if site.taxonomy.is_a(one.class_id, "bottle")]
    assert sorted(one.class_id for one in bottles) == [
        "cola_bottle",
        "mineral_water_bottle",
        "water_bottle",
    ]
    near_the_door = [one.class_id for one in bottles if door.distance(Point(one.at)) < 3]
    assert near_the_door == ["cola_bottle"]


def test_indoor_is_free_where_its_map_is():
    site = read_site(MAPS / "indoor.site.yaml")
    assert site.boundary is None
    assert site.robot.actions == (Action.VACUUM, Action.MOP)
    assert site.is_free(1.0, -4.0)
    assert not site.is_free(0.0, -2.8)  # the sofa
    assert not site.is_free(20.0, 0.0)  # outside the walls: unknown cells
