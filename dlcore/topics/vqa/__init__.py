"""Visual question answering: a picture, a question, and one of a fixed list of answers."""
