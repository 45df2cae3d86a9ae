"""The compiled parts. They are optional: where they can't be built, Python does their work."""

from __future__ import annotations

import os
from pathlib import Path

from setuptools import Extension, setup

# By those that read lxml's and libxml2's structs.
NEEDS_HEADERS = ("_walk", "_attributes")
# What Cython would put into each of them, written by it.
SHARED = "detector._shared"

SANITIZERS = ["-fsanitize=address,undefined"]


def extensions() -> list[Extension]:
    """One for each Cython module and what they share, if Cython is there, and lxml's headers."""
    try:
        import lxml
        from Cython.Build import cythonize
    except ImportError:
        return []
    headers = [Path(path) for path in lxml.get_include()]
    sources = sorted(Path("detector").glob("_*.pyx"))
    if not any((path / "libxml" / "tree.h").exists() for path in headers):
        sources = [source for source in sources if source.stem not in NEEDS_HEADERS]
    made = cythonize(
        [
            *(Extension(f"detector.{source.stem}", [source.as_posix()]) for source in sources),
            Extension(SHARED, [f"{SHARED.replace('.', '/')}.c"]),
        ],
        shared_utility_qualified_name=SHARED,
    )
    for extension in made:
        extension.optional = True
        extension.depends = []  # headers outside the project, which no list of files can take
        if os.name != "nt":
            extension.extra_compile_args = ["-O3", "-g0", "-ffp-contract=off"]  # as numpy rounds
            if os.environ.get("DETECTOR_SANITIZE"):  # see docs/architecture.md
                extension.extra_compile_args = [*SANITIZERS, "-O1", "-g", "-ffp-contract=off"]
                extension.extra_link_args = SANITIZERS
        if extension.name.endswith(NEEDS_HEADERS):
            extension.include_dirs += map(str, headers)
    return made


setup(ext_modules=extensions(), options={"build_ext": {"parallel": os.cpu_count()}})
