"""Resolves names to the addresses inside the fence, so that no name leads into a private network.

Twisted connects to the addresses that its resolver hands it and to no others, so what is checked
here is what is connected to: a name server that answers differently a moment later gains nothing.
"""

# ruff: noqa: ANN401, N802, N803 - the names are Twisted's, and a type checker cannot read its
# interfaces, whose methods have no self.

from __future__ import annotations

import logging
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IAddress, IHostnameResolver, IResolutionReceiver
from zope.interface import implementer  # type: ignore[import-untyped]

from crawler.fence import Fence, normal_host

if TYPE_CHECKING:
    from scrapy.crawler import CrawlerProcessBase

logger = logging.getLogger(__name__)


@implementer(IHostnameResolver)
class FencedResolver:
    """The system's resolver behind the fence, for Scrapy's TWISTED_DNS_RESOLVER.

    A name with one address outside the fence is refused as a whole: it then has no addresses,
    and `refusals` says why, by name.
    """

    def __init__(self, reactor: Any, fence: Fence) -> None:
        self._reactor = reactor
        self._system = reactor.nameResolver
        self._fence = fence
        self.refusals: dict[str, str] = {}

    @classmethod
    def from_crawler(cls, crawler: CrawlerProcessBase, reactor: Any) -> Self:
        return cls(reactor, crawler.settings["YANGE_FENCE"])

    def install_on_reactor(self) -> None:
        """Make this the resolver of the whole process."""
        self._reactor.installNameResolver(self)

    def resolveHostName(
        self,
        resolutionReceiver: Any,
        hostName: str,
        portNumber: int = 0,
        addressTypes: Sequence[type[IAddress]] | None = None,
        transportSemantics: str = "TCP",
    ) -> Any:
        """Resolve as IHostnameResolver says; a refused name has no addresses."""
        return self._system.resolveHostName(
            # Twisted hands a name over as people read it; the fence knows it as it is asked for.
            _Gate(self, resolutionReceiver, normal_host(hostName), portNumber),
            hostName,
            portNumber,
            addressTypes,
            transportSemantics,
        )

    def admitted(
        self, host: str, port: int, addresses: Sequence[IPv4Address | IPv6Address]
    ) -> Sequence[IPv4Address | IPv6Address]:
        """The addresses of a name in the order of trying them; none if one is refused."""
        self.refusals.pop(host, None)
        for address in addresses:
            if reason := self._fence.refusal_of_address(host, address.host, port):
                logger.warning("Not connected: %s", reason)
                self.refusals[host] = reason
                return ()
        # IPv4 first: many a portal announces an IPv6 address at which nothing answers.
        return sorted(addresses, key=lambda address: isinstance(address, IPv6Address))


@implementer(IResolutionReceiver)
class _Gate:
    """Keeps a name's addresses back until all of them are known."""

    def __init__(
        self,
        resolver: FencedResolver,
        receiver: Any,
        host: str,
        port: int,
    ) -> None:
        self._resolver = resolver
        self._receiver = receiver
        self._host = host
        self._port = port
        self._addresses: list[IPv4Address | IPv6Address] = []

    def resolutionBegan(self, resolutionInProgress: object) -> None:
        self._receiver.resolutionBegan(resolutionInProgress)

    def addressResolved(self, address: IPv4Address | IPv6Address) -> None:
        self._addresses.append(address)

    def resolutionComplete(self) -> None:
        for address in self._resolver.admitted(self._host, self._port, self._addresses):
            self._receiver.addressResolved(address)
        self._receiver.resolutionComplete()
