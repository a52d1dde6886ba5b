"""Descent: `streamlit run app.py` starts the server; the script that every session runs is dlcore/ui/shell.py."""

import os
import sys

# Before torch is imported: several threads are slower for small models and starve the other readers.
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")
# Nothing is compiled, but torch looks for a folder that it could write to, and on a full disk would not be imported.
os.environ.setdefault("TORCHINDUCTOR_CACHE_DIR", os.path.dirname(os.path.abspath(__file__)))  # noqa: PTH100, PTH120

import streamlit as st

from dlcore import device, settings
from dlcore.ui import server, shell

try:
    chosen = settings.read()
    device.pick()
except ValueError as faults:
    sys.exit(str(faults))

# The script lies away from pages/: beside it, Streamlit would take the first visitor of a deep link for lost.
app = st.App(shell.__file__, lifespan=server.lifespan, routes=server.ROUTES, middleware=server.middleware(chosen))
