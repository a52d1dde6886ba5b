"""The scenes of the lesson on visual question answering: settings, a question, and what happens; all claims are tested."""

from dlcore.lessons import Scene

SCENES: tuple[Scene, ...] = (
    Scene(
        key="opening",
        title="Word by word",
        lead="Watch, then answer.",
        question="After which word does the network know what is to be counted?",
        choices=("many", "houses", "there"),
        answer=1,
        why="",
        look="",
    ),
)
