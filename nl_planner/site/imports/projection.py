"""Longitude and latitude to metres on a plane that touches the earth at an origin.

The plane is the local east-north plane of WGS84 (x east, y north, as REP-103 wants): a point goes
to earth-centred coordinates and from there, by the rotation of the origin, to the plane. 5 km from
the origin distances are 2 mm too short, so that a site needs no zone or datum to be chosen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

SEMI_MAJOR = 6_378_137.0  # m, of the WGS84 ellipsoid
FLATTENING = 1 / 298.257223563
ECCENTRICITY_2 = FLATTENING * (2 - FLATTENING)


@dataclass(frozen=True)
class LocalPlane:
    """The plane that touches the earth at ``longitude``, ``latitude`` (degrees)."""

    longitude: float
    latitude: float

    def __str__(self) -> str:
        return f"latitude {self.latitude:.6f}, longitude {self.longitude:.6f} (WGS84)"

    def metres(self, coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
        """(n, 2) longitudes and latitudes in degrees to (n, 2) x east and y north in m."""
        offset = _earth_centred(coordinates) - _earth_centred(
            np.array([[self.longitude, self.latitude]])
        )
        lon, lat = math.radians(self.longitude), math.radians(self.latitude)
        east = [-math.sin(lon), math.cos(lon), 0.0]
        north = [-math.sin(lat) * math.cos(lon), -math.sin(lat) * math.sin(lon), math.cos(lat)]
        return np.asarray(offset @ np.array([east, north]).T)


def _earth_centred(coordinates: NDArray[np.float64]) -> NDArray[np.float64]:
    lon, lat = np.radians(coordinates).T
    normal = SEMI_MAJOR / np.sqrt(1 - ECCENTRICITY_2 * np.sin(lat) ** 2)
    return np.column_stack(
        [
            normal * np.cos(lat) * np.cos(lon),
            normal * np.cos(lat) * np.sin(lon),
            normal * (1 - ECCENTRICITY_2) * np.sin(lat),
        ]
    )
