"""Scenarios that share their crawls: each tells its own story, one sweep a day serves them all.

A scenario is a generator. What it does before its first `yield` happens before the first day's
sweep; each `yield` hands it that `Day`, with the changes that are its own; then it looks at them,
lets something happen, and yields again for the next day:

    scenarios = Scenarios()

    @scenarios.add
    def a_paragraph_is_added(scene):
        scene.publish(rule, "1")
        yield
        scene.publish(rule.but(body=(*rule.body, "第三条 …")), "1")
        day = yield
        assert kinds(day.changes) == ["content"]

Everything that a scenario publishes lies in a folder of its name, so that scenarios do not meet,
unless the same index number brings them together.
"""

from dataclasses import dataclass

from support.yange import FINISHED, INCOMPLETE


@dataclass(frozen=True)
class Day:
    """What one sweep brought a scenario. `run` and `problems` are those of the whole sweep."""

    run: dict
    changes: list
    problems: list


class Scene:
    """Where a scenario takes place: its town, the archive, and addresses of its own."""

    def __init__(self, name, town, yange):
        self.name = name
        self.town = town
        self.yange = yange

    def at(self, article, column="/gk/"):
        """The address of an article in one of the town's columns."""
        return f"{column}{self.name}/{article}/index.html"

    def url(self, article, column="/gk/"):
        """The same as a full URL."""
        return self.town.url(self.at(article, column))

    def publish(self, record, *articles, column="/gk/"):
        """Publish a document at these articles' addresses, or what it has become."""
        self.town.publish(record, *(self.at(article, column) for article in articles))

    def show(self, article, version=None, column="/gk/"):
        """The document at an article's address, as `show` gives it."""
        return self.known_as(self.url(article, column), version)

    def known_as(self, index, version=None):
        """The document of a number or URL, as `show` gives it; raises YangeError for none."""
        with self.yange.catalogue() as catalogue:
            return catalogue.show(index, version=version)

    def history(self, index):
        """The course of the document of a number or URL, as `history` gives it."""
        with self.yange.catalogue() as catalogue:
            return catalogue.history(index)

    def owns(self, change):
        """Whether a change is this scenario's."""
        return f"/{self.name}/" in change["url"]


class Scenarios:
    """The scenarios of one module."""

    def __init__(self):
        self._scenarios = {}

    def add(self, scenario):
        """Register a scenario under its own name."""
        self._scenarios[scenario.__name__] = scenario
        return scenario

    @property
    def names(self):
        """The names of all scenarios."""
        return list(self._scenarios)

    def play(self, town, yange):
        """Play all scenarios to their ends; how each one failed, by name.

        A change that belongs to no scenario is a failure of its own, under `None`.
        """
        scenes = {name: Scene(name, town, yange) for name in self._scenarios}
        running = {name: tell(scenes[name]) for name, tell in self._scenarios.items()}
        days = dict.fromkeys(running)
        failures = {}
        while True:
            for name in list(running):
                try:
                    running[name].send(days[name])
                except StopIteration:
                    del running[name]
                except BaseException as failure:  # noqa: BLE001 raised again in the scenario's test
                    failures[name] = failure
                    del running[name]
            if not running:
                return failures
            run = yange.crawl(status=(FINISHED, INCOMPLETE))
            changes = yange.changes_of(run)
            days = {
                name: Day(
                    run,
                    [change for change in changes if scene.owns(change)],
                    [said for said in run["problems"] if f"/{name}/" in said],
                )
                for name, scene in scenes.items()
            }
            strangers = [
                change
                for change in changes
                if not any(scene.owns(change) for scene in scenes.values())
            ]
            if strangers:
                failures.setdefault(None, AssertionError(f"nobody's changes: {strangers}"))
