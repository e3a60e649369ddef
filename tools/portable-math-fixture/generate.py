"""Writes libs/data/src/fixtures/portable-math.json: arguments and exact results of exp, log, sin, cos and pow.

Run `python3 tools/portable-math-fixture/generate.py` from anywhere; needs mpmath (made with 1.3.0). Each case is
[argument(s)..., high, low]: the result to 400 bits, cut into the nearest double and the double nearest to the rest.
"""

import json
import math
import random
from pathlib import Path

from mpmath import mp, mpf

mp.prec = 400
CASES_PER_RANGE = 60
random.seed(20240607)


def uniform(low, high):
    return [random.uniform(low, high) for _ in range(CASES_PER_RANGE)]


def logarithmic(low, high):
    return [math.exp(random.uniform(math.log(low), math.log(high))) for _ in range(CASES_PER_RANGE)]


def both_signs(values):
    return [value if random.random() < 0.5 else -value for value in values]


def case(function, *arguments):
    exact = function(*(mpf(argument) for argument in arguments))
    high = float(exact)
    return [*arguments, high, float(exact - mpf(high))]


exp_arguments = (
    both_signs(logarithmic(1e-20, 1)) + uniform(-1, 1) + uniform(-50, 50) + uniform(-708, 709.7)
    + uniform(-745, -708) + [0.0, 1.0, -1.0, 0.5 * math.log(2), 709.782712893384, -745.1332191019411]
)
log_arguments = (
    uniform(0.5, 2) + [1 + delta for delta in both_signs(logarithmic(1e-15, 0.3))] + logarithmic(1e-300, 1e300)
    + logarithmic(1e-320, 1e-308) + [1.0, 2.0, math.sqrt(0.5), math.sqrt(2), 5e-324, 1.7976931348623157e308, 2.0**-32]
)
# The last ones lie as close to a multiple of pi / 2 as doubles of their size do.
angles = (
    both_signs(logarithmic(1e-12, 0.8)) + uniform(-math.pi, math.pi) + uniform(-100, 100) + uniform(-1e6, 1e6)
    + [float(n * mp.pi / 2) for n in [1, 2, 3, 4, 5, 11, 22, 355, 710, 52174, 103993, 208341, 573204, 636619]]
    + [float(n * mp.pi / 4) for n in [1, 3, 5, 7, 1001]]
)
pow_arguments = (
    list(zip(uniform(0, 1), uniform(0, 1)))
    + list(zip(uniform(0.9, 1), [float(random.randrange(1, 7000)) for _ in range(CASES_PER_RANGE)]))
    + list(zip(logarithmic(1e-100, 1e100), uniform(-3, 3)))
    + list(zip([1 + delta for delta in both_signs(logarithmic(1e-12, 1e-3))], both_signs(logarithmic(1e3, 1e5))))
    + list(zip([-base for base in logarithmic(0.1, 10)], [float(random.randrange(-40, 40)) for _ in range(CASES_PER_RANGE)]))
    + [(0.9, 1.0), (0.999, 1000.0), (2.0, 0.5), (2.0, -1074.0), (2.0, 1023.0), (10.0, 308.0), (10.0, -5.0), (5e-324, 0.5)]
)

fixture = {
    "exp": [case(mp.exp, x) for x in exp_arguments],
    "log": [case(mp.log, x) for x in log_arguments],
    "sin": [case(mp.sin, x) for x in angles],
    "cos": [case(mp.cos, x) for x in angles],
    "pow": [case(mp.power, x, y) for x, y in pow_arguments],
}
target = Path(__file__).resolve().parents[2] / "libs/data/src/fixtures/portable-math.json"
rows = [f'  "{name}": [\n' + ",\n".join(f"    {json.dumps(row)}" for row in cases) + "\n  ]" for name, cases in fixture.items()]
target.write_text("{\n" + ",\n".join(rows) + "\n}\n")
