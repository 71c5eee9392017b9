"""``python -m footnoted`` is the `footnoted` program."""

from footnoted.cli import main

if __name__ == "__main__":
    main()
