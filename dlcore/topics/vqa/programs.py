"""Knows the short programs behind an answer, a sketch, the attention and an attribution, with the present values.

Does not run them. Each is plain PyTorch, takes of this project only its trained layers, pictures and words, and leaves
its numbers under the names that the lesson has for them.
"""

import re
from collections.abc import Callable, Mapping

from dlcore.topics.images.programs import literal
from dlcore.topics.vqa.asked import Asked
from dlcore.topics.vqa.attribution import NUM_STEPS
from dlcore.topics.vqa.fusions import BLIND, DEAF, FUSIONS
from dlcore.topics.vqa.nets import CELLS, CHANNELS, HIDDEN, SIZE
from dlcore.topics.vqa.sight import Sight

#: Where the names come from that a program may use.
HOMES: Mapping[str, str] = {
    "normalize": "torch.nn.functional",
    "irfft": "torch.fft",
    "rfft": "torch.fft",
    "Image": "PIL",
    "ANSWERS": "dlcore.datasets.aerial_questions",
    "baseline": "dlcore.topics.vqa.attribution",
    "answerer": "dlcore.topics.vqa.shipped",
    "backbone": "dlcore.topics.vqa.shipped",
    "Sight": "dlcore.topics.vqa.sight",
    "own": "dlcore.topics.vqa.sight",
    "shared": "dlcore.topics.vqa.vocabulary",
}

SIZES: Mapping[str, int] = {"HIDDEN": HIDDEN, "SIZE": SIZE, "CHANNELS": CHANNELS, "CELLS": CELLS}
NET = "net = answerer({model}, {seed})  # the lab's trained weights"
IMAGE = """
picture = torch.from_numpy({sight}.picture())  # (96, 96, 3), bytes
image = picture.permute(2, 0, 1)[None] / 255
"""
WORDS = "ids = torch.tensor([shared().encode({question})])  # one number for each word"

QUESTION = """
states, _ = net.gru(net.embedding(ids))  # (1, words, <HIDDEN>): what it knows after each word
q = torch.tanh(net.question(states[:, -1]))  # (1, <SIZE>)
"""

MAPS = """
cells = backbone()(image)  # (1, <CHANNELS>, <CELLS>, <CELLS>): a convolutional network, which is not trained any more
means = torch.cat([cells.mean(dim=2), cells.mean(dim=3)], dim=2).flatten(1)  # of each column and each row
"""

PICTURE = """
v = torch.tanh(net.image(means))  # (1, <SIZE>)
"""

ATTENTION = """
ruler = torch.linspace(-1, 1, <CELLS>)
y, x = torch.meshgrid(ruler, ruler, indexing="ij")
cells = torch.cat([cells, x[None, None], y[None, None]], dim=1).flatten(2).mT  # each of them knows its place
joint = torch.tanh(net.attention.of_cell(cells) + net.attention.of_question(q)[:, None])
weights = net.attention.score(joint).softmax(dim=1).mT  # (1, 2, cells): two glimpses, each adds up to 1
"""

LOOK = """
seen = weights @ cells  # (1, 2, numbers of a cell): the mean cell of each glimpse
v = torch.tanh(net.image(torch.cat([means, seen.flatten(1)], dim=1)))  # (1, <SIZE>)
"""

#: How v and q become one, by key of FUSIONS.
FUSED: Mapping[str, str] = {
    "add": "fused = v + q",
    "concatenate": "fused = torch.cat([v, q], dim=1)",
    "product": "fused = v * q",
    "attention": "fused = v * q",
    "mcb": """
h, s, size = net.fusion.places, net.fusion.signs, net.fusion.size  # drawn once, never learnt
of_v = torch.zeros(1, size).index_add(1, h[0], s[0] * v)
of_q = torch.zeros(1, size).index_add(1, h[1], s[1] * q)
sketch = irfft(rfft(of_v) * rfft(of_q), n=size)  # of all <SIZE> × <SIZE> products
rooted = sketch.sign() * ((sketch.abs() + 1e-4).sqrt() - 1e-2)
fused = normalize(rooted, dim=1) * size**0.5
""",
    "mutan": """
terms = net.fusion.of_picture(v) * net.fusion.of_question(q)  # the slices of a tensor, of low rank
fused = terms.unflatten(1, (net.fusion.rank, net.fusion.size)).sum(dim=1)
""",
    BLIND: "fused = q",
    DEAF: "fused = v",
}

ANSWER = """
chances = net.classifier(fused).softmax(dim=1)[0]

for chance, place in zip(*chances.topk(5), strict=True):
    print(f"{ANSWERS[place]}: {chance:.1%}")
"""

SKETCH = """
h, s, size = net.fusion.places, net.fusion.signs, net.fusion.size  # drawn once, never learnt
of_v = torch.zeros(1, size).index_add(1, h[0], s[0] * v)
of_q = torch.zeros(1, size).index_add(1, h[1], s[1] * q)
sketch = irfft(rfft(of_v) * rfft(of_q), n=size)  # two sketches, convolved

outer = v.T @ q  # (<SIZE>, <SIZE>): all products, which MCB never makes
places = (h[0][:, None] + h[1]) % size
signs = s[0][:, None] * s[1]
expected = torch.zeros(size).index_add(0, places.flatten(), (signs * outer).flatten())
print(f"{outer.numel():,} products in {size} numbers, the two ways differ by {(sketch - expected).abs().max():.1e}")
"""

MAP = """
attention = weights[0].unflatten(1, (<CELLS>, <CELLS>))
for number, glimpse in enumerate(attention, start=1):
    row, column = divmod(int(glimpse.argmax()), <CELLS>)
    print(f"glimpse {number}: {glimpse.max():.1%} on row {row}, column {column}; even: {1 / glimpse.numel():.1%}")
"""

ATTRIBUTION = """
start = {start}
words = {words}
place = ANSWERS.index({answer})


def score(image, words):
    return net.parts_of(backbone()(image), words, torch.tensor([ids.shape[1]])).logits[:, place]


pixels, told = torch.zeros_like(image), torch.zeros_like(words)
for step in range({num_steps}):  # the middle of each step from nothing to this picture and this question
    alpha = (step + 0.5) / {num_steps}
    inputs = (start + alpha * (image - start)).requires_grad_(), (alpha * words).requires_grad_()
    slopes = torch.autograd.grad(score(*inputs).sum(), inputs, allow_unused=True, materialize_grads=True)
    pixels += slopes[0] * (image - start) / {num_steps}
    told += slopes[1] * words / {num_steps}
pixels, told = pixels[0].sum(dim=0), told[0].sum(dim=1)  # (96, 96), (words,)

with torch.no_grad():
    rise = score(image, words) - score(start, 0 * words)
print(f"pixels {{pixels.sum():+.3f}}, words {{told.sum():+.3f}}: the logit rises by {{rise.item():.3f}}")
for word, value in zip({tokens}, told, strict=True):
    print(f"{{word}}: {{value:+.3f}}")
"""


def answer(asked: Asked) -> str:
    """The way from this picture and this question to an answer: leaves v, q, fused and chances (answers,)."""
    fusion = FUSIONS[asked.model]
    way = [QUESTION] * fusion.reads + [MAPS] * fusion.sees
    way += [ATTENTION, LOOK] if fusion.attends else [PICTURE] * fusion.sees
    body = _block(*way, FUSED[asked.model]) + ANSWER
    return _program(asked, body)


def sketch(asked: Asked) -> str:
    """MCB's sketch of this picture and question in two ways: leaves sketch (1, size) and expected (size,)."""
    return _program(_with_model(asked, "mcb"), _block(QUESTION, MAPS, PICTURE) + SKETCH)


def attention(asked: Asked) -> str:
    """Where the question makes the network look: leaves attention (glimpses, 6, 6)."""
    return _program(_with_model(asked, "attention"), _block(QUESTION, MAPS, ATTENTION) + MAP)


def attribution(asked: Asked, named: str = "", baseline: str = "grey") -> str:
    """Integrated gradients by pixels and words: leaves pixels (96, 96), told (words,) and rise; named: the answer."""
    reads = FUSIONS[asked.model].reads
    body = ATTRIBUTION.format(
        start='baseline("mean")  # of many scenes' if baseline == "mean" else "torch.full_like(image, 0.5)  # grey",
        words="net.embedding(ids)" if reads else "torch.zeros(*ids.shape, 0)  # it does not read",
        answer=literal(named or asked.answer),
        num_steps=NUM_STEPS,
        tokens="[" + ", ".join(map(literal, asked.reading.tokens)) + "]",
    )
    return _program(asked, body)


def _block(*parts: str) -> str:
    return "\n".join(part.strip() for part in parts) + "\n"


def _program(asked: Asked, body: str) -> str:
    """The body, and before it what it uses: imports, the network, the picture, the words."""
    question = literal(" ".join(asked.reading.tokens))
    for name, size in SIZES.items():
        body = body.replace(f"<{name}>", str(size))
    setup = [NET.format(model=literal(asked.model), seed=asked.seed)]
    setup += [IMAGE.strip().format(sight=_sight(asked.sight))] * _uses(body, "image")
    setup += [WORDS.format(question=question)] * _uses(body, "ids")
    code = "\n".join(setup) + "\n\n" + body.strip() + "\n"
    named: dict[str, list[str]] = {}
    for name, home in HOMES.items():
        if _uses(code, name):
            named.setdefault(home, []).append(name)
    lines = [f"from {home} import {', '.join(names)}" for home, names in sorted(named.items())]
    lab = [line for line in lines if line.startswith("from dlcore")]
    foreign = ["import numpy as np"] * _uses(code, "np") + ["import torch"]
    foreign += [line for line in lines if line not in lab]
    return "\n".join(foreign) + "\n\n" + "\n".join(lab) + "\n\n" + code


def _uses(code: str, name: str) -> bool:
    return bool(re.search(rf"\b{name}\b", code))


def _sight(sight: Sight) -> str:
    if sight.grey:
        return "Sight(grey=True)"
    if sight.pixels:
        return 'own(np.asarray(Image.open("picture.png").convert("RGB")))'  # the reader's file
    told = [f"seed={sight.seed}"] + [f"domain={sight.domain!r}"] * bool(sight.domain)
    told += [f"edits={literal(sight.edits)}"] * bool(sight.edits)
    return f"Sight({', '.join(told)})"


def _with_model(asked: Asked, model: str) -> Asked:
    return Asked(sight=asked.sight, question=asked.question, model=model, seed=asked.seed)


#: By name: the title of a panel, and the program for what is asked.
PROGRAMS: Mapping[str, tuple[str, Callable[[Asked], str]]] = {
    "answer": ("From picture and question to the answer", answer),
    "sketch": ("MCB: the outer product without making it", sketch),
    "attention": ("Attention: where the question makes it look", attention),
    "attribution": ("Integrated gradients of pixels and words", attribution),
}
