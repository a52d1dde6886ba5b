"""Knows the short program behind each count of right answers over many scenes, with the present values; runs nothing.

Each is plain PyTorch, takes of this project only its scenes, questions and networks, and leaves its numbers under the
names that the run's arrays have.
"""

from dlcore.topics.images.programs import literal
from dlcore.topics.vqa.comparing import USUAL, ComparingConfig
from dlcore.topics.vqa.fusions import FUSIONS
from dlcore.topics.vqa.sets import TESTS
from dlcore.topics.vqa.shift import ShiftConfig
from dlcore.topics.vqa.shipped import SEEDS
from dlcore.topics.vqa.table import TableConfig

COUNTED = """
import torch{extra}

from dlcore.datasets.aerial import ScenesConfig, picture
from dlcore.datasets.aerial_questions import {names}
from dlcore.topics.vqa.shipped import {shipped}  # the lab's trained networks
from dlcore.topics.vqa.vocabulary import shared

words = [torch.tensor(shared().encode(query.text)) for query in queries()]
ids = torch.nn.utils.rnn.pad_sequence(words, batch_first=True)  # (questions of the grammar, words of the longest)


def asked(domain):  # fresh scenes as the frozen network sees them, and balanced questions about them
    scenes = ScenesConfig(num={num_scenes}, seed={seed}, domain=domain)
    images = torch.stack([torch.tensor(picture(graph)) for graph in graphs(scenes)]).permute(0, 3, 1, 2) / 255
    with torch.no_grad():
        cells = torch.cat([backbone()(part) for part in images.split(20)])
    return cells, QuestionsConfig(scenes=scenes, seed=scenes.seed).make()


def right(net, cells, questions):
    with torch.no_grad():
        answers = net(cells[questions.scene], ids[questions.query]).argmax(dim=1)
    return (answers == questions.answer).double()
"""

BY_TYPE = """
def by_type(right, questions):  # in percent: by type, their mean AA, and all questions together, OA
    rows = [right[questions.type == number].mean() for number in range(len(TYPES))]
    return 100 * torch.stack([*rows, torch.stack(rows).mean(), right.mean()])


def by_seed(key, cells, questions):  # of the networks that were trained alike, (seeds, rows)
    return torch.stack([by_type(right(answerer(key, seed), cells, questions), questions) for seed in {seeds}])
"""

TABLE = """
guesses = torch.tensor([ANSWERS.index(answer) for answer in facts("blind")["majority"]])  # commonest in training
accuracy, spread, blind, majority = {{}}, {{}}, {{}}, {{}}
for test, domain in {{"1": 0.0, "2": {domain!r}}}.items():
    cells, questions = asked(domain)
    rows = by_seed({fusion}, cells, questions)
    accuracy[test], spread[test] = rows.mean(dim=0), rows.std(dim=0)
    blind[test] = by_seed("blind", cells, questions).mean(dim=0)
    majority[test] = by_type((guesses[questions.type] == questions.answer).double(), questions)

for row, name in enumerate([*TYPES, "AA", "OA"]):
    cells = [f"{{accuracy[test][row]:.1f}} ± {{spread[test][row]:.1f}}" for test in accuracy]
    print(f"{{name}}: {{cells[0]}}, another area {{cells[1]}}, blind {{blind['1'][row]:.1f}}")
"""

SHIFT = """
accuracy, blind = [], []
for domain in {domains}:
    cells, questions = asked(domain)
    accuracy.append(by_seed({fusion}, cells, questions).mean(dim=0))
    blind.append(by_seed("blind", cells, questions).mean(dim=0))
    print(f"domain {{domain}}: " + ", ".join(f"{{name}} {{accuracy[-1][row]:.1f}}" for row, name in enumerate(TYPES)))
accuracy, blind = torch.stack(accuracy), torch.stack(blind)  # (domains, rows)
"""

COMPARING = """
cells, questions = asked({domain!r})
keys, seeds = {keys}, {seeds}
accuracy = torch.stack(
    [torch.stack([100 * right(answerer(key, seed), cells, questions).mean() for key in keys]) for seed in seeds]
)  # (seeds, fusions)
mean, differences = accuracy.mean(dim=0), accuracy - accuracy[:, [keys.index({usual})]]
difference = differences.mean(dim=0)
reach = stdtrit(len(seeds) - 1, 0.975) * differences.std(dim=0) / len(seeds) ** 0.5  # Student's t
for key, *values in zip(keys, mean, difference, difference - reach, difference + reach, strict=True):
    print("{{}}: {{:.1f}}, to the product {{:+.1f}} ({{:+.1f}} to {{:+.1f}})".format(key, *values))
"""


def table(config: TableConfig) -> str:
    """The program of the results table: leaves accuracy, spread, blind and majority by test, each (rows,)."""
    body = _counted(config, "ANSWERS, TYPES, QuestionsConfig, graphs, queries", "answerer, backbone, facts")
    return _program(body, BY_TYPE, TABLE.format(domain=float(config.domain), fusion=literal(config.fusion)))


def shift(config: ShiftConfig) -> str:
    """The program of the way to another area: leaves accuracy and blind, (domains, rows)."""
    body = _counted(config, "TYPES, QuestionsConfig, graphs, queries", "answerer, backbone")
    return _program(body, BY_TYPE, SHIFT.format(domains=list(config.domains), fusion=literal(config.fusion)))


def comparing(config: ComparingConfig) -> str:
    """The program of the fusions: leaves accuracy (seeds, fusions), mean, difference and its reach (fusions,)."""
    body = _counted(config, "QuestionsConfig, graphs, queries", "answerer, backbone")
    keys = f"[{', '.join(map(literal, FUSIONS))}]"
    values = {"domain": float(config.domain), "keys": keys, "seeds": SEEDS, "usual": literal(USUAL)}
    return _program(body.replace("{extra}", "\nfrom scipy.special import stdtrit"), COMPARING.format(**values))


def _counted(config: TableConfig | ShiftConfig | ComparingConfig, names: str, networks: str) -> str:
    """What all counts begin with."""
    return COUNTED.format(
        extra="{extra}", names=names, shipped=networks, num_scenes=config.num_scenes, seed=TESTS + config.seed
    )


def _program(*blocks: str) -> str:
    text = "\n\n\n".join(block.strip() for block in blocks) + "\n"
    return text.replace("{extra}", "").replace("{seeds}", repr(SEEDS))
