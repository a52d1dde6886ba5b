"""Networks beside one another: dotted is what is not attacked, and what is compared shares an axis."""

import pytest

from dlcore.figures.adversarial_radii import NET_STYLES
from dlcore.figures.adversarial_sheet import ATTACK_STYLES
from dlcore.figures.tiles import Tiles
from dlcore.topics.images.pictures import Picture
from tests.figures.adversarial_plots import hardened, twin
from tests.figures.awaited import names
from tests.figures.test_adversarial import plot_of, tiles_of
from tests.figures.test_adversarial_plots import NETS, values_of

# Twins


def test_noise_is_dotted_and_an_attack_has_the_network_s_dash() -> None:
    plot, figure = plot_of(twin().stage, "accuracy")
    lines = values_of(plot, figure)
    for net in NETS:
        style = NET_STYLES[net]
        assert lines[f"noise.{net}"].line.dash == "dot"
        assert lines[f"accuracy.{net}"].line.dash == style.dash
        assert lines[f"noise.{net}"].marker.symbol == lines[f"accuracy.{net}"].marker.symbol == style.symbol
    (upright,) = figure.layout.shapes
    assert upright.x0 == pytest.approx(30.6)


def test_where_the_robust_one_learnt_from_attacks_of_another_norm_no_radius_is_marked() -> None:
    _, figure = plot_of(twin(marked=False).stage, "accuracy")
    assert not figure.layout.shapes


def test_both_gradients_have_the_object_s_edge_and_their_share_inside_where_it_is_known() -> None:
    known = tiles_of(twin().stage)
    unknown = tiles_of(twin(Picture(kind="grey")).stage)
    assert list(known) == list(unknown) == ["picture", *NETS]
    for net in NETS:
        assert known[net].outline is not None
        assert names(known[net]) == {f"signed.{net}", f"magnitude.{net}", f"inside.{net}"}
        assert unknown[net].outline is None
        assert names(unknown[net]) == {f"signed.{net}", f"magnitude.{net}"}


@pytest.mark.parametrize("signed", [False, True])
def test_signs_are_shown_where_they_are_wanted(signed: bool) -> None:
    (view,) = [view for view in twin(signed=signed).stage.views if isinstance(view, Tiles)]
    assert view.signed is signed


def test_a_difference_has_no_difference_in_the_middle() -> None:
    plot, figure = plot_of(twin().stage, "difference")
    assert sum(figure.layout.yaxis.range) == pytest.approx(0)
    assert {f"aligned.difference.{edge}" for edge in ("mean", "low", "high")} == names(plot)


# Hardening


def test_both_networks_have_a_panel_of_their_own_on_one_axis() -> None:
    plot, figure = plot_of(hardened().stage, "accuracy")
    lines = values_of(plot, figure)
    assert {lines[f"accuracy.plain.{under}"].xaxis for under in ("clean", "fgsm", "pgd")} == {"x"}
    assert {lines[f"accuracy.robust.{under}"].xaxis for under in ("clean", "fgsm", "pgd")} == {"x2"}
    assert {line.yaxis for line in lines.values()} == {"y"}
    assert figure.layout.xaxis.range == figure.layout.xaxis2.range
    assert figure.layout.xaxis.domain[1] < figure.layout.xaxis2.domain[0]
    for net in NETS:
        looks = {under: lines[f"accuracy.{net}.{under}"].line for under in ("clean", "fgsm", "pgd")}
        assert looks["clean"].dash == "dot"
        for under in ("fgsm", "pgd"):
            assert (looks[under].color, looks[under].dash) == (ATTACK_STYLES[under].colour, ATTACK_STYLES[under].dash)


def test_the_trained_radius_is_marked_among_the_tested_ones() -> None:
    _, figure = plot_of(hardened().stage, "radii")
    (upright,) = figure.layout.shapes
    assert upright.x0 == pytest.approx(30.6)
    assert "30.6" in list(figure.layout.xaxis.ticktext)
