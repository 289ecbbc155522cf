"""Writes muon.csv: what Muon's polynomial makes of matrices in closed form, by their singular values (Debian 12: python3-numpy).

    python3 muon.py > muon.csv

Element i of a matrix, row by row, is sin(0.7 i + 1) + cos(0.013 i²). Its polynomial, 3.4445 s - 4.7750 s³ + 2.0315 s⁵, is taken of the singular values alone, five
times, after they are divided by the root of the sum of their squares: no product of matrices is made as the program makes it.
"""
import numpy

print("# Written by muon.py, which says how: numpy " + numpy.__version__)
print("shape,first,last,absolute,largest,smallest")
for rows, columns in ((4, 4), (3, 8), (8, 3), (16, 64)):
    i = numpy.arange(rows * columns, dtype=numpy.float64)
    left, values, right = numpy.linalg.svd((numpy.sin(0.7 * i + 1) + numpy.cos(0.013 * i ** 2)).reshape(rows, columns), full_matrices=False)
    s = values / numpy.sqrt((values ** 2).sum())
    for _ in range(5):
        s = 3.4445 * s - 4.7750 * s ** 3 + 2.0315 * s ** 5
    made = left * s @ right
    numbers = [made[0, 0], made[-1, -1], numpy.abs(made).sum(), s.max(), s.min()]
    print(f"{rows}x{columns}," + ",".join(f"{number:.12g}" for number in numbers))
