"""The pictures: arrays in, Plotly figures out; no torch, no Streamlit, no files."""
