"""Everything that Scrapy is told, in one place.

Given to the process (`AsyncCrawlerProcess(scrapy_settings(…))`), not to the spider: the resolver
and the reactor belong to the process.
"""

from __future__ import annotations

from typing import Any

from crawler.middlewares.slots import SHORTEST_DELAY
from crawler.settings import PortalSettings

# How many hosts can be asked at their full concurrency at the same time. Portals have dozens, but
# a run asks few at a time, and what is under way is what a stop has to wait for.
_BUSY_HOSTS = 8


def scrapy_settings(portal: PortalSettings, *, contact: str, version: str) -> dict[str, Any]:
    """Scrapy's settings for a crawl of `portal`.

    `contact` (an address or URL) and `version` (yange's) go into the user agent. The portal's
    Fence stands under `YANGE_FENCE` for the components that need it.
    """
    return {
        "YANGE_FENCE": portal.fence,
        **_identity(contact, version),
        **_pace(portal),
        **_limits(portal),
        **_components(robots=portal.politeness.robots),
        **_reach(),
        **_silence(),
    }


def _identity(contact: str, version: str) -> dict[str, Any]:
    return {
        "BOT_NAME": "yange",
        "USER_AGENT": f"yange/{version} (+{contact})",
        "DEFAULT_REQUEST_HEADERS": {
            "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
            "Accept-Language": "zh-CN,zh;q=0.9",
        },
    }


def _pace(portal: PortalSettings) -> dict[str, Any]:
    politeness = portal.politeness
    return {
        # Scrapy's "domain" is the download slot, and so one host.
        "CONCURRENT_REQUESTS_PER_DOMAIN": politeness.concurrency,
        "CONCURRENT_REQUESTS": politeness.concurrency * _BUSY_HOSTS,
        "DOWNLOAD_DELAY": max(politeness.delay, SHORTEST_DELAY),
        # Scrapy starts so many tasks for every answer, whatever comes of it. Recording waits for
        # nothing, so that one does: with the usual hundred, they cost half of a crawl's time.
        "CONCURRENT_ITEMS": 1,
        # A varied delay is at times shorter than what was configured, or than robots.txt asks for.
        "DOWNLOAD_DELAY_JITTER": 0,
        "SCHEDULER_PRIORITY_QUEUE": "crawler.host_queue.HostQueue",
        # First come, first served: lists lead from the newest entry to the oldest.
        "SCHEDULER_MEMORY_QUEUE": "scrapy.squeues.FifoMemoryQueue",
    }


def _limits(portal: PortalSettings) -> dict[str, Any]:
    limits = portal.limits
    return {
        # For pages; a request for an attachment carries its own `download_maxsize`. It bounds the
        # body as received and as decompressed, so it is the defence against bombs, too.
        "DOWNLOAD_MAXSIZE": limits.page_bytes,
        "DOWNLOAD_WARNSIZE": 0,
        "DOWNLOAD_TIMEOUT": limits.timeout,
        # What arrived of a cut-off answer is evidence (R10): DataLossMiddleware sees to it.
        "DOWNLOAD_FAIL_ON_DATALOSS": False,
        "RETRY_TIMES": limits.retries,
        "RETRY_HTTP_CODES": [408, 429, 500, 502, 503, 504, 522, 524],
        # One page that cannot be had is an outcome of the run and no error of the program.
        "RETRY_GIVE_UP_LOG_LEVEL": "WARNING",
        "REDIRECT_MAX_TIMES": limits.redirects,
        # An answer of any status is for the spider to judge.
        "HTTPERROR_ALLOW_ALL": True,
        # What these two drop is dropped in silence; the spider knows itself what it has asked.
        "DUPEFILTER_CLASS": "scrapy.dupefilters.BaseDupeFilter",
        "URLLENGTH_LIMIT": 0,
    }


def _components(*, robots: bool) -> dict[str, Any]:
    """What a crawl is made of.

    Scrapy's own lists are emptied and what is wanted of them is named here. What is switched off
    by a setting, or by None, is loaded all the same, an HTTP client and two web servers with it.
    And what is not named cannot come back with an upgrade: there are to be no cookies, since a
    capture depends on its address alone; no proxy, since the fence would check its address instead
    of the host's; no meta refresh, since pages that send people elsewhere are pages to be judged;
    no telnet and no remote control, which let anyone on this machine run code in the crawl.
    """
    ours, scrapys = "crawler.middlewares", "scrapy.downloadermiddlewares"
    return {
        # Requests pass from the top to the bottom, responses and errors from the bottom to the top.
        "DOWNLOADER_MIDDLEWARES_BASE": {},
        "DOWNLOADER_MIDDLEWARES": {
            f"{ours}.offsite.FenceMiddleware": 50,
            f"{ours}.retry_after.RetryAfterMiddleware": 75,
            f"{ours}.robots.RobotsMiddleware": 100 if robots else None,
            f"{scrapys}.downloadtimeout.DownloadTimeoutMiddleware": 350,
            f"{scrapys}.defaultheaders.DefaultHeadersMiddleware": 400,
            f"{scrapys}.useragent.UserAgentMiddleware": 500,
            f"{scrapys}.retry.RetryMiddleware": 550,
            # Sees before the one above what that would retry.
            f"{ours}.offsite.AddressMiddleware": 560,
            f"{scrapys}.httpcompression.HttpCompressionMiddleware": 590,
            # Before decompression, which a body that was cut off can make fail.
            f"{ours}.data_loss.DataLossMiddleware": 595,
            f"{scrapys}.redirect.RedirectMiddleware": 600,
            f"{scrapys}.stats.DownloaderStats": 850,
        },
        "EXTENSIONS_BASE": {},
        "EXTENSIONS": {
            "scrapy.extensions.corestats.CoreStats": 0,
            "scrapy.extensions.logstats.LogStats": 0,
            "crawler.prompt_end.PromptEnd": 500,
        },
        "TWISTED_DNS_RESOLVER": "crawler.resolver.FencedResolver",
        "TWISTED_REACTOR": "twisted.internet.asyncioreactor.AsyncioSelectorReactor",
    }


def _reach() -> dict[str, Any]:
    """Where a crawl may come from and go to besides the portal: nowhere."""
    return {
        "DOWNLOAD_VERIFY_CERTIFICATES": True,
        "DOWNLOAD_HANDLERS": {
            **dict.fromkeys(("data", "file", "ftp", "s3")),
            **dict.fromkeys(("http", "https"), "crawler.permitted.PermittedHandler"),
        },
    }


def _silence() -> dict[str, Any]:
    return {
        # Handlers and levels are the program's; Scrapy's records reach them by propagation.
        "LOG_INSTALL_ROOT_HANDLER": False,
        # Scrapy parses a callback's source at every answer for what a type checker says once.
        "WARN_ON_GENERATOR_RETURN_VALUE": False,
        # The run's own closing event states its figures.
        "STATS_DUMP": False,
    }
