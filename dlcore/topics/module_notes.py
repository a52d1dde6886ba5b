"""Knows what is said of every module, array and wire of a walk of modules, frame by frame.

Lines are HTML; each holds for the frames start <= frame < end, and says "not yet known" where backward has not come.
"""

from collections.abc import Iterator

from dlcore.numerals import digits
from dlcore.topics.explanation import UNKNOWN, Explanation, Line
from dlcore.topics.matrices import Sheet, size
from dlcore.topics.module_rules import gradient_numbers, gradient_rule, holds, off_by, value_numbers, value_rule
from dlcore.topics.module_walk import ModuleWalk, as_gradient
from dlcore.topics.modules import Block, Link, blocks
from dlcore.topics.scalar_net import label
from dlcore.topics.walk import Gradient, Span, by_key

FEW = 8  # numbers of torch's that are written beside ours
WRONG = ' <span class="dp-wrong">≠ the gradient of this batch</span>'


def explain_modules(walk: ModuleWalk) -> dict[str, Explanation]:
    """The explanation of every module, array and wire, by key.

    Of a wire into a module the gradient that comes back over it is told, of a wire out of it the value that goes ahead.
    """
    writer = _Writer(walk)
    found = {key: Explanation(writer.title(block), writer.block(block)) for key, block in blocks(walk.links).items()}
    for link in walk.links:
        name = label(link.key)
        found[link.key] = Explanation(f"{name}: {link.module.title}", writer.module(link))
        for block in (link.x_in, *link.leaves):
            back = writer.gradient_lines.get(block.key) or list(writer.known(block))
            found[f"{block.key}→{link.key}"] = Explanation(f"{label(block.key)} → {name}", back)
        ahead = list(writer.known(link.x_out))
        found[f"{link.key}→{link.x_out.key}"] = Explanation(f"{name} → {label(link.x_out.key)}", ahead)
    return found


class _Writer:
    def __init__(self, walk: ModuleWalk) -> None:
        self.walk = walk
        self.sheet = Sheet()
        self.number_of = {frame: i for i, done in enumerate(walk.passes) for frame in range(done.start, done.end)}
        self.values = by_key(walk.values)
        self.gradients = by_key(walk.gradients)
        self.from_module = {link.x_out.key: link for link in walk.links}
        self.to_module = {block.key: link for link in walk.links for block in (link.x_in, *link.leaves)}
        self.gradient_lines = {
            block.key: list(self.gradient(link, block)) for link in walk.links for block in link.learning
        }

    def always(self, html: str) -> Line:
        return Line(0, self.walk.num_frames, html)

    def first(self, number: int, phase: str) -> int:
        """The first frame of a phase in a pass, or the pass's end."""
        done = self.walk.passes[number]
        return next((k for k in range(done.start, done.end) if self.walk.phases[k] == phase), done.end)

    def title(self, block: Block) -> str:
        """What an array is to the module that it comes from, or else goes to."""
        name = label(block.key)
        if block.key in self.from_module:
            return f"{name}, output of {self.from_module[block.key].module.title}"
        part = {"X": "input", "W": "weights", "b": "bias"}.get(block.key[0], "targets")
        return f"{name}, {part} of {self.to_module[block.key].module.title}"

    def block(self, block: Block) -> list[Line]:
        """An array: which numbers of the graph it holds, its values, its gradient, its step."""
        if block.key == "E":
            seed = self.walk.passes[0].done.seed if self.walk.passes else 1.0
            share = "" if seed == 1 else ", 1 / batch size"
            return [*self.known(block), self.always(f"∂E/∂E = {digits(seed)}{share}: here it begins")]
        of_shape = f"{label(block.key)} holds {holds(block)}; its shape is {size(block.shape)}"
        if block.key == "y":
            return [self.always(of_shape), *self.known(block), self.always("No gradient goes to targets.")]
        return [self.always(of_shape), *self.known(block), *self.gradient_lines[block.key], *self.steps(block)]

    def known(self, block: Block) -> Iterator[Line]:
        """The numbers, from when to when they hold; between, that they are not yet known."""
        end, name = 0, label(block.key)
        for span in self.values.get(block.key, []):
            if span.start > end:
                yield Line(end, span.start, f"{name}: {UNKNOWN}")
            end = span.end
            array = self.walk.arrays["values", block.key, span.start]
            yield Line(span.start, span.end, f"{name} = {self.sheet.write(array)}")

    def module(self, link: Link) -> list[Line]:
        """A module: what it computes, until backward begins; what it sends back, until the step; its step."""
        lines = [self.always(f"{label(link.x_out.key)} = {value_rule(link)}"), *self.output(link)]
        for block in link.learning:
            lines += [self.until_step(line) for line in self.gradient_lines[block.key]]
        for block in link.learning:
            lines += self.steps(block)
        return lines

    def output(self, link: Link) -> Iterator[Line]:
        """F in numbers, pass by pass."""
        out, at = label(link.x_out.key), self.walk.links.index(link)
        for number, done in enumerate(self.walk.passes):
            spans = (s for s in self.values[link.x_out.key] if done.start <= s.start < done.end)
            local = self.walk.products[number][at]
            for span in spans:
                numbers = value_numbers(link, local, self.sheet)
                yield Line(
                    span.start,
                    self.first(number, "backward"),
                    f"{out} = {numbers} = <b>{self.sheet.write(local.x_out)}</b>",
                )

    def until_step(self, line: Line) -> Line:
        """The same line, gone when the step begins; what is always there stays."""
        if line.end - line.start == self.walk.num_frames:
            return line
        return line._replace(end=min(line.end, self.first(self.number_of[line.start], "step")))

    def gradient(self, link: Link, block: Block) -> Iterator[Line]:
        """The chain rule in symbols, and in each pass its numbers once it has come here."""
        yield self.always(gradient_rule(link, block))
        for number, done in enumerate(self.walk.passes):
            spans = (
                s for s in self.gradients.get(block.key, []) if done.start <= s.start < done.end and _is_new(s.what)
            )
            span = next(spans, None)
            come = span.start if span else done.end
            yield Line(done.start, come, f"∂E/∂{label(block.key)}: {UNKNOWN}")
            if span:
                yield from (Line(come, done.end, html) for html in self.arrived(number, link, block, span))

    def arrived(self, number: int, link: Link, block: Block, span: Span[Gradient]) -> Iterator[str]:
        """What came back to a block in one pass, torch's beside it, and what it was added to."""
        local = self.walk.products[number][self.walk.links.index(link)]
        exact = self.walk.exact(number, block)
        gradient = local.gradient(block.key)
        torchs = self.sheet.write(exact.reshape(gradient.shape))
        if span.what.total is None:
            yield f'<span class="dp-wrong">≠ Nothing arrives: .grad is None.</span> torch.autograd: {torchs}'
            return
        name = label(block.key)
        yield f"∂E/∂{name} = {gradient_numbers(link, local, block, self.sheet)}"
        few = f"{torchs}, " if exact.size <= FEW else ""
        yield f"torch.autograd: {few}{off_by(gradient.ravel(), exact)}"
        held = self.walk.passes[number].held
        if block.held_in(held):
            before = self.sheet.write(as_gradient(block, held))
            now = self.sheet.write(self.walk.arrays["gradients", block.key, span.start])
            mark = WRONG if span.what.wrong else ""
            yield f"{name}.grad: {before} was there, now {now}{mark}"

    def steps(self, block: Block) -> Iterator[Line]:
        """What the optimizer's step does to a block of parameters."""
        for span in self.values.get(block.key, []):
            if self.walk.phases[span.start] == "step":
                yield Line(span.start, span.end, self.step(block, span.start, wrong=span.what.wrong))

    def step(self, block: Block, frame: int, *, wrong: bool) -> str:
        """W ← W − η · W.grad, with its numbers."""
        config, name = self.walk.config, label(block.key)
        iteration = next(i for i in self.walk.iterations if i.update == self.walk.updates[frame])
        before, after = (self.sheet.write(block.of(s.parameters)) for s in (iteration.before, iteration.after))
        if not block.held_in(iteration.grads):
            return f"step: {name}.grad is None, so {name} stays {before}"
        sign = "+" if config.fault == "wrong-sign" else "−"
        factor = self.walk.net.fan_in.get(block.names[0], 1) if config.fault == "bias-fan-in" else 1
        times = f"{factor} · " if factor != 1 else ""
        gradient = self.sheet.write(block.of(iteration.grads))
        mark = ' <span class="dp-wrong">≠ torch.optim.SGD</span>' if wrong else ""
        return (
            f"step: {name} ← {name} {sign} {times}η · {name}.grad = "
            f"{before} {sign} {times}{digits(config.lr)} · {gradient} = <b>{after}</b>{mark}"
        )


def _is_new(gradient: Gradient) -> bool:
    """Whether something came in this pass, or is known never to come: not what .grad held before."""
    return gradient.total is None or gradient.arrived > 0
