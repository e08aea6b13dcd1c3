"""Several portals in one configuration, each with an archive of its own or all in one."""

import yaml
from click.testing import CliRunner

from scheduler.cli import root
from support.yange import FINISHED, Ended, Yange


class Asked(Yange):
    """The command line in this process but for crawls, since starting one a question takes long."""

    def run(self, *arguments, status=FINISHED):
        """Run a command to its end, which must have this exit status, or one of these."""
        if arguments[0] in ("crawl", "notify"):
            return super().run(*arguments, status=status)
        done = CliRunner().invoke(
            root,
            ["--config", str(self.configuration), *map(str, arguments)],
            catch_exceptions=False,
        )
        expected = (status,) if isinstance(status, int) else status
        assert done.exit_code in expected, f"{arguments}\n{done.stdout}\n{done.stderr}"
        return Ended(done.exit_code, done.stdout, done.stderr)


class County:
    """Towns by the keys of their portals; what a `Yange` is given in place of a portal.

    `archives` is how their archives' files are called, such as `{portal}.db` or `archive.db`.
    """

    def __init__(self, archives="archives/{portal}.db", **towns):
        self.archives = archives
        self.towns = towns
        self.further = {}
        """Further keys of the configuration."""

    def configuration(self, archive):
        """The text of a configuration that watches the towns into archives beside `archive`."""
        each = {
            key: yaml.safe_load(town.configuration(archive)) for key, town in self.towns.items()
        }
        settings = {
            **next(iter(each.values())),
            "archive": {"path": self.archives},
            "portals": {key: one["portals"]["town"] for key, one in each.items()},
            **self.further,
        }
        return yaml.safe_dump(settings, allow_unicode=True, sort_keys=False)

    def yange(self, folder):
        """The command line on this configuration."""
        return Asked(folder, self)
