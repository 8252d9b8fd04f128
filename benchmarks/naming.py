"""How well a name that is taught in a sentence is found, with the place that it is of.

    python benchmarks/naming.py [--sentences 80] [--seed 11]

Sentences of the generator (`remember`), with its slips and misspellings, on its sites; needs the
model's weights. A taught name counts as found as it stands in the sentence, without its article.
"""

import argparse
import re
from random import Random

from nl_planner.language.interpreter import Interpreter
from nl_planner.language.normalise import canonical, clean_text
from nl_planner.learning.dataset import site_of
from nl_planner.learning.generate import NamedSite, make_site, site_kinds
from nl_planner.learning.generate.compose import Composer
from nl_planner.learning.naming import SURE, read_naming
from nl_planner.models import open_model


def sentence(seed: str, language: str) -> tuple[NamedSite, str, str | None, str]:
    """A site, a sentence, the id of the place that it names (None: "here"), and the new name."""
    rng = Random(seed)
    site = make_site(rng, rng.choice(site_kinds("train")), "train")
    composer = Composer(site, language, rng, "all")
    place, name = composer.places.landmark(), rng.choice(composer.talk["taught"])
    used = []

    def surface() -> str:
        used.append(place.landmark_id)
        return composer.speaker.name(place)

    text = composer.said("remember", composer.talk["remember"], None, L=surface, A=name)
    return site, text, used[0] if used else None, name


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sentences", type=int, default=80)
    parser.add_argument("--seed", type=int, default=11)
    arguments = parser.parse_args()
    model = open_model()
    names = places = with_place = sure = sure_right = 0
    for number in range(arguments.sentences):
        language = ("zh", "en")[number % 2]
        named, marked, place, name = sentence(f"{arguments.seed}/{number}", language)
        text = clean_text(re.sub("[\ue000-\uefff]", "", marked))
        found = read_naming(text, Interpreter(site_of(named), model))
        wanted = canonical(re.sub("^the ", "", name))
        right = found.name is not None and canonical(found.name) == wanted
        names += right
        with_place += place is not None
        places += place is not None and found.target == place
        if place is not None and found.target is not None and found.probability >= SURE:
            sure += 1
            sure_right += right and found.target == place
        if not right:
            print(f"  {text} | {name} | {found.name} {found.probability:.2f}")
    count = arguments.sentences
    print(f"{model.name}, {count} sentences: name {names}/{count}, place {places}/{with_place}")
    print(f"learned without asking (probability {SURE} or more): {sure}, right {sure_right}")


if __name__ == "__main__":
    main()
