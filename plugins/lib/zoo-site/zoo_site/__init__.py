"""The zoo as a website, made from the registry: ``zoo site build FOLDER``.

Only hooks live here, so that registering imports nothing heavy; see `zoo_site.building` for how a
site is made, and `zoo_site.parts` for its pages.
"""

from zoo_core import Command, hookimpl

ZOO_API = 2

zoo_commands = hookimpl(
    lambda: [
        Command(
            name="site",
            command="zoo_site.verbs:site",
            summary="Make a website of all that is registered here, or serve it on this machine.",
        )
    ]
)
