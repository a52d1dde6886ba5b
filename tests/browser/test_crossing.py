"""What a reader does and what their player says may reach the server at the same moment: neither undoes the other."""

import pytest
from playwright.sync_api import expect

from benchmarks._browser import Screen, wait

# A click on a scene, and some milliseconds later the player says at which frame it rests.
CROSS = """([scene, lag]) => new Promise((done) => {
  document.querySelector(`.st-key-convolution-scene-${scene} button`).click();
  setTimeout(() => done(window.__descent.player.commit(2)), lag);
})"""


@pytest.mark.slow  # how far the server has come after so many milliseconds is the machine's affair
@pytest.mark.parametrize("lag", [60, 90])
def test_a_scene_is_entered_though_the_player_comes_to_rest_just_then(screen: Screen, lag: int):
    screen.lesson("convolution?convolution.step=3")
    for scene, unit, view in (("gabor", "filter", "Picture"), ("conv5", "layer", "Stack"), ("stride", "cell", None)):
        screen.page.evaluate(CROSS, [scene, lag])
        expect(screen.page.locator(".dp-bar output")).to_contain_text(f"{unit} ")
        chosen = screen.control(f"scene-{scene}", "convolution").get_by_role("button")
        expect(chosen).to_have_attribute("data-testid", "stBaseButton-primary")
        wait(screen.page, "new URL(location).searchParams.get('convolution.view') === arg", view)
        screen.committed()
        expect(screen.page.locator(".dp-bar output")).to_contain_text(f"{unit} ")
