#!/usr/bin/env python3
"""What Pillow makes of every image of a folder, for the by-hand test of the decoder.

pillow-pixels.py FOLDER OUT writes OUT/<path>.ppm for every image (upright, RGB), or OUT/<path>.error with Pillow's complaint.
Then: TRAINHARNESS_JPEG_CASES=FOLDER TRAINHARNESS_PILLOW_PIXELS=OUT and the explicit test Every_case_comes_out_as_Pillow_makes_it.
"""
import pathlib
import sys

from PIL import Image, ImageOps

folder, out = map(pathlib.Path, sys.argv[1:])
for path in sorted(folder.rglob("*.[jJ][pP]*")):
    target = out / path.relative_to(folder)
    target.parent.mkdir(parents=True, exist_ok=True)
    try:
        with Image.open(path) as image:
            image.load()
            upright = ImageOps.exif_transpose(image)
            # Transparency is ignored, not blended.
            upright.convert("RGB").save(f"{target}.ppm")
    except Exception as error:
        pathlib.Path(f"{target}.error").write_text(f"{type(error).__name__}: {error}\n")
