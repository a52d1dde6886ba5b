"""Knows what is said of the gradients of a walk: where each comes from, what has come so far, what torch says of it."""

import math
from collections import Counter
from collections.abc import Iterator, Sequence

from dlcore.numerals import bracketed, digits
from dlcore.topics.backprop import FIXED
from dlcore.topics.chain_symbols import MOST_TERMS, Symbols, Use
from dlcore.topics.explanation import UNKNOWN, Line, Question, wrong
from dlcore.topics.graph_checks import EXACT
from dlcore.topics.scalar_net import Net, Wire
from dlcore.topics.walk import Landing, Taken, Walk, by_key

MOST_SHARES = 6  # uses of a node that have a line each


class GradientLines:
    """The lines on gradients, by node and by wire; numbers of passes are those of `Walk.taken`."""

    def __init__(self, walk: Walk, symbols: Symbols) -> None:
        self.walk, self.nodes, self.symbols = walk, walk.net.graph.nodes, symbols
        self.spans = by_key(walk.gradients)
        self.by_use = {(landing.number, _use(landing)): landing for landing in walk.landings}
        self.by_target: dict[tuple[int, int], list[Landing]] = {}
        for landing in walk.landings:
            self.by_target.setdefault((landing.number, landing.arrival.target), []).append(landing)
        self.expected = [Counter(arrival.target for arrival in taken.done.arrivals) for taken in walk.taken]
        self.begins = [walk.first("backward", taken.start, taken.end) for taken in walk.taken]
        self.residuals = _residuals(walk.net)

    def of(self, index: int) -> Iterator[Line]:
        """A node's gradient: the sum over its uses, symbol by symbol and number by number."""
        role, uses = self.nodes[index].role, self.symbols.uses[index]
        if role in FIXED:
            yield self.always(f"No gradient goes to a {role}.")
        elif not uses:
            yield from self.seed(index)
        else:
            yield self.always(self.symbols.rule(index))
            for use in uses if 1 < len(uses) <= MOST_SHARES else ():
                yield from self.share(use, f"{self.via(use)} ")
            for number, taken in enumerate(self.walk.taken):
                yield from self.sum(index, number, taken)

    def always(self, html: str) -> Line:
        return Line(0, self.walk.num_frames, html)

    def seed(self, index: int) -> Iterator[Line]:
        """The gradient of the loss with respect to itself, or that of the mean over a batch."""
        for done, start, end in self.walk.taken:
            share = "" if done.seed == 1 else ", 1 / batch size"
            yield Line(start, end, f"{self.symbols.partial(index)} = {digits(done.seed)}{share}: here it begins")

    def back(self, wire: Wire) -> Iterator[Line]:
        """What comes back over an edge, and what for."""
        index, use = wire.source, Use(wire.target, wire.slot)
        if self.nodes[index].role in FIXED:
            yield from self.of(index)
            return
        share = "its share" if len(self.symbols.uses[index]) > 1 else "all"
        whole = self.symbols.partial(index)
        yield self.always(f"Back to {self.symbols.labels[index]}, {share} of {whole}: {self.symbols.product(use)}")
        yield from self.share(use)

    def share(self, use: Use, rule: str = "") -> Iterator[Line]:
        """What one use sends in every pass."""
        target = self.nodes[use.source].inputs[use.slot]
        for number, taken in enumerate(self.walk.taken):
            landing = self.by_use.get((number, use))
            come = landing.frame if landing else self.missed(target, taken)
            yield Line(taken.start, come, f"{rule}= {UNKNOWN}")
            if landing:
                yield Line(come, taken.end, f"{rule}{_product(landing)}")
            elif not rule:
                yield Line(come, taken.end, wrong("Nothing comes back."))

    def via(self, use: Use) -> str:
        """What one use sends, with symbols."""
        return f"via {self.symbols.labels[use.source]}: {self.symbols.share(use)}"

    def missed(self, index: int, taken: Taken) -> int:
        """The frame from which it is known that nothing arrives at a node in a pass; if something may, its end."""
        spans = self.spans.get(self.nodes[index].name, [])
        return next((s.start for s in spans if s.what.total is None and taken.start <= s.start < taken.end), taken.end)

    def sum(self, index: int, number: int, taken: Taken) -> Iterator[Line]:
        """The gradient in one pass: not yet known, what has come so far, and all of it."""
        landings = self.by_target.get((number, index), [])
        known = landings[0].frame if landings else self.missed(index, taken)
        several = f"{self.symbols.partial(index)} " if len(self.symbols.uses[index]) > 1 else ""
        yield Line(taken.start, known, f"{several}= {UNKNOWN}")
        yield from self.still_held(index, taken.start, known)
        if landings:
            yield from self.so_far(index, number, taken)
        elif known < taken.end:
            yield Line(known, taken.end, f"{wrong('Nothing arrives: .grad is None.')} {self.beside(index, number)}")

    def so_far(self, index: int, number: int, taken: Taken) -> Iterator[Line]:
        """What has come after each share, and after the last one."""
        landings, uses = self.by_target[number, index], self.expected[number][index]
        frames = [*(landing.frame for landing in landings), taken.end]
        for count, landing in enumerate(landings, 1):
            frame, end = landing.frame, frames[count]
            if uses > MOST_SHARES:
                yield Line(frame, min(end, frame + 1), f"now {self.via(_use(landing))} {_product(landing)}")
            if count == uses:
                yield from (Line(frame, end, html) for html in self.complete(index, number, landings))
            else:
                sum_so_far = f"so far {digits(landing.arrival.total)}, {count} of {uses}"
                yield Line(frame, end, f"{self.symbols.partial(index)}: {sum_so_far}")

    def complete(self, index: int, number: int, landings: Sequence[Landing]) -> Iterator[str]:
        """A gradient, how far torch's is off, p − y where it is that, and what .grad held before."""
        total = float(landings[-1].arrival.total)
        yield self.added(index, landings)
        if not math.isfinite(total):
            return
        yield self.beside(index, number, total)
        name = self.nodes[index].name
        if name in self.residuals:
            yield self.residual(name, number, total)
        before = self.walk.passes[number].held.get(name)
        if before is not None:
            span = next(span for span in self.spans[name] if span.start == landings[-1].frame)
            mark = f" {wrong('the gradient of this batch')}" if span.what.wrong else ""
            held = f"{digits(before)} was there, now {digits(float(before) + total)}"
            yield f"{self.symbols.labels[index]}.grad: {held}{mark}"

    def added(self, index: int, landings: Sequence[Landing]) -> str:
        """The sum of all contributions, in the order of the uses."""
        total = f"<b>{digits(landings[-1].arrival.total)}</b>"
        if len(landings) == 1:
            return _product(landings[0], total)
        partial = self.symbols.partial(index)
        if len(landings) > MOST_TERMS:
            return f"{partial} = {total}, the sum of all {len(landings)}"
        shares = sorted((ld.arrival for ld in landings), key=lambda arrival: (arrival.source, arrival.slot))
        first, *others = (arrival.contribution for arrival in shares)
        return f"{partial} = {' + '.join([digits(first), *map(bracketed, others)])} = {total}"

    def beside(self, index: int, number: int, total: float | None = None) -> str:
        """What torch.autograd and finite differences say, and how far that is off."""
        checked = self.walk.passes[number]
        pairs = (("autograd", checked.exact), ("finite differences", checked.numeric))
        return " · ".join(f"{who} {_compared(float(numbers[index]), total)}" for who, numbers in pairs)

    def residual(self, name: str, number: int, total: float) -> str:
        """p − y of a logit, or its share in the batch."""
        done = self.walk.taken[number].done
        p, y = (self.walk.net.graph.index[other] for other in self.residuals[name])
        symbols = f"{self.symbols.labels[p]} − {self.symbols.labels[y]}"
        numbers = f"{digits(done.values[p])} − {digits(done.values[y])}"
        value = done.seed * float(done.values[p] - done.values[y])
        if done.seed != 1:
            symbols, numbers = (f"{digits(done.seed)} · ({text})" for text in (symbols, numbers))
        said = "the same"
        if abs(value - total) > EXACT * max(1.0, abs(total)):
            why = "the targets do not add up to 1" if len(self.residuals) > 1 else "so near to 0 or 1 rounding decides"
            said = f"not the same, for {why}"
        return f"{symbols} = {numbers} = {digits(value)}: {said}"

    def still_held(self, index: int, start: int, end: int) -> Iterator[Line]:
        """What a parameter's .grad holds while this pass has sent nothing."""
        for span in self.spans.get(self.nodes[index].name, []):
            if span.what.total is not None and span.start < end and start < span.end:
                mark = f" {wrong('zero_grad() would have cleared it')}" if span.what.wrong else ""
                html = f"{self.symbols.labels[index]}.grad still holds {digits(span.what.total)}{mark}"
                yield Line(max(start, span.start), min(end, span.end), html)

    def questions(self, index: int) -> Iterator[Question]:
        """From the loss on, until it is complete, a gradient can be asked for."""
        for number, begin in enumerate(self.begins):
            landings = self.by_target.get((number, index), [])
            complete = landings and len(landings) == self.expected[number][index]
            if complete and begin < landings[-1].frame and math.isfinite(landings[-1].arrival.total):
                yield Question(begin, landings[-1].frame, self.nodes[index].name)


def _use(landing: Landing) -> Use:
    return Use(landing.arrival.source, landing.arrival.slot)


def _product(landing: Landing, written: str = "") -> str:
    """Upstream times local: = 2 · (−1) = −2."""
    upstream, local, contribution = landing.arrival[3:6]
    return f"= {digits(upstream)} · {bracketed(local)} = {written or digits(contribution)}"


def _compared(number: float, total: float | None) -> str:
    """A number, and how far that is off which should be the same."""
    off = "" if total is None or not math.isfinite(number) else f", off by {digits(abs(total - number), 1)}"
    return f"{digits(number)}{off}"


def _residuals(net: Net) -> dict[str, tuple[str, str]]:
    """z -> (p, y) where p = softmax(z) or sigmoid(z) meets its cross-entropy: there ∂E/∂z = p − y."""
    if not net.modules or net.modules[-1].kind != "cross-entropy":
        return {}
    output, loss = net.modules[-2:]
    return dict(zip(output.inputs, zip(output.outputs, loss.targets, strict=True), strict=True))
