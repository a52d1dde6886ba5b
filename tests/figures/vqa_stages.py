"""The stages on one question about one picture, with made-up numbers of the shapes that a run gives."""

import numpy as np

from dlcore.datasets import aerial
from dlcore.datasets.aerial_questions import ANSWERS
from dlcore.figures.log import Entry
from dlcore.figures.tiles import Handle
from dlcore.figures.vqa_sheet import DESIGNS, Arrays, Case

SIZE, SIDE, CELLS = 128, 96, 6
FUSED = {"add": SIZE, "concatenate": 2 * SIZE, "product": SIZE, "mcb": 512, "mutan": 64, "attention": SIZE}
QUESTION = "how many houses are there"


def case(model: str = "product", question: str = QUESTION, *, seed: int = 3, truth: int | None = 7, **more) -> Case:
    picture = aerial.picture(aerial.layout(aerial.SceneConfig(seed=seed)), fine=True)
    words = question.split()
    return Case(picture=picture, question=question, words=words, answers=ANSWERS, model=model, truth=truth, **more)


def softmax(logits: np.ndarray) -> np.ndarray:
    powers = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return (powers / powers.sum(axis=-1, keepdims=True)).astype(np.float32)


def reading(asked: Case, seed: int = 0) -> Arrays:
    """What reading.trace gives, but for the meaning."""
    rng = np.random.default_rng(seed)
    frames, design = len(asked.words) + 1, DESIGNS[asked.model]

    def walk(size: int) -> np.ndarray:
        return np.tanh(rng.normal(scale=0.6, size=(frames, size)).cumsum(axis=0)).astype(np.float32)

    found: dict[str, np.ndarray] = {}
    if design.reads:
        found |= {"hidden": walk(SIZE), "q": walk(SIZE)}
        found["hidden"][0] = 0
    if design.sees:
        found["v"] = walk(SIZE) if design.attends else np.repeat(walk(SIZE)[-1:], frames, axis=0)
    parts = {"product": lambda: found["v"] * found["q"], "add": lambda: found["v"] + found["q"]}
    parts |= {"attention": parts["product"], "concatenate": lambda: np.concatenate([found["v"], found["q"]], axis=1)}
    parts |= {"blind": lambda: found["q"], "deaf": lambda: found["v"]}
    found["fused"] = parts[asked.model]() if asked.model in parts else walk(FUSED[asked.model])
    found["logits"] = rng.normal(scale=2, size=(frames, len(ANSWERS))).astype(np.float32)
    found["chances"] = softmax(found["logits"])
    found["blind.chances"] = softmax(rng.normal(scale=1.5, size=(frames, len(ANSWERS))))
    found["outcome"] = rng.integers(0, 3, frames).astype(np.float32)
    found["blind.outcome"] = rng.integers(0, 3, frames).astype(np.float32)
    found["mass"] = found["mass.chance"] = np.full(frames, np.nan, np.float32)
    if design.attends:
        shares = softmax(rng.normal(scale=1.5, size=(2, frames, CELLS * CELLS))).reshape(2, frames, CELLS, CELLS)
        maps = (CELLS**2 * shares).repeat(SIDE // CELLS, axis=2).repeat(SIDE // CELLS, axis=3)
        found |= {"attention.0": maps[0], "attention.1": maps[1]}
        found["mass"] = rng.uniform(0.3, 0.6, frames).astype(np.float32)
        found["mass.chance"] = np.full(frames, 0.2, np.float32)
    return found


def attribution(asked: Case, steps: int = 32, seed: int = 0) -> Arrays:
    """What attribution.trace gives, but for the meaning."""
    rng = np.random.default_rng(seed)
    part = np.linspace(0, 1, steps + 1, dtype=np.float32)
    smooth = rng.normal(size=(SIDE // 4, SIDE // 4)).repeat(4, axis=0).repeat(4, axis=1) ** 3 / 2000
    pixels = (part[:, None, None] * smooth).astype(np.float32)
    words = (part[:, None] * rng.normal(size=len(asked.words))).astype(np.float32)
    total = pixels.sum(axis=(1, 2)) + words.sum(axis=1)
    rise = np.full_like(total, total[-1] + 0.01)
    share = np.full_like(total, 0.4)
    return {"pixels": pixels, "words": words, "total": total, "rise": rise, "gap": total - rise, "share.words": share}


def changes(asked: Case, edits: str, seed: int = 0) -> tuple[Arrays, list[Entry], list[Handle]]:
    """What changes.trace and changes.log give, but for the answers; and a ring on each thing."""
    rng = np.random.default_rng(seed)
    graph = aerial.layout(aerial.SceneConfig(seed=3))
    made = aerial.read_edits(edits)
    graphs = [aerial.edited(graph, made[:k]) for k in range(len(made) + 1)]
    chances = softmax(rng.normal(scale=2, size=(len(graphs), len(ANSWERS))))
    answers = chances.argmax(axis=1)
    truth = np.array([-1, *answers[1:]], np.float32)
    found = {
        "picture": np.stack([aerial.picture(each, fine=True) for each in graphs]),
        "chances": chances,
        "blind.chances": softmax(rng.normal(size=chances.shape)),
        "truth": truth,
        "answer": answers.astype(np.float32),
        "right": np.where(truth < 0, np.nan, truth == answers).astype(np.float32),
    }
    texts = [f"asked “{asked.question}”", *(edit.text for edit in made)]
    entries = [
        Entry(
            text=text,
            truth=None if k == 0 else ANSWERS[int(truth[k])] if k % 3 else "left",
            answer=ANSWERS[answers[k]],
            chance=float(chances[k].max()),
            flipped=k > 0 and bool(answers[k] != answers[k - 1]),
        )
        for k, text in enumerate(texts)
    ]
    handles = []
    for thing in graphs[-1].things:
        at = [
            [3 * each.named(thing.name).x, 3 * each.named(thing.name).y]
            if thing.name in {t.name for t in each.things}
            else [np.nan] * 2
            for each in graphs
        ]
        moves = thing.kind not in ("river", "road")
        handles.append(
            Handle(
                key=thing.name,
                title=thing.name,
                places=np.array(at),
                size=max(18, 3.6 * min(thing.size, 14)),
                moves=moves,
            )
        )
    return found, entries, handles
