"""The data of the lessons: loaded when asked for, never at import."""
