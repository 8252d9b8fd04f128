"""The ways of a car: arcs of the smallest radius and straight lines, forwards and backwards.

Reeds and Shepp, "Optimal paths for a car that goes both forwards and backwards", Pacific Journal of
Mathematics 145(2), 1990: the shortest way between two poses is among 48 words of at most five
segments. The formulas are numbered as there (8.1 to 8.11, with the known corrections).
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from nl_planner.coverage.grid import Floats

LEFT, STRAIGHT, RIGHT = 1, 0, -1
QUARTER = np.pi / 2
STEP = 0.1
"""rad between two points of an arc."""

Traced = tuple[Floats, NDArray[np.int8], Floats]


def words(start: Floats, goal: Floats, radius: float) -> tuple[Floats, NDArray[np.int64]]:
    """All words from poses ``start`` to poses ``goal`` (N, 3), in m and rad.

    Returns lengths (N, words, 5) in m, negative for backwards and NaN where a word leads nowhere,
    and what the segments are (words, 5): LEFT, STRAIGHT, RIGHT.
    """
    d = (goal - start) / radius
    c, s = np.cos(start[:, 2]), np.sin(start[:, 2])
    x, y, phi = c * d[:, 0] + s * d[:, 1], c * d[:, 1] - s * d[:, 0], goal[:, 2] - start[:, 2]
    flip, mirror = np.array([1, 1, -1, -1]), np.array([1, -1, 1, -1])
    found = _forward(
        np.multiply.outer(flip, x).ravel(),
        np.multiply.outer(mirror, y).ravel(),
        np.multiply.outer(flip * mirror, phi).ravel(),
    )
    table = np.stack([lengths for lengths, _ in found]).reshape(len(found), 4, len(x), 5)
    table = np.moveaxis(table * flip[:, None, None] * radius, 2, 0)
    kinds = np.array([word for _, word in found])[:, None] * mirror[:, None]
    return table.reshape(len(x), -1, 5), kinds.reshape(-1, 5)


def trace(start: Floats, kinds: NDArray[np.int64], lengths: Floats, radius: float) -> Traced:
    """The points of a word from pose ``start`` (3,): (M, 2) positions without the first,
    (M,) +1 or -1, forwards or backwards to that point, and the last pose (3,).
    """
    x, y, yaw = (float(v) for v in start)
    points, gear = [], []
    for kind, length in zip(kinds.tolist(), lengths.tolist(), strict=True):
        if abs(length) < 1e-9:
            continue
        if kind == STRAIGHT:
            x, y = x + length * np.cos(yaw), y + length * np.sin(yaw)
            points.append(np.array([[x, y]]))
        else:
            count = max(1, int(np.ceil(abs(length) / radius / STEP)))
            turned = yaw + kind * np.linspace(0, length / radius, count + 1)[1:]
            px = x + kind * radius * (np.sin(turned) - np.sin(yaw))
            py = y - kind * radius * (np.cos(turned) - np.cos(yaw))
            points.append(np.column_stack((px, py)))
            x, y, yaw = float(px[-1]), float(py[-1]), float(turned[-1])
        gear.append(np.full(len(points[-1]), 1 if length > 0 else -1, np.int8))
    end = np.array([x, y, yaw])
    if not points:
        return np.zeros((0, 2)), np.zeros(0, np.int8), end
    return np.vstack(points), np.concatenate(gear), end


def _forward(x: Floats, y: Floats, phi: Floats) -> list[tuple[Floats, list[int]]]:
    """The words that start with a left turn forwards: lengths (N, 5) in radii, and kinds."""
    s, c = np.sin(phi), np.cos(phi)
    back_x, back_y = x * c + y * s, x * s - y * c
    found = [
        (_csc_same(x, y, phi), [1, 0, 1]),
        (_csc_other(x, y, phi), [1, 0, -1]),
        (_ccc(x, y, phi), [1, -1, 1]),
        (_ccc(back_x, back_y, phi)[::-1], [1, -1, 1]),
        (_cccc(x, y, phi), [1, -1, 1, -1]),
        (_cccc_all(x, y, phi), [1, -1, 1, -1]),
        (_ccsc_same(x, y, phi), [1, -1, 0, 1]),
        (_ccsc_other(x, y, phi), [1, -1, 0, -1]),
        (_ccsc_same(back_x, back_y, phi)[::-1], [1, 0, -1, 1]),
        (_ccsc_other(back_x, back_y, phi)[::-1], [-1, 0, -1, 1]),
        (_ccscc(x, y, phi), [1, -1, 0, 1, -1]),
    ]
    result = []
    for parts, word in found:
        lengths = np.zeros((len(x), 5))
        for column, part in enumerate(parts):
            lengths[:, column] = part
        lengths[np.isnan(lengths).any(axis=1)] = np.nan
        result.append((lengths, word + [0] * (5 - len(word))))
    return result


def _wrap(angle: Floats) -> Floats:
    """The angle within -pi..pi."""
    wrapped: Floats = (angle + np.pi) % (2 * np.pi) - np.pi
    return wrapped


def _if(valid: NDArray[np.bool_], *parts: Floats | float) -> list[Floats | float]:
    """The parts of a word, the first NaN where the word is not valid."""
    return [np.where(valid, parts[0], np.nan), *parts[1:]]


def _same(x: Floats, y: Floats, phi: Floats) -> tuple[Floats, Floats]:
    """(xi, eta): between the centres of two circles on the left."""
    return x - np.sin(phi), y - 1 + np.cos(phi)


def _other(x: Floats, y: Floats, phi: Floats) -> tuple[Floats, Floats]:
    """(xi, eta): from the centre of a circle on the left to that of one on the right."""
    return x + np.sin(phi), y - 1 - np.cos(phi)


def _csc_same(x: Floats, y: Floats, phi: Floats) -> list[Floats | float]:  # 8.1
    xi, eta = _same(x, y, phi)
    t, u = np.arctan2(eta, xi), np.hypot(xi, eta)
    v = _wrap(phi - t)
    return _if((t >= -1e-9) & (v >= -1e-9), t, u, v)


def _csc_other(x: Floats, y: Floats, phi: Floats) -> list[Floats | float]:  # 8.2
    xi, eta = _other(x, y, phi)
    square = xi**2 + eta**2 - 4
    u = np.sqrt(np.maximum(square, 0))
    t = _wrap(np.arctan2(eta, xi) + np.arctan2(2, u))
    v = _wrap(t - phi)
    return _if((square >= 0) & (t >= -1e-9) & (v >= -1e-9), t, u, v)


def _ccc(x: Floats, y: Floats, phi: Floats) -> list[Floats | float]:  # 8.3, 8.4
    xi, eta = _same(x, y, phi)
    far = np.hypot(xi, eta)
    u = -2 * np.arcsin(np.minimum(far / 4, 1))
    t = _wrap(np.arctan2(eta, xi) + u / 2 + np.pi)
    v = _wrap(phi - t + u)
    return _if((far <= 4) & (t >= -1e-9) & (u <= 1e-9), t, u, v)


def _tau_omega(u: Floats, v: Floats, xi: Floats, eta: Floats, phi: Floats) -> tuple[Floats, Floats]:
    delta = _wrap(u - v)
    a, b = np.sin(u) - np.sin(delta), np.cos(u) - np.cos(delta) - 1
    t = np.arctan2(eta * a - xi * b, xi * a + eta * b)
    turn = 2 * (np.cos(delta) - np.cos(v) - np.cos(u)) + 3
    tau = _wrap(np.where(turn < 0, t + np.pi, t))
    return tau, _wrap(tau - u + v - phi)


def _cccc(x: Floats, y: Floats, phi: Floats) -> list[Floats | float]:  # 8.7
    xi, eta = _other(x, y, phi)
    rho = (2 + np.hypot(xi, eta)) / 4
    u = np.arccos(np.minimum(rho, 1))
    t, v = _tau_omega(u, -u, xi, eta, phi)
    return _if((rho <= 1) & (t >= -1e-9) & (v <= 1e-9), t, u, -u, v)


def _cccc_all(x: Floats, y: Floats, phi: Floats) -> list[Floats | float]:  # 8.8
    xi, eta = _other(x, y, phi)
    rho = (20 - xi**2 - eta**2) / 16
    u = -np.arccos(np.clip(rho, 0, 1))
    t, v = _tau_omega(u, u, xi, eta, phi)
    return _if((rho >= 0) & (rho <= 1) & (t >= -1e-9) & (v >= -1e-9), t, u, u, v)


def _ccsc_same(x: Floats, y: Floats, phi: Floats) -> list[Floats | float]:  # 8.9
    xi, eta = _same(x, y, phi)
    far = np.hypot(xi, eta)
    r = np.sqrt(np.maximum(far**2 - 4, 0))
    u = 2 - r
    t = _wrap(np.arctan2(eta, xi) + np.arctan2(r, -2))
    v = _wrap(phi - QUARTER - t)
    return _if((far >= 2) & (t >= -1e-9) & (u <= 1e-9) & (v <= 1e-9), t, -QUARTER, u, v)


def _ccsc_other(x: Floats, y: Floats, phi: Floats) -> list[Floats | float]:  # 8.10
    xi, eta = _other(x, y, phi)
    far, t = np.hypot(xi, eta), np.arctan2(xi, -eta)
    u = 2 - far
    v = _wrap(t + QUARTER - phi)
    return _if((far >= 2) & (t >= -1e-9) & (u <= 1e-9) & (v <= 1e-9), t, -QUARTER, u, v)


def _ccscc(x: Floats, y: Floats, phi: Floats) -> list[Floats | float]:  # 8.11
    xi, eta = _other(x, y, phi)
    far = np.hypot(xi, eta)
    u = 4 - np.sqrt(np.maximum(far**2 - 4, 0))
    t = _wrap(np.arctan2((4 - u) * xi - 2 * eta, -2 * xi + (u - 4) * eta))
    v = _wrap(t - phi)
    valid = (far >= 2) & (u <= 1e-9) & (t >= -1e-9) & (v >= -1e-9)
    return _if(valid, t, -QUARTER, u, -QUARTER, v)
