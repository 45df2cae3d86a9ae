"""Spark: the job of `detector.spark` for `spark-submit`, which takes a file and no module.

pip install 'detector[spark,warc]'
spark-submit examples/spark_job.py OUT WARC...
"""

from __future__ import annotations

import sys

from detector.spark import main

if __name__ == "__main__":
    sys.exit(main())
