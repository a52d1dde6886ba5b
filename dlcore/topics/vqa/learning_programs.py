"""Knows the short program that trains an answerer as a live run does, with the present values; does not run it.

It is plain PyTorch, takes of this project only its pictures, questions and networks, and leaves its numbers under the
names that the run's arrays have.
"""

from dlcore.topics.images.programs import literal
from dlcore.topics.vqa.heads import LONGEST_STEP, UNKNOWN
from dlcore.topics.vqa.learning import SMOOTHED, LearningConfig
from dlcore.topics.vqa.material import BLOCK, MOST_TEST, NUM_TEST
from dlcore.topics.vqa.sets import HELD, OTHER_AREA, TRAIN

DRAWN = """
import torch
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from dlcore.datasets.aerial import ScenesConfig, layout, picture
from dlcore.datasets.aerial_questions import ANSWERS, TYPES, ask, queries
from dlcore.topics.vqa.mirrors import mirrors  # left is right, or above is below
from dlcore.topics.vqa.nets import fresh  # an untrained network
from dlcore.topics.vqa.shipped import backbone  # the network that sees, frozen
from dlcore.topics.vqa.vocabulary import shared

known = shared()
ids = pad_sequence([torch.tensor(known.encode(query.text)) for query in queries()], batch_first=True)


def block(seed, domain, first, last):  # pictures as the frozen network sees them, and questions about them
    scenes = ScenesConfig(num=last, seed=seed, domain=domain)
    graphs = [layout(scenes.scene(number)) for number in range(first, last)]
    images = torch.stack([torch.tensor(picture(graph)) for graph in graphs]).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        cells = torch.cat([backbone()(part) for part in images.split(20)])
    asked = ask(graphs, seed=first)
    return cells, asked.scene, asked.query, asked.answer, asked.type
"""

PUBLISHED = """
import torch
from torch.nn.functional import cross_entropy
from torch.nn.utils.rnn import pad_sequence

from dlcore.datasets.rsvqa import ANSWERS, TYPES, load, pictures
from dlcore.topics.vqa.nets import fresh  # an untrained network
from dlcore.topics.vqa.shipped import backbone  # the network that sees, frozen
from dlcore.topics.vqa.vocabulary import build

train, test = load("train", {num_scenes}), load("test", {most_test})
known = build(train.texts)
ids, test_ids = (
    pad_sequence([torch.tensor(known.encode(text)) for text in texts], batch_first=True)
    for texts in (train.texts, test.texts)
)


def block(split, first, last):  # pictures as the frozen network sees them, and questions about them
    images = [torch.tensor(pixels).permute(2, 0, 1)[None] / 255 for pixels in pictures(split.images[first:last])]
    with torch.no_grad():
        cells = torch.cat([backbone()(image) for image in images])
    rows = (split.scene >= first) & (split.scene < last)
    return cells, split.scene[rows] - first, split.query[rows], split.answer[rows], split.type[rows]
"""

LOOP = """
def accuracy(net, words, test):  # in percent: by type, and of all questions
    cells, scene, query, answer, kind = test
    with torch.no_grad():
        right = (net.eval().pairs(cells, words, scene, query).argmax(dim=1) == answer).double()
    return 100 * torch.stack([*(right[kind == number].mean() for number in range(len(TYPES))), right.mean()])


net = fresh({fusion}, len(known.words), len(ANSWERS), seed={seed}, dropout={dropout!r})
optimizer = torch.optim.AdamW(net.parameters(), lr={lr!r}, weight_decay={weight_decay!r})
schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, {lr!r}, total_steps={num_steps}, cycle_momentum=False)
draws = torch.Generator().manual_seed({seed})  # of batches, and of words that are forgotten
blocks, num_blocks = [], {num_blocks}
for step in range({num_steps}):
    if len(blocks) <= min(num_blocks - 1, 2 * step * num_blocks // {num_steps}):  # more come in as it learns
        first = {block} * len(blocks)
        blocks.append(block({train}first, min(first + {block}, {pictures})))
        cells = torch.cat([part[0] for part in blocks])
        scene = torch.cat([part[1] + {block} * number for number, part in enumerate(blocks)])
        query, answer = (torch.cat([part[place] for part in blocks]) for place in (2, 3))
    if step == 0:
        with torch.no_grad():  # of the untrained network
            loss = cross_entropy(net.eval().pairs(cells, ids, scene, query), answer).item()
    chosen = torch.randperm(len(cells), generator=draws)[:{batch_size}]
    at, rows = (chosen[:, None] == scene).nonzero().unbind(dim=1)  # all questions about these pictures
    seen, asked, true = cells[chosen], query[rows], answer[rows]{mirrors}
    met, asked = asked.unique(return_inverse=True)  # each is read once
    forgotten = (torch.rand(ids[met].shape, generator=draws) < {forgotten!r}) & (ids[met] != 0)
    words = ids[met].masked_fill(forgotten, {unknown})  # <unk>
    batch_loss = cross_entropy(net.train().pairs(seen, words, at, asked), true)
    optimizer.zero_grad()
    batch_loss.backward()
    torch.nn.utils.clip_grad_norm_(net.parameters(), {longest_step!r})
    optimizer.step()
    schedule.step()
    loss = {smoothed!r} * loss + {new!r} * batch_loss.item()

{tests}
"""

MIRRORS = """
    for mirror in mirrors():  # of picture, question and answer
        if torch.rand((), generator=draws) < 0.5:
            seen, asked, true = seen.flip(mirror.axis), mirror.query[asked], mirror.answer[true]"""

DRAWN_TESTS = """
here, other = (accuracy(net, ids, block({held}, domain, 0, {num_test})) for domain in (0.0, {other_area!r}))
for name, *values in zip([*TYPES, "overall"], here, other, strict=True):
    print("{{}}: {{:.1f}} %, in another area {{:.1f}} %".format(name, *values))
"""

PUBLISHED_TESTS = """
here = accuracy(net, test_ids, block(test, 0, {most_test}))
for name, value in zip([*TYPES, "overall"], here, strict=True):
    print(f"{{name}}: {{value:.1f}} %")
"""


def learning(config: LearningConfig) -> str:
    """The program of a training: leaves loss, smoothed, and here and other, (types + 1,), of the trained network."""
    drawn, head = config.data == "drawn", config.head
    values = vars(head) | {
        "fusion": literal(head.fusion),
        "num_scenes": config.num_scenes,
        "longest_step": LONGEST_STEP,
        "unknown": UNKNOWN,
        "smoothed": SMOOTHED,
        "new": round(1 - SMOOTHED, 6),
        "block": BLOCK,
        "num_test": NUM_TEST,
        "most_test": MOST_TEST,
        "held": HELD,
        "other_area": OTHER_AREA,
        "train": f"{TRAIN}, 0.0, " if drawn else "train, ",
        "num_blocks": -(-config.num_scenes // BLOCK) if drawn else f"-(-len(train.images) // {BLOCK})",
        "pictures": config.num_scenes if drawn else "len(train.images)",
    }
    head_lines, tests = (DRAWN, DRAWN_TESTS) if drawn else (PUBLISHED, PUBLISHED_TESTS)
    values["mirrors"] = MIRRORS if drawn else ""
    values["batch_size"] = head.batch_size if drawn else 8
    body = LOOP.format(**values, tests=tests.format(**values).strip())
    first = head_lines if drawn else head_lines.format(**values)
    return f"{first.strip()}\n\n\n{body.strip()}\n"
