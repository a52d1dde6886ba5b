"""Integrated gradients: the gradient summed on the way from a baseline to the picture; does not know how it is drawn.

Source: Sundararajan, Taly, Yan, Axiomatic attribution for deep networks (2017). What the pixels get adds up to
F(x) − F(baseline) (completeness), as exactly as the integral is computed.
"""

import torch
from torch import Tensor, nn

from dlcore.topics.images.chunks import backward_chunk, in_chunks
from dlcore.topics.images.targets import scores
from dlcore.topics.saliency.settings import MethodSettings


def integrated_gradients(
    net: nn.Module, images: Tensor, asked: Tensor, baselines: Tensor, settings: MethodSettings
) -> Tensor:
    """(x − x') ∫₀¹ ∂ score(x' + α (x − x')) / ∂ x dα, (batch, channels, height, width); baselines x' as the images."""
    from captum.attr import IntegratedGradients

    chunk = backward_chunk(images)
    integrated = IntegratedGradients(lambda inputs, asked: scores(net(inputs), asked))
    found = [
        integrated.attribute(
            part,
            start,
            additional_forward_args=pairs,
            n_steps=settings.num_steps,
            method=settings.rule,
            internal_batch_size=chunk,
        )
        for part, start, pairs in in_chunks(chunk, images, baselines, asked)
    ]
    return torch.cat(found) * correction(settings)


def correction(settings: MethodSettings) -> float:
    """What captum's weights lack: those of its trapezoid rule add up to (n − 1)/n, all others to 1."""
    n = settings.num_steps
    return n / (n - 1) if settings.rule == "riemann_trapezoid" else 1.0
