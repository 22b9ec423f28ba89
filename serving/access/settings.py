"""Who may reach the service: frozen values, given by the caller."""

import re
from dataclasses import dataclass
from ipaddress import ip_address, ip_network

from features.errors import ConfigError

_ORIGIN = re.compile(r"https?://[a-z0-9.-]+(:\d{1,5})?|https?://\[[0-9a-f:]+\](:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Access:
    """Who may reach the service.

    Attributes
    ----------
    open_to_network
        Whether it may listen on other addresses than this machine's without any key.
    origins
        Other sites whose pages may call it, such as `https://planner.example.org`; CORS is off
        without any.
    proxies
        Addresses and networks beside this machine's own whose `X-Forwarded-Proto` and
        `X-Forwarded-For` are believed.
    """

    open_to_network: bool = False
    origins: tuple[str, ...] = ()
    proxies: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Refuse what is no origin or no address; `*` would be everybody."""
        for origin in self.origins:
            if not _ORIGIN.fullmatch(origin):
                raise ConfigError(
                    f"Got the origin {origin!r}; expected one such as https://planner.example.org: "
                    "in lower case, without a path."
                )
        for proxy in self.proxies:
            if not _is_network(proxy):
                raise ConfigError(
                    f"Got the proxy {proxy!r}; expected an address or a network, such as 10.0.0.7 "
                    "or 172.18.0.0/16."
                )


def is_loopback(host: str) -> bool:
    """Whether an address or name reaches this machine only."""
    if host == "localhost":
        return True
    try:
        return ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def _is_network(text: str) -> bool:
    try:
        ip_network(text)
    except ValueError:
        return False
    return True
