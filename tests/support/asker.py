"""A crawl of nothing but given addresses, by the crawler's own settings.

Run as a program: it reads what to ask from stdin and writes what came of it to stdout, both as
JSON.
"""

import json
import socket
import sys

import scrapy
from scrapy.crawler import AsyncCrawlerProcess

from crawler.scrapy_settings import scrapy_settings
from crawler.settings import PortalSettings

CONTACT = "archive@example.org"


class Asker(scrapy.Spider):
    """Asks every URL it is given and keeps what came of each, in order of arrival."""

    name = "asker"

    def __init__(self, urls, stop_after=None):
        super().__init__()
        self.urls = urls
        self.stop_after = stop_after
        self.outcomes = []

    async def start(self):
        for url in self.urls:
            yield scrapy.Request(url, self.answered, errback=self.failed, meta={"asked": url})

    def answered(self, response):
        self.note(
            response.meta["asked"],
            status=response.status,
            url=response.url,
            text=response.text,
            flags=response.flags,
        )

    def failed(self, failure):
        self.note(
            failure.request.meta["asked"],
            error=failure.type.__name__,
            reason=str(failure.value),
        )

    def note(self, asked, **outcome):
        self.outcomes.append({"asked": asked, **outcome})
        if self.stop_after is not None and len(self.outcomes) == self.stop_after:
            raise scrapy.exceptions.CloseSpider("enough")

    def closed(self, reason):
        slots = self.crawler.engine.downloader.slots
        stats = self.crawler.stats.get_stats()
        result = {
            "reason": reason,
            "outcomes": self.outcomes,
            "delays": {host: slot.delay for host, slot in slots.items()},
            "stats": {key: value for key, value in stats.items() if key.startswith("yange/")},
        }
        sys.stdout.write(json.dumps(result))


def know_only(names):
    """Put a table in the place of the system's name service."""
    from twisted.internet import reactor
    from twisted.internet._resolver import GAIResolver

    def getaddrinfo(host, port, family=0, kind=0, proto=0, flags=0):
        if host not in names:
            raise socket.gaierror
        return [(socket.AF_INET, kind, proto, "", (address, port)) for address in names[host]]

    reactor.installNameResolver(GAIResolver(reactor, getaddrinfo=getaddrinfo))


def main():
    asked = json.load(sys.stdin)
    portal = PortalSettings.model_validate(asked["portal"])
    process = AsyncCrawlerProcess(scrapy_settings(portal, contact=CONTACT, version="0.0"))
    if asked["names"] is not None:
        know_only(asked["names"])
    process.crawl(Asker, urls=asked["urls"], stop_after=asked["stop_after"])
    process.start()


if __name__ == "__main__":
    main()
