"""One YAML file as plain data: strict about duplicate keys, and every fault said in a sentence."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from archive.errors import ConfigurationError


def read_file(path: Path) -> bytes:
    """What the file at `path` holds. Raises ConfigurationError when it cannot be read."""
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise ConfigurationError(
            f"there is no configuration at {path}; name one with --config or YANGE_CONFIG"
        ) from None
    except OSError as error:
        raise ConfigurationError(
            f"the configuration {path} cannot be read: {error.strerror}"
        ) from None


def read_yaml(path: Path, written: bytes) -> tuple[dict[Any, Any], list[str]]:
    """The mapping that the file at `path` holds, and a sentence for each key given twice.

    Raises ConfigurationError when what is `written` there is anything but a YAML mapping in UTF-8.
    """
    text = _text(path, written)
    try:
        # Constructed below with SafeLoader's own constructors: plain data and nothing else.
        loader = yaml.SafeLoader(text)
        try:
            node = loader.get_single_node()
            if node is None:
                raise ConfigurationError(f"the configuration {path} is empty")
            data = loader.construct_document(node)
        finally:
            loader.dispose()
        if not isinstance(data, dict):
            raise ConfigurationError(
                f"the configuration {path} should be a mapping of keys to values, such as "
                "`timezone: Asia/Shanghai`"
            )
        return data, list(_duplicates(node, ""))
    except (yaml.YAMLError, ValueError) as error:
        raise ConfigurationError(f"the configuration {path} is not YAML: {_fault(error)}") from None
    except RecursionError:
        raise ConfigurationError(
            f"the configuration {path} is nested too deeply, or holds a part of itself"
        ) from None


def _text(path: Path, written: bytes) -> str:
    try:
        return written.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            f"the configuration {path} is not UTF-8 (byte {error.start + 1} is wrong)"
        ) from None


def _fault(error: Exception) -> str:
    if not isinstance(error, yaml.MarkedYAMLError) or error.problem_mark is None:
        return " ".join(str(error).split())
    mark = error.problem_mark
    hint = ""
    if isinstance(error, yaml.scanner.ScannerError | yaml.composer.ComposerError):
        hint = " (text that begins with * or @, or contains a colon, needs quotes)"
    return f"line {mark.line + 1}, column {mark.column + 1}: {error.problem}{hint}"


def _duplicates(node: yaml.Node, path: str) -> Iterator[str]:
    if isinstance(node, yaml.MappingNode):
        lines: dict[str, int] = {}
        for key, value in node.value:
            line = key.start_mark.line + 1
            name = f"{path}.{key.value}" if path else f"{key.value}"
            if name in lines:
                yield f"{name}: is given in line {lines[name]} and again in line {line}"
            lines[name] = line
            yield from _duplicates(value, name)
    elif isinstance(node, yaml.SequenceNode):
        for index, item in enumerate(node.value):
            yield from _duplicates(item, f"{path}[{index}]")
