"""`python -m mangaops`."""

from mangaops.cli.app import main

main()
