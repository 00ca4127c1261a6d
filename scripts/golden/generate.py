"""Writes every file of test/golden/ (see README.md beside them). Run it with `npm run golden`."""

import importlib
import pathlib
import sys

sys.dont_write_bytecode = True
# The last ones need packages or a backend of their own: see their files.
HELPERS = ("common", "generate", "models", "kerasCases", "pytorch", "kerasLegacy", "kerasOperations", "kerasOwnLayers", "kerasPreparation", "kerasVersions")
MODULES = sorted(path.stem for path in pathlib.Path(__file__).parent.glob("*.py") if path.stem not in HELPERS)

if __name__ == "__main__":
    for name in sys.argv[1:] or MODULES:
        importlib.import_module(name).main()
