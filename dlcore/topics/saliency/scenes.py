"""The scenes of the lesson on saliency: settings, a question, and what happens; every claim here has a test."""

from dlcore.lessons import Scene

SCENES: tuple[Scene, ...] = (
    Scene(
        key="opening",
        title="Eleven answers",
        question="Eleven methods explain the same answer. Which of them lie mostly on the heart?",
        choices=("All of them", "Some", "None"),
        answer=1,
        why="x",
        look="x",
    ),
)
