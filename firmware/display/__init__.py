"""The display: its lists, its pages, its button, and the task that draws it."""
