"""Whether the addresses that messages go to are such that a service understands them."""

from __future__ import annotations

from scheduler.configuration import Configuration, unsound


def refuse_unknown_services(configuration: Configuration) -> None:
    """Raise ConfigurationError where a rule has an address that apprise does not understand.

    Not a part of loading, which every command does: apprise is slow to import.
    """
    rules = configuration.settings.notify
    if not rules:
        return
    from scheduler.telling.overview import scheme_of
    from scheduler.telling.services import NotAServiceError, Service

    problems = []
    for number, rule in enumerate(rules):
        for position, address in enumerate(rule.to):
            try:
                Service(address)
            except NotAServiceError as error:
                why = configuration.mask.text(str(error))
                problems.append(f"notify[{number}].to[{position}]: {scheme_of(address)}: {why}")
    if problems:
        raise unsound(configuration.path, problems)
