"""The compiled parts, which are optional: without a compiler or headers Python does their work."""

import os
from pathlib import Path

import lxml
from Cython.Build import cythonize
from setuptools import Extension, setup

INCLUDES = {"_walk": lxml.get_include()}

setup(
    ext_modules=cythonize(
        [
            Extension(
                f"detector.{source.stem}",
                [str(source)],
                extra_compile_args=[] if os.name == "nt" else ["-O3"],
                include_dirs=INCLUDES.get(source.stem, []),
                optional=True,
            )
            for source in sorted(Path("detector").glob("_*.pyx"))
        ]
    )
)
