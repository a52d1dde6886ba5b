"""A checkerboard with a post on it, seen in perspective, drawn ray by ray: the light that each place sends to the eye.

Knows where tiles, post and sun are, and how light falls; does not know what the picture is for. Lengths are in tiles, z
is up, and light is linear, from 0 to 1. In its middle the shadow lets through as much as makes a light tile there send
exactly what a dark tile sends in the sun.
"""

import numpy as np

FINE = 2  # rays along and down a pixel
HALF, THICK = 2.5, 0.35  # of the board, whose middle is at (0, 0, 0)
SHADED = 0.4  # of the light reaches the middle of the shadow
POST, RADIUS, HEIGHT = np.array([1.62, 0.22]), 0.92, 1.75  # an upright cylinder: its foot, and its size
SUN = np.array([0.8, 0.1, 0.57])  # towards the light
BLUR = 0.1, 0.06  # half the width of the shadow's edge at the foot, and what each tile from there adds
EYE, AIM, NEAR = np.array([-2.1, -6.9, 7.9]), np.array([0.2, -0.3, 0.1]), 1.56  # NEAR: the lens
AROUND, FRONT, PAINT = (0.78, 0.79, 0.82), (0.17, 0.16, 0.15), (0.2, 0.4, 0.28)  # colours: air, the board, the post
AMBIENT = 0.4  # light that reaches what is turned away from the sun


def seen(size: int, dark: float) -> np.ndarray:
    """The light of each pixel, (size, size, 3). dark: what a dark tile sends in the sun."""
    rays = _rays(size)
    light = np.broadcast_to(np.array(AROUND, np.float32), (*rays[0].shape, 3)).copy()
    for hit, colours in (_front(rays), _top(rays, dark), *_post(rays)):  # what lies nearer is drawn later
        light[hit] = colours
    return light.reshape(size, FINE, size, FINE, 3).mean(axis=(1, 3), dtype=np.float64)


def corners(column: int, row: int, size: int) -> np.ndarray:
    """The corners of a tile in pixels, x and y, all the way round: (4, 2)."""
    across, along = np.array([[0, 0], [1, 0], [1, 1], [0, 1]]).T
    places = np.stack([column + across - HALF, row + along - HALF, np.zeros(4)], axis=1)
    right, down, forward = _axes() @ (places - EYE).T
    return size * (0.5 + NEAR * np.stack([right, down], axis=1) / forward[:, None])


def _axes() -> np.ndarray:
    """What is right, down and forward to the eye, (3, 3)."""
    forward = (AIM - EYE) / np.linalg.norm(AIM - EYE)
    right = np.cross(forward, [0, 0, 1])
    right /= np.linalg.norm(right)
    return np.stack([right, np.cross(forward, right), forward])


def _rays(size: int) -> np.ndarray:
    """A direction for each part of a pixel: x, y and z, (3, FINE · size, FINE · size)."""
    at = (np.arange(FINE * size) + 0.5) / (FINE * size) - 0.5
    right, down, forward = _axes()[:, :, None, None]
    return (forward + right * at / NEAR + down * at[:, None] / NEAR).astype(np.float32)


def _top(rays: np.ndarray, dark: float) -> tuple[np.ndarray, np.ndarray]:
    """The rays that meet the top of the board, and its light: a tile's own share of what reaches it."""
    x, y = _at_height(rays, 0.0)
    hit = (np.abs(x) < HALF) & (np.abs(y) < HALF)
    x, y = x[hit], y[hit]
    is_dark = (np.floor(x + HALF) + np.floor(y + HALF)) % 2 == 1
    return hit, (np.where(is_dark, dark, dark / SHADED) * _reached(x, y))[:, None]


def _front(rays: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The rays that meet the board's side towards the eye, and its light."""
    far = (-HALF - EYE[1]) / rays[1]
    x, z = EYE[0] + far * rays[0], EYE[2] + far * rays[2]
    return (far > 0) & (np.abs(x) < HALF) & (z < 0) & (z > -THICK), np.array(FRONT)


def _post(rays: np.ndarray) -> list[tuple[np.ndarray, np.ndarray]]:
    """The rays that meet the post's side, where x² + y² = r², and its light; then those that meet its top.

    Source of the light: Lambert, Photometria (1760): as the cosine between what a surface faces and the sun.
    """
    sun, start = SUN / np.linalg.norm(SUN), EYE[:2] - POST
    a, b = rays[0] ** 2 + rays[1] ** 2, rays[0] * start[0] + rays[1] * start[1]
    root = b * b - a * (start @ start - RADIUS**2)
    far = (-b - np.sqrt(np.maximum(root, 0))) / a
    height = EYE[2] + far * rays[2]
    side = (root >= 0) & (height > 0) & (height < HEIGHT)
    facing = sum((start[i] + far[side] * rays[i][side]) * sun[i] for i in (0, 1)) / RADIUS
    x, y = _at_height(rays, HEIGHT)
    top = np.hypot(x - POST[0], y - POST[1]) < RADIUS
    return [(side, _lit(np.asarray(facing))), (top, _lit(np.array([sun[2]])))]


def _lit(cosine: np.ndarray) -> np.ndarray:
    """The light of the post where it faces the sun so much, (n, 3)."""
    return np.array(PAINT) * (AMBIENT + (1 - AMBIENT) * np.clip(cosine, 0, None))[:, None]


def _at_height(rays: np.ndarray, z: float) -> np.ndarray:
    """Where rays, all of which go down, are so high: x and y, each as the rays."""
    far = (z - EYE[2]) / rays[2]
    return EYE[:2, None, None].astype(np.float32) + far * rays[:2]


def _reached(x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """The share of the light that the post does not keep off places of the board, SHADED to 1.

    In parallel light the shadow of an upright cylinder is all that is within its radius of a line: from its foot to
    where the middle of its top falls.
    """
    tip = -HEIGHT * SUN[:2] / SUN[2]
    x, y = x - np.float32(POST[0]), y - np.float32(POST[1])
    along = np.clip((x * tip[0] + y * tip[1]) / (tip @ tip), 0, 1)
    far = np.hypot(x - along * tip[0], y - along * tip[1])
    blur = BLUR[0] + BLUR[1] * along * np.linalg.norm(tip)
    out = np.clip((far - RADIUS + blur) / (2 * blur), 0, 1)
    return SHADED + (1 - SHADED) * out * out * (3 - 2 * out)
