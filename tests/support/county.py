"""Several portals in one configuration, each with an archive of its own or all in one."""

import yaml

from support.yange import Yange


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
        return Yange(folder, self)
