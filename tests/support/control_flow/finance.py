"""Money: taxes, loans, options."""

from __future__ import annotations

import math

from tinygrad_nn import erf, exp, log, sqrt

from .case import case


def cdf(x):
    return 0.5 * (1.0 + erf(x / math.sqrt(2.0)))


@case(lambda r: (r.uniform(0.0, 200_000.0),))
def income_tax(income):
    tax, below = 0.0, 0.0
    for limit, rate in ((11_000.0, 0.0), (44_000.0, 0.12), (95_000.0, 0.22), (1e12, 0.35)):
        if income <= limit:
            return tax + (income - below) * rate
        tax = tax + (limit - below) * rate
        below = limit
    return tax


@case(lambda r: (r.uniform(1e3, 1e5), r.choice([0.0, r.uniform(0.001, 0.02)]), r.randint(2, 30)))
def instalment(principal, rate, months):
    if rate == 0:
        return principal / months
    if months <= 0:
        raise ValueError("no months")
    return principal * rate / (1.0 - (1.0 + rate) ** -months)


@case(lambda r: (r.uniform(100.0, 900.0), r.uniform(0.01, 0.1), r.uniform(60.0, 300.0)))
def years_to_repay(debt, rate, payment):
    paid, years = 0.0, 0
    while debt > 0 and years < 30:
        debt = debt * (1.0 + rate) - payment
        paid = paid + payment
        years += 1
    return paid + debt + years


@case(lambda r: ([r.uniform(-150, -80), *[r.uniform(20, 60) for _ in range(4)]],))
def internal_rate(flows):
    rate = 0.1
    for _ in range(30):
        value = sum(c / (1.0 + rate) ** i for i, c in enumerate(flows))
        slope = sum(-i * c / (1.0 + rate) ** (i + 1) for i, c in enumerate(flows))
        step = value / slope
        rate = rate - step
        if abs(step) < 1e-9:
            break
    return rate


@case(lambda r: (r.uniform(90, 110), r.uniform(90, 110), r.choice([0.0, r.uniform(0.2, 2)]), 0.25))
def call_price(s, k, t, v):
    if t <= 0:
        return max(s - k, 0.0)
    d = (log(s / k) + 0.5 * v * v * t) / (v * sqrt(t))
    return s * cdf(d) - k * cdf(d - v * sqrt(t))


@case(lambda r: (r.uniform(6, 14), r.uniform(95, 105), r.uniform(95, 105)))
def implied_volatility(price, s, k):
    v = 0.3
    for _ in range(20):
        d = (log(s / k) + 0.5 * v * v) / v
        error = s * cdf(d) - k * cdf(d - v) - price
        if abs(error) < 1e-8:
            return v
        v = v - error / (s * exp(-0.5 * d * d) / math.sqrt(2.0 * math.pi))
    return v


@case(lambda r: (r.uniform(80, 120), r.uniform(0.1, 0.4)))
def american_put(s, v):
    up = exp(v * 0.5)
    p = (1.02 - 1.0 / up) / (up - 1.0 / up)
    values = [max(100.0 - s * up ** (2 * i - 2), 0.0) for i in range(3)]
    for j in (1, 0):
        held = [(p * values[i + 1] + (1.0 - p) * values[i]) / 1.02 for i in range(j + 1)]
        values = [max(h, 100.0 - s * up ** (2 * i - j)) for i, h in enumerate(held)]
    return values[0]


@case(lambda r: ([r.uniform(80, 120) for _ in range(6)], r.uniform(90, 110), r.uniform(75, 90)))
def barrier(path, strike, level):
    for price in path:
        if price <= level:
            return 0.0
    return max(sum(path) / len(path) - strike, 0.0)


@case(lambda r: ([r.uniform(1, 10) for _ in range(6)],))
def drawdown(prices):
    peak, worst = prices[0], 0.0
    for price in prices[1:]:
        if price > peak:
            peak = price
        elif (peak - price) / peak > worst:
            worst = (peak - price) / peak
    return worst


@case(lambda r: (r.uniform(0.01, 0.2), r.uniform(10, 500), r.uniform(1, 50)))
def price_with_discount(rate, price, quantity):
    count = int(quantity)
    share = 0.1 if count >= 30 else 0.05 if count >= 10 else 0.0
    return price * count * (1.0 - share) * (1.0 + rate)
