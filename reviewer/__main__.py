"""python -m reviewer is the same as review-patch."""

import sys

from reviewer.cli import main

sys.exit(main())
