"""`python -m pxanalysis` is the command `pxanalysis`."""

from pxanalysis.cli import main

if __name__ == "__main__":
    main()
