"""Takes libtensorflow and the C headers that a binding includes out of a TensorFlow wheel.

python3 extract_wheel.py WHEEL SOURCES OUT LIBRARY...: reads the `#include "..."` lines of every file in the folder SOURCES, follows
them through the wheel's headers, and writes OUT/include and OUT/lib. The wheel has 13,000 headers; about 15 are needed.
"""

import pathlib
import re
import shutil
import sys
import zipfile

INCLUDE = re.compile(r'^\s*#\s*include\s+"([^"]+)"', re.MULTILINE)
HEADERS = "tensorflow/include/"


def copy(wheel, member, target):
    target.parent.mkdir(parents=True, exist_ok=True)
    with wheel.open(member) as source, open(target, "wb") as copied:
        shutil.copyfileobj(source, copied, 1 << 20)


def main(wheel_file, sources, out, *libraries):
    out = pathlib.Path(out)
    wheel = zipfile.ZipFile(wheel_file)
    members = set(wheel.namelist())
    for library in libraries:
        copy(wheel, f"tensorflow/{library}", out / "lib" / library)
    wanted = [name for file in pathlib.Path(sources).iterdir() for name in INCLUDE.findall(file.read_text("utf-8"))]
    done = set()
    while wanted:
        name = wanted.pop()
        # What the wheel does not have is the binding's own, or Node's.
        if name in done or HEADERS + name not in members:
            continue
        done.add(name)
        copy(wheel, HEADERS + name, out / "include" / name)
        wanted += INCLUDE.findall(wheel.read(HEADERS + name).decode("utf-8"))


if __name__ == "__main__":
    main(*sys.argv[1:])
