"""The only Streamlit inside dlcore: the shell, the lesson frame, controls and the player."""
