"""Minimax coefficients of crate/src/math: fits P/Q to a function with the least largest relative error (Remez exchange).

Run: python3 -m venv .venv && .venv/bin/pip install mpmath==1.4.1 && .venv/bin/python scripts/fit-math-coefficients.py
"""
from mpmath import cos, exp, log, lu_solve, matrix, mp, mpf, pi, sqrt, tanh

mp.dps = 60


def remez(function, weight, low, high, numerator_degree, denominator_degree=0, crowd=lambda s: s):
    """Coefficients of P and Q (constant term 1), lowest first, and the largest |weight * (P/Q - function)|.

    `crowd` maps [0, 1] onto itself and moves sample points to where the function bends.
    """
    unknowns = numerator_degree + denominator_degree + 2

    def chebyshev(count):
        return [low + (high - low) * crowd((1 - cos(pi * mpf(i) / (count - 1))) / 2) for i in range(count)]

    nodes, grid = chebyshev(unknowns), chebyshev(3001)
    values, weights = [function(u) for u in grid], [weight(u) for u in grid]
    level, best = mpf(0), None
    for _ in range(30):
        # With a denominator the equations hold a product of unknowns; a few fixed-point steps on the level settle it.
        for _ in range(6 if denominator_degree else 1):
            system, right = matrix(unknowns, unknowns), matrix(unknowns, 1)
            for i, u in enumerate(nodes):
                sign = (-1) ** i
                y = function(u)
                for k in range(numerator_degree + 1):
                    system[i, k] = u**k
                for k in range(1, denominator_degree + 1):
                    system[i, numerator_degree + k] = -(y + sign * level / weight(u)) * u**k
                system[i, unknowns - 1] = -sign / weight(u)
                right[i] = y
            solution = lu_solve(system, right)
            level = solution[unknowns - 1]
        p = [solution[k] for k in range(numerator_degree + 1)]
        q = [mpf(1)] + [solution[numerator_degree + k] for k in range(1, denominator_degree + 1)]
        errors = [w * (mp.polyval(p[::-1], u) / mp.polyval(q[::-1], u) - y) for u, y, w in zip(grid, values, weights)]
        largest = max(abs(e) for e in errors)
        if best is None or largest < best[2]:
            best = (p, q, largest)
        extrema, current = [], 0
        for i in range(1, len(errors)):
            if errors[i] * errors[current] <= 0:
                extrema.append(current)
                current = i
            elif abs(errors[i]) > abs(errors[current]):
                current = i
        extrema.append(current)
        while len(extrema) > unknowns:
            extrema.pop(0 if abs(errors[extrema[0]]) < abs(errors[extrema[-1]]) else -1)
        if len(extrema) < unknowns or largest < abs(level) * mpf('1.001'):
            break
        nodes = [grid[i] for i in extrema]
    return best


def show(name, fit):
    p, q, largest = fit
    print(f'{name}: largest relative error {mp.nstr(largest, 3)}')
    print('  P', ', '.join(mp.nstr(c, 10) for c in p))
    if len(q) > 1:
        print('  Q', ', '.join(mp.nstr(c, 10) for c in q))


tiny = mpf(10) ** -12
half_ln_2 = log(mpf(2)) / 2 * mpf('1.001')
exp_tail = lambda r: (exp(r) - 1 - r) / r**2 if abs(r) > tiny else mpf(1) / 2 + r / 6
exp_weight = lambda r: r**2 / exp(r) + tiny
show('exp, (e^r - 1 - r) / r^2', remez(exp_tail, exp_weight, -half_ln_2, half_ln_2, 4))
show('sigmoid, the same shorter', remez(exp_tail, exp_weight, -half_ln_2, half_ln_2, 3))

tanh_ratio = lambda u: tanh(sqrt(u)) / sqrt(u) if u > tiny**2 else 1 - u / 3
show('tanh(x)/x in x^2', remez(tanh_ratio, lambda u: 1 / tanh_ratio(u), mpf(0), mpf('9.02') ** 2, 4, 4, lambda s: s**2))

ln_tail = lambda f: (log(1 + f) - f + f**2 / 2) / f**3 if abs(f) > tiny else mpf(1) / 3 - f / 4
ln_weight = lambda f: abs(f**3 / log(1 + f)) if abs(f) > tiny else tiny**2
show('ln, (ln(1+f) - f + f^2/2) / f^3', remez(ln_tail, ln_weight, sqrt(mpf(1) / 2) - 1, sqrt(mpf(2)) - 1, 7))
