"""Knows the update rules, each as its equations; does not know the loss, the schedule, or who watches.

A rule turns a gradient into a step Δ, so that w ← w + Δ. All rules have one signature:

    rule(g, state, lr, t, **hypers) -> Δ

    g      (..., 2): any number of independent rows, one problem each
    state  the rule's buffers (v, m), tensors like g that start at zero; a rule replaces them, never writes into them
    lr     η, a float or a tensor that broadcasts against g (so that rows may have rates of their own)
    t      1 for the first update
    hypers μ, β1, ε, ...: floats or tensors that broadcast against g

The formulas are torch's, eps included, so every rule walks torch.optim's own path.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from torch import Tensor

State = dict[str, Tensor]
Number = float | Tensor


def average(old: Tensor, new: Tensor, beta: Number) -> Tensor:
    """β·old + (1 − β)·new: the moving average that forgets, in one operation."""
    return old.lerp(new, 1 - beta)


def sgd(g: Tensor, state: State, lr: Number, t: int) -> Tensor:
    """Δ = −η g: straight down the gradient."""
    return -lr * g


def momentum(g: Tensor, state: State, lr: Number, t: int, *, mu: Number) -> Tensor:
    """v ← μv + g;  Δ = −η v: a heavy ball (Polyak, 1964). The rate is outside the velocity, as in torch."""
    state["v"] = mu * state["v"] + g
    return -lr * state["v"]


def momentum_lecture(g: Tensor, state: State, lr: Number, t: int, *, mu: Number) -> Tensor:
    """v ← μv − η g;  Δ = v: the rate is inside the velocity, so steps already taken keep the rate they had."""
    state["v"] = mu * state["v"] - lr * g
    return state["v"]


def nesterov(g: Tensor, state: State, lr: Number, t: int, *, mu: Number) -> Tensor:
    """v ← μv + g;  Δ = −η (g + μv): the gradient is felt one look-ahead earlier (Nesterov, 1983).

    The textbook takes the gradient ahead, at w + μu with u ← μu − η ∇f(w + μu) and w ← w + u.
    torch keeps the look-ahead point itself as its w, which removes the second point from the program.
    """
    state["v"] = mu * state["v"] + g
    return -lr * (g + mu * state["v"])


def adagrad(g: Tensor, state: State, lr: Number, t: int, *, eps: Number) -> Tensor:
    """v ← v + g²;  Δ = −η g/(√v + ε): v only grows, so the steps only shrink (Duchi et al., 2011)."""
    state["v"] = state["v"] + g * g
    return -lr * g / (state["v"].sqrt() + eps)


def rmsprop(g: Tensor, state: State, lr: Number, t: int, *, gamma: Number, eps: Number) -> Tensor:
    """v ← γv + (1 − γ)g²;  Δ = −η g/(√v + ε): AdaGrad that forgets (Tieleman and Hinton, 2012)."""
    state["v"] = average(state["v"], g * g, gamma)
    return -lr * g / (state["v"].sqrt() + eps)


def adam(
    g: Tensor, state: State, lr: Number, t: int, *, beta1: Number, beta2: Number, eps: Number, correct: float = 1
) -> Tensor:
    """m, v: averages of g and g², corrected for their start at zero;  Δ = −η m̂/(√v̂ + ε) (Kingma and Ba, 2015)."""
    m = state["m"] = average(state["m"], g, beta1)
    v = state["v"] = average(state["v"], g * g, beta2)
    if correct:
        m, v = m / (1 - beta1**t), v / (1 - beta2**t)
    return -lr * m / (v.sqrt() + eps)


def radam(g: Tensor, state: State, lr: Number, t: int, *, beta1: float, beta2: float, eps: Number) -> Tensor:
    """Adam whose √v̂ is trusted only once enough gradients were seen, ρ > 5, and then by r (Liu et al., 2020)."""
    m = state["m"] = average(state["m"], g, beta1)
    v = state["v"] = average(state["v"], g * g, beta2)
    m_hat = m / (1 - beta1**t)
    rho, r = rectification(t, beta2)
    if rho <= 5:
        return -lr * m_hat
    return -lr * r * (1 - beta2**t) ** 0.5 * m_hat / (v.sqrt() + eps)


def rectification(t: int, beta2: float) -> tuple[float, float]:
    """RAdam's ρ (how many gradients v averages over) and r (how far to trust it; 0 while ρ is at most 5).

    Source: Liu et al., On the variance of the adaptive learning rate and beyond, 2020, algorithm 2.
    """
    rho_inf = 2 / (1 - beta2) - 1
    rho = rho_inf - 2 * t * beta2**t / (1 - beta2**t)
    if rho <= 5:
        return rho, 0.0
    return rho, ((rho - 4) * (rho - 2) * rho_inf / ((rho_inf - 4) * (rho_inf - 2) * rho)) ** 0.5


@dataclass(frozen=True, kw_only=True)
class Hyper:
    """One setting of a rule: what it is called, where it starts, and the range in which it makes sense."""

    symbol: str
    label: str
    default: float
    low: float
    high: float
    kind: str = "linear"  # the scale of its control: "linear", "log", or "switch" (0 or 1)


@dataclass(frozen=True, kw_only=True)
class Optimizer:
    """A rule with its settings, and its equations for the reader.

    lines: the update as HTML, for one frame, with the numbers left open. A name in braces stands for a number or for
    a pair (x, y), and `equations.substitutions` gives its values:
        t, lr; the hypers by name; w, w_next; g (what enters the rule); m, v after the update, m_prev, v_prev before
        it; m_hat, v_hat (corrected); rho, rho_inf, r (RAdam); delta (the step Δ); weight_decay (AdamW).
    Each line reads "symbol ← expression = <b>{result}</b>" and is true of the numbers.
    """

    title: str
    update: Callable[..., Tensor]
    hypers: Mapping[str, Hyper]
    state: tuple[str, ...]  # the names of its buffers
    latex: str
    lines: tuple[str, ...]
    lines_off: tuple[str, ...] = ()  # the lines while the rule's switch is off
    torch: str = ""  # what torch.optim calls it; empty where torch has no such rule
    decoupled: bool = False  # weight decay shrinks w itself and does not pass through the rule


MU = Hyper(symbol="μ", label="momentum", default=0.9, low=0.0, high=0.999)
GAMMA = Hyper(symbol="γ", label="memory of g²", default=0.99, low=0.0, high=0.9999)
BETA1 = Hyper(symbol="β₁", label="memory of g", default=0.9, low=0.0, high=0.999)
BETA2 = Hyper(symbol="β₂", label="memory of g²", default=0.999, low=0.0, high=0.9999)
EPS = Hyper(symbol="ε", label="guard against division by zero", default=1e-8, low=1e-12, high=1.0, kind="log")
EPS_ADAGRAD = Hyper(symbol="ε", label=EPS.label, default=1e-10, low=1e-12, high=1.0, kind="log")
CORRECT = Hyper(symbol="m̂, v̂", label="bias correction", default=1.0, low=0.0, high=1.0, kind="switch")

M_LINE = "m ← {beta1}·{m_prev} + (1 − {beta1})·{g} = <b>{m}</b>"
V_LINE = "v ← {beta2}·{v_prev} + (1 − {beta2})·{g}² = <b>{v}</b>"
M_HAT_LINE = "m̂ ← {m} / (1 − {beta1}<sup>{t}</sup>) = <b>{m_hat}</b>"
V_HAT_LINE = "v̂ ← {v} / (1 − {beta2}<sup>{t}</sup>) = <b>{v_hat}</b>"
AVERAGES = r"m \leftarrow \beta_1 m + (1-\beta_1)\,g \qquad v \leftarrow \beta_2 v + (1-\beta_2)\,g^2"
HATS = r"\hat m = \frac{m}{1-\beta_1^t} \qquad \hat v = \frac{v}{1-\beta_2^t}"

OPTIMIZERS: dict[str, Optimizer] = {
    "sgd": Optimizer(
        title="SGD",
        update=sgd,
        hypers={},
        state=(),
        latex=r"w \leftarrow w - \eta\, g",
        lines=("Δ ← −{lr}·{g} = <b>{delta}</b>",),
        torch="SGD",
    ),
    "momentum": Optimizer(
        title="Momentum",
        update=momentum,
        hypers={"mu": MU},
        state=("v",),
        latex=r"v \leftarrow \mu v + g \qquad w \leftarrow w - \eta\, v",
        lines=("v ← {mu}·{v_prev} + {g} = <b>{v}</b>", "Δ ← −{lr}·{v} = <b>{delta}</b>"),
        torch="SGD",
    ),
    "momentum-lecture": Optimizer(
        title="Momentum, lecture",
        update=momentum_lecture,
        hypers={"mu": MU},
        state=("v",),
        latex=r"v \leftarrow \mu v - \eta\, g \qquad w \leftarrow w + v",
        lines=("v ← {mu}·{v_prev} − {lr}·{g} = <b>{v}</b>", "Δ ← {v} = <b>{delta}</b>"),
    ),
    "nesterov": Optimizer(
        title="Nesterov",
        update=nesterov,
        hypers={"mu": MU},
        state=("v",),
        latex=r"v \leftarrow \mu v + g \qquad w \leftarrow w - \eta\,(g + \mu v)",
        lines=("v ← {mu}·{v_prev} + {g} = <b>{v}</b>", "Δ ← −{lr}·({g} + {mu}·{v}) = <b>{delta}</b>"),
        torch="SGD",
    ),
    "adagrad": Optimizer(
        title="AdaGrad",
        update=adagrad,
        hypers={"eps": EPS_ADAGRAD},
        state=("v",),
        latex=r"v \leftarrow v + g^2 \qquad w \leftarrow w - \eta\,\frac{g}{\sqrt{v}+\varepsilon}",
        lines=("v ← {v_prev} + {g}² = <b>{v}</b>", "Δ ← −{lr}·{g} / (√{v} + {eps}) = <b>{delta}</b>"),
        torch="Adagrad",
    ),
    "rmsprop": Optimizer(
        title="RMSProp",
        update=rmsprop,
        hypers={"gamma": GAMMA, "eps": EPS},
        state=("v",),
        latex=r"v \leftarrow \gamma v + (1-\gamma)\,g^2 \qquad w \leftarrow w - \eta\,\frac{g}{\sqrt{v}+\varepsilon}",
        lines=(
            "v ← {gamma}·{v_prev} + (1 − {gamma})·{g}² = <b>{v}</b>",
            "Δ ← −{lr}·{g} / (√{v} + {eps}) = <b>{delta}</b>",
        ),
        torch="RMSprop",
    ),
    "adam": Optimizer(
        title="Adam",
        update=adam,
        hypers={"beta1": BETA1, "beta2": BETA2, "eps": EPS, "correct": CORRECT},
        state=("m", "v"),
        latex=rf"{AVERAGES} \\ {HATS} \qquad w \leftarrow w - \eta\,\frac{{\hat m}}{{\sqrt{{\hat v}}+\varepsilon}}",
        lines=(M_LINE, V_LINE, M_HAT_LINE, V_HAT_LINE, "Δ ← −{lr}·{m_hat} / (√{v_hat} + {eps}) = <b>{delta}</b>"),
        lines_off=(M_LINE, V_LINE, "Δ ← −{lr}·{m} / (√{v} + {eps}) = <b>{delta}</b>"),
        torch="Adam",
    ),
    "adamw": Optimizer(
        title="AdamW",
        update=adam,
        hypers={"beta1": BETA1, "beta2": BETA2, "eps": EPS},
        state=("m", "v"),
        latex=rf"{AVERAGES} \\ {HATS} \qquad "
        r"w \leftarrow w - \eta\,\frac{\hat m}{\sqrt{\hat v}+\varepsilon} - \eta\lambda\, w",
        lines=(
            M_LINE,
            V_LINE,
            M_HAT_LINE,
            V_HAT_LINE,
            "Δ ← −{lr}·{m_hat} / (√{v_hat} + {eps}) − {lr}·{weight_decay}·{w} = <b>{delta}</b>",
        ),
        torch="AdamW",
        decoupled=True,
    ),
    "radam": Optimizer(
        title="RAdam",
        update=radam,
        hypers={"beta1": BETA1, "beta2": BETA2, "eps": EPS},
        state=("m", "v"),
        latex=rf"{AVERAGES} \qquad \hat m = \frac{{m}}{{1-\beta_1^t}} \\ "
        r"\rho_\infty = \frac{2}{1-\beta_2} - 1 \qquad \rho = \rho_\infty - \frac{2t\beta_2^t}{1-\beta_2^t} \qquad "
        r"r = \sqrt{\frac{(\rho-4)(\rho-2)\,\rho_\infty}{(\rho_\infty-4)(\rho_\infty-2)\,\rho}} \\ "
        r"w \leftarrow w - \eta\, r\sqrt{1-\beta_2^t}\,\frac{\hat m}{\sqrt{v}+\varepsilon}"
        r"\ \text{ if } \rho > 5, \text{ else } \ w - \eta\,\hat m",
        lines=(
            M_LINE,
            V_LINE,
            M_HAT_LINE,
            "ρ ← {rho_inf} − 2·{t}·{beta2}<sup>{t}</sup> / (1 − {beta2}<sup>{t}</sup>) = <b>{rho}</b>",
            "r ← √(({rho} − 4)·({rho} − 2)·{rho_inf} / (({rho_inf} − 4)·({rho_inf} − 2)·{rho}))"
            " if {rho} &gt; 5, else 0 = <b>{r}</b>",
            "Δ ← −{lr}·{r}·√(1 − {beta2}<sup>{t}</sup>)·{m_hat} / (√{v} + {eps}) if {rho} &gt; 5,"
            " else −{lr}·{m_hat} = <b>{delta}</b>",
        ),
        torch="RAdam",
    ),
}
