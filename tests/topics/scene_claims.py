"""What the tests of all lessons' scenes share: the mark of a claim, what a scene says, whole prose."""

import ast
import re
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from dlcore.lessons import Scene

LONGEST_QUESTION, LONGEST_CHOICE, LONGEST_ANSWER = 110, 32, 260  # on a card of two lines


class Claims:
    """The scenes of one lesson, by key, and what its tests need to hold them to their words."""

    def __init__(self, scenes: Sequence[Scene]) -> None:
        self.by_key = {scene.key: scene for scene in scenes}

    def claim(self, key: str) -> Callable[[Callable], Callable]:
        """Marks a test as the proof of what the scene with this key says; `proven` reads the marks."""
        if key not in self.by_key:
            raise ValueError(f"no scene has the key {key!r}")
        return lambda test: test

    def answer(self, key: str) -> str:
        return self.by_key[key].choices[self.by_key[key].answer]

    def says(self, key: str, *phrases: str) -> None:
        """The scene's words hold these numbers; a test that proves other ones proves nothing."""
        text = _words(self.by_key[key])
        missing = [phrase for phrase in phrases if phrase not in text]
        assert missing == [], f"{key} does not say {missing}"


def _words(scene: Scene) -> str:
    return " ".join((scene.question, *scene.choices, scene.why, scene.look))


def proven(pattern: str) -> set[str]:
    """The keys of the scenes whose claims the test files of this pattern prove."""
    paths = sorted(Path(__file__).parent.glob(pattern))
    assert paths, f"no file matches {pattern!r}"
    found = set()
    for path in paths:
        module = ast.parse(path.read_text(encoding="utf-8"))
        claims = _claims_in(module.body)
        assert claims, path.name
        assert len(claims) == len(_claims_in(ast.walk(module))), path.name  # pytest does not find the inner ones
        assert [name for _, name in claims if not name.startswith("test_")] == []
        found |= {key for key, _ in claims}
    return found


def _claims_in(nodes: Iterable[ast.AST]) -> list[tuple[str, str]]:
    """The keys of the scenes whose claims these functions prove, by their marks @claim("key"), and their names."""
    return [
        (ast.literal_eval(mark.args[0]), node.name)
        for node in nodes
        if isinstance(node, ast.FunctionDef)
        for mark in node.decorator_list
        if isinstance(mark, ast.Call) and isinstance(mark.func, ast.Name) and mark.func.id == "claim"
    ]


def check_different(scenes: Sequence[Scene]) -> None:
    """At least eight scenes, of different keys, titles and settings."""
    assert len(scenes) >= 8
    for names in ([s.key for s in scenes], [s.title for s in scenes], [dict(s.values) for s in scenes]):
        assert [name for k, name in enumerate(names) if name in names[:k]] == []


def check_prose(scene: Scene) -> None:
    """A scene asks before it answers, and one of its choices is right."""
    assert scene.question.endswith("?")
    assert len(set(scene.choices)) == len(scene.choices) >= 2
    assert scene.answer in range(len(scene.choices))
    assert scene.why.endswith(".")
    assert scene.look.endswith((".", "?"))


def check_fit(scene: Scene) -> None:
    """Whole prose that fits a card of two lines, with real minus signs."""
    check_prose(scene)
    assert len(scene.question) <= LONGEST_QUESTION
    assert max(map(len, scene.choices)) <= LONGEST_CHOICE
    assert len(f"{scene.why} {scene.look}") <= LONGEST_ANSWER
    assert re.search(r"(?<![A-Za-z])-\d", _words(scene)) is None


def check_card(scene: Scene) -> None:
    """The same, with real multiplication signs and spaced per cents, too."""
    check_fit(scene)
    assert re.search(r"\dx\d|\d%", _words(scene)) is None


def check_places(scenes: Sequence[Scene]) -> None:
    """The right answer is not always at the same place."""
    places = [scene.answer for scene in scenes]
    assert max(places.count(place) for place in range(3)) <= 0.7 * len(scenes)
    assert set(places) == {0, 1, 2}
