"""The work behind Descent's lessons: ideas in topics, pictures in figures, the browser in ui."""
