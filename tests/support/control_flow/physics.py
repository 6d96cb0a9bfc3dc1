"""Physics and geodesy."""

from __future__ import annotations

import math

from tinygrad_nn import asin, atan, atan2, cos, exp, log, sin, sqrt, tan

from .case import case


@case(lambda r: (r.uniform(0.0, 30_000.0),))
def air_pressure(height):
    if height < 11_000:
        return 101_325.0 * (1.0 - 2.25577e-5 * height) ** 5.25588
    if height < 20_000:
        return 22_632.0 * exp(-1.57688e-4 * (height - 11_000.0))
    return 5_474.9 * (1.0 + (height - 20_000.0) / 216_650.0) ** -34.163


@case(lambda r: (r.uniform(10.0, 2e5), r.uniform(1e-5, 0.03)))
def friction(reynolds, roughness):
    if reynolds < 2300:
        return 64.0 / reynolds
    root = 0.2
    for _ in range(40):
        new = -1.0 / (0.8686 * log(roughness / 3.7 + 2.51 / (reynolds * root)))
        if abs(new - root) < 1e-10:
            break
        root = new
    return root * root


@case(lambda r: tuple(r.uniform(a, b) for a, b in ((-1, 1), (-3, 3), (-1, 1), (-3, 3))))
def vincenty(phi, lam, psi, mu):
    f = 1.0 / 298.257
    u, v = atan((1.0 - f) * tan(phi)), atan((1.0 - f) * tan(psi))
    gap = turn = mu - lam
    for _ in range(8):
        s = sqrt((cos(v) * sin(turn)) ** 2 + (cos(u) * sin(v) - sin(u) * cos(v) * cos(turn)) ** 2)
        if s == 0:
            return 0.0
        c = sin(u) * sin(v) + cos(u) * cos(v) * cos(turn)
        alpha = cos(u) * cos(v) * sin(turn) / s
        square = 1.0 - alpha * alpha
        k = f / 16.0 * square * (4.0 + f * (4.0 - 3.0 * square))
        new = gap + (1.0 - k) * f * alpha * atan2(s, c)
        done = abs(new - turn) < 1e-10
        turn = new
        if done:
            break
    return atan2(s, c)


@case(lambda r: tuple(r.uniform(-1.5, 1.5) for _ in range(4)))
def great_circle(a, b, c, d):
    if a == c and b == d:
        return 0.0
    h = sin(0.5 * (c - a)) ** 2 + cos(a) * cos(c) * sin(0.5 * (d - b)) ** 2
    return 2.0 * asin(min(1.0, sqrt(h)))


@case(lambda r: (r.uniform(-720.0, 720.0),))
def wrapped(degrees):
    while degrees >= 180:
        degrees = degrees - 360.0
    while degrees < -180:
        degrees = degrees + 360.0
    return degrees


@case(lambda r: (r.uniform(3.0, 20.0), r.uniform(0.2, 1.4)))
def throw(speed, angle):
    """How far a ball flies that is braked by the air, until it is below the ground."""
    x, y = 0.0, 0.0
    vx, vy = speed * cos(angle), speed * sin(angle)
    turns = 0
    while y >= 0 and turns < 40:
        v = sqrt(vx * vx + vy * vy)
        vx, vy = vx - 0.1 * 0.02 * v * vx, vy - 0.1 * (9.81 + 0.02 * v * vy)
        x, y = x + 0.1 * vx, y + 0.1 * vy
        turns += 1
    return x


@case(lambda r: (r.uniform(1.0, 2.0), r.uniform(1.0, 2.0), r.uniform(0.0, 1.57)))
def refracted(n, m, angle):
    s = n * sin(angle) / m
    return asin(s) if abs(s) < 1 else math.pi - angle


@case(lambda r: (r.uniform(0.0, 4.0), r.uniform(-2.0, 2.0)))
def bouncing(height, speed):
    for _ in range(12):
        speed = speed - 0.981 * 0.5
        height = height + 0.1 * speed
        if height < 0:
            height, speed = -height, -0.8 * speed
    return height


@case(lambda r: (r.uniform(-30.0, 45.0), r.uniform(1.0, 100.0), r.uniform(0.0, 30.0)))
def felt_temperature(t, humidity, wind):
    if t <= 10 and wind > 4.8:
        w = wind**0.16
        return 13.12 + 0.6215 * t - 11.37 * w + 0.3965 * t * w
    if t >= 27 and humidity >= 40:
        found = -8.785 + 1.611 * t + 2.339 * humidity - 0.146 * t * humidity
        return found + 0.01 * (humidity - 85.0) if humidity > 85 and t < 31 else found
    return t


@case(lambda r: (r.uniform(200.0, 700.0),))
def wavelength_to_red(w):
    if not 380 <= w <= 780:
        return 0.0
    red = -(w - 440.0) / 60.0 if w < 440 else 0.0 if w < 510 else (w - 510.0) / 70.0
    share = 0.3 + 0.7 * (w - 380.0) / 40.0 if w < 420 else 1.0
    return min(1.0, red) * share
