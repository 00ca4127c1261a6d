"""Coefficients of ts/layers/gelu.ts: P(2t - 1) = ln(erfc(z) exp(z^2) / t) with t = 2 / (2 + z), at Chebyshev's nodes.

Run: python3 -m venv .venv && .venv/bin/pip install scipy==1.17.1 && .venv/bin/python scripts/fit-erfc-coefficients.py
"""

import numpy as np
from numpy.polynomial import chebyshev
from scipy.special import erfc, erfcx

DEGREE = 22
NODES = 400

u = np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)
t = np.maximum((u + 1) / 2, 1e-9)
fit = chebyshev.Chebyshev.fit(u, np.log(erfcx(2 / t - 2) / t), DEGREE, domain=[-1, 1])
coefficients = [round(float(c), 15) for c in chebyshev.cheb2poly(fit.coef)]
z = np.linspace(0, 6, 60001)
t = 2 / (2 + z)
error = np.abs(t * np.exp(np.polynomial.polynomial.polyval(2 * t - 1, coefficients) - z**2) / erfc(z) - 1).max()
print(f"largest relative error up to 6: {error:.3g}")
print(coefficients)
