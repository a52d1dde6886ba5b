"""The ideas of the course, one module an idea; nothing here draws or knows of the page."""
