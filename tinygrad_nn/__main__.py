"""``python -m tinygrad_nn`` is ``tinygrad-nn``."""

from .cli import main

if __name__ == "__main__":
    main()
